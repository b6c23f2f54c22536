-- The bulk calls of a pool: every item accounted for exactly once.
local arrivals = require "spec.support.arrivals"
local bulk = require "spec.support.bulk"
local fixture = require "spec.support.fixture"
local raised = require "spec.support.raised"

local check_sums, iterate = bulk.check_sums, bulk.iterate

local NEW = 14155550000 -- none of these is seeded
local TOLLFREE = 18005559000

local server = fixture.sandbox()
local seeded, client, pool

before_each(function()
  pool, client, seeded = fixture.pool(server, { numbers = 40, tollfree = 4, shortcodes = 2 })
end)

local function numbers(count, first)
  return bulk.numbers(first or NEW, count)
end

local function count_of(list)
  local state = arrivals.state(server)
  for _, found in ipairs(state.pools) do
    if found.uuid == seeded.pool then
      return #found[list]
    end
  end
end

describe("a bulk call", function()
  it("adds numbers", function()
    local report = assert(pool:add_numbers(numbers(30), { service = "mms" }))
    check_sums(report, 30, 30, 0, 0)
    for i, result in ipairs(report.results) do
      assert.equal(numbers(30)[i], result.input)
      assert.equal(result.input, result.value.number)
      assert.equal("mms", result.value.service)
    end
    assert.equal(70, count_of "numbers")
    assert.equal(30, #server:requests())
  end)

  it("removes numbers", function()
    local report = assert(pool:remove_numbers(numbers(30, 15125550000)))
    check_sums(report, 30, 30, 0, 0)
    assert.equal("success", report.results[1].value.response)
    assert.equal(10, count_of "numbers")
  end)

  it("hands the operation's own options on: unrent", function()
    assert(pool:remove_numbers(numbers(3, 15125550000), { unrent = true, concurrency = 2 }))
    for _, entry in ipairs(server:requests()) do
      assert.matches('"unrent": *true', entry.body)
    end
    for _, number in ipairs(numbers(3, 15125550000)) do
      assert.is_false(arrivals.state(server).is_rented(number))
    end
  end)

  it("adds and removes toll-free numbers", function()
    check_sums(assert(pool:add_tollfrees(numbers(5, TOLLFREE))), 5, 5, 0, 0)
    assert.equal(9, count_of "tollfree")
    check_sums(assert(pool:remove_tollfrees(numbers(5, TOLLFREE))), 5, 5, 0, 0)
    assert.equal(4, count_of "tollfree")
  end)

  it("removes shortcodes", function()
    local codes = {}
    for i, entry in ipairs(assert(pool:list_shortcodes()).objects) do
      codes[i] = entry.shortcode
    end
    check_sums(assert(pool:remove_shortcodes(codes)), 2, 2, 0, 0)
    assert.equal(0, count_of "shortcodes")
  end)

  it("takes an iterator", function()
    local report = assert(pool:add_numbers(iterate(numbers(25))))
    check_sums(report, 25, 25, 0, 0)
    assert.equal(65, count_of "numbers")
  end)

  it("of nothing sends nothing", function()
    for _, items in ipairs { {}, function() end } do
      local report = assert(pool:add_numbers(items))
      check_sums(report, 0, 0, 0, 0)
      assert.same({}, report.results)
    end
    assert.equal(0, #server:requests())
  end)

  it("takes 2,000 items, each once", function()
    local report = assert(pool:add_numbers(iterate(numbers(2000)), { concurrency = 32 }))
    check_sums(report, 2000, 2000, 0, 0)
    assert.equal(2040, count_of "numbers")
    local posts = 0
    for _, count in pairs(arrivals.count(server)) do
      assert.equal(1, count)
      posts = posts + count
    end
    assert.equal(2000, posts)
  end)

  it("removes 2,000 items, each once", function()
    assert(server:reset())
    local uuid = assert(server:seed { numbers = numbers(2000) }).pool
    local full = assert(client:pool(uuid))
    check_sums(assert(full:remove_numbers(numbers(2000), { concurrency = 32 })), 2000, 2000, 0, 0)
    assert.equal(0, assert(full:count_numbers()))
    assert.equal(2001, #server:requests())
  end)

  it("runs inside map", function()
    local results = client:map({ 0, 10, 20 }, function(from)
      return pool:add_numbers(numbers(10, NEW + from), { concurrency = 4 })
    end)
    for _, result in ipairs(results) do
      check_sums(result.value, 10, 10, 0, 0)
    end
    assert.equal(70, count_of "numbers")
  end)
end)

describe("items that are the same", function()
  it("are one call however they are written, and all get its result", function()
    local spellings = { "14155550000", "+14155550000", "+1 (415) 555-0000", 14155550000, "14155550000" }
    local report = assert(pool:add_numbers(spellings))
    check_sums(report, 5, 5, 0, 0)
    for i, result in ipairs(report.results) do
      assert.equal(spellings[i], result.input)
      assert.equal("14155550000", result.value.number)
    end
    assert.same({ ["POST Number/14155550000/"] = 1 }, arrivals.count(server))
  end)

  it("are one call where the first one is over", function()
    local seen = {}
    local report = assert(pool:add_numbers({ "14155550000", "14155550001", "+14155550000" }, {
      concurrency = 1,
      on_result = function(result)
        seen[#seen + 1] = result.input
      end,
    }))
    check_sums(report, 3, 3, 0, 0)
    assert.equal(3, #seen)
    assert.equal(2, #server:requests())
  end)

  it("share a failure", function()
    local report = assert(pool:remove_numbers { "19995550000", "+19995550000" })
    check_sums(report, 2, 0, 2, 0)
    assert.equal("not_found", report.results[2].error.kind)
    assert.equal(1, #server:requests())
  end)
end)

describe("items that can't be right", function()
  it("fail as invalid, and the rest go on", function()
    local items = { "14155550000", {}, print, true, "(415) 555-0001", "", "+44 (0)20 7946 0958", 1.5, "14155550001" }
    local report = assert(pool:add_numbers(items))
    check_sums(report, 9, 2, 7, 0)
    for i = 2, 8 do
      assert.equal("invalid", report.results[i].error.kind)
      assert.equal("add_number", report.results[i].error.operation)
      assert.equal(items[i], report.results[i].input)
    end
    assert.equal(2, #server:requests())
  end)

  it("fail where they are holes in a list", function()
    local items = { "14155550000", nil, "14155550002", nil, "14155550004", "14155550005", "14155550006", "14155550007" }
    local length, holes = #items, 0 -- Luas may differ on how long that is
    for i = 1, length do
      holes = holes + (items[i] == nil and 1 or 0)
    end
    local report = assert(pool:add_numbers(items))
    check_sums(report, length, length - holes, holes, 0)
    for i = 1, length do
      assert.equal(items[i] ~= nil, report.results[i].ok)
    end
  end)

  it("are all that there is", function()
    local items = {}
    for i = 1, 1000 do
      items[i] = { i }
    end
    check_sums(assert(pool:remove_numbers(iterate(items))), 1000, 0, 1000, 0)
    assert.equal(0, #server:requests())
  end)
end)

describe("a bulk call that meets failures", function()
  it("reports what isn't there as not_found", function()
    local report = assert(pool:remove_numbers { "15125550000", "19995550000", "15125550001" })
    check_sums(report, 3, 2, 1, 0)
    assert.equal("not_found", report.results[2].error.kind)
    assert.equal("19995550000", report.results[2].error.target)
  end)

  it("goes on after them", function()
    assert(server:fault { method = "POST", kind = "status", status = 500, times = 4 })
    local report = assert(pool:add_numbers(numbers(20)))
    check_sums(report, 20, 16, 4, 0)
    for _, result in ipairs(report.results) do
      assert.equal(result.ok, arrivals.state(server).entry(seeded.pool, "numbers", result.input) ~= nil)
    end
  end)

  it("begins nothing more where it is to stop", function()
    assert(server:fault { method = "POST", path = "Number/14155550004", kind = "status", status = 400 })
    local report = assert(pool:add_numbers(numbers(20), { stop_on_error = true, concurrency = 1 }))
    check_sums(report, 20, 4, 1, 15)
    for i = 6, 20 do
      assert.same({ input = numbers(20)[i], ok = false, skipped = true }, report.results[i])
    end
    assert.equal(5, #server:requests())
  end)

  it("stops, but tells what became of what was in flight", function()
    assert(server:fault { method = "POST", path = "Number/14155550000", kind = "status", status = 400 })
    local report = assert(pool:add_numbers(numbers(100), { stop_on_error = true, concurrency = 8 }))
    assert.equal(100, report.total)
    assert.equal(1, report.failed)
    assert.is_true(report.skipped >= 84)
    assert.equal(100 - report.skipped, #server:requests())
    for _, result in ipairs(report.results) do
      assert.equal(result.ok, arrivals.state(server).entry(seeded.pool, "numbers", result.input) ~= nil)
    end
  end)

  it("stops at an item that can't be right too", function()
    local report = assert(pool:add_numbers({ "x", "14155550000" }, { stop_on_error = true, concurrency = 1 }))
    check_sums(report, 2, 0, 1, 1)
    assert.equal(0, #server:requests())
  end)

  it("knows only what it took of an iterator that it stopped", function()
    local report = assert(pool:add_numbers(iterate { "14155550000", "x", "14155550001" },
      { stop_on_error = true, concurrency = 1 }))
    check_sums(report, 2, 1, 1, 0)
  end)

  it("reports every item where the client is closed in the middle", function()
    local report = assert(pool:add_numbers(numbers(50), {
      concurrency = 4,
      on_progress = function(done)
        if done == 10 then
          client:close()
        end
      end,
    }))
    assert.equal(50, report.total)
    assert.equal(0, report.skipped)
    assert.is_true(report.succeeded >= 10)
    for _, result in ipairs(report.results) do
      if not result.ok then
        assert.equal("closed", result.error.kind)
      end
      local is_there = arrivals.state(server).entry(seeded.pool, "numbers", result.input) ~= nil
      assert.is_true(is_there == result.ok or is_there and result.error.ambiguous)
    end
  end)
end)

describe("a bulk call's options", function()
  it("that can't be right are refused with nothing sent", function()
    for _, case in ipairs {
      { { concurrency = 0 }, "concurrency: expected 1 to 1000, got 0" },
      { { concurrency = -1 }, "concurrency: expected 1 to 1000, got -1" },
      { { concurrency = 10000 }, "concurrency: expected 1 to 1000, got 10000" },
      { { concurrency = 1.5 }, "concurrency: expected 1 to 1000, got 1.5" },
      { { service = "fax" }, "service" },
      { { timeout = -1 }, "timeout" },
      { { retries = -1 }, "retries" },
    } do
      local value, err = pool:add_numbers(numbers(3), case[1])
      assert.is_nil(value)
      assert.equal("invalid", err.kind)
      assert.equal("add_numbers", err.operation)
      assert.matches(case[2], err.message, 1, true)
    end
    assert.equal(0, #server:requests())
  end)

  it("of the wrong type raise where they are written", function()
    for _, case in ipairs {
      { { concurrency = "x" }, "concurrency: integer expected, got string" },
      { { on_result = true }, "on_result: function expected, got boolean" },
      { { on_progress = "x" }, "on_progress: function expected, got string" },
      { { stop_on_error = 1 }, "stop_on_error: boolean expected, got number" },
      { { unrent = true }, "unknown option \"unrent\"" },
      { { colour = "red" }, "unknown option \"colour\"" },
      { "x", "options: table expected, got string" },
    } do
      local text = raised(function()
        local _ = pool:add_numbers(numbers(3), case[1])
      end)
      assert.is_true(text:find(case[2], 1, true) ~= nil, text)
      assert.matches("^add_numbers: ", text)
    end
    assert.equal(0, #server:requests())
  end)

  it("of the operation raise too where their type is wrong", function()
    local text = raised(function()
      local _ = pool:remove_numbers(numbers(3), { unrent = "true" })
    end)
    assert.matches("unrent: boolean expected, got string", text)
  end)

  it("can't take the place of the items", function()
    for _, items in ipairs { "14155550000", 5, true } do
      for _, name in ipairs {
        "add_numbers", "remove_numbers", "add_tollfrees", "remove_tollfrees", "remove_shortcodes",
      } do
        local text = raised(function()
          local _ = pool[name](pool, items)
        end)
        assert.matches("list or function expected, got " .. type(items), text)
      end
    end
    assert.matches("got no value", raised(function()
      local _ = pool:add_numbers()
    end))
  end)
end)
