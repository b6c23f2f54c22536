-- client:map: a function on many items, with many calls in flight.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"

local FIRST = 15125550000

local server = fixture.sandbox()
local seeded, client, pool

before_each(function()
  pool, client, seeded = fixture.pool(server, { numbers = 40 })
end)

after_each(function()
  -- Whatever a spec did to it, a client that is open goes on.
  if not client.closed then
    assert.equal(40, assert(pool:count_numbers()))
  end
end)

local function numbers(count, from)
  local list = {}
  for i = 1, count do
    list[i] = FIRST + (from or 0) + i - 1
  end
  return list
end

local function find(number)
  return pool:find_number(number)
end

-- The most calls that were in flight at once, as the events tell.
local function new_watch()
  local watch = { now = 0, most = 0 }
  function watch.on_event(event)
    if event.type == "attempt" then
      watch.now = watch.now + 1
      watch.most = math.max(watch.most, watch.now)
    elseif event.type == "response" then
      watch.now = watch.now - 1
    end
  end
  return watch
end

describe("client:map", function()
  it("gives a result for every item, in their order", function()
    local results = client:map(numbers(40), find)
    assert.equal(40, #results)
    for i, result in ipairs(results) do
      assert.is_true(result.ok)
      assert.equal(tostring(FIRST + i - 1), result.value.number)
      assert.is_nil(result.error)
    end
  end)

  it("takes no words of the function's for Ctrl-C", function()
    local results = client:map({ 1, 2, 3 }, function(item)
      if item == 2 then
        error "upload interrupted!"
      end
      return find(FIRST)
    end)
    assert.is_true(results[1].ok and results[3].ok)
    assert.matches("upload interrupted!$", results[2].error)
  end)

  it("keeps the order where later items are ready sooner, the first being no exception", function()
    assert(server:fault { kind = "delay", seconds = 0.2, path = "Number/" .. FIRST })
    local ended = {}
    local results = client:map(numbers(5), function(number, index)
      local found = find(number)
      ended[#ended + 1] = index
      return found
    end)
    assert.equal(1, ended[5])
    for i, result in ipairs(results) do
      assert.equal(tostring(FIRST + i - 1), result.value.number)
    end
  end)

  it("hands the function the item and its index", function()
    local results = client:map({ "a", "b", "c" }, function(...)
      return { select("#", ...), ... }
    end)
    assert.same({ 2, "a", 1 }, results[1].value)
    assert.same({ 2, "c", 3 }, results[3].value)
  end)

  it("hands an error on as it was returned or raised", function()
    local returned, thrown = { "returned" }, setmetatable({}, { __tostring = function() return "thrown" end })
    local results = client:map({ 1, 2, 3, 4, 5, 6, 7 }, function(item)
      if item == 1 then return nil, returned end
      if item == 2 then error(thrown) end
      if item == 3 then error("text", 0) end
      if item == 4 then error() end
      if item == 5 then return nil end
      if item == 6 then return false, "not an error" end
      return nil, false
    end)
    assert.same({ ok = false, error = returned }, results[1])
    assert.equal(returned, results[1].error)
    assert.is_false(results[2].ok)
    assert.equal(thrown, results[2].error)
    assert.same({ ok = false, error = "text" }, results[3])
    assert.is_false(results[4].ok)
    assert.is_nil(results[4].error)
    assert.same({ ok = true }, results[5])
    assert.same({ ok = true, value = false }, results[6])
    assert.same({ ok = false, error = false }, results[7])
  end)

  it("hands on the error objects of calls", function()
    local results = client:map({ FIRST, "1", "19995550000" }, find)
    assert.is_true(results[1].ok)
    assert.equal("invalid", results[2].error.kind)
    assert.equal("not_found", results[3].error.kind)
    assert.equal("19995550000", results[3].error.target)
  end)

  it("gives an empty list for one, and for an iterator of none", function()
    local function fail()
      error "called"
    end
    assert.same({}, client:map({}, fail))
    assert.same({}, client:map(function() end, fail))
  end)

  it("takes functions and tables for items like any other", function()
    local items = { print, {}, true, "x" }
    local results = client:map(items, function(item)
      return item
    end)
    for i, item in ipairs(items) do
      assert.equal(item, results[i].value)
    end
  end)

  it("calls the function with nil for a hole in a list", function()
    local items = { 1, nil, 3, nil, 5, 6, 7, 8 } -- Luas may differ on how long that is
    local length = #items
    local results = client:map(items, function(item)
      return item == nil and "none" or item
    end)
    assert.equal(length, #results)
    for i = 1, length do
      assert.equal(items[i] == nil and "none" or items[i], results[i].value)
    end
  end)

  it("takes an iterator, until its nil", function()
    local next_number, pulled = FIRST, 0
    local results = client:map(function()
      pulled = pulled + 1
      if pulled <= 25 then
        next_number = next_number + 1
        return next_number - 1
      end
    end, find)
    assert.equal(25, #results)
    assert.equal(26, pulled)
    assert.equal(tostring(FIRST + 24), results[25].value.number)
  end)

  it("takes no more of an iterator than it can begin", function()
    local pulled, begun = 0, 0
    client:map(function()
      pulled = pulled + 1
      assert.is_true(pulled - begun <= 5, "so far ahead: " .. pulled - begun)
      return pulled <= 20 and FIRST + pulled or nil
    end, function(number)
      begun = begun + 1
      return find(number)
    end, { concurrency = 4 })
    assert.equal(20, begun)
  end)

  it("takes the numbers of a pool for its items", function()
    local results = client:map(pool:numbers(), function(entry)
      return pool:find_number(entry.number)
    end)
    assert.equal(40, #results)
    for _, result in ipairs(results) do
      assert.is_true(result.ok)
    end
  end)

  it("runs inside itself", function()
    local results = client:map({ 0, 10, 20, 30 }, function(from)
      local inner = client:map(numbers(10, from), find, { concurrency = 3 })
      local found = {}
      for i, result in ipairs(inner) do
        found[i] = result.value.number
      end
      return found
    end, { concurrency = 2 })
    local all = {}
    for _, result in ipairs(results) do
      for _, number in ipairs(result.value) do
        all[#all + 1] = tonumber(number)
      end
    end
    assert.same(numbers(40), all)
  end)

  it("is for many clients at a time", function()
    local other = fixture.client(server)
    local others_pool = assert(other:pool(seeded.pool))
    local results = client:map(numbers(10), function(number)
      local _ = assert(pool:find_number(number))
      return others_pool:find_number(number)
    end)
    for i, result in ipairs(results) do
      assert.equal(tostring(FIRST + i - 1), result.value.number)
    end
  end)

  it("adds each number once", function()
    local results = client:map(numbers(30, 100000), function(number)
      return pool:add_number(number)
    end)
    for _, result in ipairs(results) do
      assert.is_true(result.ok)
    end
    local counts = arrivals.count(server)
    for _, number in ipairs(numbers(30, 100000)) do
      assert.equal(1, counts["POST Number/" .. number .. "/"])
      assert(pool:remove_number(number))
    end
  end)
end)

describe("client:map's concurrency", function()
  for _, concurrency in ipairs { 1, 2, 7, 16 } do
    it("keeps so many calls in flight and no more: " .. concurrency, function()
      assert(server:fault { kind = "delay", seconds = 0.02 })
      local watch = new_watch()
      local watched = fixture.client(server, { on_event = watch.on_event })
      local watched_pool = assert(watched:pool(seeded.pool))
      local results = watched:map(numbers(concurrency * 3), function(number)
        return watched_pool:find_number(number)
      end, { concurrency = concurrency })
      assert.equal(concurrency * 3, #results)
      assert.equal(concurrency, watch.most)
      assert.equal(0, watch.now)
      assert.is_true(watched:stats().connections <= concurrency)
    end)
  end

  it("is 16 where nothing is said", function()
    assert(server:fault { kind = "delay", seconds = 0.02 })
    local watch = new_watch()
    local watched = fixture.client(server, { on_event = watch.on_event })
    local watched_pool = assert(watched:pool(seeded.pool))
    watched:map(numbers(40), function(number)
      return watched_pool:find_number(number)
    end)
    assert.equal(16, watch.most)
    assert.is_true(watched:stats().connections <= 16)
  end)

  it("may be above the number of items", function()
    assert.equal(3, #client:map(numbers(3), find, { concurrency = 1000 }))
  end)

  it("keeps its connections for the next time", function()
    assert(server:fault { kind = "delay", seconds = 0.01 })
    client:map(numbers(20), find, { concurrency = 10 })
    local opened = client:stats().connections
    client:map(numbers(20), find, { concurrency = 10 })
    client:map(numbers(20), find, { concurrency = 10 })
    assert.equal(opened, client:stats().connections)
  end)

  it("may be a float without a fraction", function()
    assert.equal(2, #client:map(numbers(2), find, { concurrency = 2.0 }))
  end)
end)

describe("client:map over TLS", function()
  it("sends everything over one connection of HTTP/2 #not_in_nginx", function()
    local secure = fixture.sandbox { tls = true }
    local uuid = assert(secure:seed { numbers = 40 }).pool
    local secret = fixture.client(secure)
    local secret_pool = assert(secret:pool(uuid))
    assert(secure:fault { kind = "delay", seconds = 0.05 })
    local results = secret:map(numbers(40), function(number)
      return secret_pool:find_number(number)
    end)
    for i, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
      assert.equal(tostring(FIRST + i - 1), result.value.number)
    end
    assert.equal(1, secret:stats().connections)
  end)
end)

describe("an iterator that raises", function()
  it("starts nothing more, waits for what is in flight, and then raises the same", function()
    assert(server:fault { kind = "delay", seconds = 0.05 })
    local problem, pulled, ended = {}, 0, 0
    local ok, err = pcall(client.map, client, function()
      pulled = pulled + 1
      if pulled == 6 then
        error(problem)
      end
      return FIRST + pulled
    end, function(number)
      local found = find(number)
      ended = ended + 1
      return found
    end)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(6, pulled)
    assert.equal(5, ended)
    assert.equal(5, #server:requests())
  end)

  it("at once does so too", function()
    local ok, err = pcall(client.map, client, function()
      error("no items", 0)
    end, find)
    assert.is_false(ok)
    assert.equal("no items", err)
  end)

  it("inside another map fails that item alone", function()
    local problem = {}
    local results = client:map({ 1, 2, 3 }, function(item)
      local pulled = 0
      return client:map(function()
        pulled = pulled + 1
        if item == 2 and pulled == 3 then
          error(problem)
        end
        return pulled <= 4 and FIRST + pulled or nil
      end, find)
    end)
    assert.equal(4, #results[1].value)
    assert.equal(problem, results[2].error)
    assert.equal(4, #results[3].value)
  end)
end)

describe("a client that is closed in the middle of a map", function()
  it("ends every call as closed, and the map", function()
    assert(server:fault { kind = "delay", seconds = 0.05 })
    local results = client:map(numbers(30), function(number, index)
      if index == 5 then
        client:close()
      end
      return find(number)
    end, { concurrency = 4 })
    assert.equal(30, #results)
    local closed = 0
    for _, result in ipairs(results) do
      if not result.ok then
        assert.equal("closed", result.error.kind)
        closed = closed + 1
      end
    end
    assert.is_true(closed >= 26)
  end)

  it("says which changes are in doubt", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 20, when = "after" })
    local results = client:map({ 1, 2, 3 }, function(item)
      if item == 3 then
        local state
        repeat
          client.runtime:sleep(0.01)
          state = arrivals.state(server)
        until state.entry(seeded.pool, "numbers", ("%d"):format(FIRST + 100001))
          and state.entry(seeded.pool, "numbers", ("%d"):format(FIRST + 100002))
        client:close()
        return "closed"
      end
      return pool:add_number(FIRST + 100000 + item)
    end)
    for i = 1, 2 do
      assert.equal("closed", results[i].error.kind)
      assert.is_true(results[i].error.ambiguous)
    end
    assert.equal("closed", results[3].value)
  end)
end)

describe("an on_event that raises inside map", function()
  it("breaks nothing", function()
    local stderr, written = io.stderr, {}
    io.stderr = { write = function(_, ...) -- luacheck: ignore 122
      written[#written + 1] = table.concat({ ... })
    end }
    local watched = fixture.client(server, { on_event = function()
      error "a hook's error"
    end })
    local watched_pool = assert(watched:pool(seeded.pool))
    local ok, results = pcall(watched.map, watched, numbers(20), function(number)
      return watched_pool:find_number(number)
    end)
    io.stderr = stderr -- luacheck: ignore 122
    assert.is_true(ok, tostring(results))
    for _, result in ipairs(results) do
      assert.is_true(result.ok)
    end
    assert.is_true(#written <= 1) -- inside nginx it is in the log
  end)
end)
