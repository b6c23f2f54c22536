--- The kinds of entries that a pool has, with the operations of each.
-- @module numberpool.jobs.plan.kinds

local core = require "numberpool.core"

local operations = core.operations

local LONGEST_SERVICE = 20 -- characters of what a server says

--- In the order in which a plan has them. `field` is the list in `desired`, `target` the field that names an entry,
--- `add` is nil where the API can't.
local kinds = {
  {
    name = "number",
    field = "numbers",
    target = "number",
    takes_service = true,
    takes_unrent = true,
    add = operations["pool.add_number"],
    find = operations["pool.find_number"],
    list = operations["pool.list_numbers"],
    remove = operations["pool.remove_number"],
  },
  {
    name = "tollfree",
    field = "tollfree",
    target = "number",
    takes_service = false,
    takes_unrent = true,
    add = operations["pool.add_tollfree"],
    find = operations["pool.find_tollfree"],
    list = operations["pool.list_tollfree"],
    remove = operations["pool.remove_tollfree"],
  },
  {
    name = "shortcode",
    field = "shortcodes",
    target = "shortcode",
    takes_service = false,
    takes_unrent = false,
    add = nil,
    find = operations["pool.find_shortcode"],
    list = operations["pool.list_shortcodes"],
    remove = operations["pool.remove_shortcode"],
  },
}

for _, kind in ipairs(kinds) do
  kinds[kind.name] = kind
end

--- A number or shortcode as it goes on the wire.
---@param pool numberpool.Pool
---@param client numberpool.Client
---@param kind table
---@param value any
---@return string? digits nil where it can't be one
---@return string? message what is wrong with a string or number
function kinds.digits(pool, client, kind, value)
  if type(value) ~= "string" and type(value) ~= "number" then
    return nil
  end
  local request, message = kind.find.build(pool, client.prefix, value)
  return request and request.target, message
end

--- The service that an entry of the API has.
---@param entry any
---@return string? service in small letters; nil where the server doesn't say
function kinds.service(entry)
  local service = type(entry) == "table" and entry.service
  if type(service) ~= "string" or service == "" then
    return nil
  end
  return core.one_line(service, LONGEST_SERVICE):lower()
end

return kinds
