-- What an error leaves behind that comes in the middle of a job, from Ctrl-C between two instructions of the timers to
-- memory that runs out in a call which the caller has put into pcall: the client goes on, and no slot of the limit is
-- taken for ever.
local fixture = require "spec.support.fixture"
local socket = require "socket"
local under_way = require "spec.support.under_way"

local server = fixture.sandbox()
local seeded = assert(server:seed { numbers = 3 })

if jit then
  jit.off() -- compiled code calls no hooks
  fixture.until_end(jit.on)
end

local function get_all(client, count)
  local pool = assert(client:pool(seeded.pool))
  local items = {}
  for i = 1, count do
    items[i] = i
  end
  return client:map(items, function()
    return pool:get()
  end, { concurrency = count })
end

-- Runs fn, into which Ctrl-C comes at the n-th instruction that the timers run. True if there were so many.
local function interrupt_timers(n, fn)
  local seen = 0
  debug.sethook(function()
    local info = debug.getinfo(2, "S")
    if info and info.source:find("runtime/timers.lua", 1, true) then
      seen = seen + 1
      if seen == n then
        debug.sethook()
        error("interrupted!", 0)
      end
    end
  end, "", 1)
  pcall(fn)
  debug.sethook()
  return seen >= n
end

describe("Ctrl-C in the middle of the timers", function()
  it("leaves a client that goes on", function()
    for n = 1, 90, 3 do
      local client = fixture.client(server, { rate = { requests = 3, seconds = 0.02 } })
      interrupt_timers(n, function()
        get_all(client, 8)
      end)
      for i, result in ipairs(get_all(client, 8)) do
        assert.is_true(result.ok, n .. ", " .. i .. ": " .. tostring(result.error))
      end
      assert.equal(0, under_way(client))
    end
  end)
end)

-- Runs fn, which memory runs out in after so many instructions. True if there were fewer.
local function run_out(count, fn)
  local ok = pcall(function()
    debug.sethook(function()
      debug.sethook()
      error("not enough memory", 0)
    end, "", count)
    fn()
    debug.sethook()
  end)
  debug.sethook()
  return ok
end

describe("a job that memory runs out in", function()
  it("begins nothing more once it has raised", function()
    local client = fixture.client(server)
    local count, begun = 49, 0
    local function job()
      client:map({ 1, 2, 3 }, function()
        begun = begun + 1
      end, { concurrency = 2 })
    end
    repeat
      count = count + 1
      local has_ended = run_out(count, job)
      local before = begun
      get_all(client, 2)
      assert.equal(before, begun, "after " .. count .. " instructions")
    until has_ended
    assert.is_true(count > 200)
  end)
end)

describe("a call that raises within the caller's own pcall", function()
  it("gives its slot of the limit back, or that gets free by itself", function()
    local pool, client = fixture.pool(server, seeded.pool,
      { rate = { requests = 1000, seconds = 1 }, attempt_timeout = 1 })
    local raised = 0
    -- LuaJIT has one hook for all coroutines, so that the job itself may be what raises there.
    pcall(client.map, client, { 20, 60, 100, 140, 180, 220, 260, 300, 340, 380 }, function(count)
      local thread = coroutine.running()
      debug.sethook(thread, function()
        debug.sethook(thread)
        error("not enough memory", 0)
      end, "", count)
      local ok = pcall(pool.get, pool)
      debug.sethook(thread)
      raised = raised + (ok and 0 or 1)
      return true
    end, { concurrency = 2 })
    debug.sethook()
    assert.is_true(raised > 0)
    assert.is_true(under_way(client) <= 2)
    local deadline = socket.gettime() + 20
    while under_way(client) > 0 do
      assert.is_true(socket.gettime() < deadline, "slots are taken")
      socket.sleep(0.05)
    end
  end)
end)

describe("a purchase by search in a hook of another one", function()
  it("buys another number", function()
    local client, pool, inner
    client = fixture.client(server, { on_event = function(event)
      if event.type == "attempt" and event.operation == "buy_number" and inner == nil then
        inner = false
        inner = assert(pool:buy_number { country_iso2 = "US" })
      end
    end })
    pool = assert(client:pool(seeded.pool))
    local bought = assert(pool:buy_number { country_iso2 = "US" })
    assert.is_true(inner and inner.number ~= bought.number)
  end)
end)
