-- Several purchases by search at once. Each gets a number of its own, whatever becomes of the others.
local arrivals = require "spec.support.arrivals"
local errors = require "numberpool.errors"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local rents = require "spec.support.rents"

local IN_US = { country_iso2 = "US" }

describe("purchases by search at once", function()
  local server = fixture.sandbox()
  local seeded, client, pool, offers

  before_each(function()
    pool, client, seeded = fixture.pool(server, {}, { impatient = true })
    offers = {}
    local found = assert(client:search_numbers { country_iso2 = "US", services = "sms", limit = 20 })
    for i, offer in ipairs(found.objects) do
      offers[i] = offer.number
    end
  end)

  local function posts(number)
    return arrivals.count(server)["POST Number/" .. number .. "/"] or 0
  end

  -- A search that offers one number alone.
  local function search_for(number)
    return { country_iso2 = "US", pattern = number:sub(2) }
  end

  -- Buys so many times at once, each time from the next of some pools.
  local function buy(count, pools, options)
    local items, results = {}, {}
    for i = 1, count do
      items[i] = i
    end
    for i, result in ipairs(client:map(items, function(i)
      return rents.result(pools[i % #pools + 1]:buy_number(options or IN_US))
    end, { concurrency = count })) do
      results[i] = assert(result.value, tostring(result.error))
    end
    return results
  end

  it("get a number each, from more than one page of offers", function()
    assert.equal(45, rents.check(server, buy(45, { pool })))
  end)

  it("take as long together as one", function()
    assert(server:fault { kind = "delay", seconds = 0.2 })
    local started = client.runtime.now()
    assert.equal(16, rents.check(server, buy(16, { pool })))
    assert.is_true(client.runtime.now() - started < 2)
  end)

  it("get a number each, with answers that are lost and servers that fail", function()
    local retrying = fixture.client(server, { impatient = true, retries = 8 })
    assert(server:fault { method = "POST", kind = "reset", probability = 0.3, seed = 3 })
    assert(server:fault { method = "POST", kind = "reset", probability = 0.3, seed = 4, when = "after" })
    assert(server:fault { method = "POST", kind = "status", status = 500, probability = 0.2, seed = 5, when = "after" })
    assert(server:fault { method = "POST", kind = "status", status = 503, probability = 0.2, seed = 6 })
    assert(server:fault { kind = "delay", seconds = 0.05, probability = 0.3, seed = 7 })
    local results = buy(20, { assert(retrying:pool(seeded.pool)) })
    assert.is_true(rents.check(server, results) > 10)
  end)

  it("tell each number that was rented, with looks that fail and servers that are late", function()
    local hasty = fixture.client(server, { impatient = true, attempt_timeout = 0.2, timeout = 5 })
    assert(server:fault { method = "POST", kind = "reset", probability = 0.3, seed = 4, when = "after" })
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.4, probability = 0.3, seed = 5 })
    assert(server:fault { method = "GET", path = "/NumberPool/", kind = "status", status = 500, probability = 0.5,
      seed = 6 })
    local results = buy(20, { assert(hasty:pool(seeded.pool)) })
    assert.is_true(rents.check(server, results) > 0)
  end)

  it("get a number each through several clients of the account, and into several pools", function()
    local other = fixture.client(server, { impatient = true, retries = 8 })
    local second = assert(server:seed {}).pool
    assert(server:fault { method = "POST", kind = "reset", probability = 0.5, seed = 4, when = "after" })
    local results = {}
    -- A client waits for its own calls alone, so that the other one's purchases come in the middle of them.
    local outer = fixture.client(server, { impatient = true, retries = 8, on_event = function(event)
      if event.type == "response" and event.operation == "search_numbers" then
        local result = rents.result(assert(other:pool(second)):buy_number(IN_US)) -- others may add theirs meanwhile
        results[#results + 1] = result
      end
    end })
    for _, result in ipairs(buy(8, { assert(outer:pool(seeded.pool)) })) do
      results[#results + 1] = result
    end
    assert.equal(16, #results)
    assert.equal(16, rents.check(server, results))
  end)

  it("buy a number again that was released meanwhile", function()
    local bought = assert(pool:buy_number(IN_US))
    local search = { country_iso2 = "US", pattern = bought.number:sub(2), timeout = 5 }
    for _ = 1, 2 do
      assert(pool:remove_number(bought.number, { unrent = true }))
      assert.equal(bought.number, assert(pool:buy_number(search)).number)
    end
    local report = assert(pool:remove_numbers({ bought.number }, { unrent = true }))
    assert.equal(1, report.succeeded)
    assert.equal(bought.number, assert(pool:buy_number(search)).number)
  end)

  it("leave a number alone that was bought after they had searched", function()
    local outer, inner
    local nesting = fixture.client(server, { impatient = true, on_event = function(event)
      if event.type == "response" and event.operation == "search_numbers" and not inner then
        inner = pool
        inner = assert(pool:buy_number(IN_US)).number
      end
    end })
    outer = assert(assert(nesting:pool(seeded.pool)):buy_number(IN_US)).number
    assert.same({ offers[1], offers[2] }, { inner, outer })
    assert.equal(1, posts(offers[1]))
    rents.check(server, { { number = inner }, { number = outer } })
  end)

  it("search again where their list has grown old", function()
    local searches, ahead = 0, 0
    local slow = fixture.client(server, { impatient = true, timeout = 300, on_event = function(event)
      if event.type == "response" and event.operation == "search_numbers" then
        searches = searches + 1
        ahead = searches == 1 and 31 or ahead
      end
    end })
    local now = slow.runtime.now
    slow.runtime.now = function()
      return now() + ahead
    end
    assert.equal(offers[1], assert(assert(slow:pool(seeded.pool)):buy_number(IN_US)).number)
    assert.equal(2, searches)
  end)

  it("try no number that is bought by its name meanwhile", function()
    assert(server:fault { method = "POST", path = "/" .. offers[1] .. "/", kind = "delay", seconds = 0.5 })
    local results = client:map({ { number = offers[1] }, IN_US }, function(options)
      return pool:buy_number(options)
    end)
    assert.equal(offers[1], results[1].value.number)
    assert.equal(offers[2], results[2].value.number)
    assert.equal(1, posts(offers[1]))
  end)

  it("take a number that another one was refused", function()
    assert(server:fault { method = "POST", kind = "status", status = 403, times = 1 })
    local results = buy(2, { pool }, search_for(offers[1]))
    assert.equal(1, rents.check(server, results))
    assert.equal(2, posts(offers[1]))
  end)

  it("find nothing where the last number is bought by another one", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.3 })
    local results = buy(2, { pool }, search_for(offers[1]))
    assert.equal(1, rents.check(server, results))
    assert.equal("not_found", (results[1].err or results[2].err).kind)
    assert.equal(1, posts(offers[1]))
  end)

  it("run out of time where others are at all that is offered", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 2.5 })
    local results = client:map({ 20, 1.2 }, function(timeout)
      return pool:buy_number { country_iso2 = "US", pattern = offers[1]:sub(2), timeout = timeout }
    end)
    assert.equal(offers[1], assert(results[1].value, tostring(results[1].error)).number)
    local err = results[2].error
    assert.equal("timeout", err.kind)
    assert.matches("other purchases", err.message)
    assert.equal("buy_number", err.operation)
    assert.equal(0, err.attempts)
    assert.is_nil(err.ambiguous)
    assert.is_true(err.elapsed < 2.4, "took " .. err.elapsed)
    assert.equal(1, posts(offers[1]))
  end)

  describe("one of which is killed", function()
    local torn_pool, torn

    -- Ends the next purchase in the middle, as Ctrl-C does.
    local function tear(event_type)
      torn = fixture.client(server, { impatient = true, timeout = 2, on_event = function(event)
        if event.type == event_type and event.operation == "buy_number" then
          error("interrupted!", 0)
        end
      end })
      torn_pool = assert(torn:pool(seeded.pool))
      local ok, raised = pcall(torn_pool.buy_number, torn_pool, IN_US)
      assert.is_false(ok)
      assert.is_true(errors.is_interrupt(raised), tostring(raised))
    end

    after_each(function()
      torn:close()
    end)

    for _, event_type in ipairs { "attempt", "response" } do
      it("at its " .. event_type .. " leave its number alone, and go on at once", function()
        tear(event_type)
        local started = client.runtime.now()
        assert.equal(offers[2], assert(pool:buy_number(IN_US)).number)
        assert.is_true(client.runtime.now() - started < 5)
        assert.equal(event_type == "response" and 1 or 0, posts(offers[1]))
        local left = client.store:left("buy:" .. offers[1])
        assert.is_true(left > 30 and left < 34, "claimed for " .. left)
      end)
    end
  end)
end)

describe("a purchase by search", function()
  local server = fixture.scripted_server()
  local client, pool

  before_each(function()
    pool, client = fixture.pool(server, "p", { impatient = true })
  end)

  local function page(first, count, total)
    local list = {}
    for i = 1, count do
      list[i] = ('{"number":"%d"}'):format(first + i)
    end
    local meta = total and ('"meta":{"limit":20,"offset":0,"total_count":%d},'):format(total) or ""
    return http.json("{" .. meta .. '"objects":[' .. table.concat(list, ",") .. "]}")
  end

  local function claim(first, count)
    for i = 1, count do
      assert.is_true(client.store:take("buy:" .. ("%d"):format(first + i), 60))
    end
  end

  it("doesn't count what others have claimed among the five that it tries", function()
    claim(15125550000, 10)
    server:script(page(15125550000, 20, 20), http.answer(400, '{"error":"no"}'))
    local _, err = pool:buy_number(IN_US)
    assert.equal("rejected", err.kind)
    assert.equal("15125550015", err.target)
    assert.equal(6, #server:requests())
  end)

  it("tries five numbers in all, of however many pages", function()
    claim(15125550000, 17)
    server:script(page(15125550000, 20, 40), http.answer(404, '{"error":"no"}'), http.answer(409, '{"error":"no"}'),
      http.answer(400, '{"error":"no"}'), page(15125550100, 20, 40), http.answer(404, '{"error":"no"}'))
    local _, err = pool:buy_number(IN_US)
    assert.equal("not_found", err.kind)
    assert.equal("15125550102", err.target)
    assert.equal(5, err.attempts)
    local requests = server:requests()
    assert.equal(7, #requests)
    assert.equal("20", requests[5].query.offset)
  end)

  it("returns the last refusal where nothing else is offered", function()
    server:script(page(15125550000, 2, 2), http.answer(404, '{"error":"no"}'), http.answer(409, '{"error":"no"}'))
    local _, err = pool:buy_number(IN_US)
    assert.equal("conflict", err.kind)
    assert.equal(3, #server:requests())
  end)

  it("asks a server that has one page for every offset a few times, and no more", function()
    claim(15125550000, 20)
    server:script(page(15125550000, 20))
    local _, err = pool:buy_number { country_iso2 = "US", timeout = 1 }
    assert.equal("timeout", err.kind)
    assert.is_true(#server:requests() < 30, #server:requests() .. " requests")
  end)
end)
