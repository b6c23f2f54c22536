--- Tasks inside nginx: light threads, which end with the request or timer that they run in.
--
-- nginx aborts a request without running any code of ours, and then uses its memory, its address and its coroutines
-- again; `ngx.ctx` belongs to the application, which may replace it or share it. So nothing here is known by those
-- alone, and whatever is done to a light thread is done by its parent, while that lives:
--
-- - Each request that has tasks has a nursery: a light thread of ours that begins them, in other light threads, and
--   kills them. It ends with the last of them. Nobody names a task's light thread to nginx but within its request, so
--   that no name of a dead one ever gets there.
-- - Whether a nursery waits for work is told by its semaphore, which it alone waits for: nginx takes a waiter out,
--   whatever ends it. Two requests that live at the same time have different addresses. So a nursery that waits, and
--   was made at the address of the request that runs now, is this request's.
-- - Which task runs is told by numberpool.runtime.nginx.places.
--
-- @module numberpool.runtime.nginx.tasks

local base = require "resty.core.base"
local ffi = require "ffi"
local places = require "numberpool.runtime.nginx.places"
local semaphore = require "ngx.semaphore"

local tasks = {}

local running, status = coroutine.running, coroutine.status
local C = ffi.C

local LONG = 3600 -- seconds, after which a wait is begun again

-- A nursery that is asked for nothing ends after so many seconds: whoever made it was killed meanwhile.
local UNUSED = 1

-- Nurseries by the address of their request. One that lives is held by its own stack.
local nurseries = setmetatable({}, { __mode = "v" })

-- Tasks that were killed and haven't ended; more where their request ended before.
local dying = 0

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

-- Counts a task out. The last one wakes its nursery, after whoever was told of its end.
local function end_of(task)
  local nursery = task.nursery
  task.is_ended = true
  task.thread = nil
  if task.is_killed then
    dying = dying - 1
  end
  nursery.live = nursery.live - 1
  if nursery.live == 0 then
    tell(nursery, "look")
  end
end

local function run(task)
  local ok, raised = pcall(task.fn, task.argument)
  if not ok and not task.is_killed then
    local problem
    ok, problem = pcall(task.on_error, task.argument, raised)
    if not ok then
      ngx.log(ngx.ERR, "numberpool: ", tostring(problem))
    end
  end
end

-- A light thread's first function. It runs one task after another: nginx keeps something of each light thread until the
-- request ends.
local function serve(nursery, worker)
  local thread = running()
  while true do
    worker.signal:wait(LONG)
    local task = worker.task
    if task then
      places.begin(task, thread, serve)
      if not task.is_killed then
        run(task)
      end
      places.leave(thread)
      worker.task = nil
      nursery.idle[#nursery.idle + 1] = worker
      end_of(task)
    elseif nursery.is_over then
      return
    end
  end
end

local function new_worker(nursery)
  local worker = { signal = semaphore.new() }
  worker.thread = ngx.thread.spawn(serve, nursery, worker)
  return worker
end

-- What a nursery is asked for.
local actions = {}

function actions.look() end

-- Tasks begin in their order, as they are all begun by a post.
function actions.spawn(nursery, task)
  local idle = nursery.idle
  local worker = table.remove(idle) or new_worker(nursery)
  worker.task, task.thread = task, worker.thread
  worker.signal:post()
end

-- What waits for a light thread or a coroutine of its own must not be ended: the one would never end, the other come
-- back to it. nginx itself doesn't end what waits for a subrequest. Such a task comes to `stop_here`, or to its end.
function actions.kill(_, task)
  local thread = task.thread
  if task.is_ended then
    return
  elseif task.on_kill then
    task.on_kill:post()
  elseif status(thread) ~= "normal" and ngx.thread.kill(thread) then
    places.leave(thread)
    end_of(task)
  end
end

-- A nursery's life. Those of its light threads that are idle end after it: nginx forgets them then.
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
  nursery.is_over = true
  for _, worker in ipairs(nursery.idle) do
    worker.signal:post()
  end
end

-- nginx keeps a light thread that has ended until its parent asks for it, and forgets it at once where the parent has
-- ended before: that is so for a nursery, as its parent does nothing else than to spawn it.
local function new_nursery(address)
  local nursery = {
    signal = semaphore.new(),
    queue = {}, -- of what it is asked for
    live = 0, -- tasks that haven't ended
    idle = {}, -- workers: light threads without a task
    is_over = false,
  }
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
  local nursery = places.current().nursery
  if nursery then -- that of the task which asks
    return nursery
  end
  local address = address_of_request()
  nursery = nurseries[address]
  if nursery and is_waiting(nursery) then
    return nursery
  end
  return new_nursery(address)
end

--- Runs a function in a task of its own, once whoever called this waits; at once where nothing can wait.
---@param fn function
---@param argument any
---@param on_error fun(argument: any, raised: any)
---@return table task
function tasks.spawn(fn, argument, on_error)
  local task = { is_task = true, fn = fn, argument = argument, on_error = on_error }
  if tasks.may_wait() then
    local nursery = nursery_of_request()
    task.nursery = nursery
    nursery.live = nursery.live + 1
    tell(nursery, "spawn", task)
  else
    task.is_ended = true
    run(task)
  end
  return task
end

-- Whether a task belongs to the request that runs now, so that its light thread may be named to nginx. A finaliser may
-- run for any request; and for none, while nginx makes a coroutine.
local function is_of_this_request(task)
  local nursery = task.nursery
  return tasks.may_wait()
    and (places.current().nursery == nursery or nurseries[address_of_request()] == nursery and is_waiting(nursery))
end

-- Whether it is a task's code that runs, or that of a coroutine which the task waits for.
local function is_active(task)
  local thread = task.thread
  if not thread then
    return false
  end
  return thread == running() or is_of_this_request(task) and status(thread) == "normal"
end

--- Ends a task. nginx does so once whoever called this waits; if what the task waits for comes before, `stop_here` sees
-- to it that nothing follows.
---@param task table
---@return boolean is_ended false: it is the one that runs, itself or in a coroutine of its own
function tasks.kill(task)
  if task.is_ended or task.is_killed then
    return true
  elseif is_active(task) then
    return false
  end
  task.is_killed = true
  dying = dying + 1
  tell(task.nursery, "kill", task)
  return true
end

--- To be called after each wait: doesn't return where the task that waited was killed.
function tasks.stop_here()
  local place = dying > 0 and places.current()
  if place and place.is_killed then
    tell(place.nursery, "kill", place)
    local signal = semaphore.new()
    while true do
      signal:wait(LONG)
    end
  end
end

--- Waits for a semaphore that a light thread of the caller's own posts to. It is posted to as well where the task is
-- killed: then the caller has to end that light thread, and to `stop_here`.
---@param signal table
---@param seconds number
function tasks.wait_for_thread(signal, seconds)
  local place = places.current()
  place.on_kill = signal
  signal:wait(seconds)
  place.on_kill = nil
end

-- What one coroutine waits for.
local Signal = {}
Signal.__index = Signal

--- A signal that isn't set.
---@return table
function tasks.signal()
  return setmetatable({ is_set = false, is_waited_for = false }, Signal)
end

--- Lets the one that waits go on, or else the next one that does.
function Signal:set()
  self.is_set = true
  if self.is_waited_for then
    self.is_waited_for = false
    self.semaphore:post()
  end
end

--- Waits until it is set, and takes that back. One at a time may wait.
function Signal:wait()
  while not self.is_set do
    self.semaphore = self.semaphore or semaphore.new()
    self.is_waited_for = true
    local ok, problem = self.semaphore:wait(LONG)
    tasks.stop_here()
    if not ok and problem ~= "timeout" then
      error("signal: " .. tostring(problem), 2)
    end
  end
  self.is_set = false
end

return tasks
