--- JSON for the server and its handle: an encoder that keeps empty lists lists and whole numbers whole, with keys in
-- order, and a strict decoder. lua-cjson alone can't tell an empty list from an empty object, and has the decimal point
-- of the locale that there was when it was loaded.
local cjson = require "cjson"

local json = { null = cjson.null }

local DEEPEST = 100

local list_metatable = { __name = "list" }

--- Marks a table as a list, so that it's encoded as `[]` when empty.
function json.list(items)
  return setmetatable(items or {}, list_metatable)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return escapes[character] or string.format("\\u%04x", character:byte())
end

local function quote(text)
  return '"' .. text:gsub('[%z\1-\31\127"\\]', escape) .. '"'
end
json.quote = quote

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
  return (text:gsub("[^%de+-]+", ".")) -- the locale's decimal point
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
    out[#out + 1] = quote(keys[index])
    out[#out + 1] = ":"
    append(out, values[keys[index]], depth)
  end
  out[#out + 1] = "}"
end

local function is_list(value)
  if getmetatable(value) == list_metatable then
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
    out[#out + 1] = quote(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif value == nil or value == json.null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    error("a value that JSON can't hold: a " .. kind, 0)
  elseif depth > DEEPEST then
    error(("tables that JSON can't hold: more than %d in each other"):format(DEEPEST), 0)
  elseif is_list(value) then
    append_list(out, value, depth + 1)
  else
    append_object(out, value, depth + 1)
  end
end

--- A value as JSON; raises, with no position, where there is no JSON for it.
function json.encode(value)
  local out = {}
  append(out, value, 1)
  return table.concat(out)
end

--- Whether a text is UTF-8.
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

--- Decodes a text; nil if it isn't JSON.
function json.decode(text)
  local ok, value = pcall(decoder.decode, text)
  if not ok then
    return nil
  end
  return value
end

return json
