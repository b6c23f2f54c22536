--- Parts of messages about wrong values.
local json = require "numberpool.sandbox.json"

local messages = {}

--- A value, as a message shows it.
---@param value any
---@return string
function messages.shown(value)
  if type(value) == "string" then
    return json.quote(value)
  end
  return type(value) == "table" and "a table" or tostring(value)
end

--- The type of a value, as a message calls it.
---@param value any
---@return string
function messages.type_of(value)
  return value == nil and "no value" or type(value)
end

--- The names in a table, sorted, with commas between them.
---@param set table<string, any>
---@return string
function messages.names_of(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, ", ")
end

return messages
