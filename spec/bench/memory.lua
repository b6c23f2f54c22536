--- Resident memory of a process that calls the library, one call after another on one client.
--
--     lua memory.lua POOL NUMBER COUNT...     credentials from the environment
--
-- Prints, once so many calls were made in all, the KiB that are resident.

local numberpool = require "numberpool"
local process = require "spec.bench.process"

local uuid, number = arg[1], arg[2]
local client = assert(numberpool.new { rate = false })
local pool = assert(client:pool(uuid))

local calls = 0
for i = 3, #arg do
  while calls < tonumber(arg[i]) do
    assert(pool:find_number(number))
    calls = calls + 1
  end
  print(process.resident())
end
client:close()
