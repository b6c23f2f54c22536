--- What a pool should have, as a caller says it.
-- @module numberpool.jobs.plan.desired

local core = require "numberpool.core"
local kinds = require "numberpool.jobs.plan.kinds"

local desired = {}

local FIELDS = {} -- of `desired`, with the kind of each
for _, kind in ipairs(kinds) do
  FIELDS[kind.field] = kind
end

-- A mistake is raised, since it is the programmer's. A wrong value is a message.
local MISTAKE = {}

local function mistake(...)
  error({ MISTAKE, string.format(...) }, 0)
end

local function type_of(value)
  return value == nil and "no value" or type(value)
end

-- The length of a list, read raw.
local function length_of(list, field)
  local count, last = 0, 0
  for key in next, list do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      mistake("plan: %s: list expected, got a table with the key %s", field, core.shown(key))
    end
    count, last = count + 1, math.max(last, key)
  end
  if last > count then
    for index = 1, last do
      if rawget(list, index) == nil then
        mistake("plan: %s[%d]: string, number or table expected, got no value", field, index)
      end
    end
  end
  return count
end

-- The number and service of an entry that is a table.
local function read_fields(kind, where, entry)
  for name in next, entry do
    if name ~= "service" and name ~= "number" and name ~= kind.target then
      local expected = kind.target == "number" and "number, service" or "shortcode, number, service"
      mistake("plan: %s: unknown field %s, expected one of %s", where, core.shown(name), expected)
    end
  end
  local value, service = rawget(entry, kind.target), rawget(entry, "service")
  local name = kind.target
  if value == nil and rawget(entry, "number") ~= nil then
    value, name = rawget(entry, "number"), "number"
  elseif name ~= "number" and rawget(entry, "number") ~= nil then
    mistake("plan: %s: expected a shortcode or a number, got both", where)
  end
  if type(value) ~= "string" and type(value) ~= "number" then
    mistake("plan: %s.%s: string or number expected, got %s", where, name, type_of(value))
  elseif service ~= nil and type(service) ~= "string" then
    mistake("plan: %s.service: string expected, got %s", where, type_of(service))
  end
  return value, service
end

local function read_entry(kind, where, entry)
  if type(entry) == "table" then
    return read_fields(kind, where, entry)
  elseif type(entry) ~= "string" and type(entry) ~= "number" then
    mistake("plan: %s: string, number or table expected, got %s", where, type_of(entry))
  end
  return entry, nil
end

-- Where a list has a number with a service for the first time.
local function first_position(read, digits)
  local index = 0
  repeat
    index = index + 1
    local found, service = read(index)
  until found == digits and service
  return index
end

-- What is wrong with an entry, or with its service beside those of the entries before it. Nil where nothing is.
local function wrong_of(list, read, digits, service, message)
  local known = digits and list.wanted[digits]
  if message then
    return message
  elseif service and service ~= "sms" and service ~= "mms" then
    return "service: expected sms or mms, got " .. core.shown(service)
  elseif service and known and known ~= service then
    return ("expected one service for %s, got %s here and %s in %s[%d]"):format(digits, service, known,
      list.kind.field, first_position(read, digits))
  end
  return nil
end

local function read_list(pool, client, kind, given)
  local list = { kind = kind, wanted = {}, count = 0 } -- wanted: services by number, or false
  local first_wrong
  local function read(index)
    local value, service = read_entry(kind, kind.field .. "[" .. index .. "]", rawget(given, index))
    local digits, message = kinds.digits(pool, client, kind, value)
    return digits, service, message
  end
  for index = 1, length_of(given, kind.field) do
    local digits, service, message = read(index)
    local wrong = not first_wrong and wrong_of(list, read, digits, service, message)
    if wrong then
      first_wrong = ("%s[%d]: %s"):format(kind.field, index, wrong)
    elseif not first_wrong then
      list.count = list.count + (list.wanted[digits] == nil and 1 or 0)
      list.wanted[digits] = list.wanted[digits] or service or false
    end
  end
  return list, first_wrong
end

local function read_all(pool, client, given)
  local lists, first_wrong = {}, nil
  for name, value in next, given do
    if not FIELDS[name] then
      mistake("plan: unknown field %s, expected one of numbers, tollfree, shortcodes", core.shown(name))
    elseif type(value) ~= "table" then
      mistake("plan: %s: list expected, got %s", name, type_of(value))
    end
  end
  for _, kind in ipairs(kinds) do
    local list = rawget(given, kind.field)
    if list ~= nil then
      local wrong
      lists[#lists + 1], wrong = read_list(pool, client, kind, list)
      first_wrong = first_wrong or wrong
    end
  end
  return lists, first_wrong
end

--- Reads what a pool should have: for each list that is given its kind, `wanted`, which has the service of each number
--- or false where none is asked for, and their count. All of it is read before a wrong value is told of, so that a
--- wrong type is always raised.
---@param pool numberpool.Pool
---@param client numberpool.Client
---@param given table
---@return table[]? lists
---@return string? wrong which value can't be right
---@return string? raised what is to be raised
function desired.read(pool, client, given)
  local ok, lists, wrong = pcall(read_all, pool, client, given)
  if ok then
    return not wrong and lists or nil, wrong
  elseif type(lists) == "table" and lists[1] == MISTAKE then
    return nil, nil, lists[2]
  end
  error(lists, 0)
end

return desired
