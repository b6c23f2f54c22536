-- Reads the LuaCATS annotations in sources: which functions are described, and which classes with which fields.
local annotations = {}

local function new_block()
  return { text = {}, parameters = {}, returns = 0, is_internal = false }
end

-- Adds a line of a comment to its block, and a class or a field to what was found.
local function read_comment(found, block, line)
  local tag, rest = line:match "^%-%-%- ?@(%a+) ?(.*)$"
  if not tag then
    block.text[#block.text + 1] = line:gsub("^%-+ ?", "")
  elseif tag == "class" then
    local name, parent = rest:match "^([%w_.]+):? ?([%w_.]*)"
    block.class = { parent = parent ~= "" and parent or nil, fields = {}, text = table.concat(block.text, " ") }
    found.classes[name] = block.class
  elseif tag == "field" then
    block.class.fields[rest:match "^%S+"] = rest:match "^%S+ +(%S+)"
  elseif tag == "param" then
    block.parameters[#block.parameters + 1] = { name = rest:match "^%S+", type = rest:match "^%S+ +(%S+)" }
  elseif tag == "return" then
    block.returns = block.returns + 1
  elseif tag == "package" then
    block.is_internal = true
  end
end

local function read_function(found, block, line)
  local name, arguments = line:match "^function ([%w_.:]+)%((.-)%)"
  name = name or line:match "^([%u][%w_]+%.[%w_]+) = "
  if not name then
    return
  end
  block.arguments = {}
  for argument in (arguments or ""):gmatch "[%w_.]+" do
    block.arguments[#block.arguments + 1] = argument
  end
  found.functions[name] = block
end

--- Reads all annotations in the files.
---@param paths string[]
---@return table found { functions by name as `Pool:get`, classes by name }
function annotations.read(paths)
  local found = { functions = {}, classes = {} }
  for _, path in ipairs(paths) do
    local block = new_block()
    for line in io.lines(path) do
      if line:find "^%-%-" then
        read_comment(found, block, line)
      else
        read_function(found, block, line)
        block = new_block()
      end
    end
  end
  return found
end

--- The names of a class's fields, those of its parents included.
---@param found table
---@param name string
---@return table<string, boolean>
function annotations.fields(found, name)
  local fields = {}
  while name do
    local class = found.classes[name] or error("no class " .. name)
    for field in pairs(class.fields) do
      fields[field] = true
    end
    name = class.parent
  end
  return fields
end

return annotations
