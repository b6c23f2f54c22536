--- Measures the library beside a plain C program on libcurl, and prints calls a second, memory and loading time.
--
--     lua spec/bench/run.lua RAW     RAW: the program made from raw.c
--
-- Targets are printed beside the figures. A figure fails nothing, since it is as good as the machine is quiet.

local core = require "numberpool.core"
local measure = require "spec.bench.measure"
local server = require "spec.bench.server"

local ROUNDS = 7
local WARMUP, SECONDS = "0.2", "1" -- of each process, in each round
local STARTS = 101

local ACCOUNT = {
  auth_id = "MAXXXXXXXXXXXXXXXXXX",
  auth_token = "bench-token-0123456789abcdef0123456789ab",
  pool = "5d6f5f5c-7a4e-4e4a-9c1c-3a1f0c2b8d11",
  number = "15125550000",
}

local LUA = arg[-1]
local RAW = arg[1]

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

-- A command of ours, with the account and the server in its environment.
local function script(running, name, ...)
  return measure.command(
    "env",
    "PLIVO_AUTH_ID=" .. ACCOUNT.auth_id,
    "PLIVO_AUTH_TOKEN=" .. ACCOUNT.auth_token,
    "NUMBERPOOL_BASE_URL=" .. running.base_url,
    "no_proxy=*",
    LUA,
    "spec/bench/" .. name,
    ...
  )
end

local function raw(url)
  local credentials = core.base64(ACCOUNT.auth_id .. ":" .. ACCOUNT.auth_token)
  return measure.command(RAW, url, WARMUP, SECONDS, "Authorization: Basic " .. credentials, "Accept: application/json")
end

local function compare_calls(running)
  local rows = {
    { "find_number", 0.85, running.number_url, "find_number", ACCOUNT.number },
    { "list_numbers, 20 entries", 0.70, running.list_url, "list_numbers" },
  }
  say("%-34s %10s %8s %8s   %s", "calls: one after another", "calls/s", "of C", "target", "rounds from, to")
  for _, row in ipairs(rows) do
    local name, target, url = row[1], row[2], row[3]
    local ours = script(running, "client.lua", ACCOUNT.pool, WARMUP, SECONDS, row[4], row[5])
    local result = measure.compare(ours, raw(url), ROUNDS)
    say("%-34s %10.0f %8.2f %8.2f   %.2f, %.2f", name, result.ours, result.ratio, target, result.least, result.most)
    say("%-34s %10.0f", "  the same in C, nothing parsed", result.theirs)
  end
end

local function print_memory(running)
  local counts = { "1000", "100000" }
  local lines = measure.lines_of(script(running, "memory.lua", ACCOUNT.pool, ACCOUNT.number, counts[1], counts[2]))
  local before, after = tonumber(lines[1]), tonumber(lines[2])
  if not before or not after then
    error("memory.lua: two counts of KiB expected, got " .. table.concat(lines, ", "), 0)
  end
  say("")
  say("%-34s %10.2f MiB", "resident after 1,000 calls", before / 1024)
  say("%-34s %10.2f MiB   growth %.2f MiB (target: less than 1)", "resident after 100,000 calls",
    after / 1024, (after - before) / 1024)
end

local function print_loading(running)
  local extra, empty = measure.difference(
    measure.command(LUA, "-e", 'require "numberpool"'),
    measure.command(LUA, "-e", ""),
    STARTS
  )
  say("")
  say("%-34s %10.2f ms    beside %.2f ms for an empty start (target: about 1)", 'require "numberpool"',
    extra * 1000, empty * 1000)
  local lines = measure.lines_of(script(running, "loading.lua"))
  local required, made = lines[1] or "unknown", lines[2] or "unknown"
  say("%-34s %10s       after new: %s (expected: no, yes)", "libcurl loaded after require", required, made)
  return required == "no" and made == "yes"
end

local function run(running)
  compare_calls(running)
  print_memory(running)
  return print_loading(running)
end

local VERSION = type(jit) == "table" and jit.version or _VERSION
say("%s, nginx answering from memory; medians of %d rounds of %s s each, taking turns", VERSION, ROUNDS, SECONDS)
say("")
local running = server.start(ACCOUNT)
local ok, result = pcall(run, running)
running:stop()
if not ok then
  io.stderr:write("bench: ", tostring(result), "\n")
end
os.exit(ok and result and 0 or 1)
