--- Arguments as the methods in Lua read them: a table of options is read as it stands, without its metatable, so that
-- what is checked is what is used.
-- @module numberpool.arguments

local core = require "numberpool.core"

local arguments = {}

--- Whether it is a client: whatever pretends to be one has no prefix of its own.
---@param value any
---@return boolean
function arguments.is_client(value)
  return type(value) == "table" and getmetatable(value) == core.methods.client
    and type(rawget(value, "prefix")) == "string"
end

--- The client of a client's powerpacks; nil for anything else.
---@param value any
---@return numberpool.Client?
function arguments.client_of_powerpacks(value)
  local client = type(value) == "table" and rawget(value, "client")
  return arguments.is_client(client) and client or nil
end

--- A plain copy of a table of options, without what its metatable would add.
---@param options table?
---@return table
function arguments.copy(options)
  local copy = {}
  for name, value in next, options or {} do
    copy[name] = value
  end
  return copy
end

return arguments
