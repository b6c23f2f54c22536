-- Hooks of a bulk call that is interrupted call the API: they are told of every item, and what is told is true, though
-- other items go on as long as a hook waits.
local bulk = require "spec.support.bulk"
local fixture = require "spec.support.fixture"
local interruption = require "spec.support.interruption"

local NUMBERS = bulk.numbers(14155550001, 20)

local server = fixture.sandbox()
local pool, told

setup(interruption.check)

before_each(function()
  pool = fixture.pool(server, { numbers = 0 })
  told = {}
end)

local function count_numbers()
  return assert(pool:count_numbers())
end

-- Adds the numbers, three at a time, and is interrupted at the first one that is added. `hook` is told of every one.
local function add_interrupted(hook)
  return pcall(pool.add_numbers, pool, NUMBERS, { concurrency = 3, on_result = function(result)
    told[#told + 1] = result
    if #told == 1 then
      interruption.send()
    end
    hook(result)
  end })
end

describe("the hooks of a bulk call that is interrupted", function()
  it("are told of every item though they call the API", function()
    local answered = 0
    local ok, err = add_interrupted(function()
      if #told > 1 then
        count_numbers()
        answered = answered + 1
      end
    end)
    assert.is_false(ok)
    assert.equal("interrupted", err.kind)
    assert.equal(#NUMBERS, #told)
    assert.is_true(answered >= #NUMBERS - 2) -- the first wait after it is the one that is interrupted
    assert.equal(#NUMBERS, err.report.total)
  end)

  it("aren't told that an item was given up which goes on meanwhile", function()
    assert(server:fault { method = "POST", path = "0000[23]/$", kind = "delay", seconds = 0.1 })
    local ok, err = add_interrupted(function()
      if #told == 2 then
        for _ = 1, 100 do
          count_numbers()
        end
      end
    end)
    assert.is_false(ok)
    assert.equal("interrupted", err.kind)
    local is_there = {}
    for _, entry in ipairs(assert(pool:snapshot()).numbers) do
      is_there[entry.number] = true
    end
    for _, result in ipairs(told) do
      if result.ok then
        assert.is_true(is_there[result.input], result.input .. " is said to be there")
      elseif result.skipped or not result.error.ambiguous then
        assert.is_nil(is_there[result.input], result.input .. " is said not to be there")
      end
    end
  end)
end)
