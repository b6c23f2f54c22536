-- The hooks of bulk calls, and what comes of an input or a hook that raises.
local arrivals = require "spec.support.arrivals"
local bulk = require "spec.support.bulk"
local fixture = require "spec.support.fixture"

local check_sums, iterate = bulk.check_sums, bulk.iterate

local NEW = 14155550000 -- none of these is seeded

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

describe("the hooks of a bulk call", function()
  it("are told of every item once: on_result takes the results", function()
    local seen, count = {}, 0
    local items = numbers(20)
    items[21], items[22] = "bad", "14155550000"
    local report = assert(pool:add_numbers(items, { on_result = function(result)
      count = count + 1
      seen[result.input] = result
    end }))
    check_sums(report, 22, 21, 1, 0)
    assert.is_nil(report.results)
    assert.equal(22, count)
    assert.equal("invalid", seen.bad.error.kind)
    assert.is_true(seen["14155550019"].ok)
  end)

  it("are told of the skipped ones as well", function()
    local skipped = 0
    assert(pool:add_numbers({ "bad", "14155550000", "14155550001" }, {
      stop_on_error = true,
      on_result = function(result)
        skipped = skipped + (result.skipped and 1 or 0)
      end,
    }))
    assert.equal(2, skipped)
  end)

  it("count on: on_progress of a list", function()
    local steps = {}
    local report = assert(pool:add_numbers(numbers(20), { on_progress = function(done, total, last)
      steps[#steps + 1] = done
      assert.equal(20, total)
      assert.is_true(last.ok)
    end }))
    assert.equal(20, #steps)
    for i, done in ipairs(steps) do
      assert.equal(i, done)
    end
    assert.equal(20, #report.results)
  end)

  it("know no total of an iterator", function()
    local count = 0
    assert(pool:add_numbers(iterate(numbers(5)), { on_progress = function(_, total)
      assert.is_nil(total)
      count = count + 1
    end }))
    assert.equal(5, count)
  end)

  it("may call the API themselves", function()
    local found = 0
    assert(pool:add_numbers(numbers(10), { on_result = function(result)
      found = found + (pool:find_number(result.input) and 1 or 0)
    end }))
    assert.equal(10, found)
  end)
end)

describe("what an input or a hook raises", function()
  -- Runs a bulk call that must raise an error object, whose report agrees with the sandbox.
  local function interrupted(items, options)
    local ok, err = pcall(pool.add_numbers, pool, items, options)
    assert.is_false(ok)
    assert.equal("interrupted", err.kind)
    assert.is_table(err.report)
    local report = err.report
    assert.equal(report.total, report.succeeded + report.failed + report.skipped)
    assert.equal(40 + report.succeeded, count_of "numbers")
    return err, report
  end

  it("comes with the report: an iterator", function()
    local problem, index = {}, 0
    local err, report = interrupted(function()
      index = index + 1
      if index == 11 then
        error(problem)
      end
      return NEW + index
    end)
    assert.equal(problem, err.cause)
    check_sums(report, 10, 10, 0, 0)
    assert.equal(11, index)
  end)

  for _, name in ipairs { "on_result", "on_progress" } do
    it("comes with the report: " .. name, function()
      local count = 0
      local err, report = interrupted(numbers(100), {
        concurrency = 4,
        [name] = function()
          count = count + 1
          if count == 5 then
            error("the hook's", 0)
          end
        end,
      })
      assert.equal("the hook's", err.cause)
      assert.matches("the hook's", tostring(err))
      assert.equal(100, report.total)
      assert.equal(0, report.failed)
      assert.is_true(report.succeeded >= 5 and report.succeeded <= 16)
      assert.equal(report.succeeded, #server:requests())
      if name == "on_progress" then
        check_sums(report, 100, report.succeeded, 0, report.skipped)
      end
    end)

    it("comes with the report at whatever item: " .. name, function()
      for at = 1, 12 do
        assert(server:reset())
        seeded = assert(server:seed { numbers = 40 })
        pool = assert(client:pool(seeded.pool))
        local count = 0
        local items = numbers(6)
        items[3], items[7] = "bad", items[2] -- one that is invalid, one that is there twice
        local ok, err = pcall(pool.add_numbers, pool, items, {
          stop_on_error = at > 6,
          concurrency = 2,
          [name] = function()
            count = count + 1
            if count == at then
              error "here"
            end
          end,
        })
        if ok then
          assert.is_true(at > 7)
          assert.equal(7, err.total)
        else
          assert.equal("interrupted", err.kind)
          assert.matches("here$", err.cause)
          local report = err.report
          assert.equal(7, report.total)
          assert.equal(7, report.succeeded + report.failed + report.skipped)
        end
      end
    end)
  end

  it("raises for every item, and still reports", function()
    local err, report = interrupted(numbers(10), { on_result = function()
      error "always"
    end })
    assert.matches("always$", err.cause)
    assert.equal(10, report.total)
  end)
end)
