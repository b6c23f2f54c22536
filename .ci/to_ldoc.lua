-- Makes comments for LDoc of LuaCATS annotations, which editors read: `lua .ci/to_ldoc.lua <SOURCE >COPY`.
-- LDoc has tags of its own, a type is one word there, and what is optional has its question mark before it. What is for
-- the library's own modules is left out.

-- A type at the beginning of a text in LDoc's words, and what comes after it.
local function take_type(text)
  text = text:gsub("^fun%([^)]*%): [^ ,]+", "function"):gsub("^fun%([^)]*%)", "function"):gsub("^{[^{}]*}", "table")
  local name, rest = text:match "^([^ ]+)(.*)$"
  if not name then
    return nil
  end
  return name:gsub("^(.+)%?$", "?%1"), rest
end

-- `name type text` and `name? type text`, for tags whose name begins with t.
local function typed(tag)
  return function(words)
    local name, text = words:match "^([^ ?]+)%?? +(.+)$"
    if not name then
      return nil
    end
    local type_name, rest = take_type(text)
    return ("-- @%s %s %s%s"):format(tag, type_name, name, rest)
  end
end

local TAGS = {
  param = typed "tparam",
  field = typed "tfield",
  alias = function(words)
    return "-- @table " .. words:match "^[^ :]+"
  end,
  package = function()
    return "-- @local"
  end,
}

TAGS["return"] = function(words)
  local type_name, rest = take_type(words)
  return type_name and ("-- @treturn %s%s"):format(type_name, rest)
end

-- LDoc knows no parents: they are named.
function TAGS.class(words)
  local name, parent = words:match "^([^ :]+): ?(numberpool[^ ]+)"
  if not name then
    return TAGS.alias(words)
  end
  return ("-- Beside those of %s:"):format(parent), "-- @table " .. name
end

local function nothing() end

for line in io.lines() do
  local indentation, tag, words = line:match "^( *)%-%-%- ?@(%a*) ?(.*)$"
  local indentation_of_value, value, text = line:match '^( *)%-%-%-| "([^"]*)"(.*)$'
  if tag then
    local convert = TAGS[tag] or nothing
    for _, converted in ipairs { convert(words) } do
      print(indentation .. converted)
    end
  elseif value then
    print(("%s-- @field %s %s"):format(indentation_of_value, value, text:match "^ # (.*)$" or text))
  else
    print(line)
  end
end
