--- Lua files that are one table of plain values, as an export writes them. They need no evaluation, can be of any size
-- on every Lua, and each entry has its line.
-- @module numberpool.files.lua_literal

local nested = require "numberpool.files.nested"

local lua_literal = {}

local function count_lines(self, from, to)
  local _, count = self.text:sub(from, to):gsub("\n", "")
  self.line = self.line + count
end

local function skip(self)
  while true do
    local stop = self.text:match("^%s*()", self.at)
    local first, _, level = self.text:find("^%-%-%[(=*)%[", stop)
    if first then
      local _, last = self.text:find("]" .. level .. "]", stop, true)
      stop = (last or #self.text) + 1
    elseif self.text:find("^%-%-", stop) then
      stop = self.text:find("\n", stop, true) or #self.text + 1
      first = stop
    end
    if stop > self.at then
      count_lines(self, self.at, stop - 1)
      self.at = stop
    end
    if not first then
      return
    end
  end
end

-- A string without escapes other than those of quotes and backslashes. All others are left to the evaluation.
local function read_string(self, quote)
  local stop = self.at + 1
  while true do
    stop = self.text:find("[\\\n" .. quote .. "]", stop)
    local character = stop and self.text:sub(stop, stop)
    if not stop or character == "\n" then
      return nil, self.line, "a string isn't closed on its line"
    elseif character == quote then
      break
    elseif not self.text:find("^[\\\"']", stop + 1) then
      return nil, self.line, "a string has an escape"
    end
    stop = stop + 2
  end
  local text = self.text:sub(self.at + 1, stop - 1):gsub("\\(.)", "%1")
  self.at = stop + 1
  return text
end

local WORDS = { ["true"] = true, ["false"] = false, ["nil"] = nested.NOTHING }

local function scalar(self)
  local quote = self.text:match("^[\"']", self.at)
  if quote then
    return read_string(self, quote)
  end
  local word = self.text:match("^[%w_.]+", self.at) or self.text:match("^-%d[%w.]*", self.at)
  local value = WORDS[word]
  if value == nil and word and word:find "^-?%d+$" then
    value = word
  end
  if value == nil then
    return nested.fail(self, "a value")
  end
  self.at = self.at + #word
  return value
end

-- Words that Lua keeps for itself can't be names of fields.
local function key(self)
  local name, stop = self.text:match("^([%a_][%w_]*)%s*=%s*()[^=]", self.at)
  if not name then
    name, stop = self.text:match("^%[%s*[\"']([^\"'\\\n]*)[\"']%s*%]%s*=%s*()[^=]", self.at)
  end
  if not name then
    return false
  end
  count_lines(self, self.at, stop - 1)
  self.at = stop
  return name
end

local SYNTAX = { skip = skip, scalar = scalar, key = key, open_list = "{", close_list = "}", open_object = "{",
  close_object = "}", separators = ",;" }

--- Reads the entries of a text. Where it fails, the file may still be right, and has to be evaluated.
---@param from numberpool.files.Buffer a whole text
---@param sink numberpool.files.Sink
---@return boolean is_read
---@return integer? line
---@return string? message
function lua_literal.read(from, sink)
  if from.text:find "^#" then
    from.at = from.text:find("\n", 1, true) or #from.text + 1
  end
  skip(from)
  if not from.text:find("^return[^%w_]", from.at) then
    return nested.fail(from, "return and a table") ~= nil
  end
  from.at = from.at + #"return"
  local is_read, line, message = nested.read(from, SYNTAX, sink)
  local after = nested.peek(from, SYNTAX)
  if is_read and after == ";" then
    from.at = from.at + 1
    after = nested.peek(from, SYNTAX)
  end
  if is_read and after then
    return false, from.line, "expected nothing after the table"
  end
  return is_read, line, message
end

return lua_literal
