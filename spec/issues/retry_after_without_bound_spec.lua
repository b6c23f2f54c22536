-- A server, or what is before it, may write an epoch, milliseconds or a date of another clock into Retry-After. No
-- answer holds a client back for more than a minute, and one that isn't believed holds back its own call alone.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local impatient_client = require "spec.support.impatient_client"
local socket = require "socket"

local NUMBER = "15125550000"
local LONGEST = 60 -- seconds
local OK = http.json '{"number":"15125550000"}'

local UNBELIEVABLE = {
  ["an epoch"] = "1790000000",
  ["an epoch of milliseconds"] = "1790000000000",
  ["a minute in milliseconds"] = "60000",
  ["one second more than a minute"] = "61",
  ["a date far ahead"] = "Fri, 31 Dec 2100 23:59:59 GMT",
  ["a day"] = "86400",
}

local server = fixture.scripted_server()
local client, pool

before_each(function()
  pool, client = fixture.pool(server, "p", { impatient = true })
end)

local function refusal(status, retry_after)
  return http.answer(status, '{"error":"not now"}', { ["Retry-After"] = retry_after })
end

local function elapsed_in(fn, ...)
  local started = socket.gettime()
  local value, err = fn(...)
  return socket.gettime() - started, value, err
end

for name, text in pairs(UNBELIEVABLE) do
  describe("a Retry-After of " .. name, function()
    for _, status in ipairs { 429, 503 } do
      it("in a " .. status .. " ends its call and holds back no other", function()
        server:script(refusal(status, text), OK)
        local elapsed, found, err = elapsed_in(pool.find_number, pool, NUMBER)
        assert.is_nil(found)
        assert.same({ status == 429 and "rate_limited" or "server", status, 1 }, { err.kind, err.status, err.attempts })
        local said = tonumber(text)
        if said then
          assert.equal(said, err.retry_after)
        else
          assert.is_true(err.retry_after > LONGEST)
        end
        assert.is_true(elapsed < 5)
        elapsed, found = elapsed_in(pool.find_number, pool, NUMBER)
        assert.equal(NUMBER, found.number)
        assert.is_true(elapsed < 5)
      end)

      it("in a " .. status .. " keeps its own call for a minute, where that has time", function()
        server:script(refusal(status, text), OK)
        local wait, patient
        patient = impatient_client(server, { on_event = function(event)
          if event.type == "retry" then
            wait = event.wait
            patient:close() -- or this would take a minute
          end
        end })
        local found, err = assert(patient:pool "p"):find_number(NUMBER, { timeout = 3600 })
        assert.is_nil(found)
        assert.equal("closed", err.kind)
        assert.equal(LONGEST, wait)
      end)
    end

    it("in a 429 to one of many calls leaves the others alone", function()
      server:script(refusal(429, text), OK)
      local elapsed, results = elapsed_in(client.map, client, { 1, 2, 3, 4, 5, 6, 7, 8 }, function()
        return pool:find_number(NUMBER)
      end, { concurrency = 2 })
      local failed = 0
      for _, result in ipairs(results) do
        failed = failed + (result.ok and 0 or 1)
      end
      assert.equal(1, failed)
      assert.is_true(elapsed < 5)
    end)
  end)
end

describe("a Retry-After that is believed", function()
  it("holds the whole client back", function()
    server:script(refusal(429, "1"), OK)
    local _, err = pool:find_number(NUMBER, { retries = 0 })
    assert.same({ "rate_limited", 1 }, { err.kind, err.retry_after })
    local elapsed = elapsed_in(function()
      assert(pool:find_number(NUMBER, { retries = 0 }))
    end)
    assert.is_true(elapsed >= 0.95, ("after %.2f s"):format(elapsed))
    assert.is_true(elapsed < 10)
  end)

  it("is up to a minute", function()
    server:script(refusal(429, tostring(LONGEST)), OK)
    assert.equal(LONGEST, select(2, pool:find_number(NUMBER)).retry_after)
    local elapsed, found, err = elapsed_in(pool.find_number, pool, NUMBER, { timeout = 5 })
    assert.is_nil(found)
    assert.equal("rate_limited", err.kind)
    assert.is_nil(err.status)
    assert.equal(0, err.attempts)
    assert.is_true(err.retry_after > LONGEST - 10 and err.retry_after <= LONGEST)
    assert.is_true(elapsed < 1)
    assert.equal(1, #server:requests())
  end)

  it("in a 503 is its own call's", function()
    server:script(refusal(503, "1"), OK)
    assert.is_nil((pool:find_number(NUMBER, { retries = 0 })))
    local elapsed, found = elapsed_in(pool.find_number, pool, NUMBER)
    assert.equal(NUMBER, found.number)
    assert.is_true(elapsed < 0.9)
    server:script(refusal(503, "1"), OK)
    elapsed, found = elapsed_in(pool.find_number, pool, NUMBER)
    assert.equal(NUMBER, found.number)
    assert.is_true(elapsed >= 0.95)
  end)
end)
