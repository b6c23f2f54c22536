--- Dates as HTTP writes them, in the three ways of RFC 9110, section 5.6.7. Pure.
-- @module numberpool.runtime.nginx.http_date

local http_date = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}
local LENGTHS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local DAY = 86400
local YEAR = 365.2425 * DAY
-- The three ways: as is right now, and two that were once.
local USUAL = "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
local OLD = "^%a+, (%d%d)%-(%a%a%a)%-(%d%d) (%d%d):(%d%d):(%d%d) GMT$"
local ASCTIME = "^%a%a%a (%a%a%a) ([ %d]%d) (%d%d):(%d%d):(%d%d) (%d%d%d%d)$"

local LONGEST_AHEAD = 50 -- years: a year of two digits that is further ahead means the century before

-- Days from 1 January 1970. Years are counted from March, so that the day that comes and goes is the last.
local function days_since_epoch(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local leap_days = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap_days + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

local function time_of(year, month, day, hour, minute, second)
  month = MONTHS[month]
  year, day, hour, minute, second = tonumber(year), tonumber(day), tonumber(hour), tonumber(minute), tonumber(second)
  if not month or day < 1 or day > LENGTHS[month] or hour > 23 or minute > 59 or second > 60 then
    return nil
  end
  return days_since_epoch(year, month, day) * DAY + hour * 3600 + minute * 60 + second
end

local function full_year(digits, now)
  local current = 1970 + math.floor(now / YEAR)
  local year = current - current % 100 + tonumber(digits)
  return year > current + LONGEST_AHEAD and year - 100 or year
end

--- Reads a date.
---@param text string
---@param now number seconds since 1970, which a year of two digits is near to
---@return number? time seconds since 1970; nil for what is no date
function http_date.parse(text, now)
  local day, month, year, hour, minute, second = text:match(USUAL)
  if not day then
    day, month, year, hour, minute, second = text:match(OLD)
    year = day and full_year(year, now)
  end
  if not day then
    month, day, hour, minute, second, year = text:match(ASCTIME)
  end
  return day and time_of(year, month, day, hour, minute, second)
end

return http_date
