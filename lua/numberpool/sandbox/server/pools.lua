--- `NumberPool/`: the pool that a request names, and its object.
local database = require "numberpool.sandbox.server.database"
local reply = require "numberpool.sandbox.server.reply"

local pools = {}

--- The pool that a request's path names. Raises a 404 where the account has none such.
---@param request numberpool.sandbox.IncomingRequest
---@return { id: integer, uuid: string }
function pools.of(request)
  local uuid = request.segments[2]
  local id = database.value("SELECT id FROM powerpacks WHERE pool_uuid = ? AND account = ?", uuid, request.account.id)
  if not id then
    error(reply.not_found(), 0)
  end
  return { id = id, uuid = uuid }
end

--- GET NumberPool/{uuid}/
function pools.get(request)
  local pool = pools.of(request)
  local path = "/v1/Account/" .. request.account.auth_id .. "/NumberPool/" .. pool.uuid
  return reply.ok { numbers = path .. "/Number/", shortcodes = path .. "/Shortcode/", uuid = pool.uuid }
end

return pools
