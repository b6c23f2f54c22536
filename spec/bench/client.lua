--- One contestant of the benchmarks: calls of the library, one after another, on one client.
--
--     lua client.lua POOL WARMUP SECONDS find_number NUMBER     or list_numbers; credentials from the environment
--
-- Prints the calls made, the seconds they took, and the KiB that were resident at most.

local numberpool = require "numberpool"
local now = require("socket").gettime
local process = require "spec.bench.process"

local CALLS_BETWEEN_LOOKS = 100 -- at the clock

local uuid, warmup, seconds, operation, argument = arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4], arg[5]
local client = assert(numberpool.new { rate = false })
local pool = assert(client:pool(uuid))

local CALLS = {
  find_number = function()
    assert(assert(pool:find_number(argument)).number == argument, "find_number: another number")
  end,
  list_numbers = function()
    assert(#assert(pool:list_numbers()).objects == 20, "list_numbers: no full page")
  end,
}

local call = assert(CALLS[operation], "no such operation here")

local function repeat_for(duration)
  local started, calls, taken = now(), 0
  repeat
    for _ = 1, CALLS_BETWEEN_LOOKS do
      call()
    end
    calls = calls + CALLS_BETWEEN_LOOKS
    taken = now() - started
  until taken >= duration
  return calls, taken
end

repeat_for(warmup)
local calls, taken = repeat_for(seconds)
print(("%d %.6f %d"):format(calls, taken, process.peak()))
client:close()
