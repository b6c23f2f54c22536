--- Which number a cell of a file means, as far as a file is the reason to doubt it. The rest is the library's to judge.
-- @module numberpool.files.numbers

local numbers = {}

-- The longest number that may lack its country code.
local LONGEST_NATIONAL = 10

-- Fewer digits than these make no number that is worth a warning.
local SHORTEST = 7

local LOST = "a spreadsheet program has shortened it, and its last digits are lost:"
  .. " format the column as text and export it again"

local function without_spaces(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

local function is_exponent(text)
  return text:find "^[+-]?%d[%d.,]*[eE][+-]?%d+$" ~= nil
end

--- Whether a cell looks like a phone number, right or wrong.
---@param text string
---@return boolean
function numbers.look_like(text)
  text = without_spaces(text)
  local digits = text:gsub("%D", "")
  return is_exponent(text) or text:find "^[+%d(][%d%s().+/-]*$" ~= nil and #digits >= SHORTEST and #digits <= 17
end

--- A calling code that an option gives.
---@param text string
---@return string? code its digits
---@return string? message
function numbers.calling_code(text)
  local code = text:match "^%+?([1-9]%d?%d?)$"
  return code, not code and "calling code: expected 1 to 3 digits, got " .. text or nil
end

-- What lacks a + and has no more digits than a national number may have.
local function with_calling_code(text, digits, code)
  if not code then
    return nil, "no country code? expected a + and the country code in front, got " .. text
  elseif digits:sub(1, #code) == code then
    return nil, ("with or without its country code %s? expected a + in front, got %s"):format(code, text)
  end
  return "+" .. code .. (text:find "%D" and " " or "") .. text
end

--- The number to send for a cell.
---@param cell string
---@param code string? the calling code of numbers that have none
---@return string? number
---@return string? message why it isn't taken
function numbers.read(cell, code)
  local text = without_spaces(cell)
  if text == "" then
    return nil, "expected a number, got none"
  elseif is_exponent(text) then
    return nil, text .. ": " .. LOST
  elseif text:find "^%d+[.,]0+$" then
    return nil, "expected a phone number, got a decimal one: " .. text
  elseif not text:find "^[%d%s().%-/]+$" then
    return text
  end
  local digits = text:gsub("%D", "")
  if digits:find "^0" then
    return nil, "begins with 0: expected a + and the country code in front, got " .. text
  elseif #digits <= LONGEST_NATIONAL then
    return with_calling_code(text, digits, code)
  elseif code and code ~= "1" and digits:sub(1, #code) ~= code then -- national numbers may be as long as that there
    return nil, ("its country code isn't %s, or it has none: expected a + in front, got %s"):format(code, text)
  end
  return text
end

--- The digits of a number, to compare it with others.
---@param number string
---@return string
function numbers.digits_of(number)
  return (number:gsub("%D", ""))
end

return numbers
