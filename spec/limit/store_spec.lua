-- What every store of names that are taken for a time has to do. Inside nginx a shared dictionary too, on a clock that
-- the spec can set.
local memory = require "numberpool.limit.memory"
local shared_dict = require "numberpool.limit.shared_dict"
local socket = require "socket"

local ngx = rawget(_G, "ngx")
local dictionary = ngx and ngx.shared and ngx.shared.store

local pause = dictionary and ngx.sleep or socket.sleep
local ahead = 0 -- of the machine's clock, seconds: the spec's doing

local function now()
  return socket.gettime() + ahead
end

local STORES = {
  memory = function()
    return memory.new(now)
  end,
}

if dictionary then
  function STORES.shared_dict()
    dictionary:flush_all()
    return shared_dict.new { dictionary = dictionary, prefix = "spec:", now = now, update_time = ngx.update_time }
  end
end

local LONG = 60 -- seconds; nobody waits for it

for name, new_store in pairs(STORES) do
  describe("the store " .. name, function()
    local store

    before_each(function()
      ahead = 0
      store = new_store()
      pause(0.001) -- nginx looks at its clock
    end)

    -- How long it takes until a name is free and can be taken.
    local function free_after(taken)
      local started = socket.gettime()
      while not store:take(taken, LONG) do
        assert.is_true(socket.gettime() - started < 20, "it isn't free")
        pause(0.002)
      end
      return socket.gettime() - started
    end

    it("gives a name to one at a time", function()
      for _, taken in ipairs { "name", 0, 17 } do
        assert.is_true(store:take(taken, LONG))
        local is_free, left = store:take(taken, LONG)
        assert.is_false(is_free)
        assert.is_true(left > LONG - 10 and left <= LONG, tostring(left))
        left = store:left(taken)
        assert.is_true(left > LONG - 10 and left <= LONG, tostring(left))
      end
      assert.is_true(store:take("another", LONG))
    end)

    it("has it back after its time", function()
      assert.is_true(store:take("name", 0.3))
      local elapsed = free_after "name"
      assert.is_true(elapsed > 0.15, "after " .. elapsed) -- a busy worker's clock may be behind
    end)

    it("has it back after another time, sooner or later", function()
      assert.is_true(store:take("name", LONG))
      store:free_after("name", 0.1)
      assert.is_true(free_after "name" > 0.09)
      store:free_after("fresh", 0.1)
      assert.is_true(free_after "fresh" > 0.09)
      assert.is_true(store:take("short", 0.05))
      store:free_after("short", 0.2)
      assert.is_true(free_after "short" > 0.19)
    end)

    it("has it back at once where that is asked for", function()
      assert.is_true(store:take("name", LONG))
      store:forget "name"
      assert.is_true(store:left "name" <= 0)
      assert.is_true(store:take("name", LONG))
      store:forget "unknown"
    end)

    it("knows a name that nobody took as free", function()
      assert.is_true(store:left "name" <= 0)
    end)

    it("is held back for the longest time that was said", function()
      assert.is_true(store:held_for() <= 0)
      store:hold(LONG)
      store:hold(1)
      local left = store:held_for()
      assert.is_true(left > LONG - 10 and left <= LONG, tostring(left))
    end)

    it("is held back no longer than that", function()
      store:hold(0.3)
      assert.is_true(store:held_for() > 0)
      pause(0.31)
      assert.is_true(store:held_for() <= 0)
    end)

    it("keeps little of many names that are free again", function()
      collectgarbage()
      collectgarbage()
      local before = collectgarbage "count"
      for i = 1, 20000 do
        assert.is_true(store:take("name " .. i, 0.001))
        if i % 1000 == 0 then
          pause(0.002)
        end
      end
      collectgarbage()
      collectgarbage()
      assert.is_true(collectgarbage "count" - before < 500)
    end)

    -- Which is what a machine's clock that is set back does to a dictionary.
    it("lets nobody have a name for longer than a clock says that nobody sets", function()
      assert.is_true(store:take("name", LONG))
      store:hold(LONG)
      ahead = LONG + 2
      assert.is_true(store:left "name" <= 0)
      assert.is_true(store:take("name", LONG))
      assert.is_true(store:held_for() <= 0)
    end)
  end)
end

describe("the stores of accounts in one process", function()
  it("are one for each account, as long as somebody has it", function()
    local store = memory.of_account("spec@one", now)
    assert.is_true(store:take("name", LONG))
    assert.equal(store, memory.of_account("spec@one", now))
    assert.is_true(memory.of_account("spec@other", now):take("name", LONG))
    store = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.is_true(memory.of_account("spec@one", now):take("name", LONG))
  end)
end)
