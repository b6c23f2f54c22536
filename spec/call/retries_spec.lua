-- What follows a failure: how often a call is tried, what it waits for, and what is known in the end.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"
local socket = require "socket"

local NUMBER, NEW_NUMBER = "15125550000", "14155550123"
local FIND, ADD = "GET Number/" .. NEW_NUMBER .. "/", "POST Number/" .. NEW_NUMBER .. "/"
local REMOVE, FIND_REMOVED = "DELETE Number/" .. NUMBER .. "/", "GET Number/" .. NUMBER .. "/"

describe("a call", function()
  local server = fixture.sandbox()
  local pool, client, seeded

  before_each(function()
    pool, client, seeded = fixture.pool(server, { numbers = 3 }, { impatient = true })
  end)

  local function fault(method, kind, more)
    local all = { method = method, kind = kind }
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    assert(server:fault(all))
  end

  local function has_added()
    return arrivals.state(server).entry(seeded.pool, "numbers", NEW_NUMBER) ~= nil
  end

  describe("that never gets a good answer", function()
    local KINDS = {
      { "reset", "network" }, { "truncate", "network" }, { "garbage", "protocol" }, { "huge", "protocol" },
      { "status", "server", { status = 500 } }, { "status", "server", { status = 503 } },
    }

    for _, case in ipairs(KINDS) do
      local name = case[1] .. (case[3] and " " .. case[3].status or "")

      it("is tried as often as allowed, a read that meets " .. name, function()
        fault("GET", case[1], case[3])
        local value, err = pool:find_number(NUMBER)
        assert.is_nil(value)
        assert.equal(case[2], err.kind)
        assert.equal(3, err.attempts)
        assert.is_nil(err.ambiguous)
        assert.equal("find_number", err.operation)
        assert.equal(NUMBER, err.target)
        assert.same({ ["GET Number/" .. NUMBER .. "/"] = 3 }, arrivals.count(server))
      end)

      it("is looked at after each try, a change that never happens and meets " .. name, function()
        fault("POST", case[1], case[3])
        local value, err = pool:add_number(NEW_NUMBER)
        assert.is_nil(value)
        assert.equal(case[2], err.kind)
        assert.equal(3, err.attempts)
        assert.is_nil(err.ambiguous)
        assert.same({ [ADD] = 3, [FIND] = 3 }, arrivals.count(server))
        assert.is_false(has_added())
      end)

      it("is in doubt where looking fails too, a change that meets " .. name, function()
        fault(nil, case[1], case[3])
        local value, err = pool:add_number(NEW_NUMBER)
        assert.is_nil(value)
        assert.equal(case[2], err.kind)
        assert.equal(1, err.attempts)
        assert.is_true(err.ambiguous)
        assert.same({ [ADD] = 1, [FIND] = 3 }, arrivals.count(server))
      end)
    end

    it("ends as rate_limited after 429s, and isn't in doubt", function()
      fault(nil, "status", { status = 429 })
      for method, argument in pairs { find_number = NUMBER, add_number = NEW_NUMBER } do
        local value, err = pool[method](pool, argument)
        assert.is_nil(value)
        assert.equal("rate_limited", err.kind)
        assert.equal(429, err.status)
        assert.equal(3, err.attempts)
        assert.is_nil(err.ambiguous)
      end
      assert.is_false(has_added())
    end)
  end)

  describe("without retries", function()
    it("is tried once, a read", function()
      fault("GET", "reset")
      local _, err = pool:find_number(NUMBER, { retries = 0 })
      assert.equal("network", err.kind)
      assert.equal(1, err.attempts)
      assert.is_nil(err.ambiguous)
      assert.same({ ["GET Number/" .. NUMBER .. "/"] = 1 }, arrivals.count(server))
    end)

    it("is tried once and not looked at, a change", function()
      fault("POST", "reset", { when = "after" })
      local _, err = pool:add_number(NEW_NUMBER, { retries = 0 })
      assert.equal("network", err.kind)
      assert.equal(1, err.attempts)
      assert.is_true(err.ambiguous)
      assert.same({ [ADD] = 1 }, arrivals.count(server))
    end)

    it("is the same for a whole client", function()
      fault("GET", "status")
      local single = fixture.client(server, { impatient = true, retries = 0 })
      local _, err = assert(single:pool(seeded.pool)):find_number(NUMBER)
      assert.equal(1, err.attempts)
    end)
  end)

  it("may have more retries than its client, or fewer", function()
    fault("GET", "status")
    for retries = 1, 5, 4 do
      local _, err = pool:find_number(NUMBER, { retries = retries })
      assert.equal(retries + 1, err.attempts)
    end
  end)

  it("succeeds on its last try", function()
    fault("GET", "reset", { times = 2 })
    assert.equal(NUMBER, assert(pool:find_number(NUMBER)).number)
  end)

  for _, status in ipairs { 301, 302, 400, 401, 402, 403, 404, 405, 409, 410, 422 } do
    it("is never tried again after a " .. status, function()
      fault(nil, "status", { status = status, headers = { Location = "/elsewhere/" } })
      local _, err = pool:find_number(NUMBER)
      assert.equal(status, err.status)
      assert.equal(1, err.attempts)
      local value
      value, err = pool:add_number(NEW_NUMBER)
      assert.is_nil(value)
      assert.equal(status, err.status)
      assert.is_nil(err.ambiguous)
      value, err = pool:remove_number(NUMBER)
      assert.is_nil(value)
      assert.equal(1, err.attempts)
      assert.equal(3, #assert(server:requests()))
    end)
  end

  describe("that changes something, after a try in doubt,", function()
    it("isn't sent again where looking is forbidden", function()
      fault("POST", "reset")
      fault("GET", "status", { status = 403 })
      local value, err = pool:add_number(NEW_NUMBER)
      assert.is_nil(value)
      assert.equal("network", err.kind)
      assert.is_true(err.ambiguous)
      assert.same({ [ADD] = 1, [FIND] = 1 }, arrivals.count(server))
    end)

    it("isn't sent again where looking gives nonsense", function()
      fault("DELETE", "reset")
      fault("GET", "garbage")
      local value, err = pool:remove_number(NUMBER, { unrent = true })
      assert.is_nil(value)
      assert.is_true(err.ambiguous)
      assert.same({ [REMOVE] = 1, [FIND_REMOVED] = 3 }, arrivals.count(server))
    end)

    it("is looked at again where looking meets trouble", function()
      fault("POST", "reset", { when = "after", times = 1 })
      fault("GET", "reset", { times = 2 })
      assert.equal(NEW_NUMBER, assert(pool:add_number(NEW_NUMBER)).number)
      assert.same({ [ADD] = 1, [FIND] = 3 }, arrivals.count(server))
    end)

    it("has succeeded where a removal then meets 404", function()
      fault("DELETE", "reset", { times = 1 })
      fault("DELETE", "status", { when = "after", status = 404, times = 1 })
      assert.equal("success", assert(pool:remove_number(NUMBER)).response)
      assert.same({ [REMOVE] = 2, [FIND_REMOVED] = 1 }, arrivals.count(server))
    end)

    for _, status in ipairs { 400, 404, 409 } do
      it("has succeeded where it is refused with " .. status .. " but is there", function()
        fault("POST", "reset", { times = 1 })
        fault("POST", "status", { when = "after", status = status, times = 1 })
        assert.equal(NEW_NUMBER, assert(pool:add_number(NEW_NUMBER)).number)
        assert.same({ [ADD] = 2, [FIND] = 2 }, arrivals.count(server))
      end)

      it("has failed where it is refused with " .. status .. " and isn't there", function()
        fault("POST", "reset", { times = 1 })
        fault("POST", "status", { status = status, times = 1 })
        local value, err = pool:add_number(NEW_NUMBER)
        assert.is_nil(value)
        assert.equal(status, err.status)
        assert.equal(2, err.attempts)
        assert.is_nil(err.ambiguous)
        assert.same({ [ADD] = 2, [FIND] = 2 }, arrivals.count(server))
      end)

      it("stays in doubt where it is refused with " .. status .. " and can't be looked at", function()
        fault("POST", "reset", { times = 1 })
        fault("POST", "status", { status = status, times = 1 })
        fault("GET", "status", { status = 404, times = 1 })
        fault("GET", "status", { status = 403 })
        local value, err = pool:add_number(NEW_NUMBER)
        assert.is_nil(value)
        assert.equal(status, err.status)
        assert.is_true(err.ambiguous)
      end)
    end
  end)

  it("that removes what isn't there has failed, after a 429 too", function()
    local value, err = pool:remove_number(NEW_NUMBER)
    assert.is_nil(value)
    assert.equal("not_found", err.kind)
    fault("DELETE", "status", { status = 429, times = 1 })
    value, err = pool:remove_number(NEW_NUMBER)
    assert.is_nil(value)
    assert.equal("not_found", err.kind)
    assert.equal(2, err.attempts)
  end)

  describe("that makes a powerpack", function()
    -- With the seeded one, more than two pages of them.
    before_each(function()
      for i = 1, 44 do
        assert(server:seed { name = "powerpack " .. i })
      end
    end)

    local function named(name)
      local found = {}
      for _, powerpack in ipairs(assert(server:state()).powerpacks) do
        if powerpack.name == name then
          found[#found + 1] = powerpack
        end
      end
      return found
    end

    it("finds it on the last page", function()
      fault("POST", "reset", { when = "after", times = 1 })
      local made = assert(client.powerpacks:create { name = "mine" })
      local found = named "mine"
      assert.equal(1, #found)
      assert.equal(found[1].uuid, made.uuid)
      assert.same({ ["POST Powerpack/"] = 1, ["GET Powerpack/"] = 3 }, arrivals.count(server))
    end)

    it("sends it again where it is on no page", function()
      fault("POST", "reset", { times = 1 })
      local made = assert(client.powerpacks:create { name = "mine" })
      local found = named "mine"
      assert.equal(1, #found)
      assert.equal(found[1].uuid, made.uuid)
      assert.same({ ["POST Powerpack/"] = 2, ["GET Powerpack/"] = 3 }, arrivals.count(server))
    end)

    it("doesn't send it again where a page can't be read", function()
      fault("POST", "reset", { when = "after" })
      fault("GET", "delay", { seconds = 0, times = 1 }) -- the first page comes
      fault("GET", "status", { status = 403 })
      local made, err = client.powerpacks:create { name = "mine" }
      assert.is_nil(made)
      assert.is_true(err.ambiguous)
      assert.same({ ["POST Powerpack/"] = 1, ["GET Powerpack/"] = 2 }, arrivals.count(server))
      assert.equal(1, #named "mine")
    end)
  end)

  describe("that the server asks to wait", function()
    local function watched_pool()
      local waits = {}
      local options = { impatient = true, on_event = function(event)
        if event.type == "retry" then
          waits[#waits + 1] = event.wait
        end
      end }
      return waits, assert(fixture.client(server, options):pool(seeded.pool))
    end

    for _, status in ipairs { 429, 503 } do
      it("as long as it says in seconds, with " .. status, function()
        fault("GET", "status", { status = status, headers = { ["Retry-After"] = "1" }, times = 1 })
        local waits, waiting = watched_pool()
        local started = socket.gettime()
        assert(waiting:find_number(NUMBER))
        assert.same({ 1 }, waits)
        assert.is_true(socket.gettime() - started >= 0.99)
      end)

      it("until the date it says, with " .. status, function()
        local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2)
        fault("GET", "status", { status = status, headers = { ["Retry-After"] = date }, times = 1 })
        local waits, waiting = watched_pool()
        assert(waiting:find_number(NUMBER))
        assert.equal(1, #waits)
        assert.is_true(waits[1] >= 1 and waits[1] <= 2, "waits " .. waits[1])
      end)

      it("longer than the call may take ends it at once, with " .. status, function()
        fault("GET", "status", { status = status, headers = { ["Retry-After"] = "60" } })
        local started = socket.gettime()
        local value, err = pool:find_number(NUMBER, { timeout = 20 })
        assert.is_nil(value)
        assert.is_true(socket.gettime() - started < 10)
        assert.equal(status, err.status)
        assert.equal(60, err.retry_after)
        assert.equal(1, err.attempts)
      end)
    end

    it("before it looks at a change, which ends it at once in doubt where that is too long", function()
      fault("POST", "status", { status = 503, headers = { ["Retry-After"] = "60" } })
      local _, err = pool:add_number(NEW_NUMBER)
      assert.equal("server", err.kind)
      assert.equal(60, err.retry_after)
      assert.is_true(err.ambiguous)
      assert.same({ [ADD] = 1 }, arrivals.count(server))
    end)

    it("without a time that makes sense is tried again all the same", function()
      for _, nonsense in ipairs { "soon", "-5", "0", "Thu, 01 Jan 1970 00:00:00 GMT" } do
        fault("GET", "status", { status = 503, headers = { ["Retry-After"] = nonsense }, times = 1 })
        assert.equal(NUMBER, assert(pool:find_number(NUMBER)).number)
      end
    end)
  end)

  it("ends at once where the next wait doesn't fit its time, with the last error", function()
    fault("GET", "status", { status = 500 })
    client.runtime.random = function()
      return 1
    end
    local started = socket.gettime()
    local _, err = pool:find_number(NUMBER, { timeout = 1.5, retries = 50 })
    assert.equal("server", err.kind)
    assert.equal(500, err.status)
    assert.equal(3, err.attempts) -- after 0.25 s and 0.5 s; another second doesn't fit
    assert.is_true(socket.gettime() - started < 1.5)
    assert.is_true(err.elapsed >= 0.75 and err.elapsed < 1.5)
  end)
end)
