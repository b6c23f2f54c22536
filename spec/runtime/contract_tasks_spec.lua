-- What every runtime does with tasks: numberpool.runtime has the contract.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local new_runtime = require "spec.support.new_runtime"
local tasks_of = require "spec.support.tasks_of"

local OK = http.json '{"uuid":"p"}'
local SILENCE = { bytes = "", after = "stall" }

local server = fixture.scripted_server()
local runtime, run

before_each(function()
  runtime = fixture.until_end(new_runtime(server))
  run = tasks_of(runtime)
end)

local function send(seconds)
  return runtime:send("GET", "/", nil, runtime.now() + (seconds or 5))
end

describe("a task", function()
  it("runs once the caller waits, with its argument", function()
    local argument, got = {}, nil
    run.spawn(function(...)
      got = { n = select("#", ...), ... }
    end, argument)
    assert.is_nil(got)
    run.wait_until(function()
      return got
    end)
    assert.equal(1, got.n)
    assert.equal(argument, got[1])
  end)

  it("runs after those that were spawned before", function()
    local order = {}
    for i = 1, 20 do
      run.spawn(function(number)
        order[#order + 1] = number
        runtime:sleep(0.01)
        order[#order + 1] = number
      end, i)
    end
    run.wait_until(function()
      return #order == 40
    end)
    for i = 1, 20 do
      assert.equal(i, order[i])
    end
  end)

  it("hands on what it raises, as it is, with its argument", function()
    local raised, argument, got = {}, {}, {}
    for _, value in ipairs { raised, "text" } do
      runtime:spawn(function()
        runtime:sleep(0.001)
        error(value, 0)
      end, argument, function(...)
        got[#got + 1] = { ... }
      end)
    end
    run.wait_until(function()
      return #got == 2
    end)
    assert.equal(argument, got[1][1])
    assert.equal(raised, got[1][2])
    assert.equal("text", got[2][2])
  end)

  it("waits without holding up others, be it for an answer", function()
    server:script { bytes = OK, drip = 30 } -- some hundredths of a second
    runtime:keep_connections(20)
    local ended, began = 0, runtime.now()
    for _ = 1, 20 do
      run.spawn(function()
        assert.equal(200, (send()))
        runtime:sleep(0.1)
        ended = ended + 1
      end)
    end
    local status = send()
    assert.equal(200, status)
    run.wait_until(function()
      return ended == 20
    end)
    assert.is_true(runtime.now() - began < 2)
    local before = server:counts().accepted
    for _ = 1, 20 do
      run.spawn(function()
        assert.equal(200, (send()))
        ended = ended + 1
      end)
    end
    run.wait_until(function()
      return ended == 40
    end)
    assert.equal(before, server:counts().accepted)
  end)

  it("may spawn others, which outlive it", function()
    local log = {}
    run.spawn(function()
      run.spawn(function()
        log[#log + 1] = "begun"
        runtime:sleep(0.02)
        log[#log + 1] = "ended"
      end)
      log[#log + 1] = "spawned"
    end)
    run.wait_until(function()
      return #log == 3
    end)
    assert.same({ "spawned", "begun", "ended" }, log)
  end)

  it("is one of many thousand, which need no more each", function()
    local ended = 0
    for _ = 1, 5000 do
      run.spawn(function()
        ended = ended + 1
      end)
    end
    run.wait_until(function()
      return ended == 5000
    end)
  end)
end)

-- Ways to wait; each calls `began` before it does.
local WAITS = {
  send = function(began)
    server:script(SILENCE)
    began()
    return (send(60))
  end,
  sleep = function(began)
    began()
    return runtime:sleep(60)
  end,
  ["signal:wait"] = function(began)
    local signal = runtime:signal()
    began()
    return signal:wait()
  end,
}

describe("a task that is killed", function()
  for name, wait in pairs(WAITS) do
    it("in " .. name .. " does nothing any more", function()
      local has_begun, has_gone_on = false, false
      local task = runtime:spawn(function()
        wait(function()
          has_begun = true
        end)
        has_gone_on = true
      end, nil, function()
        has_gone_on = true
      end)
      run.wait_until(function()
        return has_begun and (name ~= "send" or #server:requests() == 1)
      end)
      assert.is_true(runtime:kill(task))
      assert.is_true(runtime:kill(task))
      run.let_run()
      assert.is_false(has_gone_on)
      if name == "send" then
        run.wait_until(function()
          return server:counts().open == 0
        end)
      end
      server:script(OK)
      assert.equal(200, (send()))
    end)
  end

  it("before it began never does", function()
    local has_run = false
    local task = run.spawn(function()
      has_run = true
    end)
    assert.is_true(runtime:kill(task))
    run.let_run()
    assert.is_false(has_run)
  end)

  it("after it ended, or has raised, isn't there any more", function()
    local ended = run.spawn(function() end)
    local raised
    local failed = runtime:spawn(error, "enough", function()
      raised = true
    end)
    run.wait_until(function()
      return raised
    end)
    assert.is_true(runtime:kill(ended))
    assert.is_true(runtime:kill(failed))
  end)

  it("by itself goes on", function()
    local task, is_killed, has_ended
    task = run.spawn(function()
      is_killed = runtime:kill(task)
      runtime:sleep(0.001)
      has_ended = true
    end)
    run.wait_until(function()
      return has_ended
    end)
    assert.is_false(is_killed)
  end)

  it("from within a coroutine of its own goes on, and so does that", function()
    local task, is_killed, has_ended
    task = run.spawn(function()
      coroutine.wrap(function()
        is_killed = runtime:kill(task)
        runtime:sleep(0.001)
      end)()
      has_ended = true
    end)
    run.wait_until(function()
      return has_ended
    end)
    assert.is_false(is_killed)
  end)

  it("while what it waits for has come already does nothing any more", function()
    local signal, has_gone_on = runtime:signal(), false
    local task = run.spawn(function()
      signal:wait()
      has_gone_on = true
    end)
    run.let_run()
    signal:set()
    assert.is_true(runtime:kill(task))
    run.let_run()
    assert.is_false(has_gone_on)
  end)

  it("by another one, which goes on", function()
    local has_gone_on = false
    local victim = run.spawn(function()
      runtime:sleep(60)
      has_gone_on = true
    end)
    assert.is_true(run.in_task(function()
      runtime:sleep(0.001)
      return runtime:kill(victim)
    end))
    run.let_run()
    assert.is_false(has_gone_on)
  end)
end)

-- A coroutine waits on top of its task where that can't be left, and beside it elsewhere.
describe("a task whose coroutine waits", function()
  for name, wait in pairs(WAITS) do
    it("in " .. name .. " ends, or goes on to its end, where it is killed", function()
      local has_begun, is_killed, ends = false, nil, 0
      local task = run.spawn(function()
        coroutine.wrap(function()
          if name == "send" then
            server:script(SILENCE)
            has_begun = true
            send(0.3)
          elseif name == "sleep" then
            has_begun = true
            runtime:sleep(0.1)
          else
            local signal = runtime:signal()
            run.spawn(function()
              runtime:sleep(0.1)
              signal:set()
            end)
            has_begun = true
            signal:wait()
          end
        end)()
        ends = ends + 1
      end)
      run.spawn(function()
        while not has_begun do
          runtime:sleep(0.002)
        end
        is_killed = runtime:kill(task)
      end)
      run.wait_until(function()
        return is_killed ~= nil
      end)
      runtime:sleep(0.4)
      assert.equal(is_killed and 0 or 1, ends)
      assert.is_function(wait)
    end)
  end
end)
