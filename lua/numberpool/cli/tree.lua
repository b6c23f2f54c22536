--- Every command and those below it, in order: for the manual and for completion.
-- @module numberpool.cli.tree

local commands = require "numberpool.cli.commands"
local options = require "numberpool.cli.options"

local tree = {}

--- A command and its place.
---@class numberpool.cli.Place
---@field path string[] names, without the program's
---@field command numberpool.cli.Command? nil for the program itself
---@field below numberpool.cli.Command[]
---@field own table[] its options
---@field options table[] these and those of all commands

local function add(list, path, command, below)
  local own, all = command and options.of(command) or {}, {}
  for _, part in ipairs { own, options.GLOBAL } do
    for _, option in ipairs(part) do
      all[#all + 1] = option
    end
  end
  list[#list + 1] = { path = path, command = command, below = below, own = own, options = all }
  for _, one in ipairs(below) do
    local longer = {}
    for i, name in ipairs(path) do
      longer[i] = name
    end
    longer[#longer + 1] = one.name
    add(list, longer, one, one.commands or {})
  end
  return list
end

--- All places, the program itself first.
---@return numberpool.cli.Place[]
function tree.places()
  return add({}, {}, nil, commands.all())
end

--- Whether an option or an argument is a file.
---@param named table
---@return boolean
function tree.is_file(named)
  return named.value == "FILE" or not named.value and named[1] == "file"
end

return tree
