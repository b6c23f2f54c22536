-- Ctrl-C between any two instructions of a plan and of what carries it out. Whenever it comes, the report says what the
-- server has, and the same plan, or another one, goes on where it ended.
local fixture = require "spec.support.fixture"
local interruption = require "spec.support.interruption"

local unpack = unpack or table.unpack

local server = fixture.sandbox()

local BEFORE = { "14155550001", "14155550002", "14155550003", "14155550004", "14155550005" }

local DESIRED = { numbers = { "14155550001", { number = "14155550002", service = "mms" },
  { number = "14155550003", service = "mms" }, "14155550006", "14155550007", "14155550008" } }

local WANTED = { ["14155550001"] = "sms", ["14155550002"] = "mms", ["14155550003"] = "mms", ["14155550006"] = "sms",
  ["14155550007"] = "sms", ["14155550008"] = "sms" }

setup(function()
  interruption.check()
  if jit then
    jit.off() -- compiled code calls no hooks
  end
end)

teardown(function()
  if jit then
    jit.on()
  end
end)

local function services(pool)
  local found = {}
  for _, entry in ipairs(assert(pool:snapshot()).numbers) do
    found[entry.number] = entry.service
  end
  return found
end

-- Whether an entry of a plan is done, by what the pool has.
local function is_done(plan, entry, held)
  for _, removed in ipairs(plan.remove) do
    if removed == entry then
      return held[entry.number] == nil
    end
  end
  return held[entry.number] == WANTED[entry.number]
end

local function check_report(plan, report, held)
  assert.equal(7, report.total)
  assert.equal(7, #report.results)
  for _, result in ipairs(report.results) do
    local number = result.input.number
    if result.ok then
      assert.is_true(is_done(plan, result.input, held), number .. " is said to be done")
    elseif result.skipped or not result.error.ambiguous then
      assert.is_false(is_done(plan, result.input, held), number .. " is said not to be done")
    end
  end
end

describe("Ctrl-C between any two instructions of", function()
  it("plan:apply", function()
    local pool = fixture.pool(server, { numbers = BEFORE })
    local count = 1
    repeat
      local plan = assert(pool:plan(DESIRED, { prune = true }))
      assert.equal(7, plan:count())
      local was_interrupted, ok, result = interruption.after(count, function()
        return plan:apply { concurrency = 3 }
      end)
      local held = services(pool)
      local report = ok and result or type(result) == "table" and result.report
      if report then
        check_report(plan, report, held)
      end
      if count % 2 == 0 then
        assert.equal(7, assert(plan:apply()).succeeded)
      else
        assert(assert(pool:plan(DESIRED, { prune = true })):apply())
      end
      assert.same(WANTED, services(pool))
      assert(pool:remove_numbers { "14155550002", "14155550003", "14155550006", "14155550007", "14155550008" })
      assert.equal(4, assert(pool:add_numbers { unpack(BEFORE, 2) }).succeeded)
      count = count + 83
    until not was_interrupted
    assert.is_true(count > 1000)
  end)

  for how, desired in pairs {
    ["pool:plan, by pages"] = { numbers = { "14155550001", "14155550002", "14155550003", "14155550009" } },
    ["pool:plan, one by one"] = { numbers = { "14155550001", "14155550009" } },
  } do
    it(how, function()
      local pool = fixture.pool(server, { numbers = BEFORE })
      local count = 1
      repeat
        local was_interrupted, ok, result = interruption.after(count, function()
          return pool:plan(desired)
        end)
        if ok then
          assert.equal(1, result:count())
        else
          assert.equal("interrupted!", result)
        end
        assert.equal(1, assert(pool:plan(desired)):count())
        count = count + 41
      until not was_interrupted
      assert.is_true(count > 300)
    end)
  end
end)
