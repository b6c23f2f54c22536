--- The characters of a text in UTF-8: which there are, and which of them nobody should see.
-- @module numberpool.report.characters

local characters = {}

-- The least code point that a sequence of so many bytes may have.
local LEAST = { 0, 0x80, 0x800, 0x10000 }

-- Ranges of what a terminal obeys or nobody sees: controls, line separators, directions, zero width, tags.
local UNSEEN = {
  { 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
  { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xfffe, 0xffff },
  { 0xe0000, 0xe0fff },
}

--- Whether a code point is in one of the ranges, which are in order.
---@param ranges integer[][] first and last code points
---@param code integer
---@return boolean
function characters.is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code <= range[2] then
      return code >= range[1]
    end
  end
  return false
end

--- The code point at a byte of a text, and how many bytes it has; nil and 1 where that isn't UTF-8.
---@param value string
---@param at integer
---@return integer? code
---@return integer length
function characters.at(value, at)
  local first = value:byte(at)
  local length = first < 0x80 and 1 or first < 0xc2 and 0 or first < 0xe0 and 2 or first < 0xf0 and 3
    or first < 0xf5 and 4 or 0
  if length == 1 then
    return first, 1
  elseif length == 0 then
    return nil, 1
  end
  local code = first % 2 ^ (7 - length)
  for i = at + 1, at + length - 1 do
    local byte = value:byte(i)
    if not byte or byte < 0x80 or byte > 0xbf then
      return nil, 1
    end
    code = code * 64 + byte % 64
  end
  if code < LEAST[length] or code > 0x10ffff or code >= 0xd800 and code <= 0xdfff then
    return nil, 1
  end
  return code, length
end

--- Whether people see the character.
---@param code integer
---@return boolean
function characters.is_seen(code)
  return not characters.is_in(UNSEEN, code)
end

--- The text with each character replaced that `is_shown` doesn't take, and each byte that isn't UTF-8.
---@param value string
---@param is_shown fun(code: integer): boolean
---@param escape fun(code: integer?, byte: integer): string what to write; the code is nil for a byte that isn't UTF-8
---@return string
function characters.replace(value, is_shown, escape)
  if not value:find "[%z\1-\31\127-\255]" then
    return value
  end
  local parts, at, plain = {}, 1, 1
  while at <= #value do
    local code, length = characters.at(value, at)
    if not code or not is_shown(code) then
      parts[#parts + 1] = value:sub(plain, at - 1)
      parts[#parts + 1] = escape(code, value:byte(at))
      plain = at + length
    end
    at = at + length
  end
  parts[#parts + 1] = value:sub(plain)
  return table.concat(parts)
end

return characters
