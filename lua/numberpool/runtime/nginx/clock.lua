--- Time and chance inside nginx. `ngx.now` stands still between two events and follows whoever sets the clock;
-- `math.random` is the same in every worker, and its seed belongs to the application.
-- @module numberpool.runtime.nginx.clock

local ffi = require "ffi"

local clock = {}

local C, tonumber = ffi.C, tonumber

-- Once in a Lua state: the module may be loaded again there, its C types may not.
if not pcall(ffi.typeof, "numberpool_timespec") then
  ffi.cdef [[
    typedef struct { long seconds; long nanoseconds; } numberpool_timespec;
    int numberpool_clock_gettime(int clock, numberpool_timespec *time) __asm__("clock_gettime");
    double numberpool_erand48(unsigned short state[3]) __asm__("erand48");
    int numberpool_getpid(void) __asm__("getpid");
  ]]
end

local REALTIME, MONOTONIC = 0, 1

local time = ffi.new "numberpool_timespec"
local state = ffi.new "unsigned short[3]"
local seeded_by

--- Seconds on a clock that nobody sets, the same for every process of the machine.
---@return number
function clock.now()
  C.numberpool_clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

-- A worker is forked from the master: what was seeded there would be the same in all of them.
local function seed(pid)
  C.numberpool_clock_gettime(REALTIME, time)
  local nanoseconds = tonumber(time.nanoseconds)
  seeded_by = pid
  state[0] = pid % 65536
  state[1] = nanoseconds % 65536
  state[2] = (math.floor(nanoseconds / 65536) + tonumber(time.seconds)) % 65536
end

--- A number from 0 up to, not including, 1.
---@return number
function clock.random()
  local pid = C.numberpool_getpid()
  if pid ~= seeded_by then
    seed(pid)
  end
  return C.numberpool_erand48(state)
end

return clock
