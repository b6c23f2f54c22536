--- The number that a cell of a file means. Only what goes wrong in files is checked here: the client checks the rest.
-- @module numberpool.files.numbers

local csv = require "numberpool.files.csv"

local numbers = {}

-- The longest number that may lack its country code.
local LONGEST_NATIONAL = 10

-- How many digits a text has that looks like a number.
local LEAST_DIGITS, MOST_DIGITS = 7, 17

local LOST = "a spreadsheet program has shortened it, and its last digits are lost:"
  .. " format the column as text and export it again"

--- The digits of a number, to compare it with others.
---@param number string
---@return string
function numbers.digits_of(number)
  return (number:gsub("%D", ""))
end

-- Whether a spreadsheet program has written a number as 1.51256E+10.
local function is_exponent(text)
  return text:find "^[+-]?%d[%d.,]*[eE][+-]?%d+$" ~= nil
end

--- Whether a cell looks like a phone number, right or wrong.
---@param text string
---@return boolean
function numbers.look_like(text)
  text = csv.trim(text)
  local count = #numbers.digits_of(text)
  return is_exponent(text)
    or text:find "^[+%d(][%d%s().+/-]*$" ~= nil and count >= LEAST_DIGITS and count <= MOST_DIGITS
end

--- The digits of a calling code.
---@param text string
---@return string? code
---@return string? message
function numbers.calling_code(text)
  local code = text:match "^%+?([1-9]%d?%d?)$"
  return code, not code and "calling code: expected 1 to 3 digits, got " .. text or nil
end

-- The number to send for one without a + that is short enough to lack its country code; or nil and a message.
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
---@return string? message why there is none
function numbers.read(cell, code)
  local text = csv.trim(cell)
  if text == "" then
    return nil, "expected a number, got none"
  elseif is_exponent(text) then
    return nil, text .. ": " .. LOST
  elseif text:find "^%d+[.,]0+$" then
    return nil, "expected a phone number, got a decimal one: " .. text
  elseif not text:find "^[%d%s().%-/]+$" then
    return text
  end
  local digits = numbers.digits_of(text)
  if digits:find "^0" then
    return nil, "begins with 0: expected a + and the country code in front, got " .. text
  elseif #digits <= LONGEST_NATIONAL then
    return with_calling_code(text, digits, code)
  elseif code and code ~= "1" and digits:sub(1, #code) ~= code then -- a national number may be that long there
    return nil, ("its country code isn't %s, or it has none: expected a + in front, got %s"):format(code, text)
  end
  return text
end

return numbers
