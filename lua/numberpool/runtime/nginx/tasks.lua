--- Tasks inside nginx: light threads, which end with the request or timer that they run in.
--
-- nginx aborts a request without running any code of ours, and then uses its memory, its address and its coroutines
-- again; `ngx.ctx` belongs to the application, which may replace it or share it. So nothing here is known by those
-- alone, and whatever is done to a light thread is done by its parent, while that lives:
--
-- - Each request that has tasks has a nursery: a light thread of ours that spawns them, kills them, and asks for those
--   that have ended, since nginx keeps them until then. It ends with the last of them. Nobody else names a task's light
--   thread to nginx, so that no name of a dead one ever gets there.
-- - Whether a nursery waits for work is told by its semaphore, which it alone waits for: nginx takes a waiter out,
--   whatever ends it. Two requests that live at the same time have different addresses. So a nursery that waits, and
--   was made at the address of the request that runs now, is this request's.
-- - What a coroutine runs is told by the function at the bottom of its stack. Each task begins with a function of its
--   own, and holds it, so that no other gets its address: what runs on top of it is that task.
--
-- @module numberpool.runtime.nginx.tasks

local base = require "resty.core.base"
local ffi = require "ffi"
local semaphore = require "ngx.semaphore"

local tasks = {}

local running = coroutine.running
local getinfo = debug.getinfo
local C = ffi.C

local LONG = 3600 -- seconds, after which a wait is begun again

-- A nursery that is asked for nothing ends after so many seconds: whoever made it was killed meanwhile.
local UNUSED = 1

-- Where a call is no task's: nginx runs many at a time, and none needs to be known.
local OUTSIDE = { is_shared = true }

-- Tasks by their coroutine: what it began with says whether it is still that task's.
local of_coroutine = setmetatable({}, { __mode = "k" })

-- Nurseries by the address of their request. One that lives is held by its own stack.
local nurseries = setmetatable({}, { __mode = "v" })

local usual_level = 1

-- The function that the running coroutine began with. Most calls are as deep in the stack as the one before.
local function first_function()
  local level = usual_level
  local info = getinfo(level, "f")
  if not info then
    level = 0
  end
  local next_info = getinfo(level + 1, "f")
  while next_info do
    level, info = level + 1, next_info
    next_info = getinfo(level + 1, "f")
  end
  usual_level = level
  return info and info.func
end

--- The task that this is called in; one for everybody outside of tasks.
---@return table
function tasks.running()
  local task = of_coroutine[running()]
  return task and task.entry == first_function() and task or OUTSIDE
end

ffi.cdef "int lua_isyieldable(void *state);"

-- What Lua calls a thread is, in C, a state at the address that it prints.
local states = setmetatable({}, { __mode = "k" })

local function state_of(thread)
  local state = ffi.cast("void *", tonumber(tostring(thread):match "0x%x+"))
  states[thread] = state
  return state
end

--- Whether this can wait at all. nginx takes `coroutine.isyieldable` away.
---@return boolean
function tasks.may_wait()
  local thread = running()
  return thread ~= nil and C.lua_isyieldable(states[thread] or state_of(thread)) ~= 0
end

local function address_of_request()
  return tonumber(ffi.cast("uintptr_t", ffi.cast("void *", base.get_request())))
end

-- Tells a nursery what to do. It does so in its turn, if it still lives. A post stands for all that is in the queue.
local function tell(nursery, action, task)
  local queue = nursery.queue
  queue[#queue + 1] = { action = action, task = task }
  if #queue == 1 then
    nursery.signal:post()
  end
end

-- A semaphore's count is what was posted to it, less those who wait for it.
local function is_waiting(nursery)
  local posted = #nursery.queue > 0 and 1 or 0
  return nursery.signal:count() - posted < 0
end

local function finish(task, ok, ...)
  task.is_ended = true
  if not task.is_killed then
    task.finish(ok, ...)
  end
end

-- What a nursery is asked for.
local actions = {}

function actions.spawn(nursery, task)
  if task.is_killed then
    task.is_ended = true
    return
  end
  nursery.live = nursery.live + 1
  task.entry = function()
    of_coroutine[running()] = task
    finish(task, pcall(task.fn))
    of_coroutine[running()] = nil
    tell(nursery, "reap", task)
  end
  task.thread = ngx.thread.spawn(task.entry)
end

function actions.reap(nursery, task)
  if task.thread then
    nursery.live = nursery.live - 1
    ngx.thread.wait(task.thread)
    task.thread = nil
  end
end

-- nginx doesn't end what waits for a subrequest: then its result is left aside.
function actions.kill(nursery, task)
  local thread = task.thread
  if thread and not task.is_ended and ngx.thread.kill(thread) then
    task.is_ended = true
    task.thread = nil
    of_coroutine[thread] = nil
    nursery.live = nursery.live - 1
  end
end

-- A nursery's life.
local function tend(nursery)
  local wait = UNUSED
  repeat
    nursery.signal:wait(wait)
    wait = LONG
    local queue = nursery.queue
    nursery.queue = {}
    for _, entry in ipairs(queue) do
      actions[entry.action](nursery, entry.task)
    end
  until nursery.live == 0 and #nursery.queue == 0
end

-- nginx keeps a light thread that has ended until its parent asks for it, and forgets it at once where the parent has
-- ended before: that is so for a nursery, as its parent does nothing else than to spawn it.
local function new_nursery(address)
  local nursery = { signal = semaphore.new(), queue = {}, live = 0 }
  local parent = ngx.thread.spawn(function()
    ngx.thread.spawn(tend, nursery)
  end)
  local ok, problem = ngx.thread.wait(parent)
  if not ok then
    error("task: " .. tostring(problem), 0)
  end
  nurseries[address] = nursery
  return nursery
end

local function nursery_of_request()
  local address = address_of_request()
  local nursery = nurseries[address]
  if nursery and is_waiting(nursery) then
    return nursery
  end
  return new_nursery(address)
end

--- Runs a function in a task of its own, once whoever called this waits.
---@param fn function
---@param on_end fun(ok: boolean, ...) called with fn's results, or false and what it raised
---@return table task
function tasks.spawn(fn, on_end)
  local task = { fn = fn, finish = on_end }
  if tasks.may_wait() then
    task.nursery = nursery_of_request()
    tell(task.nursery, "spawn", task)
  else -- then nothing that fn may do waits either
    finish(task, pcall(fn))
  end
  return task
end

--- Ends a task where it stands, once whoever called this waits. Its result is left aside in any case.
---@param task table
function tasks.kill(task)
  if not task.is_ended and not task.is_killed then
    task.is_killed = true
    if task.nursery then
      tell(task.nursery, "kill", task)
    end
  end
end

-- A count that one coroutine waits for.
local Semaphore = {}
Semaphore.__index = Semaphore

--- A semaphore at 0.
---@return table
function tasks.semaphore()
  return setmetatable({ count = 0 }, Semaphore)
end

function Semaphore:post()
  self.count = self.count + 1
  if self.is_waiting then
    self.is_waiting = false
    self.signal:post()
  end
end

--- Waits until it is above 0, and takes 1. One at a time may wait.
function Semaphore:wait()
  while self.count == 0 do
    self.signal = self.signal or semaphore.new()
    self.is_waiting = true
    local ok, problem = self.signal:wait(LONG)
    if not ok and problem ~= "timeout" then
      error("semaphore: " .. tostring(problem), 2)
    end
  end
  self.count = self.count - 1
end

return tasks
