--- Measures the library inside one worker of nginx, and prints two rows and what a million calls leave behind.
--
--     luajit spec/bench/nginx.lua [ROWS [CALLS]]     ROWS: some of those below, all by default; CALLS: those of million
--
-- nginx: find_number with 1 and 64 clients, beside a subrequest by proxy_pass with keepalive, decoded by cjson; pings:
-- how an unrelated request fares while 200 calls are under way; million: memory and descriptors after a million calls.
-- A figure fails nothing, since it is as good as the machine is quiet.

local measure = require "spec.bench.measure"
local nginx = require "spec.bench.nginx_server"

local ROUNDS = 7
local SECONDS = 2 -- of each load, in each round
local CLIENTS = { { 1, 0.80 }, { 64, 0.60 } } -- how many, and the share of the subrequest's rate to reach
local SLOW_CALLS = 200
local PINGS = { clients = 1, seconds = 3 }
local MILLION = { first = 10000, all = tonumber(arg[2]) or 1000000, clients = 16 }

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

-- What wrk says of a load: requests a second, and the 99th percentile of latency in milliseconds.
local function load(url, clients, seconds)
  local command = ("wrk -t1 -c%d -d%.0fs --latency %s"):format(clients, seconds, measure.quote(url))
  local text = table.concat(measure.lines_of(command), "\n")
  local rate = tonumber(text:match "Requests/sec:%s*([%d.]+)")
  local number, unit = text:match "\n%s*99%%%s*([%d.]+)(%a+)"
  if not rate or not number or text:find "Non%-2xx" or text:find "Socket errors" then
    error("an answer of 200 to each request expected, got: " .. text, 0)
  end
  local scale = { us = 0.001, ms = 1, s = 1000 }
  return rate, tonumber(number) * scale[unit]
end

local function compare_rates(running)
  say("%-34s %10s %8s %8s   %s", "nginx: find_number", "calls/s", "ratio", "target", "rounds from, to")
  for _, row in ipairs(CLIENTS) do
    local clients, target = row[1], row[2]
    local ours, theirs, ratios = {}, {}, {}
    load(running.ours, clients, 1)
    load(running.native, clients, 1)
    for i = 1, ROUNDS do
      ours[i] = load(running.ours, clients, SECONDS)
      theirs[i] = load(running.native, clients, SECONDS)
      ratios[i] = ours[i] / theirs[i]
    end
    say("%-34s %10.0f %8.2f %8.2f   %.2f, %.2f", ("  %d clients"):format(clients), measure.median(ours),
      measure.median(ratios), target, math.min(unpack(ratios)), math.max(unpack(ratios)))
    say("%-34s %10.0f", "  ngx.location.capture and cjson", measure.median(theirs))
  end
end

local function compare_pings(running)
  local idle, busy, ratios = {}, {}, {}
  load(running.ping, PINGS.clients, 1)
  for i = 1, ROUNDS do
    local _, quiet = load(running.ping, PINGS.clients, PINGS.seconds)
    local stop = running:keep_slow_calls_in_flight(SLOW_CALLS)
    local _, loaded = load(running.ping, PINGS.clients, PINGS.seconds)
    stop()
    idle[i], busy[i], ratios[i] = quiet, loaded, loaded / quiet
  end
  say("")
  say("%-34s %10s %8s %8s   %s", "pings: p99 of /ping, milliseconds", "p99", "ratio", "target", "rounds from, to")
  say("%-34s %10.3f", "  nothing else to do", measure.median(idle))
  say("%-34s %10.3f %8.2f %8.2f   %.2f, %.2f", ("  %d calls of 1 s in flight"):format(SLOW_CALLS),
    measure.median(busy), measure.median(ratios), 1.5, math.min(unpack(ratios)), math.max(unpack(ratios)))
end

local function print_what_is_left(running)
  local before, after
  local calls = 0
  repeat
    calls = calls + running:call(MILLION.first, MILLION.clients)
    local now = running:resources()
    before, after = before or now, now
  until calls >= MILLION.all
  say("")
  say("%-34s %10.2f MiB  %4d descriptors", ("million: after %.0f calls"):format(MILLION.first), before.resident / 1024,
    before.descriptors)
  say("%-34s %10.2f MiB  %4d descriptors   growth %.2f MiB (target: less than 2), %d descriptors (target: 0)",
    ("         after %.0f calls"):format(calls), after.resident / 1024, after.descriptors,
    (after.resident - before.resident) / 1024, after.descriptors - before.descriptors)
end

local ROWS = { nginx = compare_rates, pings = compare_pings, million = print_what_is_left }

local function run(running, names)
  for name in names:gmatch "%S+" do
    local measure_row = ROWS[name] or error("row: expected nginx, pings or million, got " .. name, 0)
    measure_row(running)
  end
end

local rows = arg[1] and arg[1]:find "%S" and arg[1] or "nginx pings million"
say("%s inside nginx, one worker, an upstream that answers from memory; medians of %d rounds", jit.version, ROUNDS)
say("")
local running = nginx.start()
local ok, problem = pcall(run, running, rows)
running:stop()
if not ok then
  io.stderr:write("bench: ", tostring(problem), "\n")
end
os.exit(ok and 0 or 1)
