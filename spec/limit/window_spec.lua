-- The sliding window on a clock of the spec's own.
local ratelimit = require "numberpool.limit.window"

-- Lua versions disagree on math.random: a generator of our own makes every run the same.
local function new_random(seed)
  local state = seed
  return function()
    state = (state * 16807) % 2147483647
    return state / 2147483647
  end
end

-- Sends `total` requests through a limiter as fast as it lets them, with so many in flight. A request reaches the
-- server at some time within its latency. Returns the times of arrival, in order, and when the last slot was taken.
local function simulate(limiter, total, in_flight, latency)
  local now, sent, arrivals, under_way = 0, 0, {}, {}
  while sent < total or #under_way > 0 do
    table.sort(under_way)
    local next_answer = under_way[1]
    local wait = math.huge
    if sent < total and #under_way < in_flight then
      wait = limiter:acquire(now)
    end
    if wait == 0 then
      local forth, back = latency()
      sent = sent + 1
      arrivals[sent] = now + forth
      under_way[#under_way + 1] = now + forth + back
    elseif next_answer and next_answer <= now + wait then
      now = next_answer
      table.remove(under_way, 1)
      limiter:release(now)
    else
      now = now + wait
    end
  end
  table.sort(arrivals)
  return arrivals, now
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
    local limiter = ratelimit.new(3, 1)
    for _ = 1, 3 do
      assert.equal(0, limiter:acquire(10))
      limiter:release(10)
    end
    assert.is_true(limiter:acquire(10) > 0.99)
    assert.is_true(limiter:acquire(10.999) > 0)
  end)

  it("says how long to wait, and that is enough", function()
    local limiter = ratelimit.new(1, 5)
    assert.equal(0, limiter:acquire(0))
    limiter:release(0.25)
    local wait = limiter:acquire(1)
    assert.is_true(wait >= 4.25 and wait < 4.3, "waits " .. wait)
    assert.equal(0, limiter:acquire(1 + wait))
  end)

  it("counts a slot from the answer, not from the request", function()
    local limiter = ratelimit.new(1, 1)
    assert.equal(0, limiter:acquire(0))
    limiter:release(30)
    assert.is_true(limiter:acquire(30.5) > 0)
    assert.equal(0, limiter:acquire(31.1))
  end)

  it("asks to come again soon while every slot is under way", function()
    local limiter = ratelimit.new(2, 1)
    assert.equal(0, limiter:acquire(0))
    assert.equal(0, limiter:acquire(0))
    local wait = limiter:acquire(50)
    assert.is_true(wait > 0 and wait <= 0.1, "waits " .. wait)
  end)

  it("frees slots one by one, in the order of the answers", function()
    local limiter = ratelimit.new(3, 1)
    for _ = 1, 3 do
      assert.equal(0, limiter:acquire(0))
    end
    limiter:release(0.1)
    limiter:release(0.5)
    limiter:release(0.9)
    assert.equal(0, limiter:acquire(1.2))
    assert.is_true(limiter:acquire(1.2) > 0.2)
    assert.equal(0, limiter:acquire(1.6))
    assert.equal(0, limiter:acquire(2))
    assert.is_true(limiter:acquire(2) > 0)
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
        local arrivals = simulate(ratelimit.new(60, 1), 1000, in_flight, case[2])
        assert.equal(1000, #arrivals)
        local most = most_in_window(arrivals, 1)
        assert.is_true(most <= 60, most .. " arrived in a second")
      end)
    end
  end

  it("uses nearly all of what is allowed", function()
    local _, ended = simulate(ratelimit.new(60, 1), 1200, 1, constant(0.0005, 0.0005))
    assert.is_true(1200 / ended >= 0.95 * 60, ("%.1f a second"):format(1200 / ended))
  end)

  it("keeps its count however often its ring goes round", function()
    local limiter = ratelimit.new(7, 1)
    local now, taken = 0, {}
    for i = 1, 1000 do
      local wait = limiter:acquire(now)
      if wait > 0 then
        now = now + wait
        assert.equal(0, limiter:acquire(now))
      end
      limiter:release(now)
      taken[i] = now
      if i > 7 then
        assert.is_true(taken[i] - taken[i - 7] >= 1)
      end
    end
    assert.equal(0, limiter.under_way)
    assert.is_true(limiter.count <= 7)
  end)

  it("forgets everything after a pause", function()
    local limiter = ratelimit.new(4, 1)
    for _ = 1, 4 do
      limiter:acquire(0)
      limiter:release(0)
    end
    for _ = 1, 4 do
      assert.equal(0, limiter:acquire(100))
      limiter:release(100)
    end
    assert.is_true(limiter:acquire(100) > 0)
  end)

  it("may have a window of one request", function()
    local arrivals = simulate(ratelimit.new(1, 0.5), 10, 16, jitter(3, 0.2))
    assert.equal(1, most_in_window(arrivals, 0.5))
  end)
end)

for _, case in ipairs { { "a rate limiter", ratelimit.new(10, 1) }, { "no limit", ratelimit.unlimited() } } do
  local limiter = case[2]
  describe(case[1] .. " that is held back", function()
    it("lets nothing through until then", function()
      assert.equal(0, limiter:acquire(0))
      limiter:release(0)
      limiter:hold(5)
      assert.equal(4, limiter:acquire(1))
      assert.is_true(limiter:acquire(4.999) > 0)
      assert.equal(0, limiter:acquire(5))
      limiter:release(5)
    end)

    it("isn't let go by a shorter hold", function()
      limiter:hold(20)
      limiter:hold(12)
      assert.equal(9, limiter:acquire(11))
    end)
  end)
end

describe("no limit", function()
  it("lets any number through at once", function()
    local limiter = ratelimit.unlimited()
    for _ = 1, 1000 do
      assert.equal(0, limiter:acquire(1))
    end
    limiter:release(1)
    assert.equal(0, limiter:acquire(1))
  end)
end)
