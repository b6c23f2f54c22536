--- Arguments as the methods in Lua read them: a table of options is read as it stands, without its metatable, so that
-- what is checked is what is used.
-- @module numberpool.arguments

local arguments = {}

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
