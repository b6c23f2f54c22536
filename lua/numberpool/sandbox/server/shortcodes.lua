--- `Shortcode/` of a pool: finds, lists and removes shortcodes. Only `seed` adds them.
local arguments = require "numberpool.sandbox.server.arguments"
local database = require "numberpool.sandbox.server.database"
local paging = require "numberpool.sandbox.server.paging"
local pools = require "numberpool.sandbox.server.pools"
local reply = require "numberpool.sandbox.server.reply"
local settings = require "numberpool.sandbox.server.settings"

local shortcodes = {}

local function described(pool, row)
  local object = { shortcode = row[1], country_iso2 = row[2], added_on = row[3] }
  object[settings.quirk.numberpool_uuid and "numberpool_uuid" or "number_pool_uuid"] = pool.uuid
  return object
end

local function code_of(request)
  local code = request.segments[4]
  if not code:find "^%d%d%d+$" or #code > 8 then
    reply.refuse("'%s' is not a valid shortcode.", code)
  end
  return code
end

--- GET NumberPool/{uuid}/Shortcode/{shortcode}/
function shortcodes.find(request)
  local pool = pools.of(request)
  local row = database.row("SELECT shortcode, country, added_on FROM shortcodes WHERE pool = ? AND shortcode = ?",
    pool.id, code_of(request))
  return row and reply.ok(described(pool, row)) or reply.not_found()
end

--- GET NumberPool/{uuid}/Shortcode/
function shortcodes.list(request)
  local pool = pools.of(request)
  local limit, offset = arguments.paging(request.query)
  local total = database.value("SELECT count(*) FROM shortcodes WHERE pool = ?", pool.id)
  local objects = database.rows([[SELECT shortcode, country, added_on FROM shortcodes WHERE pool = ?
    ORDER BY added_on, shortcode LIMIT ? OFFSET ?]], pool.id, limit, offset)
  for index, row in ipairs(objects) do
    objects[index] = described(pool, row)
  end
  return paging.list(request, { objects = objects, limit = limit, offset = offset, total = total, names = {} }, "")
end

--- DELETE NumberPool/{uuid}/Shortcode/{shortcode}/
function shortcodes.remove(request)
  arguments.body(request)
  local code = code_of(request)
  return database.transaction(function()
    local pool = pools.of(request)
    local removed = database.run("DELETE FROM shortcodes WHERE pool = ? AND shortcode = ?", pool.id, code)
    return removed == 0 and reply.not_found() or reply.deleted()
  end)
end

return shortcodes
