-- What specs do with a runtime's tasks.

--- Functions for a runtime, which wait for its tasks.
---@param runtime table
---@return table
return function(runtime)
  local run = {}

  --- Lets tasks run until something is so.
  function run.wait_until(check)
    local deadline = runtime.now() + 30
    while not check() do
      assert(runtime.now() < deadline, "it isn't so within 30 s")
      runtime:sleep(0.002)
    end
  end

  --- Lets tasks run for a while, in which something must not happen.
  function run.let_run()
    for _ = 1, 10 do
      runtime:sleep(0.005)
    end
  end

  --- A task that must not raise.
  function run.spawn(fn, argument)
    return runtime:spawn(fn, argument, function(_, raised)
      error(raised, 0)
    end)
  end

  --- Runs a function in a task until that has ended. Returns its result, or raises what it raised.
  function run.in_task(fn)
    local ended
    runtime:spawn(function()
      ended = { true, (fn()) }
    end, nil, function(_, raised)
      ended = { false, raised }
    end)
    run.wait_until(function()
      return ended
    end)
    if not ended[1] then
      error(ended[2], 0)
    end
    return ended[2]
  end

  return run
end
