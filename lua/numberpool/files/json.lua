--- JSON (RFC 8259): one value, or one after another as JSON lines have them. Numbers stay the text that they are: no
-- digit is lost.
-- @module numberpool.files.json

local encoding = require "numberpool.files.encoding"
local nested = require "numberpool.files.nested"

local json = {}

local function skip(self)
  local stop = self.text:match("^[ \t]*()", self.at)
  while true do
    local first = self.text:sub(stop, stop)
    if first ~= "\n" and first ~= "\r" then
      break
    end
    stop = stop + (self.text:find("^\r\n", stop) and 2 or 1)
    self.line = self.line + 1
    stop = self.text:match("^[ \t]*()", stop)
  end
  self.at = stop
end

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

-- Decodes \uD83D\uDE00 and the like, then the short escapes. Returns nil where one is none.
local function unescape(text)
  local is_right = true
  text = text:gsub("\\(u?)(.)(%x?%x?%x?)", function(is_code, first, rest)
    if is_code == "" then
      is_right = is_right and ESCAPES[first] ~= nil
      return (ESCAPES[first] or "") .. rest
    end
    local code = #rest == 3 and tonumber(first .. rest, 16)
    is_right = is_right and code
    return code and encoding.utf8_of(code) or ""
  end)
  return is_right and text or nil
end

local function read_string(self)
  local first, at = self.at + 1, self.at + 1
  local has_escapes = false
  while true do
    at = self.text:find('["\\%c]', at)
    local character = at and self.text:sub(at, at)
    if not at then
      self.at = #self.text + 1
      return nil, self.line, "a string is never closed"
    elseif character == '"' then
      break
    elseif character ~= "\\" then
      self.at = at
      return nil, self.line, "a string isn't closed on its line"
    end
    has_escapes, at = true, at + 2
  end
  local text = self.text:sub(first, at - 1)
  self.at = at + 1
  if has_escapes then
    text = unescape(text)
  end
  return text, self.line, not text and "a string has an escape that is none" or nil
end

local WORDS = { ["true"] = true, ["false"] = false, null = nested.NOTHING }

local function scalar(self)
  if self.text:find('^"', self.at) then
    return read_string(self)
  end
  local word = self.text:match("^[%w_.+-]+", self.at)
  local value = WORDS[word]
  if value == nil and word and word:find "^-?%d+%.?%d*[eE]?[+-]?%d*$" then
    value = word
  end
  if value == nil then
    local _, line, message = nested.fail(self, "a value")
    self.at = self.at + #(word or "")
    return nil, line, message
  end
  self.at = self.at + #word
  return value
end

local function key(self)
  if not self.text:find('^"', self.at) then
    return nested.fail(self, "the name of a field in quotes")
  end
  local name, line, message = read_string(self)
  if not name then
    return nil, line, message
  end
  skip(self)
  if not self.text:find("^:", self.at) then
    return nested.fail(self, "a colon")
  end
  self.at = self.at + 1
  return name
end

local SYNTAX = { skip = skip, scalar = scalar, key = key, open_list = "[", close_list = "]", open_object = "{",
  close_object = "}", separators = "," }

--- Reads the entries of a text.
---@param from numberpool.files.Buffer
---@param sink numberpool.files.Sink
---@return boolean is_read
---@return integer? line
---@return string? message
function json.read(from, sink)
  while nested.peek(from, SYNTAX) do
    local is_read, line, message = nested.read(from, SYNTAX, sink)
    if not is_read then
      return false, line, message
    end
  end
  return true
end

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

--- A text as a string of JSON.
---@param text string
---@return string
function json.quote(text)
  return '"' .. text:gsub('[%c"\\\127]', function(character)
    return ESCAPED[character] or ("\\u%04x"):format(character:byte())
  end) .. '"'
end

return json
