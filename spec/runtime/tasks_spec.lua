-- Tasks that take turns, on a clock of the spec's own: nothing waits for real.
local tasks = require "numberpool.runtime.tasks"

local now, polls, on_poll

local function new_tasks()
  now, polls, on_poll = 0, {}, nil
  return tasks.new(function()
    return now
  end, function(seconds)
    polls[#polls + 1] = seconds
    assert(#polls < 1000, "nothing ever happens")
    now = now + seconds
    if on_poll then
      on_poll()
    end
  end)
end

local function ignore() end

-- Spawns a task that must not raise.
local function spawn(set, fn)
  return set:spawn(fn, nil, function(_, raised)
    error(raised, 0)
  end)
end

local function turn_until(set, is_done)
  repeat
    set:turn()
  until is_done()
end

local can_yield_in_pcall = select(2, coroutine.resume(coroutine.create(function()
  pcall(coroutine.yield, "yielded")
end))) == "yielded"

describe("a task", function()
  it("runs at the next turn, with its argument", function()
    local set, argument, got = new_tasks(), {}, nil
    set:spawn(function(...)
      got = { ... }
    end, argument, ignore)
    assert.is_nil(got)
    set:turn()
    assert.same({ argument }, got)
    assert.is_nil(next(set.live))
  end)

  it("hands on what it raises, as it is", function()
    local set, argument, raised, got = new_tasks(), {}, {}, nil
    set:spawn(function()
      error(raised)
    end, argument, function(...)
      got = { ... }
    end)
    set:turn()
    assert.equal(argument, got[1])
    assert.equal(raised, got[2])
    assert.is_nil(next(set.live))
  end)

  it("runs in the coroutine of one that has ended, unless that raised or was killed", function()
    local set, threads = new_tasks(), {}
    local function note()
      threads[#threads + 1] = coroutine.running()
    end
    for _ = 1, 3 do
      set:spawn(note, nil, ignore)
      set:turn()
    end
    assert.equal(threads[1], threads[2])
    assert.equal(threads[1], threads[3])
    set:spawn(error, {}, ignore)
    set:turn()
    set:kill(set:spawn(note, nil, ignore))
    set:spawn(note, nil, ignore)
    set:turn()
    assert.is_true(threads[4] ~= threads[1])
    assert.is_nil(next(set.live))
  end)

  it("that is always ready doesn't keep sleepers and transfers waiting for ever", function()
    local set, is_over, woke = new_tasks(), false, false
    spawn(set, function()
      set:sleep_until(set:running(), 0.5)
      woke = true
    end)
    local function go_on()
      if not is_over then
        now = now + 0.01
        spawn(set, go_on)
      end
    end
    spawn(set, go_on)
    for _ = 1, 200 do
      set:turn()
    end
    is_over = true
    assert.is_true(woke)
    assert.is_true(#polls > 10)
    for _, seconds in ipairs(polls) do
      assert.equal(0, seconds)
    end
  end)

  it("runs in the order it was spawned in, and one at a time", function()
    local set, order = new_tasks(), {}
    for i = 1, 5 do
      spawn(set, function()
        order[#order + 1] = i
      end)
    end
    set:turn()
    assert.same({ 1, 2, 3, 4, 5 }, order)
  end)

  it("that is spawned in a turn runs at the next one", function()
    local set, has_run = new_tasks(), false
    spawn(set, function()
      spawn(set, function()
        has_run = true
      end)
    end)
    set:turn()
    assert.is_false(has_run)
    set:turn()
    assert.is_true(has_run)
  end)

  it("knows that it runs, and that a coroutine within it isn't it", function()
    local set = new_tasks()
    local seen = {}
    local task
    task = spawn(set, function()
      seen.running, seen.within = set:running(), set:within()
      coroutine.wrap(function()
        seen.inner_running, seen.inner_within = set:running(), set:within()
      end)()
    end)
    assert.is_nil(set:running())
    set:turn()
    assert.equal(task, seen.running)
    assert.equal(task, seen.within)
    assert.is_nil(seen.inner_running)
    assert.equal(task, seen.inner_within)
    assert.is_nil(set:running())
    assert.is_nil(set:within())
  end)

  it("that yields of its own ends with an error that says so", function()
    local set, raised, goes_on = new_tasks(), nil, false
    set:spawn(function()
      coroutine.yield()
      goes_on = true
    end, nil, function(_, what)
      raised = what
    end)
    set:turn()
    set:turn()
    assert.matches("yielded", raised)
    assert.is_false(goes_on)
    assert.is_nil(next(set.live))
  end)

  it("may yield in coroutines of its own", function()
    local set, results = new_tasks(), nil
    spawn(set, function()
      local step = coroutine.wrap(function()
        coroutine.yield "first"
        return "second"
      end)
      results = { step(), step() }
    end)
    set:turn()
    assert.same({ "first", "second" }, results)
  end)
end)

describe("a check whether a task can wait", function()
  it("lets the others run first where Lua can't tell if a task can yield, and else does nothing", function()
    local set, order = new_tasks(), {}
    for _, name in ipairs { "a", "b" } do
      spawn(set, function()
        order[#order + 1] = name .. "1"
        set:check_wait()
        order[#order + 1] = name .. "2"
      end)
    end
    turn_until(set, function()
      return not next(set.live)
    end)
    assert.same(coroutine.isyieldable and { "a1", "a2", "b1", "b2" } or { "a1", "b1", "a2", "b2" }, order)
  end)

  it("outside of tasks does nothing", function()
    new_tasks():check_wait()
  end)

  if not can_yield_in_pcall then
    it("raises where a task can't yield, which is then woken by what it waits for alone", function()
      local set, woken = new_tasks(), nil
      spawn(set, function()
        assert.is_false((pcall(set.check_wait, set)))
        set:sleep_until(set:running(), 5)
        woken = now
      end)
      turn_until(set, function()
        return woken
      end)
      assert.equal(5, woken)
    end)
  end
end)

describe("sleepers", function()
  it("wake at their times", function()
    local set, order = new_tasks(), {}
    for _, time in ipairs { 0.5, 0.25, 3.75 } do
      spawn(set, function()
        set:sleep_until(set:running(), time)
        order[#order + 1] = { time, now }
      end)
    end
    turn_until(set, function()
      return #order == 3
    end)
    assert.same({ { 0.25, 0.25 }, { 0.5, 0.5 }, { 3.75, 3.75 } }, order)
  end)

  it("make a poll no longer than the time until the first", function()
    local set = new_tasks()
    spawn(set, function()
      set:sleep_until(set:running(), 0.125)
    end)
    set:turn()
    set:turn()
    assert.same({ 0.125 }, polls)
  end)

  it("make it no shorter than nothing where their time is over", function()
    local set = new_tasks()
    spawn(set, function()
      set:sleep_until(set:running(), -5)
    end)
    set:turn()
    set:turn()
    assert.same({ 0 }, polls)
  end)

  it("are joined by the limit of whoever turns", function()
    local set = new_tasks()
    set:turn(0.25)
    assert.same({ 0.25 }, polls)
  end)
end)

describe("a task that is killed", function()
  it("doesn't go on, nor tell", function()
    local set, has_told = new_tasks(), false
    local task = set:spawn(function()
      set:sleep_until(set:running(), 1)
      has_told = true
    end, nil, function()
      has_told = true
    end)
    set:turn()
    assert.is_true(set:kill(task))
    assert.is_nil(next(set.live))
    set:turn()
    set:turn()
    assert.is_true(now >= 1)
    assert.is_false(has_told)
    assert.is_true(set:kill(task))
  end)

  it("before it began never begins", function()
    local set, has_run = new_tasks(), false
    set:kill(spawn(set, function()
      has_run = true
    end))
    set:turn()
    assert.is_false(has_run)
  end)

  it("goes on where it is the one that runs", function()
    local set, is_over = new_tasks(), nil
    local task
    task = spawn(set, function()
      is_over = set:kill(task)
    end)
    set:turn()
    assert.is_false(is_over)
  end)
end)

describe("a signal", function()
  it("is waited for in place outside of tasks", function()
    local set = new_tasks()
    local signal, order = set:signal(), {}
    spawn(set, function()
      set:sleep_until(set:running(), 2)
      order[1] = "set"
      signal:set()
    end)
    signal:wait()
    order[2] = "waited"
    assert.same({ "set", "waited" }, order)
  end)

  it("that was set before, once or more, isn't waited for once", function()
    local set = new_tasks()
    local signal = set:signal()
    signal:set()
    signal:set()
    signal:wait()
    assert.same({}, polls)
    on_poll = function()
      signal:set()
    end
    signal:wait()
    assert.equal(1, #polls)
  end)

  it("lets a task that waits go on, and others meanwhile", function()
    local set, order = new_tasks(), {}
    local signal = set:signal()
    spawn(set, function()
      signal:wait()
      order[#order + 1] = "waited"
    end)
    spawn(set, function()
      order[#order + 1] = "other"
      set:sleep_until(set:running(), 1)
      signal:set()
    end)
    turn_until(set, function()
      return not next(set.live)
    end)
    assert.same({ "other", "waited" }, order)
  end)
end)

describe("tasks that wait in place on one another", function()
  -- Each waits in a coroutine of its own, where it can't yield, for a signal that a poll brings.
  local function wait_deep(count)
    local set = new_tasks()
    local ended, deepest, depth = 0, 0, 0
    local signals, next_set = {}, 1
    for i = 1, count do
      signals[i] = set:signal()
    end
    on_poll = function()
      signals[next_set]:set()
      next_set = next_set % count + 1
    end
    for i = 1, count do
      spawn(set, function()
        coroutine.wrap(function()
          depth = depth + 1
          deepest = math.max(deepest, depth)
          signals[i].number = math.huge -- no task of its own sets it
          signals[i]:wait()
          depth = depth - 1
        end)()
        ended = ended + 1
      end)
    end
    turn_until(set, function()
      return not next(set.live)
    end)
    return ended, deepest
  end

  it("end, however many there are, and never stack up past a limit", function()
    for _, count in ipairs { 1, 7, 8, 9, 300 } do
      local ended, deepest = wait_deep(count)
      assert.equal(count, ended)
      assert.is_true(deepest <= 8, "so deep: " .. deepest)
    end
  end)

  it("still run those that they spawned themselves", function()
    local set, ended = new_tasks(), 0
    for _ = 1, 40 do
      spawn(set, function()
        coroutine.wrap(function()
          local signal = set:signal()
          spawn(set, function()
            set:sleep_until(set:running(), now + 0.5)
            signal:set()
          end)
          signal:wait()
        end)()
        ended = ended + 1
      end)
    end
    turn_until(set, function()
      return not next(set.live)
    end)
    assert.equal(40, ended)
  end)
end)

describe("a turn that an error cut short", function()
  it("leaves no task that seems to run", function()
    local set = new_tasks()
    set:spawn(error, "broken", function(_, raised)
      error(raised, 0)
    end)
    assert.is_false((pcall(set.turn, set)))
    assert.is_nil(set:within())
    local has_run = false
    spawn(set, function()
      has_run = set:running() ~= nil
    end)
    set:turn()
    assert.is_true(has_run)
  end)

  it("between two instructions, neither", function()
    local set = new_tasks()
    local task = spawn(set, function()
      set:sleep_until(set:running(), 1)
    end)
    set:turn()
    set.current = task -- as Ctrl-C leaves it just before the task is resumed
    assert.is_nil(set:within())
    assert.is_nil(set:running())
  end)
end)
