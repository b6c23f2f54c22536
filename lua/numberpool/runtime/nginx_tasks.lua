--- Tasks inside nginx: light threads. A light thread belongs to the coroutine that spawned it, and ends with the
-- request or timer that this runs in.
-- @module numberpool.runtime.nginx_tasks

local ffi = require "ffi"
local semaphore = require "ngx.semaphore"

local tasks = {}

local running = coroutine.running
local C = ffi.C

local LONG = 3600 -- seconds, after which a wait is begun again

-- Where a call is no task's: nginx runs many at a time, and none needs to be known.
local OUTSIDE = { is_shared = true }

-- Tasks by their coroutine, and what each coroutine spawned and hasn't waited for: { request, children }. nginx uses
-- the coroutines of ended requests again, so that each entry says which request it is of: that one's ngx.ctx.
local of_coroutine = setmetatable({}, { __mode = "k" })
local children_of = setmetatable({}, { __mode = "k" })

--- The task that this is called in; one for everybody outside of tasks.
---@return table
function tasks.running()
  local task = of_coroutine[running()]
  return task and task.request == ngx.ctx and task or OUTSIDE
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

local function finish(task, ok, ...)
  task.is_ended = true
  if not task.is_killed then
    task.finish(ok, ...)
  end
end

-- nginx keeps an ended light thread until its parent asks for it.
local function reap(children)
  local ended = {}
  for task in pairs(children) do
    ended[#ended + 1] = task.is_ended and task or nil
  end
  for _, task in ipairs(ended) do
    ngx.thread.wait(task.thread)
    children[task] = nil
  end
end

local function children_of_running()
  local parent, request = running(), ngx.ctx
  local entry = children_of[parent]
  if not entry or entry.request ~= request then
    entry = { request = request, children = {} }
    children_of[parent] = entry
  end
  return entry.children
end

--- Runs a function in a task of its own, once whoever called this waits.
---@param fn function
---@param on_end fun(ok: boolean, ...) called with fn's results, or false and what it raised
---@return table task
function tasks.spawn(fn, on_end)
  local task = { finish = on_end, request = nil, parent = nil }
  if not tasks.may_wait() then -- then nothing that fn may do waits either
    finish(task, pcall(fn))
    return task
  end
  local children = children_of_running()
  reap(children)
  children[task] = true
  task.request, task.parent = ngx.ctx, running()
  task.thread = ngx.thread.spawn(function()
    local thread = running()
    of_coroutine[thread] = task
    coroutine.yield()
    finish(task, pcall(fn))
    of_coroutine[thread] = nil
  end)
  return task
end

-- Whether the running coroutine spawned a task.
local function is_own(task)
  return task.thread ~= nil and task.parent == running() and task.request == ngx.ctx
end

--- Ends a task where it stands. Only the coroutine that spawned it can; from elsewhere its result is left aside.
---@param task table
function tasks.kill(task)
  task.is_killed = true
  if not task.is_ended and is_own(task) and ngx.thread.kill(task.thread) then
    task.is_ended = true
    children_of_running()[task] = nil
    of_coroutine[task.thread] = nil
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
