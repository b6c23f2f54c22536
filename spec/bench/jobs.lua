--- Measures whole jobs beside what else does them: lua-curl by hand, a plain C program on curl_multi, the vendor's SDK.
--
--     lua spec/bench/jobs.lua RAW_MULTI JIT_MODULES SDK [ROW...]
--
-- RAW_MULTI: the program made from raw_multi.c. JIT_MODULES: the folder of the C modules for LuaJIT. SDK: the folder
-- that has the SDK in its node_modules. ROW: by_hand, map, pages, bulk or sdk; without any, all. Targets are printed
-- beside the figures, and a figure fails nothing.

local core = require "numberpool.core"
local jobs_server = require "spec.bench.jobs_server"
local measure = require "spec.bench.measure"

local ROUNDS = 7
local WARMUP, SECONDS = "0.2", "1" -- of each process, in each round

local ACCOUNT = {
  auth_id = "MAXXXXXXXXXXXXXXXXXX",
  auth_token = "bench-token-0123456789abcdef0123456789ab",
  pool = "5d6f5f5c-7a4e-4e4a-9c1c-3a1f0c2b8d11",
  number = "15125550000",
}

local LUA = arg[-1]
local RAW_MULTI, JIT_MODULES, SDK = arg[1], arg[2], arg[3]

local HEADERS = {
  "Authorization: Basic " .. core.base64(ACCOUNT.auth_id .. ":" .. ACCOUNT.auth_token),
  "Accept: application/json",
}

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

-- A command with the account and the server in its environment; `settings` are more of that.
local function in_environment(base_url, settings, ...)
  local words = {
    "env",
    "PLIVO_AUTH_ID=" .. ACCOUNT.auth_id,
    "PLIVO_AUTH_TOKEN=" .. ACCOUNT.auth_token,
    "NUMBERPOOL_BASE_URL=" .. base_url,
    "no_proxy=*",
  }
  for _, word in ipairs(settings) do
    words[#words + 1] = word
  end
  for _, word in ipairs { ... } do
    words[#words + 1] = word
  end
  return measure.command((table.unpack or unpack)(words))
end

local function ours(base_url, ca_file, ...)
  return in_environment(base_url, {}, LUA, "spec/bench/jobs_client.lua", ca_file, ...)
end

local function on_luajit(base_url, ...)
  return in_environment(base_url, {
    "LUA_PATH=lua/?.lua;lua/?/init.lua;;", "LUA_CPATH=" .. JIT_MODULES .. "/?.so;;",
  }, "luajit", ...)
end

local function mebibytes(kibibytes)
  return kibibytes / 1024
end

local function say_heading(title, unit)
  say("")
  say("%-44s %10s %8s %8s %16s %9s", title, unit, "ratio", "target", "rounds from, to", "peak MiB")
end

local function say_comparison(result, our_name, their_name, target)
  say("%-44s %10.0f %8.2f %8s %8.2f, %6.2f %9.1f", our_name, result.ours, result.ratio, target, result.least,
    result.most, mebibytes(result.our_peak))
  say("%-44s %10.0f %43s %9.1f", their_name, result.theirs, "", mebibytes(result.their_peak))
end

local ROWS = {}

function ROWS.by_hand(running)
  say_heading("by_hand: one after another, on LuaJIT", "calls/s")
  local rows = {
    { "find_number", running.number_path, "0", "find_number", ACCOUNT.number },
    { "list_numbers, 20 entries", running.list_path, "20", "list_numbers", "" },
  }
  for _, row in ipairs(rows) do
    local name, path, entries, operation, argument = row[1], row[2], row[3], row[4], row[5]
    local by_hand = on_luajit(running.http, "spec/bench/by_hand.lua", running.http .. path, WARMUP, SECONDS, entries,
      HEADERS[1], HEADERS[2])
    local library = on_luajit(running.http, "spec/bench/client.lua", ACCOUNT.pool, WARMUP, SECONDS, operation, argument)
    say_comparison(measure.compare(library, by_hand, ROUNDS), name, "    the same on lua-curl and lua-cjson", "> 1.00")
  end
end

function ROWS.map(running)
  say_heading("map: find_number, 32 in flight", "calls/s")
  local rows = {
    { "HTTP/1.1", running.http, "" },
    { "TLS and HTTP/2", running.https, running.ca_file },
  }
  for _, row in ipairs(rows) do
    local name, url, ca_file = row[1], row[2], row[3]
    local library = ours(url, ca_file, ACCOUNT.pool, "find", "32", WARMUP, SECONDS, ACCOUNT.number)
    local raw = measure.command(RAW_MULTI, url .. running.number_path, "32", WARMUP, SECONDS, ca_file,
      HEADERS[1], HEADERS[2])
    say_comparison(measure.compare(library, raw, ROUNDS), name, "    the same in C on curl_multi", ">= 0.70")
  end
end

-- Numbers a second, and the peak, of a stream.
local function stream(running, milliseconds, prefetch, total, times)
  local pool = ("pages-%d-%d"):format(total, milliseconds)
  return ours(running.http, "", pool, "stream", tostring(prefetch), tostring(total), tostring(times))
end

local function say_prefetch(running)
  local many, one = stream(running, 20, 32, 100000, 1), stream(running, 20, 1, 4000, 1)
  say_heading("pages: pool:numbers, 20 ms a page", "numbers/s")
  say_comparison(measure.compare(many, one, 3), "prefetch 32, 100,000 numbers",
    "    prefetch 1, 4,000 numbers", ">= 20.00")
end

-- Each length as often as makes about as many numbers, so that each process works for about as long.
local function say_flatness(running)
  local lengths = { 1000, 10000, 100000, 1000000 }
  local rates = {}
  for round = 1, 3 do
    for i, length in ipairs(lengths) do
      local times = math.max(1, 200000 / length)
      rates[i] = rates[i] or {}
      rates[i][round] = measure.once(stream(running, 0, 8, length, times)).rate
    end
  end
  say("")
  say("%-44s %10s", "pages: pool:numbers, prefetch 8", "us/number")
  local slowest, fastest = 0, math.huge
  for i, length in ipairs(lengths) do
    local each = 1e6 / measure.median(rates[i])
    slowest, fastest = math.max(slowest, each), math.min(fastest, each)
    say("%-44s %10.2f", ("%d numbers"):format(length), each)
  end
  say("%-44s %9.0f%%    (target: at most 20)", "    the slowest above the fastest", (slowest / fastest - 1) * 100)
end

local function say_growth(running)
  local lines = measure.lines_of(ours(running.http, "", "pages-1000000-0", "memory", "8", "1000000"))
  local before, after = tonumber(lines[1]), tonumber(lines[2])
  if not before or not after then
    error("jobs_client.lua: two counts of KiB expected, got " .. table.concat(lines, ", "), 0)
  end
  say("%-44s %10.2f MiB  from the first 1,000, growth %.2f (target: less than 2)",
    "resident after 1,000,000 numbers", mebibytes(after), mebibytes(after - before))
end

function ROWS.pages(running)
  say_prefetch(running)
  say_flatness(running)
  say_growth(running)
end

function ROWS.bulk(running)
  local command = ours(running.http, "", ACCOUNT.pool, "add", "16", "10000")
  local rates, peak = {}, 0
  for round = 1, ROUNDS do
    local result = measure.once(command)
    rates[round] = result.rate
    peak = math.max(peak, result.peak)
  end
  local rate = measure.median(rates)
  say("")
  say("%-44s %10s %47s", "bulk", "calls/s", "peak MiB")
  say("%-44s %10.0f %8.2f s %36.1f", "add_numbers of 10,000, 16 in flight", rate, 10000 / rate, mebibytes(peak))
end

function ROWS.sdk(running)
  say_heading("sdk: find_number, beside the vendor's for Node", "calls/s")
  local function sdk(in_flight)
    return in_environment(running.http, { "NODE_PATH=" .. SDK .. "/node_modules" }, "node", "spec/bench/sdk.js",
      running.http, ACCOUNT.pool, in_flight, "1", SECONDS, ACCOUNT.number)
  end
  local one = in_environment(running.http, {}, LUA, "spec/bench/client.lua", ACCOUNT.pool, WARMUP, SECONDS,
    "find_number", ACCOUNT.number)
  say_comparison(measure.compare(one, sdk "1", ROUNDS), "one after another", "    the SDK, one after another", "")
  local fifty = ours(running.http, "", ACCOUNT.pool, "find", "50", WARMUP, SECONDS, ACCOUNT.number)
  local at_once = measure.compare(fifty, sdk "50", ROUNDS)
  say_comparison(at_once, "map, 50 in flight", "    the SDK, 50 at once", ">= 8.00")
end

local ALL = { "by_hand", "map", "pages", "bulk", "sdk" }

local function chosen()
  local names = {}
  for i = 4, #arg do
    names[#names + 1] = ROWS[arg[i]] and arg[i] or error("row: expected one of " .. table.concat(ALL, ", ") .. ", got "
      .. arg[i], 0)
  end
  return #names > 0 and names or ALL
end

local function run(running)
  for _, name in ipairs(chosen()) do
    ROWS[name](running)
  end
end

say("%s, one nginx with one worker; medians of rounds, taking turns", type(jit) == "table" and jit.version or _VERSION)
local running = jobs_server.start(ACCOUNT)
local ok, problem = pcall(run, running)
running:stop()
if not ok then
  io.stderr:write("bench: ", tostring(problem), "\n")
end
os.exit(ok and 0 or 1)
