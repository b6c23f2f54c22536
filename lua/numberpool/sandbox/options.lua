--- Checks what `start` is given. A wrong type or an unknown name is the programmer's error and is
-- raised; a value that can't be right comes back as nil and a message.
local options = {}

local quirks = {
  "capped_pages", "delete_204", "empty_404", "nested_error", "no_meta", "no_service", "numberpool_uuid",
  "unusable_next",
}

local is_quirk = {}
for _, name in ipairs(quirks) do
  is_quirk[name] = true
end

local function whole(name, least, most)
  return function(value)
    if value ~= math.floor(value) or value < least or value > most then
      return ("%s: expected %d to %d, got %s"):format(name, least, most, tostring(value))
    end
  end
end

local function check_db(value)
  if value == "" or value:find "[%z\n]" then
    return ("db: expected a path, got %q"):format(value)
  end
end

local function check_rate_value(rate)
  if rate.requests ~= math.floor(rate.requests) or rate.requests < 1 or rate.requests > 100000 then
    return ("rate.requests: expected 1 to 100000, got %s"):format(tostring(rate.requests))
  end
  if not (rate.seconds > 0 and rate.seconds <= 3600) then
    return ("rate.seconds: expected more than 0, at most 3600, got %s"):format(tostring(rate.seconds))
  end
end

local rate_fields = { requests = true, seconds = true }

local function check_rate(value, level)
  if type(value) == "boolean" then
    return
  end
  for name in pairs(value) do
    if not rate_fields[name] then
      error(("rate: unknown option '%s'"):format(tostring(name)), level)
    end
  end
  for name in pairs(rate_fields) do
    if type(value[name]) ~= "number" then
      error(("rate.%s: expected a number, got %s"):format(name, type(value[name])), level)
    end
  end
  return check_rate_value(value)
end

local function check_quirks(value, level)
  for index, name in pairs(value) do
    if type(index) ~= "number" then
      error("quirks: expected a list of names", level)
    end
    if type(name) ~= "string" then
      error(("quirks[%d]: expected a string, got %s"):format(index, type(name)), level)
    end
    if not is_quirk[name] then
      return ("quirks: expected %s, got %s"):format(table.concat(quirks, ", "), name)
    end
  end
end

local known = {
  port = { types = { number = true }, named = "a number", default = 0, check = whole("port", 0, 65535) },
  db = { types = { string = true }, named = "a string", check = check_db },
  tls = { types = { boolean = true }, named = "a boolean", default = false },
  rate = { types = { boolean = true, table = true }, named = "a boolean or a table", default = false,
    check = check_rate },
  workers = { types = { number = true }, named = "a number", default = 1, check = whole("workers", 1, 64) },
  strict = { types = { boolean = true }, named = "a boolean", default = false },
  quirks = { types = { table = true }, named = "a list", default = {}, check = check_quirks },
}

--- Gives every option its value. Errors are raised at `level`, as `error` counts it.
function options.read(given, level)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    error(("start: expected a table, got %s"):format(type(given)), level + 1)
  end
  for name, value in pairs(given) do
    local option = known[name]
    if not option then
      error(("start: unknown option '%s'"):format(tostring(name)), level + 1)
    end
    if not option.types[type(value)] then
      error(("%s: expected %s, got %s"):format(name, option.named, type(value)), level + 1)
    end
  end
  local values = {}
  for name, option in pairs(known) do
    local value = given[name]
    if value == nil then
      value = option.default
    end
    local problem = value ~= nil and option.check and option.check(value, level + 2)
    if problem then
      return nil, problem
    end
    values[name] = value
  end
  if values.rate == true then
    values.rate = { requests = 300, seconds = 5 }
  end
  return values
end

return options
