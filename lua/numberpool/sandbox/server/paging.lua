--- Pages: objects and `meta`, with links to the pages before and after.
local json = require "numberpool.sandbox.json"
local reply = require "numberpool.sandbox.server.reply"
local settings = require "numberpool.sandbox.server.settings"

local paging = {}

local function encode(value)
  return (tostring(value):gsub("[^%w%-%._~,]", function(character)
    return string.format("%%%02X", character:byte())
  end))
end

-- A link to another page of the same list: it has the same filters.
local function link(request, names, limit, offset)
  local parts = { "limit=" .. limit, "offset=" .. offset }
  for _, name in ipairs(names) do
    local value = request.query[name]
    if type(value) == "string" and value ~= "" then
      parts[#parts + 1] = name .. "=" .. encode(value)
    end
  end
  local path = request.path:gsub("/+$", "") .. "/"
  if settings.quirk.unusable_next then
    path = path:gsub("^/v1/Account", "/api/v1/account")
  end
  return path .. "?" .. table.concat(parts, "&")
end

--- The answer that is a page.
---@param request numberpool.sandbox.IncomingRequest
---@param page { objects: table[], limit: integer, offset: integer, total: integer, names: string[] } names of filters
---@param none any what `next` and `previous` are where there is no such page
---@return table answer
function paging.list(request, page, none)
  local body = { objects = json.list(page.objects) }
  local limit, offset, total = page.limit, page.offset, page.total
  if not (settings.quirk.no_meta and total == 0) then
    local meta = { limit = limit, offset = offset, total_count = total, next = none, previous = none }
    if offset + limit < total then
      meta.next = link(request, page.names, limit, offset + limit)
    end
    if offset > 0 then
      meta.previous = link(request, page.names, limit, math.max(0, offset - limit))
    end
    body.meta = meta
  end
  return reply.ok(body)
end

return paging
