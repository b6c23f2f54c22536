--- Seconds by a clock that nobody sets, the same in every worker. For durations: the time of day may jump.
local ffi = require "ffi"

ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } numberpool_time;
  int clock_gettime(int clock, numberpool_time *time);
]]

local clock = {}

local MONOTONIC = 1

local time = ffi.new "numberpool_time"

--- Seconds since the machine started, or thereabouts.
function clock.now()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

return clock
