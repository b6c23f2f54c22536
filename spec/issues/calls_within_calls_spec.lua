-- Hooks and iterators may call the client, be it in the middle of a call of its own, inside map and outside. The
-- account's limit holds for those calls too, and nothing stays taken: not where Ctrl-C comes in the middle, either.
local fixture = require "spec.support.fixture"
local interruption = require "spec.support.interruption"
local under_way = require "spec.support.under_way"

local RATE = { requests = 40, seconds = 0.5 }
local NUMBERS = { "14155550101", "14155550102", "14155550103", "14155550104", "14155550105", "14155550106" }

local server = fixture.sandbox()
local limited = fixture.sandbox { rate = RATE }
local client, pool

setup(function()
  interruption.check()
  if jit then
    jit.off() -- compiled code calls no hooks
    fixture.until_end(jit.on)
  end
end)

local function open(where, options)
  options.impatient = true
  pool, client = fixture.pool(where, { numbers = 45 }, options)
end

-- Opens a client for the server with a limit. Its hook calls `inner` for each event, but not for those of the calls in
-- there; `seen` has what types came.
local function open_limited(inner)
  local seen, depth = {}, 0
  open(limited, { rate = RATE, on_event = function(event)
    if depth > 0 then
      return
    end
    depth = depth + 1
    inner(event)
    seen[event.type] = (seen[event.type] or 0) + 1
    depth = depth - 1
  end })
  return seen
end

-- What holds after everything: the server never had to refuse, and no slot and no task is left.
local function check_rest(where)
  for _, request in ipairs(assert(where:requests())) do
    assert.is_true(request.status ~= 429 or request.fault ~= nil, "met the server's limit")
  end
  assert.equal(0, under_way(client))
  assert.is_nil(next(client.runtime.tasks.live))
end

local function fault_once(method)
  assert(limited:fault { method = method, kind = "status", status = 500, times = 1 })
end

-- Calls of every kind of event: some that go through, some that are tried again, looked at and fail.
local function make_calls()
  fault_once "GET"
  assert(pool:get())
  fault_once "POST"
  assert(pool:add_number(NUMBERS[1]))
  assert.equal("not_found", select(2, pool:find_number "14155550199").kind)
end

local function make_many()
  local results = client:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, function()
    return pool:get()
  end, { concurrency = 4 })
  for _, result in ipairs(results) do
    assert.is_true(result.ok, tostring(result.error))
  end
end

local INNER = {
  ["a call"] = function()
    assert(pool:get())
  end,
  ["a map"] = function()
    for _, result in ipairs(client:map({ 1, 2, 3 }, function()
      return pool:get()
    end, { concurrency = 2 })) do
      assert.is_true(result.ok, tostring(result.error))
    end
  end,
  ["a loop over the pool"] = function()
    local count = 0
    for _ in pool:numbers { limit = 20 } do
      count = count + 1
    end
    assert.is_true(count >= 45)
  end,
}

-- Lua 5.1 and 5.2 can't tell whether they can yield out of on_event, which is called in a pcall: the call there raises.
local can_tell = coroutine.isyieldable ~= nil or jit ~= nil

for name, inner in pairs(INNER) do
  describe(name .. " in on_event", function()
    it("keeps within the limit, outside of map", function()
      local problems = {}
      local seen = open_limited(function()
        local ok, err = pcall(inner)
        problems[#problems + 1] = not ok and tostring(err) or nil
      end)
      make_calls()
      assert.same({}, problems)
      for _, event in ipairs { "attempt", "response", "retry", "look", "result" } do
        assert.is_true((seen[event] or 0) > 0, event)
      end
      check_rest(limited)
    end)

    it("keeps within the limit, inside map", function()
      local problems = {}
      local seen = open_limited(function()
        local ok, err = pcall(inner)
        problems[#problems + 1] = not ok and tostring(err) or nil
      end)
      make_many()
      assert.is_true(seen.attempt > 0)
      if can_tell then
        assert.same({}, problems)
      end
      check_rest(limited)
    end)
  end)
end

describe("a call", function()
  it("in on_event while the limit is met doesn't get past it", function()
    local seen = open_limited(function()
      pcall(pool.get, pool)
    end)
    for _ = 1, RATE.requests + 10 do
      assert(pool:get())
    end
    assert.is_true((seen.throttled or 0) > 0)
    check_rest(limited)
  end)

  it("in the hooks of a bulk call and in its iterator keeps within the limit", function()
    open(limited, { rate = RATE })
    local index, calls = 0, 0
    local function inner()
      calls = calls + 1
      assert(pool:get())
    end
    local report = assert(pool:add_numbers(function()
      inner()
      index = index + 1
      return NUMBERS[index]
    end, { concurrency = 3, on_progress = inner, on_result = inner }))
    assert.same({ 6, 6 }, { report.total, report.succeeded })
    assert.equal(7 + 6 + 6, calls)
    check_rest(limited)
  end)

  it("in the iterator given to map, and a loop in that, keep within the limit", function()
    open(limited, { rate = RATE })
    local index = 0
    local results = client:map(function()
      assert(pool:get())
      local count = 0
      for _ in pool:numbers { limit = 20 } do
        count = count + 1
      end
      assert.is_true(count >= 45)
      index = index + 1
      return index <= 8 and index or nil
    end, function()
      return pool:get()
    end, { concurrency = 3 })
    assert.equal(8, #results)
    for _, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
    end
    check_rest(limited)
  end)
end)

-- Interrupts fn everywhere, each time with a look at what is left of it once the client has gone on: nothing or, where
-- Ctrl-C isn't held back, in few places a slot, which gets free by itself.
local function interrupt_everywhere(step, fn, most_left)
  local count, left = 1, 0
  local was_interrupted
  repeat
    was_interrupted = interruption.after(count, fn)
    for _, result in ipairs(client:map({ 1, 2 }, function()
      return pool:get()
    end)) do
      assert.is_true(result.ok, tostring(result.error))
    end
    local still_left = under_way(client)
    assert.is_true(still_left <= left + 1 and still_left <= (most_left or 0), "after " .. count .. " instructions")
    left = still_left
    count = count + step
  until not was_interrupted
  assert.is_true(count > 10 * step)
end

describe("Ctrl-C in the middle leaves nothing taken for long of", function()
  local depth

  before_each(function()
    depth = 0
    open(server, { rate = { requests = 1000, seconds = 1 }, on_event = function()
      if depth == 0 then
        depth = 1
        local ok, err = pcall(pool.get, pool)
        depth = 0
        if err == "interrupted!" and not ok then
          error(err, 0)
        end
      end
    end })
  end)

  it("a call", function()
    client:close()
    open(server, { rate = { requests = 1000, seconds = 1 } })
    interrupt_everywhere(1, function()
      return pool:get()
    end, 40)
  end)

  it("calls in on_event", function()
    interrupt_everywhere(7, function()
      depth = 0
      return pool:get()
    end, 40)
  end)

  it("calls in on_event inside map", function()
    interrupt_everywhere(29, function()
      depth = 0
      return client:map({ 1, 2, 3 }, function()
        return pool:get()
      end, { concurrency = 2 })
    end)
  end)

  it("calls in the hooks and the iterator of a bulk call", function()
    interrupt_everywhere(53, function()
      depth = 1
      local index = 0
      local function inner()
        assert(pool:get())
      end
      return pool:add_numbers(function()
        inner()
        index = index + 1
        return NUMBERS[index]
      end, { concurrency = 2, on_progress = inner, on_result = inner })
    end)
  end)
end)
