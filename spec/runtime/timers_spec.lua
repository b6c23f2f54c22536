-- What is to happen when: soonest first, whatever the order it was added in.
local timers = require "numberpool.runtime.timers"

-- Takes everything that is due, in the order in which it comes.
local function take_all(heap, now)
  local taken = {}
  local value = heap:take(now)
  while value do
    taken[#taken + 1] = value
    value = heap:take(now)
  end
  return taken
end

-- Lua versions disagree on math.random: a generator of our own makes every run the same.
local function new_random(seed)
  local state = seed
  return function(most)
    state = (state * 16807) % 2147483647
    return state % most + 1
  end
end

describe("timers", function()
  it("have nothing at first", function()
    local heap = timers.new()
    assert.is_nil(heap:soonest())
    assert.is_nil(heap:take(math.huge))
    assert.equal(0, heap.count)
  end)

  it("give nothing before its time, and everything at it", function()
    local heap = timers.new()
    heap:add(5, "a")
    assert.is_nil(heap:take(4.999))
    assert.equal(5, heap:soonest())
    assert.equal("a", heap:take(5))
    assert.is_nil(heap:soonest())
    assert.is_nil(heap:take(5))
  end)

  it("give what is due, and leave the rest", function()
    local heap = timers.new()
    for _, time in ipairs { 4, 1, 3, 2 } do
      heap:add(time, "at " .. time)
    end
    assert.same({ "at 1", "at 2" }, take_all(heap, 2.5))
    assert.equal(3, heap:soonest())
    assert.same({ "at 3", "at 4" }, take_all(heap, 10))
  end)

  it("give values of the same time once each", function()
    local heap = timers.new()
    for i = 1, 20 do
      heap:add(7, i)
    end
    local taken = take_all(heap, 7)
    table.sort(taken)
    assert.equal(20, #taken)
    assert.equal(1, taken[1])
    assert.equal(20, taken[20])
  end)

  it("stay in order through a thousand additions and removals", function()
    local heap, random = timers.new(), new_random(42)
    local added, taken, latest = 0, 0, 0
    for round = 1, 100 do
      for _ = 1, 10 do
        heap:add(latest + random(1000), true)
        added = added + 1
      end
      for _ = 1, round % 20 do
        local soonest = heap:soonest()
        if soonest then
          assert.is_true(soonest >= latest)
          assert.is_true(heap:take(soonest))
          latest = soonest
          taken = taken + 1
        end
      end
      assert.equal(added - taken, heap.count)
    end
    assert.equal(added - taken, #take_all(heap, math.huge))
    assert.same({}, heap.times)
    assert.same({}, heap.values)
  end)
end)
