--- What is known of an entry of a pool: text where the server told it, nil where it can't be known. Nothing is guessed.
-- @module numberpool.report.facts

local dates = require "numberpool.report.dates"

local facts = {}

-- Bytes of a value that are kept.
local MOST = 64

-- Country codes of two digits (ITU-T E.164). Beside these and 1 and 7 all have three.
local TWO_DIGITS = {}
for code in ([[
  20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91
  92 93 94 95 98
]]):gmatch "%d+" do
  TWO_DIGITS[code] = true
end

-- The API spells one type in two ways.
local TYPES = { tollfree = "toll-free" }

-- A value as text that is no longer than it has to be.
local function text_of(value)
  if type(value) == "number" then
    value = value % 1 == 0 and ("%.0f"):format(value) or tostring(value)
  end
  if type(value) ~= "string" or value == "" then
    return nil
  elseif #value > MOST then
    return (value:sub(1, MOST):gsub("[\192-\255][\128-\191]*$", "")) .. "..."
  end
  return value
end

--- `+1` and the three digits after it for a number of the North American plan, else `+` and its country code. Nil for
--- what isn't a number.
---@param number string?
---@return string?
function facts.area_code(number)
  local digits = number and number:match "^%+?([1-9]%d+)$"
  if not digits then
    return nil
  elseif digits:sub(1, 1) == "1" then
    return #digits == 11 and "+1 " .. digits:sub(2, 4) or nil
  elseif #digits < 5 or #digits > 15 then
    return nil
  end
  local length = digits:sub(1, 1) == "7" and 1 or TWO_DIGITS[digits:sub(1, 2)] and 2 or 3
  return "+" .. digits:sub(1, length)
end

--- What is known of one entry.
---@class numberpool.report.Facts
---@field kind "numbers"|"tollfree"|"shortcodes" the list that it is in
---@field number string? the number or the shortcode
---@field country string?
---@field area_code string? not of shortcodes
---@field type string? not of shortcodes
---@field service string? not of shortcodes
---@field added_on string? as it came
---@field added_at number? seconds since 1970, where `added_on` can be read

--- Returns what is known of an entry.
---@param kind "numbers"|"tollfree"|"shortcodes"
---@param entry table
---@return numberpool.report.Facts
function facts.of(kind, entry)
  if type(entry) ~= "table" then
    entry = {}
  end
  local known = {
    kind = kind,
    country = text_of(entry.country_iso2),
    added_on = text_of(entry.added_on),
    added_at = dates.seconds(entry.added_on),
  }
  if kind == "shortcodes" then
    known.number = text_of(entry.shortcode)
    return known
  end
  local of_type = text_of(entry.type)
  known.number = text_of(entry.number)
  known.area_code = facts.area_code(known.number)
  known.type = TYPES[of_type] or of_type
  known.service = text_of(entry.service)
  return known
end

return facts
