--- Random numbers for inside nginx. `math.random` is the same in every worker, and its seed belongs to the application.
-- @module numberpool.runtime.nginx.random

local clock = require "numberpool.runtime.nginx.clock"
local ffi = require "ffi"

local random = {}

local C = ffi.C

ffi.cdef [[
  double numberpool_erand48(unsigned short state[3]) __asm__("erand48");
  int numberpool_getpid(void) __asm__("getpid");
]]

local state = ffi.new "unsigned short[3]"
local seeded_by

-- A worker is forked from the master: what was seeded there would be the same in all of them.
local function seed(pid)
  local nanoseconds = math.floor(clock.now() * 1e9)
  seeded_by = pid
  state[0] = pid % 65536
  state[1] = nanoseconds % 65536
  state[2] = math.floor(nanoseconds / 65536) % 65536
end

--- A number from 0 up to, not including, 1.
---@return number
function random.number()
  local pid = C.numberpool_getpid()
  if pid ~= seeded_by then
    seed(pid)
  end
  return C.numberpool_erand48(state)
end

return random
