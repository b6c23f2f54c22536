--- Decodes the bytes of a file: UTF-8, with a byte order mark or without, or UTF-16 with one.
-- @module numberpool.files.encoding

local encoding = {}

--- A character in UTF-8.
---@param code integer
---@return string
function encoding.utf8_of(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  return string.char(0xF0 + math.floor(code / 0x40000), 0x80 + math.floor(code / 0x1000) % 0x40,
    0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

encoding.ZERO_BYTES = "has zero bytes in it: expected text in UTF-8, or in UTF-16 with a byte order mark"

local BROKEN = "is broken UTF-16: expected text in UTF-8, or in UTF-16 with a byte order mark"

-- `is_little` says that the lower byte of a unit comes first. A character beyond the first 65,536 is two units.
local function decode_utf16(bytes, is_little)
  local high, is_broken = nil, #bytes % 2 == 1
  local text = bytes:gsub("..", function(unit)
    local first, second = unit:byte(1, 2)
    local code = is_little and first + second * 256 or first * 256 + second
    if high then
      local pair = 0x10000 + (high - 0xD800) * 0x400 + code - 0xDC00
      is_broken = is_broken or code < 0xDC00 or code > 0xDFFF
      high = nil
      return is_broken and "" or encoding.utf8_of(pair)
    elseif code >= 0xD800 and code <= 0xDBFF then
      high = code
      return ""
    end
    is_broken = is_broken or code >= 0xDC00 and code <= 0xDFFF
    return encoding.utf8_of(code)
  end)
  if is_broken or high then
    return nil, BROKEN
  end
  return text
end

--- The text of a file, in UTF-8. Text in another encoding of single bytes stays as it is: digits are the same in all.
---@param bytes string
---@return string? text
---@return string? message what is wrong with the file
function encoding.decode(bytes)
  if bytes:find "^PK\3\4" then
    return nil, "is a workbook or another archive: expected text (in the spreadsheet program: save as CSV)"
  end
  local mark = bytes:sub(1, 2)
  local text, message = bytes, nil
  if bytes:sub(1, 3) == "\239\187\191" then
    text = bytes:sub(4)
  elseif mark == "\255\254" or mark == "\254\255" then
    text, message = decode_utf16(bytes:sub(3), mark == "\255\254")
  end
  if text and text:find("\0", 1, true) then
    return nil, encoding.ZERO_BYTES
  end
  return text, message
end

return encoding
