--- One contestant of the benchmarks of whole jobs: the library, on one client.
--
--     lua jobs_client.lua CA_FILE POOL find IN_FLIGHT WARMUP SECONDS NUMBER   "" for no CA_FILE
--     lua jobs_client.lua CA_FILE POOL add IN_FLIGHT COUNT
--     lua jobs_client.lua CA_FILE POOL stream PREFETCH TOTAL TIMES
--     lua jobs_client.lua CA_FILE POOL memory PREFETCH TOTAL
--
-- Prints the calls, or numbers, and the seconds they took, and the KiB that were resident at most; `memory` prints the
-- KiB that are resident after the first 1,000 numbers and after the last one. Credentials from the environment.

local numberpool = require "numberpool"
local now = require("socket").gettime
local process = require "spec.bench.process"

local uuid, job = arg[2], arg[3]
local client = assert(numberpool.new { rate = false, ca_file = arg[1] ~= "" and arg[1] or nil })
local pool = assert(client:pool(uuid))

local function report(count, seconds)
  print(("%d %.6f %d"):format(count, seconds, process.peak()))
end

local LIST = 2000 -- numbers of one map

-- One list after another until the time is over.
local function find_for(in_flight, seconds, number)
  local numbers = {}
  for i = 1, LIST do
    numbers[i] = number
  end
  local started, calls = now(), 0
  local taken
  repeat
    local results = client:map(numbers, function(item)
      return assert(pool:find_number(item)).number == item -- the answer isn't kept, as the other side keeps none
    end, { concurrency = in_flight })
    taken = now() - started
    calls = calls + #results
    for _, result in ipairs(results) do
      assert(result.value, result.error)
    end
  until taken >= seconds
  return calls, taken
end

local function stream(prefetch, total)
  local count, last = 0, nil
  for entry in pool:numbers { prefetch = prefetch } do
    count = count + 1
    last = entry.number
  end
  assert(count == total, "another number of numbers")
  assert(last == ("%.0f"):format(15120000000 + total - 1), "another last number")
end

local JOBS = {
  find = function(in_flight, warmup, seconds, number)
    find_for(tonumber(in_flight), tonumber(warmup), number)
    report(find_for(tonumber(in_flight), tonumber(seconds), number))
  end,
  add = function(in_flight, count)
    local numbers = {}
    for i = 1, tonumber(count) do
      numbers[i] = ("%.0f"):format(15120000000 + i)
    end
    local started = now()
    local result = assert(pool:add_numbers(numbers, { concurrency = tonumber(in_flight) }))
    assert(result.succeeded == tonumber(count), "another number of successes")
    report(result.total, now() - started)
  end,
  stream = function(prefetch, total, times)
    local started = now()
    for _ = 1, tonumber(times) do
      stream(tonumber(prefetch), tonumber(total))
    end
    report(total * times, now() - started)
  end,
  memory = function(prefetch, total)
    local count = 0
    for _ in pool:numbers { prefetch = tonumber(prefetch) } do
      count = count + 1
      if count == 1000 or count == tonumber(total) then
        print(process.resident())
      end
    end
  end,
}

JOBS[job](arg[4], arg[5], arg[6], arg[7])
client:close()
