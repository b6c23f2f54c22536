-- Ctrl-C between any two instructions. Whenever it comes, reports say what the server has, every item is told of once,
-- and the client goes on.
local fixture = require "spec.support.fixture"
local interruption = require "spec.support.interruption"

local NUMBERS = {}
for i = 1, 8 do
  NUMBERS[i] = ("1415555%04d"):format(i)
end

local server = fixture.sandbox()
local full = assert(server:seed { numbers = 60 })
local empty = assert(server:seed { numbers = 0 })
local client, pool

setup(function()
  interruption.check()
  if jit then
    jit.off() -- compiled code calls no hooks
    fixture.until_end(jit.on)
  end
end)

before_each(function()
  pool, client = fixture.pool(server, empty.pool)
end)

-- Calls `check(was_interrupted, ok, result)` after each interruption, from the first instruction on to the last, and
-- `check_later()` when the client has gone on.
local function interrupt_everywhere(step, fn, check, check_later)
  local count = 1
  repeat
    local was_interrupted, ok, result = interruption.after(count, fn)
    check(was_interrupted, ok, result)
    local results = client:map({ 1, 2, 3 }, function()
      return pool:get()
    end, { concurrency = 2 })
    for i = 1, 3 do
      assert.is_true(results[i].ok)
    end
    if check_later then
      check_later()
    end
    count = count + step
  until not was_interrupted
  assert.is_true(count > 10 * step)
end

-- What the pool holds, by number; the pool is empty again.
local function take_numbers()
  local found = {}
  for _, entry in ipairs(assert(pool:snapshot()).numbers) do
    found[entry.number] = true
  end
  local report = assert(pool:remove_numbers(NUMBERS))
  assert.equal(8, report.total)
  return found
end

local function check_results(results, held)
  local seen = {}
  for _, result in ipairs(results) do
    assert.is_nil(seen[result.input], "twice: " .. result.input)
    seen[result.input] = true
    if result.ok then
      assert.is_true(held[result.input], result.input .. " is said to be there")
    elseif result.skipped or not result.error.ambiguous then
      assert.is_nil(held[result.input], result.input .. " is said not to be there")
    end
  end
  for number in pairs(held) do
    assert.is_true(seen[number], number .. " is accounted for nowhere")
  end
end

-- A report, wherever something was done and something not: before and after that nobody is there to make one.
local function report_of(ok, result, held)
  if ok then
    return result
  elseif type(result) == "table" then
    assert.equal("interrupted", result.kind)
    return result.report
  end
  assert.equal("interrupted!", result)
  local count = 0
  for _ in pairs(held) do
    count = count + 1
  end
  assert.is_true(count == 0 or count == 8, count .. " of 8 without a report")
end

describe("Ctrl-C between any two instructions of", function()
  it("a bulk call on a list", function()
    interrupt_everywhere(61, function()
      return pool:add_numbers(NUMBERS, { concurrency = 3 })
    end, function(_, ok, result)
      local held = take_numbers()
      local report = report_of(ok, result, held)
      if report then
        assert.equal(8, report.total)
        assert.equal(8, #report.results)
        check_results(report.results, held)
      end
    end)
  end)

  it("a bulk call on an iterator", function()
    interrupt_everywhere(67, function()
      local index = 0
      return pool:add_numbers(function()
        index = index + 1
        return NUMBERS[index]
      end, { concurrency = 3 })
    end, function(_, ok, result)
      local held = take_numbers()
      local report = report_of(ok, result, held)
      if report then
        assert.equal(report.total, #report.results)
        check_results(report.results, held)
      end
    end)
  end)

  it("a bulk call that tells of its results", function()
    local told
    interrupt_everywhere(71, function()
      told = {}
      return pool:add_numbers(NUMBERS, { concurrency = 3, on_result = function(result)
        told[#told + 1] = result
      end })
    end, function(_, ok, result)
      local held = take_numbers()
      local report = report_of(ok, result, held)
      if report then
        local is_told = {}
        for _, one in ipairs(told) do
          is_told[one] = true
        end
        for _, one in ipairs(report.results or {}) do
          if not is_told[one] then
            told[#told + 1] = one
          end
        end
        assert.equal(8, #told)
        check_results(told, held)
      end
    end)
  end)

  it("an iterator: it goes on with nothing lost, or raises", function()
    local of_full = assert(client:pool(full.pool))
    local entries, count
    interrupt_everywhere(73, function()
      entries, count = nil, 0
      entries = of_full:numbers()
      for _ in entries do
        count = count + 1
      end
      return count
    end, function(was_interrupted, ok)
      if was_interrupted and not ok and entries then
        local goes_on = pcall(function()
          for _ in entries do
            count = count + 1
          end
        end)
        assert.is_true(not goes_on or count == 60 or count == 59, count .. " of 60") -- one may be lost with its turn
      end
    end)
  end)

  it("a snapshot: nothing of it lives on", function()
    local of_full = assert(client:pool(full.pool))
    interrupt_everywhere(97, function()
      return of_full:snapshot()
    end, function(_, ok, result)
      assert.is_true(ok and #result.numbers == 60 or result == "interrupted!")
    end, function()
      assert.is_nil(next(client.runtime.tasks.live))
    end)
  end)
end)
