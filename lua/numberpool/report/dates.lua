--- Dates of the API, in ISO 8601, as seconds.
-- @module numberpool.report.dates

local dates = {}

local DAY = 86400

-- Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that February's end is theirs.
local function days_of(year, month, day)
  year = month <= 2 and year - 1 or year
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return era * 146097 + year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + day_of_year
    - 719468
end

-- Seconds that a zone is ahead of UTC. None given means UTC, as in all that the API sends.
local function offset_of(zone)
  if zone == "" or zone == "Z" or zone == "z" then
    return 0
  end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  return sign and (tonumber(hours) * 3600 + tonumber(minutes) * 60) * (sign == "-" and -1 or 1)
end

--- Seconds since 1970 in UTC, with their fraction, or nil where a text isn't a date that can be read.
---@param text any
---@return number?
function dates.seconds(text)
  if type(text) ~= "string" then
    return nil
  end
  local year, month, day, rest = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if not year then
    return nil
  end
  local hour, minute, second, zone = rest:match "^[T ](%d%d):(%d%d):(%d%d%.?%d*)(.*)$"
  if not hour then
    if rest ~= "" then
      return nil
    end
    hour, minute, second, zone = 0, 0, 0, ""
  end
  -- Not tonumber: where the locale has a decimal comma, the point isn't one.
  local whole, fraction = tostring(second):match "^(%d+)%.?(%d*)$"
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, whole = tonumber(hour), tonumber(minute), tonumber(whole)
  local offset = offset_of(zone)
  if not offset or month < 1 or month > 12 or day < 1 or day > 31 or hour > 24 or minute > 59 or whole > 60 then
    return nil
  end
  local part = #fraction > 0 and tonumber(fraction) / 10 ^ #fraction or 0
  return days_of(year, month, day) * DAY + hour * 3600 + minute * 60 + whole + part - offset
end

-- Year, month and day of a day since 1970-01-01: `days_of` the other way round.
local function day_of(days)
  days = days + 719468
  local era = math.floor(days / 146097)
  local day_of_era = days - era * 146097
  local year = math.floor((day_of_era - math.floor(day_of_era / 1460) + math.floor(day_of_era / 36524)
    - math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

--- A time in UTC to the second, as `2022-10-09T11:10:59Z`. Not by os.date, whose years aren't of four digits.
---@param seconds number
---@return string
function dates.text(seconds)
  local days = math.floor(seconds / DAY)
  local year, month, day = day_of(days)
  local of_day = math.floor(seconds) - days * DAY
  return ("%04.0f-%02.0f-%02.0fT%02.0f:%02.0f:%02.0fZ"):format(year, month, day, math.floor(of_day / 3600),
    math.floor(of_day / 60) % 60, of_day % 60)
end

--- A date for a person, in UTC to the second: `2022-10-09 11:10:59`. What isn't a date comes back as it is.
---@param text string
---@return string
function dates.shown(text)
  local seconds = dates.seconds(text)
  return seconds and (dates.text(seconds):gsub("T", " "):gsub("Z", "")) or text
end

--- The month of a time in UTC, as `2022-10`.
---@param seconds number
---@return string
function dates.month(seconds)
  return dates.text(seconds):sub(1, 7)
end

return dates
