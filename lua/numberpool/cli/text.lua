--- Texts of others on a terminal: nothing in them moves its cursor or turns its lines around, and columns line up.
-- @module numberpool.cli.text

local text = {}

-- Lists of first and last code points: what a terminal obeys or nobody sees (controls, zero widths, directions, tags),
-- what takes no column, and what takes two.
local UNSEEN = {
  { 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F },
  { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
}
local NARROW = { { 0x300, 0x36F }, { 0x1AB0, 0x1AFF }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },
  { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1FAFF }, { 0x20000, 0x3FFFD },
}

local ELLIPSIS = "…"

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code <= range[2] then
      return code >= range[1]
    end
  end
  return false
end

-- The least code point of a sequence of so many bytes, and what its first byte adds to the code.
local LEAST = { 0, 0x80, 0x800, 0x10000 }
local MARK = { 0, 0xC0, 0xE0, 0xF0 }

-- The code point at a place and its length in bytes. No code point where the bytes aren't UTF-8.
local function code_at(value, at)
  local first = value:byte(at)
  local length = first < 0x80 and 1 or first < 0xC2 and 0 or first < 0xE0 and 2 or first < 0xF0 and 3
    or first < 0xF5 and 4 or 0
  if length == 0 then
    return nil, 1
  end
  local code = first - MARK[length]
  for i = 1, length - 1 do
    local byte = value:byte(at + i)
    if not byte or byte < 0x80 or byte > 0xBF then
      return nil, 1
    end
    code = code * 64 + byte - 0x80
  end
  if code < LEAST[length] or code > 0x10FFFF or code >= 0xD800 and code <= 0xDFFF then
    return nil, 1
  end
  return code, length
end

--- The text with each character that nobody should see replaced, and each byte that isn't UTF-8.
---@param value string
---@param escape fun(code: integer?, byte: integer): string what to write; the code is nil for a byte that isn't UTF-8
---@return string
function text.replace_unseen(value, escape)
  if not value:find "[%c\127-\255]" then
    return value
  end
  local parts, at, plain = {}, 1, 1
  while at <= #value do
    local code, length = code_at(value, at)
    if not code or is_in(UNSEEN, code) then
      parts[#parts + 1] = value:sub(plain, at - 1)
      parts[#parts + 1] = escape(code, value:byte(at))
      plain = at + length
    end
    at = at + length
  end
  parts[#parts + 1] = value:sub(plain)
  return table.concat(parts)
end

local SHORT = { [9] = "\\t", [10] = "\\n", [13] = "\\r" }

local function escape_for_people(code, byte)
  if not code or code < 0x80 then
    return SHORT[code] or ("\\x%02x"):format(byte)
  end
  return ("\\u{%x}"):format(code)
end

--- A text as one line that can be shown anywhere: `\n`, `\x1b` and `\u{202e}` stand for what a terminal would obey.
---@param value string
---@return string
function text.one_line(value)
  return text.replace_unseen(value, escape_for_people)
end

local function columns_of(code)
  return code < 0x300 and 1 or is_in(NARROW, code) and 0 or is_in(WIDE, code) and 2 or 1
end

--- How many columns a line takes.
---@param line string of `text.one_line`
---@return integer
function text.width(line)
  if not line:find "[\128-\255]" then
    return #line
  end
  local width, at = 0, 1
  while at <= #line do
    local code, length = code_at(line, at)
    width = width + columns_of(code or 0)
    at = at + length
  end
  return width
end

--- The line, cut where it takes more columns than there are, which an ellipsis tells.
---@param line string of `text.one_line`
---@param columns integer
---@return string
function text.cut(line, columns)
  if text.width(line) <= columns then
    return line
  elseif columns < 1 then
    return ""
  end
  local width, at = 0, 1
  while true do
    local code, length = code_at(line, at)
    local next_width = width + columns_of(code or 0)
    if next_width > columns - 1 then
      return line:sub(1, at - 1) .. ELLIPSIS
    end
    width, at = next_width, at + length
  end
end

--- The line with spaces behind it, so that it takes so many columns.
---@param line string of `text.one_line`
---@param columns integer
---@return string
function text.pad(line, columns)
  return line .. (" "):rep(columns - text.width(line))
end

--- A text in lines of so many columns, broken between words.
---@param value string
---@param columns integer
---@return string[]
function text.wrap(value, columns)
  local lines, line = {}, nil
  for word in value:gmatch "%S+" do
    if line and text.width(line) + 1 + text.width(word) <= columns then
      line = line .. " " .. word
    else
      lines[#lines + 1] = line
      line = word
    end
  end
  lines[#lines + 1] = line
  return lines
end

return text
