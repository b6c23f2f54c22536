--- Checks the options of `start`. Wrong types and unknown names raise; wrong values are nil and a message.
local messages = require "numberpool.sandbox.messages"

local options = {}

local QUIRKS = {
  "capped_pages", "delete_204", "empty_404", "nested_error", "no_meta", "no_service", "numberpool_uuid",
  "unusable_next",
}
local IS_QUIRK = {}
for _, name in ipairs(QUIRKS) do
  IS_QUIRK[name] = true
end

local DEFAULT_RATE = { requests = 300, seconds = 5 }
local RATE_FIELDS = { requests = true, seconds = true }
local MAX_REQUESTS = 100000
local MAX_SECONDS = 3600

local shown = messages.shown

local function is_whole(value, least, most)
  return value == math.floor(value) and value >= least and value <= most
end

local function whole(name, least, most)
  return function(value)
    if not is_whole(value, least, most) then
      return ("%s: expected %d to %d, got %s"):format(name, least, most, tostring(value))
    end
  end
end

local function check_db(value)
  if value == "" or value:find "[%z\n]" then
    return "db: expected a path, got " .. shown(value)
  end
end

local function check_rate_types(rate, level)
  if type(rate) == "boolean" then
    return
  end
  for name in pairs(rate) do
    if not RATE_FIELDS[name] then
      error(("start: rate: unknown option %s, expected one of requests, seconds"):format(shown(name)), level + 1)
    end
  end
  for name in pairs(RATE_FIELDS) do
    if type(rate[name]) ~= "number" then
      error(("start: rate.%s: number expected, got %s"):format(name, messages.type_of(rate[name])), level + 1)
    end
  end
end

local function check_rate(rate)
  if type(rate) == "boolean" then
    return nil
  end
  if not is_whole(rate.requests, 1, MAX_REQUESTS) then
    return ("rate.requests: expected 1 to %d, got %s"):format(MAX_REQUESTS, tostring(rate.requests))
  end
  if not (rate.seconds > 0 and rate.seconds <= MAX_SECONDS) then
    return ("rate.seconds: expected more than 0 and at most %d seconds, got %s"):format(MAX_SECONDS,
      tostring(rate.seconds))
  end
end

local function check_quirk_types(quirks, level)
  for index, name in pairs(quirks) do
    if type(index) ~= "number" then
      error("start: quirks: list expected, got a table with the key " .. shown(index), level + 1)
    end
    if type(name) ~= "string" then
      error(("start: quirks[%s]: string expected, got %s"):format(tostring(index), type(name)), level + 1)
    end
  end
end

local function check_quirks(quirks)
  for _, name in pairs(quirks) do
    if not IS_QUIRK[name] then
      return ("quirks: expected %s, got %s"):format(table.concat(QUIRKS, ", "), shown(name))
    end
  end
end

-- `check_types` raises for wrong types within a table. `check` returns what is wrong with a value.
local OPTIONS = {
  port = { type = "integer", default = 0, check = whole("port", 0, 65535) },
  db = { type = "string", check = check_db },
  tls = { type = "boolean", default = false },
  rate = { type = "table or boolean", default = false, check_types = check_rate_types, check = check_rate },
  workers = { type = "integer", default = 1, check = whole("workers", 1, 64) },
  strict = { type = "boolean", default = false },
  quirks = { type = "list", default = {}, check_types = check_quirk_types, check = check_quirks },
}

-- Words for types that Lua has no name for.
local LUA_TYPE = { integer = "number", list = "table" }

local function has_type(value, expected)
  for word in expected:gmatch "%a+" do
    if type(value) == (LUA_TYPE[word] or word) then
      return true
    end
  end
  return false
end

local function check_types(given, level)
  for name, value in pairs(given) do
    local option = OPTIONS[name]
    if not option then
      error(("start: unknown option %s, expected one of %s"):format(shown(name), messages.names_of(OPTIONS)), level + 1)
    end
    if not has_type(value, option.type) then
      error(("start: %s: %s expected, got %s"):format(name, option.type, type(value)), level + 1)
    end
    if option.check_types then
      option.check_types(value, level + 1)
    end
  end
end

--- The value of every option.
---@param given numberpool.sandbox.Options?
---@param level integer where a wrong type is raised, as the caller would give it to `error`
---@return table? values
---@return string? problem
function options.read(given, level)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    error("start: options: table expected, got " .. type(given), level + 1)
  end
  check_types(given, level + 1)
  local values = {}
  for name, option in pairs(OPTIONS) do
    local value = given[name]
    if value == nil then
      value = option.default
    end
    local problem = value ~= nil and option.check and option.check(value)
    if problem then
      return nil, problem
    end
    values[name] = value
  end
  if values.rate == true then
    values.rate = DEFAULT_RATE
  end
  return values
end

return options
