--- Texts of others on a terminal: nothing in them moves its cursor or turns its lines around, and columns line up.
-- @module numberpool.cli.text

local characters = require "numberpool.report.characters"

local text = {}

-- Ranges of code points that take no column, and of those that take two.
local NARROW = { { 0x300, 0x36f }, { 0x1ab0, 0x1aff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f } }
local WIDE = {
  { 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
  { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
}

local ELLIPSIS = "…"

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
  return characters.replace(value, characters.is_seen, escape_for_people)
end

local function columns_of(code)
  return code < 0x300 and 1 or characters.is_in(NARROW, code) and 0 or characters.is_in(WIDE, code) and 2 or 1
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
    local code, length = characters.at(line, at)
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
    local code, length = characters.at(line, at)
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
