--- What the library is measured against on LuaJIT: the same calls by hand, on the lua-curl and lua-cjson of Debian.
--
--     luajit by_hand.lua URL WARMUP SECONDS ENTRIES HEADER...     ENTRIES: 20 for a page, 0 for one number
--
-- The handle is kept, and so is its connection. This lua-curl can't ask for a status: libcurl is told to fail for one
-- of 400 and up. Prints the calls made, the seconds they took, and the KiB that were resident at most.

local cjson = require "cjson"
local curl = require "curl"
local now = require("socket").gettime
local process = require "spec.bench.process"

local CALLS_BETWEEN_LOOKS = 100 -- at the clock

local url, warmup, seconds, entries = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local headers = {}
for i = 5, #arg do
  headers[#headers + 1] = arg[i]
end

local parts = {}
local easy = curl.easy_init()
easy:setopt(curl.OPT_HTTPHEADER, headers)
easy:setopt(curl.OPT_FAILONERROR, 1)
easy:setopt(curl.OPT_NOSIGNAL, 1)
easy:setopt(curl.OPT_PROXY, "")
easy:setopt(curl.OPT_WRITEFUNCTION, function(bytes, count)
  parts[#parts + 1] = bytes
  return count
end)

local function call()
  parts = {}
  easy:setopt(curl.OPT_URL, url)
  assert(easy:perform())
  local answer = cjson.decode(table.concat(parts))
  if entries == 0 then
    assert(answer.number, "no number")
  else
    assert(#answer.objects == entries, "no full page")
  end
end

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
