--- Looks at what a change was about, where no clear answer says whether it happened.
-- @module numberpool.call.verify

local core = require "numberpool.core"
local exchange = require "numberpool.call.exchange"
local listing = require "numberpool.call.listing"

local verify = {}

local function includes(value, wanted)
  if type(wanted) ~= "table" or type(value) ~= "table" then
    return value == wanted
  end
  for key, part in pairs(wanted) do
    if not includes(value[key], part) then
      return false
    end
  end
  return true
end

-- Looks at the path that the change was sent to. Returns "happened" with what is there, "nothing", or nil.
local function look_at_path(self)
  local operation, request = self.operation, self.request
  local look = core.operations[operation.object .. "." .. operation.verified_by]
  local found, failure = exchange.read(self, look,
    { path = request.path_without_query or request.path, target = request.target })
  local is_gone = not found and failure.kind == "not_found" and failure.body ~= "" -- which is anybody's
  if operation.method == "DELETE" then
    if is_gone then
      return "happened", { response = "success" }
    end
    return found and "nothing" or nil
  elseif not found then
    return is_gone and "nothing" or nil
  elseif operation.object == "powerpacks" and not includes(found, core.decode(request.body)) then
    return "nothing" -- an update that isn't to be seen
  end
  return "happened", found
end

-- Looks for a name, which is unique in an account, in the list of all. Nil too where the server can't be asked for it
-- all: a name that wasn't seen may be there then.
local function look_for_name(self)
  local look = core.operations[self.operation.object .. "." .. self.operation.verified_by]
  local offset, before = 0, {}
  repeat
    local request = listing.as_it_comes(look.build(nil, self.client.prefix, { limit = 20, offset = offset }))
    local page = exchange.read(self, look, request)
    if not page or listing.is_same(page.objects, before) then
      return nil
    end
    for _, entry in ipairs(page.objects) do
      if type(entry) == "table" and entry.name == self.request.name then
        return "happened", entry
      end
    end
    before, offset = page.objects, listing.next_offset(page, offset)
  until not offset
  return "nothing"
end

local LOOKS = { path = look_at_path, name = look_for_name }

--- Looks whether a change happened: "happened" and what is there now, "nothing", or nil where that can't be told.
---@param self table the call
---@return string? verdict
---@return table? value
function verify.look(self)
  return LOOKS[self.operation.verification](self)
end

return verify

