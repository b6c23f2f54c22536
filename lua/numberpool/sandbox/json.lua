--- JSON. The encoder writes an empty list as `[]`, whole numbers without a point, and keys in order. The decoder takes
--- JSON alone. lua-cjson's encoder can't tell an empty list from an empty object, and writes the decimal point of the
--- locale in which it was loaded.
local cjson = require "cjson"

local json = { null = cjson.null }

local DEEPEST = 100

local LIST_METATABLE = { __name = "list" }

--- Marks a table as a list, which is `[]` when it is empty.
---@param items table?
---@return table
function json.list(items)
  return setmetatable(items or {}, LIST_METATABLE)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return ESCAPES[character] or string.format("\\u%04x", character:byte())
end

--- A text as JSON.
---@param text string
---@return string
function json.quote(text)
  return '"' .. text:gsub('[%z\1-\31\127"\\]', escape) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    error("a number that JSON can't hold: " .. tostring(value), 0)
  end
  if value == math.floor(value) and value > -1e15 and value < 1e15 then
    return string.format("%d", value)
  end
  local text = string.format("%.14g", value)
  if tonumber(text) ~= value then
    text = string.format("%.17g", value)
  end
  return (text:gsub("[^%de+-]+", ".")) -- a locale may have another decimal point
end

local append

local function append_list(out, items, depth)
  out[#out + 1] = "["
  for index = 1, #items do
    if index > 1 then
      out[#out + 1] = ","
    end
    append(out, items[index], depth)
  end
  out[#out + 1] = "]"
end

local function append_object(out, object, depth)
  local keys, values = {}, {}
  for key, value in pairs(object) do
    if type(key) ~= "string" and type(key) ~= "number" then
      error("a key that JSON can't hold: a " .. type(key), 0)
    end
    local name = type(key) == "number" and number(key) or key
    keys[#keys + 1], values[name] = name, value
  end
  table.sort(keys)
  out[#out + 1] = "{"
  for index = 1, #keys do
    if index > 1 then
      out[#out + 1] = ","
    end
    out[#out + 1] = json.quote(keys[index])
    out[#out + 1] = ":"
    append(out, values[keys[index]], depth)
  end
  out[#out + 1] = "}"
end

local function is_list(value)
  if getmetatable(value) == LIST_METATABLE then
    return true
  end
  if value[1] == nil then
    return false
  end
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value
end

function append(out, value, depth)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = json.quote(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif value == nil or value == json.null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    error("a value that JSON can't hold: a " .. kind, 0)
  elseif depth > DEEPEST then
    error(("tables that JSON can't hold: nested more than %d deep"):format(DEEPEST), 0)
  elseif is_list(value) then
    append_list(out, value, depth + 1)
  else
    append_object(out, value, depth + 1)
  end
end

--- A value as JSON. Raises a message without a position where JSON can't hold it.
---@param value any
---@return string
function json.encode(value)
  local out = {}
  append(out, value, 1)
  return table.concat(out)
end

--- Whether a text is UTF-8.
---@param text string
---@return boolean
function json.is_utf8(text)
  local rest = text:gsub("[\194-\223][\128-\191]", "")
    :gsub("\224[\160-\191][\128-\191]", ""):gsub("[\225-\236\238\239][\128-\191][\128-\191]", "")
    :gsub("\237[\128-\159][\128-\191]", ""):gsub("\240[\144-\191][\128-\191][\128-\191]", "")
    :gsub("[\241-\243][\128-\191][\128-\191][\128-\191]", "")
    :gsub("\244[\128-\143][\128-\191][\128-\191]", "")
  return not rest:find "[\128-\255]"
end

local decoder = cjson.new()
decoder.decode_invalid_numbers(false)
decoder.decode_max_depth(DEEPEST)

--- The value of a text in JSON, or nil where it isn't JSON. `json.null` stands for null.
---@param text string
---@return any
function json.decode(text)
  local ok, value = pcall(decoder.decode, text)
  if not ok then
    return nil
  end
  return value
end

return json
