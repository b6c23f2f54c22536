--- The soak: thousands of calls, a fifth of their requests broken in every way, before the change and after it. Then
-- the server must have exactly what the calls reported.
--
--     lua spec/soak/run.lua [share=1] [seed=1] [concurrency=16] [tls=no]
--
-- Exits with 1 on any difference, or where fewer than 99 % of the calls succeed in the end.

local compare = require "spec.soak.compare"
local numberpool = require "numberpool"
local plan = require "spec.soak.plan"
local sandbox = require "numberpool.sandbox"
local socket = require "socket"

local SUCCEED = 0.99
local SERVER_RATE = { requests = 200, seconds = 1 }
local RATE = { requests = 190, seconds = 1 } -- what libcurl itself sends again takes places too
local SHOWN = 20 -- differences

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

local function read_settings()
  local settings = { share = 1, seed = 1, concurrency = 16, tls = false }
  for _, word in ipairs(arg) do
    local name, value = word:match "^(%a+)=([%w.]+)$"
    if settings[name] == nil then
      error("expected share=, seed=, concurrency= or tls=, got " .. word, 0)
    elseif name == "tls" then
      settings.tls = value == "yes"
    else
      settings[name] = assert(tonumber(value), word)
    end
  end
  return settings
end

local function open(server, on_event)
  return assert(numberpool.new {
    base_url = server.base_url,
    auth_id = server.auth_id,
    auth_token = server.auth_token,
    ca_file = server.ca_file,
    rate = RATE,
    attempt_timeout = 0.5, -- stalls and delays last longer
    max_body = 1024 * 1024,
    on_event = on_event,
  })
end

local function numbers_in(server, pool_uuid)
  local numbers = {}
  for _, pool in ipairs(assert(server:state()).pools) do
    for _, entry in ipairs(pool.uuid == pool_uuid and pool.numbers or {}) do
      numbers[#numbers + 1] = entry.number
    end
  end
  return numbers
end

-- Bought by name in one country, by search in another.
local function find_offers(client, count)
  local offers = {}
  while #offers < count do
    local page = assert(client:search_numbers { country_iso2 = "CA", limit = 20, offset = #offers })
    for _, offer in ipairs(page.objects) do
      offers[#offers + 1] = offer.number
    end
  end
  return offers
end

local CALLS = {
  add = function(pool, number)
    return pool:add_number(number)
  end,
  remove = function(pool, number)
    return pool:remove_number(number)
  end,
  unrent = function(pool, number)
    return pool:remove_number(number, { unrent = true })
  end,
  buy = function(pool, number)
    return pool:buy_number { number = number }
  end,
  ["buy by search"] = function(pool)
    return pool:buy_number { country_iso2 = "US" }
  end,
}

local function soak(server, settings)
  local counts = plan.counts(settings.share)
  local seeded = assert(server:seed { numbers = counts.removes + counts.unrents + counts.untouched })
  local run = { pool = seeded.pool, seeded = numbers_in(server, seeded.pool), changes = 0 }
  local client = open(server, function(event)
    if event.type == "attempt" and event.operation ~= "search_numbers" then
      run.changes = run.changes + 1
    end
  end)
  local offers = find_offers(client, counts.buys)
  run.calls, run.untouched = plan.calls(counts, run.seeded, offers, settings.seed)
  for _, fault in ipairs(plan.faults(settings.seed)) do
    assert(server:fault(fault))
  end
  local pool = assert(client:pool(seeded.pool))
  run.results = client:map(run.calls, function(call)
    return CALLS[call.kind](pool, call.number)
  end, { concurrency = settings.concurrency })
  run.stats = client:stats()
  client:close()
  return run, counts
end

local function report_failures(run)
  for i, result in ipairs(run.results) do
    if not result.ok then
      say("  %s: %s", run.calls[i].kind, tostring(result.error))
    end
  end
end

local function report(run, counts, outcome, elapsed)
  local total = #run.calls
  local share = outcome.succeeded / total
  say("%d calls: %d adds, %d removes, %d unrents, %d buys, in %.1f s", total, counts.adds, counts.removes,
    counts.unrents, counts.buys, elapsed)
  local kinds = {}
  for kind, count in pairs(outcome.by_fault) do
    kinds[#kinds + 1] = kind .. " " .. count
  end
  table.sort(kinds)
  say("%d requests, of which %d broken (%.1f %%): %s", outcome.requests, outcome.faulted,
    100 * outcome.faulted / outcome.requests, table.concat(kinds, ", "))
  say("%d sent again, and %d reads by libcurl itself; p50 %.1f ms, p99 %.1f ms", run.stats.retries, outcome.resent,
    run.stats.latency.p50 * 1000, run.stats.latency.p99 * 1000)
  say("%d succeeded in the end (%.2f %%, at least %.0f %%), %d failed, %d in doubt", outcome.succeeded, 100 * share,
    100 * SUCCEED, outcome.failed, outcome.unknown)
  report_failures(run)
  say("%d differences, %d bought or given back twice, %d successes lost", #outcome.differences, outcome.doubled,
    outcome.lost)
  for i = 1, math.min(#outcome.differences, SHOWN) do
    say("  %s", outcome.differences[i])
  end
  return #outcome.differences == 0 and share >= SUCCEED
end

local settings = read_settings()
local server = assert(sandbox.start { tls = settings.tls, rate = SERVER_RATE })
say("soak: seed %d, %d in flight, %s", settings.seed, settings.concurrency, server.base_url)
local ok, result = xpcall(function()
  local started = socket.gettime()
  local run, counts = soak(server, settings)
  local elapsed = socket.gettime() - started
  return report(run, counts, compare.all(server, run), elapsed)
end, debug.traceback)
server:stop()
if not ok then
  io.stderr:write("soak: ", tostring(result), "\n")
end
os.exit(ok and result and 0 or 1)
