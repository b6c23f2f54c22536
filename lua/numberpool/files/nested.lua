--- Reads the entries of JSON, of JSON lines, and of a Lua file that is a table of plain values: a list of entries, or a
-- list for each list of a pool. What differs between them is in a syntax: see json.lua and lua_literal.lua.
-- @module numberpool.files.nested

local columns = require "numberpool.files.columns"

local nested = {}

local DEEPEST = 50

local TWICE = "two fields are both named %s"

--- How values are written.
---@class numberpool.files.Syntax
---@field skip fun(self: numberpool.files.Buffer) moves past spaces and comments
---@field scalar fun(self: numberpool.files.Buffer): any, integer?, string? a value that is no list or object
---@field key fun(self: numberpool.files.Buffer): string|false|nil, integer?, string? the key of a field, with what
--- follows it; false where there is none and an entry stands alone
---@field open_list string
---@field close_list string
---@field open_object string
---@field close_object string
---@field separators string characters that part entries

--- What entries are given to.
---@class numberpool.files.Sink
---@field list fun(list: string) a list of a pool begins, by its name
---@field entry fun(value: any, line: integer, list: string?) an entry, and the list that it stands in

--- Stands for null and nil.
nested.NOTHING = {}

local function shown(self)
  local found = self.text:match("^[%w_.+-]+", self.at) or self.text:match("^[^%c]", self.at)
  return found and found:sub(1, 40) or "the end"
end

--- A failure at the position: nil, the line, and what is wrong.
---@param self numberpool.files.Buffer
---@param expected string
---@return nil
---@return integer line
---@return string message
function nested.fail(self, expected)
  return nil, self.line, ("expected %s, got %s"):format(expected, shown(self))
end

-- Moves past spaces, and returns the character there; nil at the end.
local function peek(self, syntax)
  syntax.skip(self)
  local character = self.text:sub(self.at, self.at)
  return character ~= "" and character or nil
end

local read_value

-- Reads what a list or an object has, from the character after its beginning.
local function read_members(self, syntax, close, is_keyed, depth)
  local value = {}
  while true do
    local character = peek(self, syntax)
    if character == close then
      self.at = self.at + 1
      return value
    end
    local key, line, message = false, nil, nil
    if is_keyed then
      key, line, message = syntax.key(self)
    end
    local member
    if key and value[key] ~= nil then
      return nil, self.line, TWICE:format(key)
    elseif key ~= nil then
      syntax.skip(self)
      member, line, message = read_value(self, syntax, depth + 1)
    end
    if member == nil then
      return nil, line, message
    end
    if member ~= nested.NOTHING then
      value[key or #value + 1] = member
    end
    character = peek(self, syntax)
    if character and syntax.separators:find(character, 1, true) then
      self.at = self.at + 1
    elseif character ~= close then
      return nested.fail(self, "a comma or " .. close)
    end
  end
end

function read_value(self, syntax, depth)
  local character = self.text:sub(self.at, self.at)
  if depth > DEEPEST then
    return nil, self.line, "lists within lists, too deep"
  elseif character == syntax.open_object then
    self.at = self.at + 1
    return read_members(self, syntax, syntax.close_object, true, depth)
  elseif character == syntax.open_list then
    self.at = self.at + 1
    return read_members(self, syntax, syntax.close_list, false, depth)
  end
  return syntax.scalar(self)
end

-- Reads a list's entries, and the lists and fields of an object, from the character after its beginning. Each entry is
-- given as soon as it is read. Returns the fields, or nil if there are none; or false, a line, and what is wrong.
local function read_entries(from, syntax, sink, list, is_keyed)
  local close = is_keyed and syntax.close_object or syntax.close_list
  local fields, has_entries, seen = nil, false, {}
  while true do
    local character = from:parse(peek, syntax)
    if character == close then
      from.at = from.at + 1
      break
    end
    local at_line = from.line
    local key, line, message = false, nil, nil
    if is_keyed then
      key, line, message = from:parse(syntax.key)
    end
    if key == nil then
      return false, line, message
    elseif key and seen[key] then
      return false, at_line, TWICE:format(key)
    elseif key then
      seen[key] = true
    end
    character = from:parse(peek, syntax)
    local of_key = key and columns.list_of(key)
    if of_key and character == syntax.open_list then
      from.at, has_entries = from.at + 1, true
      sink.list(of_key)
      local inner
      inner, line, message = read_entries(from, syntax, sink, of_key, false)
      if inner == false then
        return false, line, message
      end
    else
      local value
      value, line, message = from:parse(read_value, syntax, 1)
      if value == nil then
        return false, line, message
      elseif key then
        fields = fields or {}
        fields[key] = value ~= nested.NOTHING and value or nil
      else
        has_entries = true
        sink.entry(value, at_line, list)
      end
    end
    if fields and has_entries then
      return false, at_line, "expected lists of entries alone (numbers, tollfree, shortcodes), got the field "
        .. tostring(key or next(fields))
    end
    character = from:parse(peek, syntax)
    if character and syntax.separators:find(character, 1, true) then
      from.at = from.at + 1
    elseif character ~= close then
      local _, where, what = nested.fail(from, "a comma or " .. close)
      return false, where, what
    end
  end
  return fields
end

--- Reads one value of a text: a list of entries, an object with lists of them, or one entry.
---@param from numberpool.files.Buffer
---@param syntax numberpool.files.Syntax
---@param sink numberpool.files.Sink
---@return boolean is_read
---@return integer? line
---@return string? message
function nested.read(from, syntax, sink)
  local character = from:parse(peek, syntax)
  local line = from.line
  local is_object = character == syntax.open_object
  if is_object or character == syntax.open_list then
    from.at = from.at + 1
    local fields, wrong_line, message = read_entries(from, syntax, sink, nil, is_object)
    if fields then
      sink.entry(fields, line)
    end
    return fields ~= false, wrong_line, message
  end
  local value, wrong_line, message = from:parse(syntax.scalar)
  if value == nil then
    return false, wrong_line, message
  end
  sink.entry(value, line)
  return true
end

--- Moves past spaces. Returns the character there; nil at the end.
---@param from numberpool.files.Buffer
---@param syntax numberpool.files.Syntax
---@return string?
function nested.peek(from, syntax)
  return from:parse(peek, syntax)
end

return nested
