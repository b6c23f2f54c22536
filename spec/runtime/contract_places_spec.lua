-- Places, signals and sheltered calls of every runtime: numberpool.runtime has the contract.
local fixture = require "spec.support.fixture"
local new_runtime = require "spec.support.new_runtime"
local tasks_of = require "spec.support.tasks_of"

local server = fixture.scripted_server()
local runtime, run

before_each(function()
  runtime = fixture.until_end(new_runtime(server))
  run = tasks_of(runtime)
end)

describe("the current place", function()
  it("outside of tasks is one, and no task's", function()
    local outside = runtime:current()
    assert.is_truthy(outside)
    assert.equal(outside, runtime:current())
    local task, inside
    task = run.spawn(function()
      inside = runtime:current()
    end)
    run.wait_until(function()
      return inside
    end)
    assert.equal(task, inside)
    assert.are_not.equal(outside, inside)
    assert.equal(outside, runtime:current())
  end)

  it("is the task, before a wait and after it", function()
    local places, tasks = {}, {}
    for i = 1, 3 do
      tasks[i] = run.spawn(function()
        local before = runtime:current()
        runtime:sleep(0.005)
        local signal = runtime:signal()
        run.spawn(function()
          signal:set()
        end)
        signal:wait()
        assert.equal(before, runtime:current())
        places[i] = before
      end)
    end
    run.wait_until(function()
      return places[1] and places[2] and places[3]
    end)
    assert.are_not.equal(tasks[1], tasks[2])
    for i = 1, 3 do
      assert.equal(tasks[i], places[i])
    end
  end)

  it("in a coroutine of a task is the task, or stands for that coroutine", function()
    run.in_task(function()
      local task = runtime:current()
      local seen = {}
      local step = coroutine.wrap(function()
        seen[1] = runtime:current()
        coroutine.yield()
        seen[2] = runtime:current()
      end)
      step()
      assert.equal(task, runtime:current())
      step()
      assert.is_truthy(seen[1])
      assert.equal(seen[1], seen[2])
    end)
  end)

  it("in a coroutine outside of tasks is none of theirs", function()
    local task = run.spawn(function()
      runtime:sleep(0.05)
    end)
    run.let_run()
    coroutine.wrap(function()
      local place = runtime:current()
      assert.is_truthy(place)
      assert.are_not.equal(task, place)
      runtime:sleep(0.01)
      assert.equal(place, runtime:current())
    end)()
  end)

  it("can be remembered in a table with weak keys, as long as the code there runs", function()
    local notes = setmetatable({}, { __mode = "k" })
    runtime:shelter(error, function()
      notes[runtime:current()] = "outside"
      run.in_task(function()
        notes[runtime:current()] = "inside"
        collectgarbage()
        collectgarbage()
        assert.equal("inside", notes[runtime:current()])
      end)
      assert.equal("outside", notes[runtime:current()])
    end)
  end)
end)

describe("a signal", function()
  it("that was set isn't waited for, once", function()
    local signal, waits = runtime:signal(), 0
    signal:set()
    signal:set()
    signal:wait()
    run.spawn(function()
      signal:wait()
      waits = waits + 1
    end)
    run.let_run()
    assert.equal(0, waits)
    signal:set()
    run.wait_until(function()
      return waits == 1
    end)
  end)

  it("is waited for outside of tasks and inside", function()
    local there, back = runtime:signal(), runtime:signal()
    run.spawn(function()
      for _ = 1, 100 do
        there:wait()
        back:set()
      end
    end)
    for _ = 1, 100 do
      there:set()
      back:wait()
    end
  end)

  it("is waited for by another one after the first was killed", function()
    local signal, has_come = runtime:signal(), false
    local task = run.spawn(function()
      signal:wait()
    end)
    run.let_run()
    runtime:kill(task)
    run.spawn(function()
      signal:wait()
      has_come = true
    end)
    run.let_run()
    signal:set()
    run.wait_until(function()
      return has_come
    end)
  end)
end)

describe("a sheltered call", function()
  local undone

  before_each(function()
    undone = {}
  end)

  local function undo(...)
    undone[#undone + 1] = { n = select("#", ...), ... }
  end

  it("gets its arguments, and gives what the function does", function()
    local results = { runtime:shelter(undo, function(first, second)
      return first, nil, second
    end, 7, "x") }
    assert.same({ 7, nil, "x" }, results)
    assert.equal(0, select("#", runtime:shelter(undo, function() end)))
    assert.same({}, undone)
  end)

  it("that raises is undone, and raises that", function()
    local raised = {}
    local ok, err = pcall(function()
      runtime:shelter(undo, function()
        runtime:sleep(0.001)
        error(raised)
      end, 7, 8)
    end)
    assert.is_false(ok)
    assert.equal(raised, err)
    assert.equal(1, #undone)
    assert.equal(raised, undone[1][1])
    assert.same({ raised, 7, 8, n = 3 }, undone[1])
  end)

  it("within another one is undone first", function()
    local ok, err = pcall(function()
      runtime:shelter(undo, function()
        runtime:shelter(undo, error, "no", 0)
      end, "outer", 1)
    end)
    assert.same({ false, "no" }, { ok, err })
    assert.same({ { n = 3, "no", "no", 0 }, { n = 3, "no", "outer", 1 } }, undone)
  end)

  it("is in one place, before, within and after", function()
    local place = runtime:current()
    runtime:shelter(undo, function()
      assert.equal(place, runtime:current())
      runtime:sleep(0.001)
      runtime:shelter(undo, function()
        assert.equal(place, runtime:current())
      end)
      assert.equal(place, runtime:current())
    end)
    pcall(runtime.shelter, runtime, function()
      assert.equal(place, runtime:current())
    end, error, "no")
    assert.equal(place, runtime:current())
  end)

  it("in a task isn't undone, as who spawned that hears of it", function()
    local heard
    runtime:spawn(function()
      assert.same({ 1, 2 }, { runtime:shelter(undo, function(first, second)
        return first, second
      end, 1, 2) })
      runtime:shelter(undo, function()
        runtime:sleep(0.001)
        error("no", 0)
      end)
    end, "argument", function(...)
      heard = { ... }
    end)
    run.wait_until(function()
      return heard
    end)
    assert.same({ "argument", "no" }, heard)
    assert.same({}, undone)
  end)
end)
