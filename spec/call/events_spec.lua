-- What on_event tells while a call goes on, and what client:stats() counts.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local NUMBER, NEW_NUMBER = "15125550000", "14155550123"

describe("on_event", function()
  local server = fixture.sandbox()
  local pool, client, seeded, events

  local function open(options)
    events = {}
    options = options or {}
    options.impatient = true
    options.on_event = options.on_event or function(event)
      events[#events + 1] = event
    end
    pool, client, seeded = fixture.pool(server, { numbers = 3 }, options)
  end

  -- Each event as "type attempt status reason", what is absent left out.
  local function told()
    local lines = {}
    for i, event in ipairs(events) do
      local words = { event.type }
      for _, name in ipairs { "attempt", "status", "reason" } do
        if event[name] ~= nil then
          words[#words + 1] = name .. "=" .. tostring(event[name])
        end
      end
      lines[i] = table.concat(words, " ")
    end
    return lines
  end

  it("tells of a call that succeeds", function()
    open()
    assert(pool:find_number(NUMBER))
    assert.same({ "attempt attempt=1", "response attempt=1 status=200", "result attempt=1" }, told())
    for _, event in ipairs(events) do
      assert.equal("find_number", event.operation)
      assert.equal(NUMBER, event.target)
    end
    assert.is_true(events[2].elapsed >= 0)
    assert.is_true(events[3].elapsed >= events[2].elapsed)
    assert.is_nil(events[3].err)
  end)

  it("tells of a read that is tried again", function()
    open()
    assert(server:fault { kind = "status", status = 503, headers = { ["Retry-After"] = "1" }, times = 1 })
    assert(pool:find_number(NUMBER))
    assert.same({
      "attempt attempt=1", "response attempt=1 status=503 reason=server",
      "retry attempt=1 reason=server",
      "attempt attempt=2 reason=server", "response attempt=2 status=200",
      "result attempt=2",
    }, told())
    assert.equal(1, events[3].wait)
  end)

  it("tells of a change that is looked at", function()
    open()
    assert(server:fault { method = "POST", kind = "reset", when = "after", times = 1 })
    assert(pool:add_number(NEW_NUMBER))
    assert.same({
      "attempt attempt=1", "response attempt=1 reason=network",
      "retry attempt=1 reason=network",
      "look attempt=1 reason=network", "response attempt=1 status=200",
      "result attempt=1",
    }, told())
    for _, event in ipairs(events) do
      assert.equal("add_number", event.operation)
      assert.equal(NEW_NUMBER, event.target)
    end
  end)

  it("tells of a call that waits for its turn", function()
    open { rate = { requests = 1, seconds = 0.2 } }
    assert(pool:get())
    events = {}
    assert(pool:get())
    assert.equal("throttled", events[1].type)
    assert.is_true(events[1].wait > 0 and events[1].wait < 1)
    assert.equal("get", events[1].operation)
    assert.same({ "attempt attempt=1", "response attempt=1 status=200", "result attempt=1" },
      { (table.unpack or unpack)(told(), #events - 2) })
  end)

  it("tells of a call that fails, with its error", function()
    open()
    local _, err = pool:find_number(NEW_NUMBER)
    assert.same({
      "attempt attempt=1", "response attempt=1 status=404 reason=not_found",
      "result attempt=1 status=404 reason=not_found",
    }, told())
    assert.equal(err, events[3].err)
    assert.equal(err.elapsed, events[3].elapsed)
  end)

  it("tells of a call on a closed client", function()
    open()
    client:close()
    local _, err = pool:get()
    assert.same({ "result attempt=0 reason=closed" }, told())
    assert.equal(err, events[1].err)
  end)

  it("tells of a search that offers nothing", function()
    open()
    local _, err = pool:buy_number { country_iso2 = "US", pattern = "999999" }
    local last = events[#events]
    assert.equal("result", last.type)
    assert.equal("buy_number", last.operation)
    assert.equal("not_found", last.reason)
    assert.equal(err, last.err)
  end)

  it("is never given the token", function()
    open()
    local echoed = { error = "no " .. server.auth_token .. " here" }
    assert(server:fault { kind = "status", status = 400, body = echoed, times = 1 })
    pool:add_number(NEW_NUMBER)
    assert(server:fault { kind = "reset", times = 2 })
    pool:add_number(NEW_NUMBER)

    local function check(value)
      if type(value) == "table" then
        for key, field in pairs(value) do
          check(key)
          check(field)
        end
      end
      local text = tostring(value)
      assert.is_nil(text:find(server.auth_token, 1, true), text)
      assert.is_nil(text:find "Basic ", text)
    end
    assert.is_true(#events > 6)
    check(events)
  end)

  it("may make calls itself", function()
    local inner
    open {
      on_event = function(event)
        if event.type == "result" and not inner then
          inner = {}
          inner.value, inner.err = pool:find_number(NUMBER)
        end
      end,
    }
    assert(pool:get())
    assert.equal(NUMBER, inner.value.number)
  end)

  it("that raises breaks no call, and is reported once on standard error", function()
    open()
    assert(server:fault { method = "POST", kind = "reset", times = 1 })
    local code = ([[
      local numberpool = require "numberpool"
      local client = assert(numberpool.new { on_event = function() error "a hook's own trouble" end })
      local pool = assert(client:pool "%s")
      print(assert(pool:add_number "14155550123").number)
      print(assert(pool:find_number "14155550123").number)
      print(select(2, pool:find_number "14155550199").kind)
    ]]):format(seeded.pool)
    local output, status = interpreter.run(code, {
      PLIVO_AUTH_ID = server.auth_id, PLIVO_AUTH_TOKEN = server.auth_token, NUMBERPOOL_BASE_URL = server.base_url,
    })
    assert.equal(0, status, output)
    local _, reports = output:gsub("a hook's own trouble", "")
    assert.equal(1, reports, output)
    local _, results = output:gsub("14155550123\n", "")
    assert.equal(2, results, output)
    assert.matches("not_found\n", output)
    assert.is_nil(output:find(server.auth_token, 1, true))
  end)
end)

describe("client:stats", function()
  local server = fixture.sandbox()
  local pool, client

  before_each(function()
    pool, client = fixture.pool(server, { numbers = 3 }, { impatient = true })
  end)

  it("begins with nothing", function()
    assert.same({
      calls = 0, attempts = 0, retries = 0, errors = {}, bytes_sent = 0, bytes_received = 0, connections = 0,
      latency = {},
    }, client:stats())
  end)

  it("counts calls, exchanges and what was sent again", function()
    assert(pool:get())
    assert(server:fault { method = "POST", kind = "status", status = 500, times = 1 })
    assert(pool:add_number(NEW_NUMBER)) -- twice, and a look
    assert(server:fault { method = "DELETE", kind = "status", status = 500, when = "after", times = 1 })
    assert(pool:remove_number(NUMBER)) -- once, and a look
    local stats = client:stats()
    assert.equal(3, stats.calls)
    assert.equal(6, stats.attempts)
    assert.equal(1, stats.retries)
    assert.same({}, stats.errors)
    assert.equal(#assert(server:requests()), stats.attempts)
    assert.equal(1, stats.connections)
  end)

  it("counts the errors that callers got, by kind", function()
    pool:find_number(NEW_NUMBER)
    pool:find_number(NEW_NUMBER)
    pool:find_number "12"
    pool:find_number "nonsense"
    assert(server:fault { kind = "status", status = 500 })
    pool:get()
    client:close()
    pool:get()
    local stats = client:stats()
    assert.same({ not_found = 2, rejected = 1, invalid = 1, server = 1, closed = 1 }, stats.errors)
    assert.equal(6, stats.calls)
    assert.equal(6, stats.attempts) -- three, and three that met 500
  end)

  it("counts bytes and how long exchanges took", function()
    assert(pool:get())
    local before = client:stats()
    assert.is_true(before.bytes_sent > 100 and before.bytes_sent < 2000, before.bytes_sent)
    assert.is_true(before.bytes_received > 100 and before.bytes_received < 2000, before.bytes_received)
    assert(server:fault { kind = "delay", seconds = 0.3, times = 1 })
    assert(pool:get())
    local after = client:stats()
    assert.is_true(after.bytes_sent > before.bytes_sent)
    assert.is_true(after.latency.p99 >= 0.28, after.latency.p99)
    assert.is_true(before.latency.p99 > 0)
    assert.is_true(after.latency.p50 <= after.latency.p90 and after.latency.p90 <= after.latency.p99)
  end)

  it("counts connections that had to be opened again", function()
    assert(server:fault { kind = "reset", times = 2 })
    assert(pool:get())
    assert.equal(3, client:stats().connections)
  end)
end)
