-- Shows how many numbers of each country, type and service a pool has, as bars. Changes nothing. `--help` prints its
-- arguments.
local numberpool = require "numberpool"
local program = require "numberpool.report.program"
local progress = require "numberpool.report.progress"

local must, print = program.must, program.print

local USAGE = [=[
usage: audit.lua [POWERPACK]

Prints how many numbers a powerpack's pool has by country, type and service, with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in
the environment. Without arguments: of a sandbox's pool.

  --help   print this

Exit status: 0 printed, 1 not, 2 wrong arguments, 130 Ctrl-C.
]=]

local WIDTH = 40

local function start_sandbox(run)
  local server = must(require "numberpool.sandbox".start())
  run.at_exit[1] = function()
    server:stop()
  end
  local numbers = {}
  for i = 1, 120 do
    numbers[i] = { number = "151255" .. 50000 + i, service = i % 3 == 0 and "mms" or "sms" }
  end
  for i = 1, 35 do
    numbers[#numbers + 1] = { number = "141655" .. 50000 + i, service = "sms" } -- Toronto
  end
  for i = 1, 12 do
    numbers[#numbers + 1] = { number = "4479460" .. 10000 + i, service = "sms" } -- the United Kingdom
  end
  return server, must(server:seed { numbers = numbers, tollfree = 9, shortcodes = 2 }).powerpack
end

local function add(counts, value)
  value = value or "(none)"
  counts[value] = (counts[value] or 0) + 1
end

-- The values, the most frequent first.
local function ranked(counts)
  local values = {}
  for value in pairs(counts) do
    values[#values + 1] = value
  end
  table.sort(values, function(a, b)
    if counts[a] ~= counts[b] then
      return counts[a] > counts[b]
    end
    return a < b
  end)
  return values
end

local function show(title, counts, total)
  print("\n" .. title)
  for _, value in ipairs(ranked(counts)) do
    local share = counts[value] / total
    local bar = ("█"):rep(math.max(math.floor(share * WIDTH + 0.5), 1))
    print(("  %-10s %7d %5.1f %%  %s"):format(value, counts[value], share * 100, bar))
  end
end

local function count(pool, line, run)
  local found = { total = 0, by_country = {}, by_type = {}, by_service = {} }
  for _, list in ipairs { "numbers", "tollfree", "shortcodes" } do
    for entry in pool[list](pool) do
      found.total = found.total + 1
      run.done = found.total .. " entries were read"
      add(found.by_country, entry.country_iso2)
      add(found.by_type, entry.shortcode and "shortcode" or entry.type)
      add(found.by_service, entry.service)
      line:show(run.done)
    end
  end
  return found
end

local function main(arguments, _, run)
  local powerpack, server = arguments[1], nil
  if not powerpack then
    server, powerpack = start_sandbox(run)
  end
  local client = must(numberpool.new(server))
  local pool = must(client:pool { powerpack = powerpack })
  local line = progress.new()
  local ok, found = pcall(count, pool, line, run)
  line:clear()
  if not ok then
    error(found, 0)
  end
  print(("%d entries in the number pool %s"):format(found.total, pool.uuid))
  if found.total > 0 then
    show("by country", found.by_country, found.total)
    show("by type", found.by_type, found.total)
    show("by service", found.by_service, found.total)
  end
  client:close()
  return 0
end

program.run({ usage = USAGE, most = 1, main = main, failure = 1, done = "nothing was read" }, arg)
