-- A job may be left in the middle: in a coroutine of the script's own, where a hook yields what it gets. What is done
-- meanwhile, or once the job was dropped, hears of Ctrl-C all the same.
local bulk = require "spec.support.bulk"
local fixture = require "spec.support.fixture"
local interruption = require "spec.support.interruption"

local NUMBERS = bulk.numbers(14155550001, 5)

local server = fixture.sandbox()
local pool, client

setup(interruption.check)

before_each(function()
  pool, client = fixture.pool(server, { numbers = 0 })
end)

after_each(interruption.check)

-- Gives the results one by one.
local function results()
  return coroutine.wrap(function()
    return nil, pool:add_numbers(NUMBERS, { on_result = coroutine.yield })
  end)
end

-- Begins a job and leaves it in its first result. Lua 5.1 can't.
local function leave()
  local next_result = results()
  return next_result, pcall(next_result)
end

local can_yield = coroutine.isyieldable or rawget(_G, "jit") or _VERSION == "Lua 5.2"

describe("a job that is left in the middle" .. (can_yield and "" or ", where Lua can,"), function()
  if not can_yield then
    it("raises, as Lua 5.1 can't yield there", function()
      local _, ok = leave()
      assert.is_false(ok)
    end)
    return
  end

  it("keeps no Ctrl-C from the next call, once", function()
    assert.is_true(select(2, leave()))
    interruption.send()
    local ok, err = pcall(pool.get, pool)
    assert.is_false(ok)
    assert.equal("interrupted!", err)
    assert.is_table(pool:get())
  end)

  it("keeps none from another job", function()
    assert.is_true(select(2, leave()))
    local ok, err = pcall(client.map, client, { 1, 2, 3 }, function(item)
      if item == 1 then
        interruption.send()
      end
      return pool:get()
    end)
    assert.is_false(ok)
    assert.equal("interrupted", err.kind)
  end)

  it("keeps none that came before from another job", function()
    assert.is_true(select(2, leave()))
    interruption.send()
    local begun = 0
    local ok, err = pcall(client.map, client, { 1, 2, 3 }, function()
      begun = begun + 1
    end)
    assert.is_false(ok)
    assert.equal("interrupted!", err)
    assert.equal(0, begun)
  end)

  it("goes on, before another job and after it", function()
    local next_result = leave()
    local count = 1
    for _ in next_result do
      count = count + 1
      if count == 3 then
        assert.equal(3, #client:map({ 1, 2, 3 }, function()
          return pool:get()
        end))
      end
    end
    assert.equal(#NUMBERS, count)
  end)
end)
