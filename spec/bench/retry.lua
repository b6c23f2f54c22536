--- What retries, the rate limit and deadlines cost, and how well they are kept.
--
--     lua spec/bench/retry.lua
--
-- Targets are printed beside the figures. A figure fails nothing, since it is as good as the machine is quiet.

local http = require "spec.support.http"
local measure = require "spec.bench.measure"
local numberpool = require "numberpool"
local sandbox = require "numberpool.sandbox"
local scripted_server = require "spec.support.scripted_server"
local server = require "spec.bench.server"
local stalls = require "spec.support.stalls"

local now = require("socket").gettime

local SLICE, ROUNDS = 1000, 60 -- calls in a row of one client; turns of each
local RATE = { requests = 60, seconds = 1 }
local CALLS = 1200
local TIMEOUT, TRIES = 0.3, 5 -- of the calls that stall, and how many of each

local ACCOUNT = {
  auth_id = "MAXXXXXXXXXXXXXXXXXX",
  auth_token = "bench-token-0123456789abcdef0123456789ab",
  pool = "5d6f5f5c-7a4e-4e4a-9c1c-3a1f0c2b8d11",
  number = "15125550000",
}

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

local function open(base_url, options)
  options.base_url = base_url
  options.auth_id, options.auth_token = options.auth_id or ACCOUNT.auth_id, options.auth_token or ACCOUNT.auth_token
  return assert(numberpool.new(options))
end

local function seconds_of_slice(pool)
  local started = now()
  for _ = 1, SLICE do
    assert(pool:find_number(ACCOUNT.number))
  end
  return now() - started
end

local function print_cost()
  local running = server.start(ACCOUNT)
  local with = open(running.base_url, { retries = 4, rate = { requests = 1000000, seconds = 5 } })
  local without = open(running.base_url, { retries = 0, rate = false })
  local pool_with, pool_without = assert(with:pool(ACCOUNT.pool)), assert(without:pool(ACCOUNT.pool))
  seconds_of_slice(pool_with)
  seconds_of_slice(pool_without)
  local costs, rates = {}, {}
  for i = 1, ROUNDS do
    -- Each begins every other round.
    local first, second = pool_with, pool_without
    if i % 2 == 0 then
      first, second = second, first
    end
    local one, two = seconds_of_slice(first), seconds_of_slice(second)
    local on, off = one, two
    if i % 2 == 0 then
      on, off = two, one
    end
    costs[i] = (on / off - 1) * 100
    rates[i] = SLICE / off
  end
  with:close()
  without:close()
  running:stop()
  table.sort(costs)
  say("%-46s %8.2f %%   (target: less than 2; middle half %.2f to %.2f; %.0f calls/s)",
    "retries and limiter on, no fault, cost", measure.median(costs), costs[math.floor(ROUNDS / 4)],
    costs[math.ceil(ROUNDS * 3 / 4)], measure.median(rates))
end

local function count_refused(limited)
  local refused = 0
  for _, request in ipairs(assert(limited:requests())) do
    refused = refused + (request.status == 429 and 1 or 0)
  end
  return refused
end

local function print_rate(title, run)
  local limited = assert(sandbox.start { rate = RATE })
  local seeded = assert(limited:seed { numbers = 1 })
  local client = open(limited.base_url, {
    auth_id = limited.auth_id, auth_token = limited.auth_token, rate = RATE, timeout = 120,
  })
  local pool = assert(client:pool(seeded.pool))
  local started = now()
  run(client, function()
    return assert(pool:find_number(ACCOUNT.number))
  end)
  local elapsed = now() - started
  -- The first window's worth goes out at once: what counts is the pace after it.
  local pace = (CALLS - RATE.requests) / elapsed
  say("%-46s %8.2f %%   (target: at least 95) in %.2f s; %d met 429 (target: 0)", title,
    100 * pace / (RATE.requests / RATE.seconds), elapsed, count_refused(limited))
  client:close()
  limited:stop()
end

local function one_after_another(_, call)
  for _ = 1, CALLS do
    call()
  end
end

local function sixteen_in_flight(client, call)
  local items = {}
  for i = 1, CALLS do
    items[i] = i
  end
  for _, result in ipairs(client:map(items, call, { concurrency = 16 })) do
    assert(result.ok, tostring(result.error))
  end
end

-- How long past its time a call comes back, at worst, in milliseconds.
local function worst_overrun(base_url)
  local worst = 0
  for _ = 1, TRIES do
    for _, options in ipairs { {}, { attempt_timeout = TIMEOUT / 4, retries = 50 } } do
      options.rate = false
      local client = open(base_url, options)
      local pool = assert(client:pool(ACCOUNT.pool))
      for _, method in ipairs { "find_number", "add_number" } do
        local started = now()
        local value = pool[method](pool, ACCOUNT.number, { timeout = TIMEOUT })
        assert(not value, "a call that can't succeed succeeded")
        worst = math.max(worst, (now() - started - TIMEOUT) * 1000)
      end
      client:close()
    end
  end
  return worst
end

local function print_overrun(title, base_url, close)
  say("%-46s %8.1f ms  (target: at most 50)", "overrun of a deadline, " .. title, worst_overrun(base_url))
  close()
end

local function nothing() end

local function print_overruns()
  local address, close = stalls.full_listener()
  print_overrun("in connecting", "http://" .. address, close)
  address, close = stalls.silent_listener()
  print_overrun("in the TLS handshake", "https://" .. address, close)
  address, close = stalls.silent_listener()
  print_overrun("with no answer", "http://" .. address, close)
  local scripted = scripted_server.start()
  scripted:script { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", after = "stall" }
  print_overrun("with a head and no body", scripted.base_url, nothing)
  scripted:script { bytes = http.json('{"number":"' .. ("1"):rep(10000) .. '"}'), drip = 1 }
  print_overrun("with a body byte by byte", scripted.base_url, nothing)
  scripted:script(http.answer(500, "{}"))
  print_overrun("with a server that fails", scripted.base_url, nothing)
  scripted:stop()
end

say("%s; calls cost: medians of %d turns of %d calls", type(jit) == "table" and jit.version or _VERSION, ROUNDS, SLICE)
say("")
print_cost()
print_rate("1,200 calls at 60 a second, one after another", one_after_another)
print_rate("1,200 calls at 60 a second, 16 in flight", sixteen_in_flight)
print_overruns()
