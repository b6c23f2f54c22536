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

--- A time in UTC to the second, as `2022-10-09T11:10:59Z`.
---@param seconds number
---@return string
function dates.text(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds)) --[[@as string]]
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
  return os.date("!%Y-%m", math.floor(seconds)) --[[@as string]]
end

return dates
