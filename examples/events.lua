-- Prints every event of on_event, and the client's counts, while requests go wrong: the sandbox makes a change and then
-- drops the connection, and refuses the next request.
local numberpool = require "numberpool"
local sandbox = require "numberpool.sandbox"

local server = assert(sandbox.start())
local seeded = assert(server:seed { numbers = 5 })

local function print_event(event)
  local words = { string.format("%-10s %-12s %s", event.type, event.operation, event.target or "") }
  for _, name in ipairs { "attempt", "status", "reason" } do
    if event[name] then
      words[#words + 1] = name .. "=" .. tostring(event[name])
    end
  end
  for _, name in ipairs { "wait", "elapsed" } do
    if event[name] then
      words[#words + 1] = string.format("%s=%.3f s", name, event[name])
    end
  end
  print(table.concat(words, " "))
end

local client = assert(numberpool.new {
  base_url = server.base_url,
  auth_id = server.auth_id,
  auth_token = server.auth_token,
  on_event = print_event,
})
local pool = assert(client:pool(seeded.pool))

print "-- the change is made, then the connection is reset"
assert(server:fault { method = "POST", kind = "reset", when = "after", times = 1 })
assert(pool:add_number "15125559999")

print "-- one request too many"
assert(server:fault { method = "GET", kind = "status", status = 429, headers = { ["Retry-After"] = "1" }, times = 1 })
assert(pool:find_number "15125559999")

print "-- the client's counts"
local stats = client:stats()
print(string.format("%d calls, %d requests, %d sent again, p99 %.1f ms", stats.calls, stats.attempts, stats.retries,
  stats.latency.p99 * 1000))

client:close()
server:stop()
