--- A clock for inside nginx. `ngx.now` stands still between two events and follows whoever sets the machine's clock.
-- @module numberpool.runtime.nginx.clock

local ffi = require "ffi"

local clock = {}

local C, tonumber = ffi.C, tonumber

-- Once in a Lua state: the module may be loaded again there, its C types may not.
if not pcall(ffi.typeof, "numberpool_timespec") then
  ffi.cdef [[
    typedef struct { long seconds; long nanoseconds; } numberpool_timespec;
    int numberpool_clock_gettime(int clock, numberpool_timespec *time) __asm__("clock_gettime");
  ]]
end

local MONOTONIC = 1

local time = ffi.new "numberpool_timespec"

--- Seconds on a clock that nobody sets, the same for every process of the machine.
---@return number
function clock.now()
  C.numberpool_clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

return clock
