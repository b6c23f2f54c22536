--- Options and arguments that are checked in Lua. Those of an operation's row are checked in C.
--
-- A wrong type or an unknown name raises: `map: fn: function expected, got no value`. A wrong value is a message:
-- `concurrency: expected 1 to 1000, got 5000`. A table of options is read raw and copied before it is checked, so that
-- what is checked is what is used, whatever its metatable says or its owner does later.
-- @module numberpool.options

local core = require "numberpool.core"

local options = {}

local MOST_SECONDS = 2147483 -- as in C: in milliseconds it fits 32 bits
local MOST_RETRIES = 100

-- Words for types that Lua has no name for.
local LUA_TYPE = { integer = "number", list = "table" }

-- Whether the value has one of the types of a text as "string or number" or "table or false".
local function has_type(value, expected)
  for word in expected:gmatch "%a+" do
    if type(value) == (LUA_TYPE[word] or word) or word == "false" and value == false then
      return true
    end
  end
  return false
end

local function wrong_type(what, expected, value)
  return what .. ": " .. expected .. " expected, got " .. (value == nil and "no value" or type(value))
end

--- Raises where a value hasn't the type: `what: expected expected, got …`. Levels in this module count as if the caller
-- called `error` itself.
---@param value any
---@param expected string as "function" or "list or function"
---@param what string method and argument, as "map: fn"
---@param level integer
function options.expect(value, expected, what, level)
  if not has_type(value, expected) then
    error(wrong_type(what, expected, value), level + 1)
  end
end

--- One option of a declaration: a table with these fields, or what the functions below make.
---@class numberpool.options.Option
---@field type string
---@field check? fun(value: any): boolean?, string? true, or nil and what is expected
---@field default any
---@field environment string? the variable that gives it where it is left out, unless that is empty
---@field is_required boolean? it raises where it is left out
---@field is_secret boolean? its value is never shown
---@field fields? table<string, numberpool.options.Option> of the table that it is

--- An option of a Lua type, whose values are all right.
---@param expected string
---@return numberpool.options.Option
function options.type(expected)
  return { type = expected }
end

--- A whole number. 5.0 is 5.
---@param least integer
---@param most integer
---@param default integer?
---@return numberpool.options.Option
function options.integer(least, most, default)
  local expected = string.format("%d to %d", least, most)
  return {
    type = "integer",
    default = default,
    check = function(value)
      if value >= least and value <= most and math.floor(value) == value then
        return true
      end
      return nil, expected
    end,
  }
end

local function check_seconds(value)
  if value > 0 and value <= MOST_SECONDS then
    return true
  end
  return nil, "more than 0 and at most " .. MOST_SECONDS .. " seconds"
end

--- A time.
---@param default number?
---@return numberpool.options.Option
function options.seconds(default)
  return { type = "number", default = default, check = check_seconds }
end

--- Tries after the first.
---@param default integer?
---@return numberpool.options.Option
function options.retries(default)
  return options.integer(0, MOST_RETRIES, default)
end

--- The option, which can't be left out.
---@param option numberpool.options.Option
---@return numberpool.options.Option
function options.required(option)
  option.is_required = true
  return option
end

local function sorted_names(declared)
  local names = {}
  for name in next, declared do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- What is known of the options of a method: `where` stands before the names of its options in what is raised, `within`
-- in messages about values.
local function declare(owner, where, within, declared, operation)
  local names = sorted_names(declared)
  local set = {
    owner = owner,
    where = where,
    within = within,
    declared = declared,
    names = names, -- of its own options
    is_of_row = {},
    known = names, -- the row's too
    tables = {}, -- the sets of options that are tables
  }
  if operation then
    set.known = {}
    for _, list in ipairs { operation.parameters, names, { "retries", "timeout" } } do
      for _, name in ipairs(list) do
        set.known[#set.known + 1] = name
        set.is_of_row[name] = not declared[name]
      end
    end
  end
  for name, option in next, declared do
    if option.fields then
      set.tables[name] = declare(where .. name, where .. name .. ".", within .. name .. ".", option.fields)
    end
  end
  return set
end

local function unknown(set, name)
  local expected = #set.known == 1 and "expected " or "expected one of "
  return set.owner .. ": unknown option " .. core.shown(name) .. ", " .. expected .. table.concat(set.known, ", ")
end

local function default_of(option)
  local value = option.environment and os.getenv(option.environment)
  if value and value ~= "" then
    return value
  end
  return option.default
end

-- The method's own options, those of the operation's row, and what is to be raised.
local function split(set, given)
  local own, rest = {}, {}
  for name, value in next, given do
    if set.declared[name] then
      own[name] = value
    elseif set.is_of_row[name] then
      rest[name] = value
    else
      return nil, nil, unknown(set, name)
    end
  end
  for _, name in ipairs(set.names) do
    local option, value = set.declared[name], own[name]
    if value == nil and not option.is_required then
      own[name] = default_of(option)
    elseif not has_type(value, option.type) then
      return nil, nil, wrong_type(set.where .. name, option.type, value)
    elseif type(value) == "table" and option.fields then
      local fields, _, mistake = split(set.tables[name], value)
      if mistake then
        return nil, nil, mistake
      end
      own[name] = fields
    end
  end
  return own, rest
end

-- What is wrong with the values; nil where nothing is. Whole numbers become integers.
local function check_values(set, own)
  for _, name in ipairs(set.names) do
    local option, value = set.declared[name], own[name]
    if type(value) == "table" and option.fields then
      local message = check_values(set.tables[name], value)
      if message then
        return message
      end
    elseif value ~= nil and option.check then
      local is_right, expected = option.check(value)
      if not is_right then
        local got = option.is_secret and "something else" or core.shown(value)
        return set.within .. name .. ": expected " .. expected .. ", got " .. got
      elseif option.type == "integer" then
        own[name] = math.floor(value)
      end
    end
  end
  return nil
end

--- Makes the function that reads a method's options: `local own, wrong, rest = read(given, level)`. It raises for
-- unknown names and wrong types. `own` is a copy with what was left out filled in, `wrong` says which value can't be
-- right, or is nil, and `rest` has the options of the operation's row, which `operation.check` checks.
---@param name string of the method
---@param declared table<string, numberpool.options.Option>
---@param operation table? a row of the operation table, whose options are taken too
---@return fun(given: table?, level: integer): table, string?, table
function options.reader(name, declared, operation)
  local set = declare(name, name .. ": ", "", declared, operation)
  return function(given, level)
    if given == nil then
      given = {}
    end
    options.expect(given, "table", name .. ": options", level + 1)
    local own, rest, mistake = split(set, given)
    if mistake then
      error(mistake, level + 1)
    end
    return own, check_values(set, own), rest
  end
end

return options
