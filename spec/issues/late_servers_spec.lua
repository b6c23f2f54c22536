-- A server that hadn't answered in time may act later. A look right after that proves nothing: the change is looked at
-- again after a pause, and what rents or releases a number isn't sent a second time even then. Nor does an empty 404
-- prove anything, which anybody between may say.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local relay = require "spec.support.relay"
local socket = require "socket"

local NUMBER, TOLLFREE = "15125550000", "18005550000" -- as they are seeded
local NEW = "14155550123"
local NEVER = 30 -- seconds

local NOT_FOUND = http.answer(404, '{"error":"not found"}')
local EMPTY_404 = http.answer(404, "")

local function wait_until(fulfilled, what)
  local deadline = socket.gettime() + 60
  while not fulfilled() do
    assert(socket.gettime() < deadline, what)
    socket.select(nil, nil, 0.02)
  end
end

-- What it takes to know how a call went: a client that notes its events.
local function watched_client(server, attempt_timeout)
  local events = {}
  local options = { impatient = true, attempt_timeout = attempt_timeout }
  options.on_event = function(event)
    event.at = socket.gettime()
    events[#events + 1] = event
  end
  return fixture.client(server, options), events
end

-- The pauses that a call made, in turn.
local function pauses(events)
  local found = {}
  for _, event in ipairs(events) do
    if event.type == "retry" then
      found[#found + 1] = event.wait
    end
  end
  return found
end

describe("a server that acts late", function()
  local server = fixture.sandbox()
  local between = fixture.until_end(relay.start(server)) -- or the sandbox would leave off once nobody waits
  local client, seeded, pool, events, attempt_timeout

  before_each(function()
    attempt_timeout, seeded = fixture.attempt_timeout(function()
      assert(server:reset())
      return assert(server:seed { numbers = 2, tollfree = 1 })
    end, 0.25)
    client, events = watched_client(between, attempt_timeout)
    pool = assert(client:pool(seeded.pool))
  end)

  local function delay(method, seconds)
    assert(server:fault { method = method, kind = "delay", when = "before", seconds = seconds, times = 1 })
  end

  local function count(method)
    local found = 0
    for name, times in pairs(arrivals.count(server)) do
      found = found + (name:find("^" .. method) and times or 0)
    end
    return found
  end

  it("between two looks has done what was asked, once", function()
    delay("POST", 1.2 * attempt_timeout)
    assert(pool:add_number(NEW))
    assert.equal(1, count "POST")
    assert.is_truthy(arrivals.state(server).entry(seeded.pool, "numbers", NEW))
  end)

  it("between two looks has rented a number once", function()
    delay("POST", 1.2 * attempt_timeout)
    assert(pool:buy_number { number = NEW })
    assert.equal(1, count "POST")
    assert.same({ rents = 1, unrents = 0 }, arrivals.state(server).ledger(NEW))
  end)

  it("between two looks has released a number once", function()
    delay("DELETE", 1.2 * attempt_timeout)
    assert(pool:remove_number(NUMBER, { unrent = true }))
    assert.equal(1, count "DELETE")
    assert.same({ rents = 0, unrents = 1 }, arrivals.state(server).ledger(NUMBER))
  end)

  -- What costs money or loses a number: { method of HTTP, call, what has come of it in the end }
  local IRREVOCABLE = {
    buy_number = { "POST", function()
      return pool:buy_number { number = NEW }
    end, function(state)
      return state.ledger(NEW).rents
    end },
    ["buy_number, by search"] = { "POST", function()
      return pool:buy_number { country_iso2 = "US" }
    end, function(state)
      local rents = 0
      for _, account in ipairs(state.accounts) do
        for _, entry in ipairs(account.ledger) do
          rents = rents + entry.rents
        end
      end
      return rents
    end },
    ["remove_number with unrent"] = { "DELETE", function()
      return pool:remove_number(NUMBER, { unrent = true })
    end, function(state)
      return state.ledger(NUMBER).unrents
    end },
    ["remove_tollfree with unrent"] = { "DELETE", function()
      return pool:remove_tollfree(TOLLFREE, { unrent = true })
    end, function(state)
      return state.ledger(TOLLFREE).unrents
    end },
    ["powerpacks:delete with unrent_numbers"] = { "DELETE", function()
      return client.powerpacks:delete(seeded.powerpack, { unrent_numbers = true })
    end, function(state)
      return state.ledger(NUMBER).unrents
    end },
  }

  for name, case in pairs(IRREVOCABLE) do
    it("leaves " .. name .. " in doubt, sent once, whatever comes later", function()
      delay(case[1], 6 * attempt_timeout)
      local done, err = case[2]()
      assert.is_nil(done)
      assert.same({ "timeout", true, 1 }, { err.kind, err.ambiguous, err.attempts })
      assert.equal(1, count(case[1]))
      wait_until(function()
        return case[3](arrivals.state(server)) > 0
      end, "the server never acted")
      assert.equal(1, case[3](arrivals.state(server)))
      assert.equal(1, count(case[1]))
    end)

    it("that never acts on " .. name .. " isn't asked again", function()
      assert(server:fault { method = case[1], kind = "stall", when = "before", seconds = NEVER, times = 1 })
      local done, err = case[2]()
      assert.is_nil(done)
      assert.same({ "timeout", true, 1 }, { err.kind, err.ambiguous, err.attempts })
      assert.equal(1, count(case[1]))
      assert.equal(0, case[3](arrivals.state(server)))
    end)
  end

  it("is given as long again as it had before a change is sent again", function()
    assert(server:fault { method = "POST", kind = "stall", when = "before", seconds = NEVER, times = 1 })
    assert(pool:add_number(NEW))
    assert.equal(2, count "POST")
    assert.equal(2, count "GET")
    local waits = pauses(events)
    assert.equal(2, #waits)
    assert.is_true(waits[2] >= attempt_timeout - 0.01, tostring(waits[2]))
    local looks = {}
    for _, event in ipairs(events) do
      if event.type == "look" then
        looks[#looks + 1] = event.at
      end
    end
    assert.is_true(looks[2] - looks[1] >= attempt_timeout - 0.01)
  end)

  it("is given less than a call has left, or not asked again", function()
    assert(server:fault { method = "POST", kind = "stall", when = "before", seconds = NEVER, times = 1 })
    local started = socket.gettime()
    local added, err = pool:add_number(NEW, { timeout = 1.6 * attempt_timeout })
    assert.is_nil(added)
    assert.same({ "timeout", true, 1 }, { err.kind, err.ambiguous, err.attempts })
    assert.equal(1, count "POST")
    assert.is_true(socket.gettime() - started < 5)
  end)

  it("is late behind a gateway that says 504 too", function()
    local fault = { method = "POST", kind = "status", status = 504, times = 1 }
    assert(server:fault(fault))
    assert(pool:add_number(NEW))
    assert.same({ 2, 2 }, { count "POST", count "GET" })
    assert(server:fault(fault))
    local bought, err = pool:buy_number { number = "14155550199" }
    assert.is_nil(bought)
    assert.same({ "server", 504, true, 1 }, { err.kind, err.status, err.ambiguous, err.attempts })
    assert.equal(0, arrivals.state(server).ledger("14155550199").rents)
  end)

  it("isn't one that fails in time: that is looked at once, and asked again", function()
    assert(server:fault { method = "POST", kind = "status", status = 502, times = 1 })
    assert(pool:buy_number { number = NEW })
    assert.same({ 2, 1 }, { count "POST", count "GET" })
    assert.same({ rents = 1, unrents = 0 }, arrivals.state(server).ledger(NEW))
  end)
end)

describe("a refusal without a word", function()
  local server = fixture.scripted_server()
  local pool

  before_each(function()
    pool = fixture.pool(server, "p", { impatient = true })
  end)

  local function methods()
    local found = {}
    for i, request in ipairs(server:requests()) do
      found[i] = request.method
    end
    return table.concat(found, " ")
  end

  it("is no proof that a change didn't happen: it is looked at", function()
    server:script(EMPTY_404, http.json '{"number":"15125550000"}')
    assert.equal(NUMBER, assert(pool:add_number(NUMBER)).number)
    assert.equal("POST GET", methods())
    server:script(http.answer(400, ""), NOT_FOUND, http.answer(201, '{"number":"15125550000"}'))
    assert.equal(NUMBER, assert(pool:add_number(NUMBER)).number)
    assert.equal("POST GET POST", methods())
    server:script(EMPTY_404, NOT_FOUND)
    assert(pool:remove_number(NUMBER))
    assert.equal("DELETE GET", methods())
  end)

  it("leaves a change in doubt that isn't looked at", function()
    for _, status in ipairs { 400, 401, 403, 404, 409, 422 } do
      server:script(http.answer(status, ""))
      local done, err = pool:remove_number(NUMBER, { retries = 0, unrent = true })
      assert.is_nil(done)
      assert.same({ status, true, 1 }, { err.status, err.ambiguous, err.attempts })
      assert.equal("DELETE", methods())
    end
  end)

  for _, name in ipairs { "add_number", "remove_number" } do
    it("to a look after " .. name .. " proves nothing", function()
      server:script(http.answer(500, "{}"), EMPTY_404)
      local done, err = pool[name](pool, NUMBER)
      assert.is_nil(done)
      assert.same({ "server", true, 1 }, { err.kind, err.ambiguous, err.attempts })
      assert.equal(2, #server:requests())
    end)
  end

  it("isn't one where it has a body, be it an empty object", function()
    server:script(http.answer(404, "{}"))
    local added, err = pool:add_number(NUMBER)
    assert.is_nil(added)
    assert.equal("not_found", err.kind)
    assert.is_nil(err.ambiguous)
    assert.equal("POST", methods())
    server:script(http.answer(500, "{}"), http.answer(404, "{}"), http.answer(201, "{}"))
    assert(pool:add_number(NUMBER))
    assert.equal("POST GET POST", methods())
    server:script(http.answer(500, "{}"), http.answer(404, "{}"))
    assert(pool:remove_number(NUMBER))
    assert.equal("DELETE GET", methods())
  end)

  it("to a read is what its status says", function()
    server:script(EMPTY_404)
    local found, err = pool:find_number(NUMBER)
    assert.is_nil(found)
    assert.same({ "not_found", 1 }, { err.kind, err.attempts })
    assert.is_nil(err.ambiguous)
  end)
end)
