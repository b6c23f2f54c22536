--- Writes JSON with the fields of objects in an order, and with nothing in it that a terminal would obey.
-- @module numberpool.cli.json

local characters = require "numberpool.report.characters"

local json = {}

local SHORT = { ["\""] = "\\\"", ["\\"] = "\\\\" }
local SHORT_OF_CODE = { [8] = "\\b", [9] = "\\t", [10] = "\\n", [12] = "\\f", [13] = "\\r" }

-- Bytes that aren't UTF-8 can't be in JSON: U+FFFD stands for them.
local function escape(code)
  code = code or 0xFFFD
  if SHORT_OF_CODE[code] then
    return SHORT_OF_CODE[code]
  elseif code < 0x10000 then
    return ("\\u%04x"):format(code)
  end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + math.floor(code / 0x400), 0xDC00 + code % 0x400)
end

local function string_of(value)
  return '"' .. characters.replace(value:gsub('["\\]', SHORT), characters.is_seen, escape) .. '"'
end

local function number_of(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return "null"
  elseif value == math.floor(value) and value > -2 ^ 63 and value < 2 ^ 63 then
    return ("%d"):format(value)
  end
  local short = ("%.14g"):format(value)
  return ((tonumber(short) == value and short or ("%.17g"):format(value)):gsub(",", "."))
end

--- The names of an object's fields: first those of the order, then the others, sorted.
---@param object table
---@param order string[]?
---@return string[]
function json.names(object, order)
  local names, is_known, others = {}, {}, {}
  for _, name in ipairs(order or {}) do
    is_known[name] = true
    names[#names + 1] = object[name] ~= nil and name or nil
  end
  for name in pairs(object) do
    others[#others + 1] = not is_known[name] and tostring(name) or nil
  end
  table.sort(others)
  for _, name in ipairs(others) do
    names[#names + 1] = name
  end
  return names
end

local encode

local function list_of(list, depth)
  local parts = {}
  for i, value in ipairs(list) do
    parts[i] = encode(value, nil, nil, depth + 1)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function object_of(object, order, indent, depth)
  local parts = {}
  for i, name in ipairs(json.names(object, order)) do
    parts[i] = (indent and "\n" .. indent or "") .. string_of(name) .. (indent and ": " or ":")
      .. encode(object[name], nil, nil, depth + 1)
  end
  return "{" .. table.concat(parts, ",") .. (indent and parts[1] and "\n}" or "}")
end

local MOST_LEVELS = 100

local OBJECT = {}

--- Makes a table that is written as an object even where it is empty.
---@param value table
---@return table
function json.object(value)
  return setmetatable(value, OBJECT)
end

function encode(value, order, indent, depth)
  local kind = type(value)
  if kind == "table" and depth < MOST_LEVELS then
    local is_list = value[1] ~= nil or next(value) == nil and getmetatable(value) ~= OBJECT
    return is_list and list_of(value, depth) or object_of(value, order, indent, depth)
  elseif kind == "string" then
    return string_of(value)
  elseif kind == "number" then
    return number_of(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "null"
end

--- A value as JSON. An empty table is a list.
---@param value any
---@param order string[]? the names of fields that come first
---@param indent string? puts each field of an object on a line of its own
---@return string
function json.encode(value, order, indent)
  return encode(value, order, indent, 0)
end

return json
