-- Everything in a pool at once, and what comes of a pool that changes meanwhile.
local entries = require "spec.support.entries"
local fixture = require "spec.support.fixture"
local has_tasks = require "spec.support.has_tasks"
local raised = require "spec.support.raised"

local check_unique, collect = entries.check_unique, entries.collect

local FIRST = 15125550000

local server = fixture.sandbox()
local seeded, client, pool

before_each(function()
  pool, client, seeded = fixture.pool(server, { numbers = 145, tollfree = 25, shortcodes = 2 })
end)

describe("pool:snapshot", function()
  it("gives everything once", function()
    local everything = assert(pool:snapshot())
    local names = {}
    for name in pairs(everything) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "numbers", "shortcodes", "tollfree" }, names)
    check_unique(collect(pool:numbers()), #everything.numbers)
    assert.equal(145, #everything.numbers)
    assert.equal(25, #everything.tollfree)
    assert.equal(2, #everything.shortcodes)
    assert.equal(tostring(FIRST), everything.numbers[1].number)
    assert.is_string(everything.shortcodes[1].shortcode)
  end)

  it("of an empty pool is three empty lists", function()
    local empty = assert(client:pool(assert(server:seed {}).pool))
    assert.same({ numbers = {}, tollfree = {}, shortcodes = {} }, assert(empty:snapshot()))
  end)

  -- A pool that changes after the first page of eight, in so many readings.
  local function snapshot_of_moving(times)
    local others_pool, responses, changes = pool, 0, 0
    local watched = fixture.client(server, { on_event = function(event)
      if event.type == "response" and event.operation == "list_numbers" then
        responses = responses + 1
        if responses % 8 == 1 and changes < times then
          changes = changes + 1
          assert(others_pool:add_number(("1202555%02d%02d"):format(math.min(times, 99), changes)))
        end
      end
    end })
    local everything, err = assert(watched:pool(seeded.pool)):snapshot()
    return everything, err, changes
  end

  it("is read again where the count moved meanwhile", function()
    for _, times in ipairs { 1, 3 } do
      local everything, err, changes = snapshot_of_moving(times)
      assert.is_nil(err)
      assert.equal(times, changes)
      local found = {}
      for i, entry in ipairs(everything.numbers) do
        found[i] = entry.number
      end
      check_unique(found, assert(pool:count_numbers()))
    end
  end)

  it("gives up as conflict where it never holds still", function()
    local everything, err = snapshot_of_moving(math.huge)
    assert.is_nil(everything)
    assert.equal("conflict", err.kind)
    assert.equal("list_numbers", err.operation)
  end)

  it("returns the error where a page can't be had", function()
    assert(server:fault { kind = "status", status = 500, path = "Tollfree" })
    local everything, err = pool:snapshot()
    assert.is_nil(everything)
    assert.equal("server", err.kind)
    assert.equal("list_tollfree", err.operation)
    assert.is_false(has_tasks(client))
  end)

  it("takes options of a call, and no others", function()
    assert.is_table(pool:snapshot { retries = 1, timeout = 20 })
    local value, err = pool:snapshot { timeout = -1 }
    assert.is_nil(value)
    assert.equal("invalid", err.kind)
    assert.matches("unknown option", raised(function()
      local _ = pool:snapshot { limit = 5 }
    end))
    assert.matches("table expected, got string", raised(function()
      local _ = pool:snapshot "everything"
    end))
  end)

  it("may be taken inside map", function()
    local results = client:map({ 1, 2 }, function()
      return pool:snapshot()
    end)
    for _, result in ipairs(results) do
      assert.equal(145, #result.value.numbers)
    end
  end)
end)
