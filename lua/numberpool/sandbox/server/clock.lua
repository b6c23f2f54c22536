--- Time: seconds by a clock that nobody can set, for durations, and the time of day as the API writes it.
local ffi = require "ffi"

ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } numberpool_time;
  int clock_gettime(int clock, numberpool_time *time);
]]

local clock = {}

local CLOCK_MONOTONIC = 1

local time = ffi.new "numberpool_time"

--- Seconds by a clock that nobody can set. It is the same in every worker.
---@return number
function clock.now()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

local ticks = 0

--- The time of day in ISO 8601, in UTC with microseconds. nginx's clock has milliseconds; the microseconds are a count,
--- so that what is made in one millisecond differs.
---@return string
function clock.timestamp()
  local now = ngx.now()
  local seconds = math.floor(now)
  ticks = (ticks + 1) % 1000
  local microseconds = math.floor((now - seconds) * 1000) * 1000 + ticks
  return os.date("!%Y-%m-%dT%H:%M:%S", seconds) .. string.format(".%06dZ", microseconds)
end

return clock
