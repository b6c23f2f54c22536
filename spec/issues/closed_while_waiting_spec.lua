-- client:close() ends whatever waits, and at once: for the limit, an answer, the next try or another purchase. A change
-- that was sent by then is in doubt.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local new_client = require "spec.support.new_client"
local socket = require "socket"
local under_way = require "spec.support.under_way"

local NUMBER = "15125550000"
local WAIT = 60 -- seconds that a call would wait without that
local PROMPT = 5 -- seconds that a busy machine may take
local SILENCE = { bytes = "", after = "stall" }
local NOT_NOW = http.answer(503, '{"error":"not now"}', { ["Retry-After"] = tostring(WAIT) })

local server = fixture.scripted_server()
local client, pool

local function open(options)
  options = options or {}
  options.timeout, options.attempt_timeout = 10 * WAIT, WAIT
  client = new_client(server, options)
  pool = assert(client:pool "p")
end

after_each(function()
  client:close()
  server:drop()
end)

-- Runs `work` in one task, and closes the client in another once `is_time()`. Returns what work gave: { ok, value,
-- error }.
local function close_during(work, is_time)
  local deadline = socket.gettime() + WAIT / 2
  local closed_at
  local results = client:map({ "work", "close" }, function(item)
    if item == "work" then
      return work()
    end
    while not is_time() do
      assert(socket.gettime() < deadline, "it is never time")
      client.runtime:sleep(0.005)
    end
    closed_at = socket.gettime()
    client:close()
    return true
  end)
  assert.is_true(results[2].ok, tostring(results[2].error))
  assert.is_true(socket.gettime() - closed_at < PROMPT)
  return results[1]
end

local function has_arrived(count)
  return function()
    return #server:requests() >= count
  end
end

local function check_closed(result, ambiguous)
  assert.is_false(result.ok)
  assert.equal("closed", result.error.kind, tostring(result.error))
  assert.equal(ambiguous, result.error.ambiguous, tostring(result.error))
end

local CALLS = {
  get = { function()
    return pool:get()
  end },
  find_number = { function()
    return pool:find_number(NUMBER)
  end },
  add_number = { function()
    return pool:add_number(NUMBER)
  end, true },
  remove_number = { function()
    return pool:remove_number(NUMBER, { unrent = true })
  end, true },
  buy_number = { function()
    return pool:buy_number { number = NUMBER }
  end, true },
}

for name, case in pairs(CALLS) do
  describe("a client that is closed ends " .. name, function()
    it("that waits for an answer", function()
      open()
      server:script(SILENCE)
      check_closed(close_during(case[1], has_arrived(1)), case[2])
    end)

    it("that waits for the rest of an answer", function()
      open()
      server:script { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", after = "stall" }
      check_closed(close_during(case[1], has_arrived(1)), case[2])
    end)

    it("that waits between two tries", function()
      local waits = false
      open { retries = 3, on_event = function(event)
        waits = waits or event.type == "retry"
      end }
      server:script(NOT_NOW)
      check_closed(close_during(case[1], function()
        return waits
      end), case[2])
      assert.equal(1, #server:requests())
    end)

    it("that waits for the limit, with nothing in doubt", function()
      local waits = false
      open { rate = { requests = 1, seconds = WAIT }, on_event = function(event)
        waits = waits or event.type == "throttled"
      end }
      server:script(http.json "{}")
      assert(pool:get())
      check_closed(close_during(case[1], function()
        return waits
      end))
      assert.equal(1, #server:requests())
      assert.equal(0, under_way(client))
    end)

    it("that a 429 holds back, with nothing in doubt", function()
      local waits = false
      open { retries = 3, on_event = function(event)
        waits = waits or event.type == "retry"
      end }
      server:script(http.answer(429, "{}", { ["Retry-After"] = tostring(WAIT) }))
      check_closed(close_during(case[1], function()
        return waits
      end))
      assert.equal(1, #server:requests())
    end)
  end)
end

describe("a client that is closed ends", function()
  it("a look after a change, which stays in doubt", function()
    open { retries = 3 }
    client.runtime.random = function()
      return 0
    end
    server:script(http.answer(500, "{}"), SILENCE)
    check_closed(close_during(CALLS.add_number[1], has_arrived(2)), true)
  end)

  it("a call outside of any task, from a hook of it", function()
    open { retries = 3, on_event = function(event)
      if event.type == "retry" then
        client:close()
      end
    end }
    for name, case in pairs(CALLS) do
      server:script(NOT_NOW)
      local started = socket.gettime()
      local done, err = case[1]()
      assert.is_nil(done, name)
      assert.equal("closed", err.kind)
      assert.equal(case[2], err.ambiguous)
      assert.is_true(socket.gettime() - started < PROMPT)
      client:close()
      open { retries = 3, on_event = client.on_event }
    end
  end)

  it("purchases that wait for another one, with nothing in doubt but that", function()
    open()
    local page = http.json '{"meta":{"limit":20,"offset":0,"total_count":1},"objects":[{"number":"15125550000"}]}'
    server:script(page, SILENCE, page, page, page, SILENCE)
    local results
    close_during(function()
      results = client:map({ 1, 2, 3, 4 }, function(i)
        while i > 1 and not has_arrived(2)() do
          client.runtime:sleep(0.005)
        end
        return pool:buy_number { country_iso2 = "US" }
      end)
    end, has_arrived(5))
    local in_doubt = 0
    for _, result in ipairs(results) do
      assert.equal("closed", result.error.kind)
      in_doubt = in_doubt + (result.error.ambiguous and 1 or 0)
    end
    assert.equal(1, in_doubt)
  end)

  it("a bulk call, which accounts for every item", function()
    open()
    server:script(SILENCE)
    local numbers = {}
    for i = 1, 20 do
      numbers[i] = ("14155550%03d"):format(i)
    end
    local report
    close_during(function()
      report = assert(pool:add_numbers(numbers, { concurrency = 4 }))
      return report
    end, has_arrived(4))
    assert.same({ 20, 0, 20, 0 }, { report.total, report.succeeded, report.failed, report.skipped })
    local in_doubt = 0
    for _, result in ipairs(report.results) do
      assert.equal("closed", result.error.kind)
      in_doubt = in_doubt + (result.error.ambiguous and 1 or 0)
    end
    assert.equal(4, in_doubt)
    assert.equal(4, #server:requests())
  end)

  it("a loop over a pool, with the pages that were under way", function()
    open()
    local objects = {}
    for i = 1, 5 do
      objects[i] = ('{"number":"1415555000%d"}'):format(i)
    end
    server:script(http.json('{"meta":{"limit":5,"offset":0,"total_count":45},"objects":['
      .. table.concat(objects, ",") .. "]}"), SILENCE)
    local count = 0
    check_closed(close_during(function()
      local entries = pool:numbers { limit = 5, prefetch = 4 }
      while entries() do -- Lua 5.1 can't yield out of a loop's iterator
        count = count + 1
      end
    end, has_arrived(3)))
    assert.equal(5, count)
    assert.is_nil(next(client.runtime.tasks.live))
  end)

  it("a snapshot", function()
    open()
    server:script(SILENCE)
    check_closed(close_during(function()
      return pool:snapshot()
    end, has_arrived(1)))
  end)

  it("calls in any number, each with an answer of its own", function()
    open()
    server:script(SILENCE)
    local results
    close_during(function()
      local items = {}
      for i = 1, 50 do
        items[i] = i
      end
      results = client:map(items, function(i)
        if i % 2 == 0 then
          return pool:get()
        end
        return pool:add_number(NUMBER)
      end, { concurrency = 10 })
      return true
    end, has_arrived(10))
    assert.equal(50, #results)
    for i, result in ipairs(results) do
      assert.equal("closed", result.error.kind)
      assert.equal(i % 2 == 1 and i <= 10 or nil, result.error.ambiguous)
    end
  end)
end)
