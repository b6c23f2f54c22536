--- The soak of plans: thousands of changes, a tenth of the requests broken, killed with kill -9 again and again. The
-- pool must be what it should be in the end, and nothing bought or given back twice.
--
--     lua spec/soak/apply.lua [changes=10000] [kills=3] [faults=0.1] [seed=1] [concurrency=32] [processes=1]
--
-- Exits with 1 on any difference.

local interpreter = require "spec.support.interpreter"
local killed = require "spec.soak.killed"
local sandbox = require "numberpool.sandbox"
local socket = require "socket"

local SHOWN = 20 -- differences

local function read_settings()
  local settings = { changes = 10000, kills = 3, faults = 0.1, seed = 1, concurrency = 32, processes = 1 }
  for _, word in ipairs(arg) do
    local name, value = word:match "^(%a+)=([%w.]+)$"
    if settings[name] == nil then
      error("expected changes=, kills=, faults=, seed=, concurrency= or processes=, got " .. word, 0)
    end
    settings[name] = assert(tonumber(value), word)
  end
  return settings
end

local settings = read_settings()
local server = assert(sandbox.start())
local folder = interpreter.shell("mktemp -d"):gsub("%s+$", "")
local started = socket.gettime()
local ok, outcome = xpcall(killed.run, debug.traceback, server, folder, settings)
server:stop()
interpreter.shell("rm -rf " .. interpreter.quote(folder))
if not ok then
  io.stderr:write("soak of plans: ", tostring(outcome), "\n")
  os.exit(1)
end
print(("%d changes, %.0f %% of the requests broken, seed %d: killed after %s changes, then %d more, in %.1f s"):format(
  settings.changes, 100 * settings.faults, settings.seed,
  settings.kills > 0 and table.concat(outcome.killed, ", ") or "no", outcome.done, socket.gettime() - started))
print(("%d differences; %s"):format(#outcome.differences,
  outcome.has_ended and "nothing is left to do" or "it didn't end well: " .. outcome.errors))
for i = 1, math.min(#outcome.differences, SHOWN) do
  print("  " .. outcome.differences[i])
end
os.exit(#outcome.differences == 0 and outcome.has_ended and 0 or 1)
