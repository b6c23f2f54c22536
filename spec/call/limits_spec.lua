-- The account's limit, kept end to end: the sandbox counts arrivals and turns away what is too much.
local fixture = require "spec.support.fixture"
local socket = require "socket"

local NUMBER = "15125550000"

local function count_refused(server)
  local refused = 0
  for _, request in ipairs(assert(server:requests())) do
    if request.status == 429 then
      refused = refused + 1
    end
  end
  return refused
end

describe("a client within a limit of 60 in a quarter of a second", function()
  local RATE = { requests = 60, seconds = 0.25 }
  local server = fixture.sandbox { rate = RATE }
  local pool, client

  before_each(function()
    pool, client = fixture.pool(server, { numbers = 3 }, { rate = RATE, timeout = 60 })
  end)

  local function check_no_refusal(count)
    assert.equal(count, #assert(server:requests()))
    assert.equal(0, count_refused(server))
    assert.equal(count, client:stats().attempts)
  end

  it("meets no 429 in 200 calls one after another", function()
    for _ = 1, 200 do
      assert(pool:find_number(NUMBER))
    end
    check_no_refusal(200)
  end)

  it("meets no 429 in 200 calls with 16 in flight", function()
    local items = {}
    for i = 1, 200 do
      items[i] = i
    end
    for _, result in ipairs(client:map(items, function()
      return pool:find_number(NUMBER)
    end, { concurrency = 16 })) do
      assert.is_true(result.ok, tostring(result.error))
    end
    check_no_refusal(200)
  end)

  it("meets no 429 where answers take longer than the window", function()
    assert(server:fault { kind = "delay", seconds = 0.3, probability = 0.3, seed = 5 })
    local items = {}
    for i = 1, 150 do
      items[i] = i
    end
    for _, result in ipairs(client:map(items, function()
      return pool:find_number(NUMBER)
    end, { concurrency = 64 })) do
      assert.is_true(result.ok, tostring(result.error))
    end
    check_no_refusal(150)
  end)

  it("meets no 429 with several pools and calls that fail", function()
    local other = assert(client:pool(assert(server:seed { numbers = 1 }).pool))
    assert(server:fault { kind = "status", status = 404, probability = 0.3, seed = 2 })
    for i = 1, 130 do
      local _, err = (i % 2 == 0 and pool or other):find_number(NUMBER)
      assert.is_true(err == nil or err.kind == "not_found", tostring(err))
    end
    check_no_refusal(130)
  end)
end)

describe("a client without a limit of its own", function()
  it("gets through a server's limit all the same", function()
    local server = fixture.sandbox { rate = { requests = 30, seconds = 1 } }
    local pool = fixture.pool(server, { numbers = 1 }, { retries = 10 })
    for _ = 1, 50 do
      assert(pool:find_number(NUMBER))
    end
    assert.is_true(count_refused(server) > 0)
  end)
end)

describe("a 429", function()
  for _, rate in ipairs { false, { requests = 1000, seconds = 1 } } do
    local name = rate and "with a limit" or "without a limit"

    it("holds back the whole client until its Retry-After, " .. name, function()
      local server = fixture.sandbox()
      local one, two = assert(server:seed { numbers = 1 }), assert(server:seed { numbers = 1 })
      local throttled
      local client = fixture.client(server, {
        rate = rate,
        on_event = function(event)
          throttled = event.type == "throttled" and event or throttled
        end,
      })
      local first, second = assert(client:pool(one.pool)), assert(client:pool(two.pool))
      assert(server:fault { kind = "status", status = 429, headers = { ["Retry-After"] = "1" }, times = 1 })

      local started = socket.gettime()
      local _, err = first:find_number(NUMBER) -- no retries: it ends at once
      assert.equal("rate_limited", err.kind)
      assert.equal(1, err.retry_after)
      assert(second:get())
      assert.is_true(socket.gettime() - started >= 0.99)
      assert.equal("get", throttled.operation)
      assert.is_true(throttled.wait > 0 and throttled.wait <= 1)

      throttled = nil
      assert(first:get())
      assert.is_nil(throttled)
    end)
  end

  it("ends a call at once that can't wait for so long, with nothing sent", function()
    local server = fixture.sandbox()
    local pool = fixture.pool(server, { numbers = 1 })
    assert(server:fault { kind = "status", status = 429, headers = { ["Retry-After"] = "60" }, times = 1 })
    assert.equal("rate_limited", select(2, pool:get()).kind)
    local value, err = pool:add_number "14155550123"
    assert.is_nil(value)
    assert.equal("rate_limited", err.kind)
    assert.equal(0, err.attempts)
    assert.is_nil(err.ambiguous)
    assert.is_true(err.retry_after > 55)
    assert.equal(1, #assert(server:requests()))
  end)

  it("holds back another client of the account, and none of another account", function()
    local server = fixture.sandbox()
    local other = assert(server:account())
    local first, _, seeded = fixture.pool(server, { numbers = 1 })
    local second = fixture.pool(server, seeded.pool)
    local third = fixture.client(server, { auth_id = other.auth_id, auth_token = other.auth_token })
    assert(server:fault { kind = "status", status = 429, headers = { ["Retry-After"] = "60" }, times = 1 })
    assert.is_nil((first:get()))
    local _, err = second:get()
    assert.equal("rate_limited", err.kind)
    assert.equal(0, err.attempts)
    assert(third.powerpacks:list())
  end)
end)

-- A slot gets free by itself once no exchange can have it: not as long as a hook keeps its request from being sent.
describe("a hook that takes long before a request is sent", function()
  it("doesn't cost the request its slot of the limit", function()
    local rate = { requests = 1, seconds = 0.5 }
    local server = fixture.sandbox { rate = rate }
    local attempts, client, pool = 0
    local function on_event(event)
      attempts = attempts + (event.type == "attempt" and 1 or 0)
      local longest = client.runtime.now() + 3
      while event.type == "attempt" and attempts < 2 and client.runtime.now() < longest do
        client.runtime:sleep(0.01)
      end
    end
    pool, client = fixture.pool(server, { numbers = 1 }, { rate = rate, attempt_timeout = 0.3, on_event = on_event })
    for _, result in ipairs(client:map({ 1, 2 }, function()
      return pool:find_number(NUMBER)
    end)) do
      assert.is_true(result.ok, tostring(result.error))
    end
    assert.equal(0, count_refused(server))
  end)
end)

describe("several clients of an account in one process", function()
  it("keep to its limit together", function()
    local rate = { requests = 20, seconds = 0.5 }
    local server = fixture.sandbox { rate = rate }
    local seeded = assert(server:seed { numbers = 1 })
    local pools = {}
    for i = 1, 3 do
      pools[i] = fixture.pool(server, seeded.pool, { rate = rate })
    end
    for i = 1, 90 do
      assert(pools[i % 3 + 1]:find_number(NUMBER))
    end
    assert.equal(0, count_refused(server))
  end)
end)

describe("the rate limit inside map", function()
  local function numbers(count)
    local list = {}
    for i = 1, count do
      list[i] = tonumber(NUMBER) + i - 1
    end
    return list
  end

  it("holds the calls back, so that the server never has to", function()
    local RATE = { requests = 20, seconds = 0.15 }
    local server = fixture.sandbox { rate = RATE }
    local pool, client = fixture.pool(server, { numbers = 40 }, { rate = RATE })
    local started = socket.gettime()
    local results = client:map(numbers(40), function(number)
      local _ = assert(pool:find_number(number))
      return pool:find_number(number)
    end, { concurrency = 16 })
    assert.is_true(socket.gettime() - started >= 0.44, "more than the limit allows") -- three times 0.15 s, and calls
    for _, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
    end
    for _, entry in ipairs(server:requests()) do
      assert.equal(200, entry.status)
    end
    assert.equal(80, client:stats().attempts)
  end)
end)
