-- The sliding window over a store in memory, on a clock of the spec's own.
local memory = require "numberpool.limit.memory"
local window = require "numberpool.limit.window"

local EXCHANGE = 10 -- seconds that one may take

-- Lua versions disagree on math.random: a generator of our own makes every run the same.
local function new_random(seed)
  local state = seed
  return function()
    state = (state * 16807) % 2147483647
    return state / 2147483647
  end
end

-- A store whose time is in its field `time`, and that counts how often a name was asked for.
local function new_store()
  local store
  store = memory.new(function()
    return store.time
  end)
  store.time, store.looks = 0, 0
  function store:take(...)
    self.looks = self.looks + 1
    return getmetatable(self).__index.take(self, ...)
  end
  return store
end

local function new_window(requests, seconds)
  local store = new_store()
  return assert(window.new(store, { requests = requests, seconds = seconds })), store
end

-- Takes a slot that is to be free.
local function take(limiter)
  local wait, slot = limiter:acquire(EXCHANGE)
  assert.equal(0, wait)
  assert.is_number(slot)
  return slot
end

-- A request with its answer at once.
local function call(limiter)
  limiter:release(take(limiter))
end

-- Sends `total` requests through a limiter as fast as it lets them, with so many in flight. A request reaches the
-- server at some time within its latency. Returns the times of arrival, in order, and when the last slot was taken.
local function simulate(limiter, store, total, in_flight, latency)
  local sent, arrivals, under_way = 0, {}, {}
  while sent < total or #under_way > 0 do
    table.sort(under_way, function(one, other)
      return one.answer < other.answer
    end)
    local next_answer = under_way[1] and under_way[1].answer
    local wait, slot = math.huge, nil
    if sent < total and #under_way < in_flight then
      wait, slot = limiter:acquire(EXCHANGE)
    end
    if wait == 0 then
      local forth, back = latency()
      sent = sent + 1
      arrivals[sent] = store.time + forth
      under_way[#under_way + 1] = { answer = store.time + forth + back, slot = slot }
    elseif next_answer and next_answer <= store.time + wait then
      store.time = next_answer
      limiter:release(table.remove(under_way, 1).slot)
    else
      store.time = store.time + wait
    end
  end
  table.sort(arrivals)
  return arrivals, store.time
end

-- The most arrivals in any window of so many seconds.
local function most_in_window(arrivals, seconds)
  local most, first = 0, 1
  for last = 1, #arrivals do
    while arrivals[last] - arrivals[first] >= seconds do
      first = first + 1
    end
    most = math.max(most, last - first + 1)
  end
  return most
end

local function constant(forth, back)
  return function()
    return forth, back
  end
end

local function jitter(seed, longest)
  local random = new_random(seed)
  return function()
    return random() * longest, random() * longest
  end
end

describe("a rate limiter", function()
  it("lets as many through at once as the limit says, and no more", function()
    local limiter, store = new_window(3, 1)
    for _ = 1, 3 do
      call(limiter)
    end
    assert.is_true(limiter:acquire(EXCHANGE) > 0.99)
    store.time = 0.999
    assert.is_true(limiter:acquire(EXCHANGE) > 0)
  end)

  it("says how long to wait, and that is enough", function()
    local limiter, store = new_window(1, 5)
    local slot = take(limiter)
    store.time = 0.25
    limiter:release(slot)
    store.time = 1
    local wait = limiter:acquire(EXCHANGE)
    assert.is_true(wait >= 4.25 and wait < 4.3, "waits " .. wait)
    store.time = 1 + wait
    take(limiter)
  end)

  it("counts a slot from the answer, not from the request", function()
    local limiter, store = new_window(1, 1)
    local slot = take(limiter)
    store.time = 9
    limiter:release(slot)
    store.time = 9.5
    assert.is_true(limiter:acquire(EXCHANGE) > 0)
    store.time = 10.1
    take(limiter)
  end)

  it("asks to come again within the window while every slot is under way", function()
    local limiter, store = new_window(2, 1)
    local slot = take(limiter)
    take(limiter)
    store.time = 5
    local wait = limiter:acquire(EXCHANGE)
    assert.is_true(wait > 0 and wait <= 1.1, "waits " .. wait)
    limiter:release(slot)
    store.time = 5 + wait
    take(limiter)
  end)

  it("frees slots one by one, in the order of the answers", function()
    local limiter, store = new_window(3, 1)
    local slots = { take(limiter), take(limiter), take(limiter) }
    for i, time in ipairs { 0.1, 0.5, 0.9 } do
      store.time = time
      limiter:release(slots[4 - i])
    end
    store.time = 1.2
    take(limiter)
    assert.is_true(limiter:acquire(EXCHANGE) > 0.2)
    store.time = 1.6
    take(limiter)
    store.time = 2
    take(limiter)
    assert.is_true(limiter:acquire(EXCHANGE) > 0)
  end)

  it("has a slot back that nobody gives back, once no exchange can hold it", function()
    local limiter, store = new_window(1, 1)
    take(limiter)
    while store.time < EXCHANGE + 1 do
      local wait = limiter:acquire(EXCHANGE)
      assert.is_true(wait > 0)
      store.time = store.time + wait
    end
    store.time = EXCHANGE + 3
    take(limiter)
  end)

  local LATENCIES = {
    { "no latency", constant(0, 0) },
    { "a request that takes long to arrive", constant(0.2, 0.001) },
    { "an answer that takes long to come", constant(0.001, 0.2) },
    { "latency that wavers", jitter(7, 0.05) },
    { "latency that wavers more than the window is long", jitter(11, 1.5) },
  }
  for _, case in ipairs(LATENCIES) do
    for _, in_flight in ipairs { 1, 16, 200 } do
      it(("never has more than 60 arrive in a second, with %s and %d in flight"):format(case[1], in_flight), function()
        local limiter, store = new_window(60, 1)
        local arrivals = simulate(limiter, store, 1000, in_flight, case[2])
        assert.equal(1000, #arrivals)
        local most = most_in_window(arrivals, 1)
        assert.is_true(most <= 60, most .. " arrived in a second")
      end)
    end
  end

  it("uses nearly all of what is allowed", function()
    local limiter, store = new_window(60, 1)
    local _, ended = simulate(limiter, store, 1200, 1, constant(0.0005, 0.0005))
    assert.is_true(1200 / ended >= 0.95 * 60, ("%.1f a second"):format(1200 / ended))
  end)

  it("takes its slots in turns, however often", function()
    local limiter, store = new_window(7, 1)
    local taken = {}
    for i = 1, 1000 do
      local wait, slot = limiter:acquire(EXCHANGE)
      if wait > 0 then
        store.time = store.time + wait
        slot = take(limiter)
      end
      limiter:release(slot)
      taken[i] = store.time
      if i > 7 then
        assert.is_true(taken[i] - taken[i - 7] >= 1)
      end
    end
    assert.is_true(store.looks < 3 * 1000, store.looks .. " looks")
  end)

  it("forgets everything after a pause", function()
    local limiter, store = new_window(4, 1)
    for _ = 1, 4 do
      call(limiter)
    end
    store.time = 100
    for _ = 1, 4 do
      call(limiter)
    end
    assert.is_true(limiter:acquire(EXCHANGE) > 0)
  end)

  it("may have a window of one request", function()
    local limiter, store = new_window(1, 0.5)
    local arrivals = simulate(limiter, store, 10, 16, jitter(3, 0.2))
    assert.equal(1, most_in_window(arrivals, 0.5))
  end)

  it("looks at each slot once for all who wait", function()
    local limiter, store = new_window(300, 5)
    for _ = 1, 300 do
      call(limiter)
    end
    store.looks = 0
    for _ = 1, 1000 do
      assert.is_true(limiter:acquire(EXCHANGE) > 0)
    end
    assert.equal(300, store.looks)
  end)

  it("looks at some of very many slots at a time, and finds those that are free", function()
    local limiter, store = new_window(10000, 5)
    local slots = {}
    for i = 1, 10000 do
      slots[i] = take(limiter)
    end
    store.looks = 0
    assert.is_true(limiter:acquire(EXCHANGE) > 0)
    assert.is_true(store.looks < 5000)
    for i = 8000, 8010 do
      limiter:release(slots[i])
    end
    store.time = 5.1
    local found = 0
    for _ = 1, 20 do
      local wait = limiter:acquire(EXCHANGE)
      found = found + (wait == 0 and 1 or 0)
      store.time = store.time + wait
    end
    assert.equal(11, found)
  end)
end)

describe("rate limiters that share a store", function()
  it("share its slots", function()
    local one, store = new_window(10, 1)
    local other = assert(window.new(store, { requests = 10, seconds = 1 }))
    for _ = 1, 5 do
      call(one)
      call(other)
    end
    assert.is_true(one:acquire(EXCHANGE) > 0)
    assert.is_true(other:acquire(EXCHANGE) > 0)
    store.time = 1.1
    call(other)
  end)

  it("keep to their own rates each, and together to the larger one", function()
    local large, store = new_window(60, 1)
    local small = assert(window.new(store, { requests = 20, seconds = 1 }))
    local of_small, all = {}, {}
    while store.time < 10 do
      local is_small = #all % 2 == 0
      local wait, slot = (is_small and small or large):acquire(EXCHANGE)
      if wait > 0 then
        wait, slot = large:acquire(EXCHANGE)
        is_small = false
      end
      if wait == 0 then
        all[#all + 1] = store.time
        of_small[#of_small + 1] = is_small and store.time or nil
        store.time = store.time + 0.001
        large:release(slot)
      else
        store.time = store.time + wait
      end
    end
    assert.is_true(#of_small > 20)
    assert.is_true(most_in_window(of_small, 1) <= 20)
    assert.is_true(most_in_window(all, 1) <= 60)
  end)

  it("are held back together", function()
    local one, store = new_window(10, 1)
    local other, unlimited = assert(window.new(store, { requests = 5, seconds = 2 })), assert(window.new(store, false))
    unlimited:hold(3)
    for _, limiter in ipairs { one, other, unlimited } do
      assert.equal(3, limiter:acquire(EXCHANGE))
    end
  end)
end)

for _, case in ipairs { { "a rate limiter", { requests = 10, seconds = 1 } }, { "no limit", false } } do
  describe(case[1] .. " that is held back", function()
    local limiter, store

    before_each(function()
      store = new_store()
      limiter = assert(window.new(store, case[2]))
    end)

    it("lets nothing through until then", function()
      local _, slot = limiter:acquire(EXCHANGE)
      limiter:release(slot)
      limiter:hold(5)
      store.time = 1
      assert.equal(4, limiter:acquire(EXCHANGE))
      store.time = 4.999
      assert.is_true(limiter:acquire(EXCHANGE) > 0)
      store.time = 5
      assert.equal(0, (limiter:acquire(EXCHANGE)))
    end)

    it("isn't let go by a shorter hold", function()
      limiter:hold(20)
      limiter:hold(12)
      store.time = 11
      assert.equal(9, limiter:acquire(EXCHANGE))
    end)

    it("isn't held for more than a minute", function()
      limiter:hold(1e9)
      assert.equal(60, limiter:acquire(EXCHANGE))
    end)
  end)
end

describe("no limit", function()
  it("lets any number through at once", function()
    local limiter = assert(window.new(new_store(), false))
    for _ = 1, 1000 do
      assert.same({ 0 }, { limiter:acquire(EXCHANGE) })
    end
    limiter:release(nil)
    assert.equal(0, limiter:acquire(EXCHANGE))
  end)
end)
