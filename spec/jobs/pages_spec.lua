-- Lists without their pages: iterators that fetch ahead.
local entries = require "spec.support.entries"
local fixture = require "spec.support.fixture"
local has_tasks = require "spec.support.has_tasks"
local raised = require "spec.support.raised"
local under_way = require "spec.support.under_way"

local check_unique, collect, collect_until_error = entries.check_unique, entries.collect, entries.collect_until_error

local FIRST = 15125550000
local version = jit and "jit" or _VERSION:match "%d%.%d"

local server = fixture.sandbox()
local seeded, client, pool

before_each(function()
  pool, client, seeded = fixture.pool(server, { numbers = 145, tollfree = 25, shortcodes = 2 })
end)

describe("an iterator", function()
  it("gives every number once, in the order of the list", function()
    local found = collect(pool:numbers())
    check_unique(found, 145)
    local pages = {}
    for offset = 0, 140, 20 do
      for _, entry in ipairs(assert(pool:list_numbers { offset = offset }).objects) do
        pages[#pages + 1] = entry.number
      end
    end
    assert.same(pages, found)
  end)

  it("gives toll-free numbers and shortcodes", function()
    check_unique(collect(pool:tollfree()), 25)
    check_unique(collect(pool:shortcodes()), 2)
  end)

  it("gives powerpacks", function()
    for i = 1, 24 do
      assert(client.powerpacks:create { name = "Powerpack " .. i })
    end
    check_unique(collect(client.powerpacks:each()), 25)
    check_unique(collect(client.powerpacks:each { limit = 3 }), 25)
  end)

  it("gives nothing of an empty list", function()
    local empty = assert(client:pool(assert(server:seed {}).pool))
    assert.same({}, collect(empty:numbers()))
    assert.same({}, collect(empty:tollfree()))
    assert.same({}, collect(empty:shortcodes()))
  end)

  for _, count in ipairs { 1, 19, 20, 21, 40, 41 } do
    it("gives as many as there are: " .. count, function()
      local other = assert(client:pool(assert(server:seed { numbers = count }).pool))
      check_unique(collect(other:numbers()), count)
    end)
  end

  it("takes the filters of the list", function()
    assert.equal(145, #collect(pool:numbers { country_iso2 = "US" }))
    assert.equal(0, #collect(pool:numbers { country_iso2 = "CA" }))
    local prefix = { starts_with = "51255500", country_iso2 = "US" }
    assert.equal(assert(pool:count_numbers(prefix)), #collect(pool:numbers(prefix)))
  end)

  it("leaves the filter as it was", function()
    local filter = { limit = 7, prefetch = 2, country_iso2 = "US" }
    assert.equal(145, #collect(pool:numbers(filter)))
    assert.same({ limit = 7, prefetch = 2, country_iso2 = "US" }, filter)
    assert.equal(145, #collect(pool:numbers(filter)))
  end)

  for _, limit in ipairs { 1, 3, 20 } do
    for _, prefetch in ipairs { 1, 8, 100 } do
      it(("gives the same with pages of %d, %d ahead"):format(limit, prefetch), function()
        check_unique(collect(pool:numbers { limit = limit, prefetch = prefetch }), 145)
      end)
    end
  end

  it("begins at an offset", function()
    local all = collect(pool:numbers())
    for _, offset in ipairs { 0, 5, 144, 145, 1000 } do
      local found = collect(pool:numbers { offset = offset })
      assert.equal(math.max(145 - offset, 0), #found)
      assert.equal(all[offset + 1], found[1])
    end
  end)

  it("goes on giving nil at its end", function()
    local iterator = pool:shortcodes()
    assert.is_table(iterator())
    assert.is_table(iterator())
    assert.is_nil(iterator())
    assert.is_nil(iterator())
  end)

  it("sends no request before its first entry is asked for", function()
    local iterator = pool:numbers()
    assert.equal(0, #server:requests())
    iterator()
    assert.is_true(#server:requests() > 0)
  end)

  it("asks for each page once", function()
    collect(pool:numbers())
    local asked = {}
    for _, entry in ipairs(server:requests()) do
      local offset = tonumber(entry.query:match "offset=(%d+)" or 0)
      assert.is_nil(asked[offset], "twice: " .. offset)
      asked[offset] = true
    end
    assert.equal(8, #server:requests())
  end)

  it("may run beside another one", function()
    local numbers, tollfree = pool:numbers(), pool:tollfree()
    local a, b = {}, {}
    for i = 1, 145 do
      a[i] = numbers().number
      local entry = tollfree()
      b[#b + 1] = entry and entry.number
    end
    check_unique(a, 145)
    check_unique(b, 25)
  end)

  it("may be used with other calls in its loop", function()
    local count = 0
    for entry in pool:numbers() do
      if count % 20 == 0 then
        assert.equal(entry.number, assert(pool:find_number(entry.number)).number)
      end
      count = count + 1
    end
    assert.equal(145, count)
  end)
end)

describe("an iterator inside map", function()
  it("gives every entry, or raises with nothing sent where a for loop can't be left", function()
    local results = client:map({ 1, 2, 3 }, function()
      return collect(pool:numbers())
    end)
    for _, result in ipairs(results) do
      if version == "5.1" then
        assert.matches("yield", tostring(result.error))
      else
        check_unique(result.value, 145)
      end
    end
    assert.equal(version == "5.1" and 0 or 24, #server:requests())
  end)

  it("gives every entry where it is called without a for loop", function()
    local results = client:map({ 1, 2, 3 }, function()
      local found, iterator = {}, pool:numbers()
      local entry = iterator()
      while entry do
        found[#found + 1] = entry.number
        entry = iterator()
      end
      return found
    end)
    for _, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
      check_unique(result.value, 145)
    end
  end)

  it("isn't shared by several functions at a time", function()
    assert(server:fault { kind = "delay", seconds = 0.05 })
    local iterator = pool:numbers()
    local results = client:map({ 1, 2 }, function()
      return iterator()
    end)
    assert.equal(tostring(FIRST), results[1].value.number)
    assert.matches("several tasks", tostring(results[2].error))
  end)
end)

describe("pages fetched ahead", function()
  local function delayed(prefetch)
    assert(server:fault { kind = "delay", seconds = 0.05 })
    local flight, most = 0, 0
    local watched = fixture.client(server, { on_event = function(event)
      if event.type == "attempt" then
        flight = flight + 1
        most = math.max(most, flight)
      elseif event.type == "response" then
        flight = flight - 1
      end
    end })
    local watched_pool = assert(watched:pool(seeded.pool))
    check_unique(collect(watched_pool:numbers { limit = 5, prefetch = prefetch }), 145)
    local connections = watched:stats().connections
    return most, connections
  end

  it("are in flight together, as many as was asked for", function()
    for _, prefetch in ipairs { 1, 2, 6 } do
      local most, connections = delayed(prefetch)
      assert.equal(prefetch, most)
      assert.is_true(connections <= prefetch)
    end
  end)

  it("come out in order, whichever is there first", function()
    assert(server:fault { kind = "delay", seconds = 0.1, times = 3 })
    local plain = fixture.client(server)
    local found = collect(assert(plain:pool(seeded.pool)):numbers { limit = 10 })
    assert.same(collect(pool:numbers()), found)
  end)
end)

describe("an iterator that is left early", function()
  -- A limit so small that a slot that is lost is missed.
  local function new_limited()
    local limited = fixture.client(server, { rate = { requests = 3, seconds = 0.05 }, timeout = 5 })
    return limited, assert(limited:pool(seeded.pool))
  end

  it("leaves the client as it was: break", function()
    local limited, limited_pool = new_limited()
    for _ = 1, 5 do
      for entry in limited_pool:numbers { limit = 5, prefetch = 8 } do -- luacheck: ignore 512
        assert.is_string(entry.number)
        break
      end
      collectgarbage()
    end
    for _ = 1, 6 do
      assert.equal(145, assert(limited_pool:count_numbers()))
    end
    assert.equal(0, under_way(limited))
    assert.is_false(has_tasks(limited))
  end)

  it("leaves the client as it was: an error in the loop", function()
    local limited, limited_pool = new_limited()
    local ok = pcall(function()
      for _ in limited_pool:numbers { limit = 5 } do
        error "enough"
      end
    end)
    assert.is_false(ok)
    collectgarbage()
    collectgarbage()
    for _ = 1, 6 do
      assert.equal(145, assert(limited_pool:count_numbers()))
    end
    assert.equal(0, under_way(limited))
    assert.is_false(has_tasks(limited))
  end)

  it("doesn't keep later calls from going on, collected or not", function()
    local _, limited_pool = new_limited()
    collectgarbage "stop"
    for _ in limited_pool:numbers { limit = 5, prefetch = 8 } do -- luacheck: ignore 512
      break
    end
    for _ = 1, 4 do
      assert.equal(145, assert(limited_pool:count_numbers()))
    end
    collectgarbage "restart"
  end)

  it("gives nothing more after the client was closed, but an error", function()
    local iterator = pool:numbers { limit = 5, prefetch = 1 }
    iterator()
    client:close()
    local found, err = collect_until_error(iterator)
    assert.equal(4, #found)
    assert.equal("closed", err.kind)
  end)

  if version == "5.4" then
    it("gives up its pages at once where Lua closes variables", function()
      assert(server:fault { kind = "delay", seconds = 0.1, path = "Number/$" })
      for _ in pool:numbers { limit = 5 } do -- luacheck: ignore 512
        break
      end
      assert.is_false(has_tasks(client))
    end)
  end
end)

describe("a page that can't be had", function()
  it("raises the error object, after the entries before it", function()
    assert(server:fault { kind = "status", status = 500, method = "GET", times = 1, probability = 1 })
    local found, err = collect_until_error((pool:numbers { prefetch = 1 }))
    assert.equal(0, #found)
    assert.equal("server", err.kind)
    assert.equal("list_numbers", err.operation)

    local iterator = pool:numbers { prefetch = 1 }
    for _ = 1, 20 do
      iterator()
    end
    assert(server:fault { kind = "status", status = 404 })
    found, err = collect_until_error(iterator)
    assert.equal(0, #found)
    assert.equal("not_found", err.kind)
    assert.is_nil(iterator())
  end)

  it("does so with pages ahead too", function()
    local iterator = pool:numbers { limit = 10, prefetch = 4 }
    for _ = 1, 10 do
      iterator()
    end
    assert(server:fault { kind = "garbage" })
    local found, err = collect_until_error(iterator)
    assert.equal(0, #found % 10)
    assert.equal("protocol", err.kind)
    assert(server:reset())
    assert.is_false(has_tasks(client))
  end)

  it("is tried again as any call is", function()
    local patient = fixture.client(server, { retries = 3 })
    patient.runtime.random = function()
      return 0
    end
    assert(server:fault { kind = "reset", times = 3 })
    check_unique(collect(assert(patient:pool(seeded.pool)):numbers()), 145)
  end)
end)

describe("an iterator's filter", function()
  it("that can't be right gives nil and the error with nothing sent", function()
    for _, case in ipairs {
      { { limit = 50 }, "limit: expected 1 to 20, got 50" },
      { { limit = 0 }, "limit" },
      { { offset = -1 }, "offset" },
      { { prefetch = 0 }, "prefetch: expected 1 to 100, got 0" },
      { { prefetch = 101 }, "prefetch: expected 1 to 100, got 101" },
      { { prefetch = 1.5 }, "prefetch: expected 1 to 100, got 1.5" },
      { { type = "landline" }, "type" },
      { { starts_with = "512" }, "country_iso2" },
    } do
      local iterator, err = pool:numbers(case[1])
      assert.is_nil(iterator)
      assert.equal("invalid", err.kind)
      assert.equal("numbers", err.operation)
      assert.matches(case[2], err.message, 1, true)
    end
    assert.equal(0, #server:requests())
  end)

  it("of the wrong type raises where it is written", function()
    for _, case in ipairs {
      { { limit = "5" }, "limit: integer expected, got string" },
      { { prefetch = "8" }, "prefetch: integer expected, got string" },
      { { colour = "red" }, "numbers: unknown option \"colour\", expected one of starts_with" },
      { { prefech = 1 }, "prefetch, retries, timeout" },
      { "US", "options: table expected, got string" },
    } do
      local text = raised(function()
        local _ = pool:numbers(case[1])
      end)
      assert.is_true(text:find(case[2], 1, true) ~= nil, text)
    end
    assert.matches("unknown option", raised(function()
      local _ = pool:shortcodes { service = "sms" }
    end))
    assert.matches("colon", raised(function()
      local _ = client.powerpacks.each()
    end))
  end)
end)
