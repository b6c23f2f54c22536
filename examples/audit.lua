-- What a pool is made of: how many numbers by country, type and service, as bars. Changes nothing.
--
--   lua5.4 examples/audit.lua             a sandbox's pool
--   lua5.4 examples/audit.lua POWERPACK   with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in the environment
local numberpool = require "numberpool"

local WIDTH = 40

local powerpack, server = ..., nil
if not powerpack then
  server = assert(require "numberpool.sandbox".start())
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
  powerpack = assert(server:seed { numbers = numbers, tollfree = 9, shortcodes = 2 }).powerpack
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
    print(string.format("  %-10s %7d %5.1f %%  %s", value, counts[value], share * 100, bar))
  end
end

local function main()
  local client = assert(numberpool.new(server))
  local pool = assert(client:pool { powerpack = powerpack })
  local total, by_country, by_type, by_service = 0, {}, {}, {}
  for _, list in ipairs { "numbers", "tollfree", "shortcodes" } do
    for entry in pool[list](pool) do
      total = total + 1
      add(by_country, entry.country_iso2)
      add(by_type, entry.shortcode and "shortcode" or entry.type)
      add(by_service, entry.service)
    end
  end
  print(string.format("%d entries in the number pool %s", total, pool.uuid))
  if total > 0 then
    show("by country", by_country, total)
    show("by type", by_type, total)
    show("by service", by_service, total)
  end
  client:close()
end

local ok, err = pcall(main)
if server then
  server:stop()
end
if not ok then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
