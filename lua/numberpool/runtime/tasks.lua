--- Tasks: functions that take turns on one thread, for the runtime of plain scripts. A task is a coroutine; it is left
-- while it waits, and whoever waits in place, outside of any task, keeps the turns going.
-- @module numberpool.runtime.tasks

local timers = require "numberpool.runtime.timers"

local Tasks = {}
Tasks.__index = Tasks

local tasks = {}

local LONGEST_POLL = 1 -- seconds; whatever happens ends a poll sooner

-- Turns of tasks that are ready between two polls.
local MOST_TURNS = 8

-- Whoever waits in place inside a task runs the others on top of it: so many deep at most, as stacks end.
local DEEPEST = 8

-- What a task yields says what for. Any other value comes from its function, which may yield in its own coroutines.
local WAIT, GIVE_WAY, ENDED = {}, {}, {}

local YIELDED = "the function yielded: inside a job only coroutines of its own may"

local resume_thread, running, status, yield = coroutine.resume, coroutine.running, coroutine.status, coroutine.yield
local remove = table.remove
local isyieldable = coroutine.isyieldable -- Lua 5.1 and 5.2 have none

--- Makes an empty set of tasks.
---@param now fun(): number
---@param poll fun(seconds: number) waits for something to happen, at most so long, and readies tasks by `ready`
---@param on_turn fun()? called after each turn that is taken outside of tasks; what it raises ends the wait
---@return table
function tasks.new(now, poll, on_turn)
  return setmetatable({
    now = now,
    poll = poll,
    on_turn = on_turn or function() end,
    live = {}, -- every task that hasn't ended
    idle = {}, -- coroutines whose task has ended, for the next one
    queue = {}, -- those that may run, from first to last
    first = 1,
    last = 0,
    spawned = 0,
    turns = 0, -- since the last poll
    timers = timers.new(),
  }, Tasks)
end

-- What a coroutine runs: one task after another. It ends only where a task raises or is killed. On LuaJIT a finaliser
-- may take turns between any two instructions: so a task that has ended leaves its coroutine before that yields, and
-- one that had ended by the time it was resumed isn't run again.
local function serve(task)
  while true do
    if task.thread then
      task.fn(task.argument)
      task.thread = nil
      task = yield(ENDED, task)
    else
      task = yield(WAIT)
    end
  end
end

--- Makes a task that calls a function. It doesn't run before the next turn.
---@param fn function
---@param argument any for fn
---@param on_error fun(argument: any, raised: any) called where fn raises
---@return table task
function Tasks:spawn(fn, argument, on_error)
  local thread = remove(self.idle) or coroutine.create(serve) -- at once: a finaliser in between may spawn, too
  self.spawned = self.spawned + 1
  local task = {
    is_task = true,
    thread = thread,
    fn = fn,
    argument = argument,
    on_error = on_error,
    number = self.spawned,
  }
  self:ready(task) -- first: an error in between must leave none that lives and never runs
  self.live[task] = true
  return task
end

--- Lets a task run at the next turn.
---@param task table
function Tasks:ready(task)
  local last = self.last + 1
  self.queue[last] = task
  self.last = last
end

--- Ends a task where it stands. False where it is the one that runs, or has called the one that does: it goes on.
---@param task table
---@return boolean
function Tasks:kill(task)
  local thread = task.thread
  local state = thread and status(thread)
  if state == "running" or state == "normal" then
    return false
  end
  task.thread = nil
  self.live[task] = nil
  if state == "suspended" and coroutine.close then
    coroutine.close(thread)
  end
  return true
end

--- The task that this is called in, be it in a coroutine that the task runs; nil outside of any.
---@return table?
function Tasks:within()
  local task = self.current
  while task do
    local state = task.thread and status(task.thread)
    if state == "running" or state == "normal" then
      break
    end
    task = task.outer -- an error came between two instructions of a turn
  end
  self.current = task
  return task
end

--- The task that this is called in; nil outside of any, and in a coroutine of the script's own.
---@return table?
function Tasks:running()
  local current = self.current
  local thread = current and running()
  if not thread then -- Lua 5.1 has none for what is outside of coroutines
    return nil
  elseif thread == current.thread then
    return current
  end
  current = self:within()
  return current and thread == current.thread and current or nil
end

--- The task that this is called in if it can yield here; nil if whoever asks must wait in place. Lua 5.1 and 5.2
-- can't tell: see `check_wait`.
---@return table?
function Tasks:yieldable()
  local task = self:running()
  if task and isyieldable and not isyieldable() then
    return nil
  end
  return task
end

--- Raises where a task can't yield and Lua can't tell: it is tried.
function Tasks:check_wait()
  if not isyieldable and self:running() then
    yield(GIVE_WAY)
  end
end

--- Leaves the task that this is called in until it is readied, which may be for no reason.
function Tasks:wait()
  yield(WAIT)
end

local function finish(self, task, thread, ok, ...)
  self.current = task.outer
  task.outer = nil
  local why, ended = ...
  if why == WAIT then
    return
  elseif why == GIVE_WAY then
    return self:ready(task)
  elseif why == ENDED then
    self.live[ended] = nil
    local idle = self.idle
    idle[#idle + 1] = thread
    return
  elseif ok then
    self:kill(task)
    return task.on_error(task.argument, YIELDED)
  end
  task.thread = nil
  self.live[task] = nil
  self.is_torn = self.is_torn or task.is_turning -- what it had taken from the queue is lost
  task.on_error(task.argument, why)
end

local function resume(self, task)
  local thread = task.thread
  if thread and status(thread) == "suspended" then
    local outer = self:within()
    task.outer = outer
    task.depth = outer and outer.depth + 1 or 1
    self.current = task
    finish(self, task, thread, resume_thread(thread, task))
  end
end

local function longest_wait(self, limit)
  local soonest = self.timers:soonest()
  if limit and (not soonest or limit < soonest) then
    soonest = limit
  end
  return soonest and math.max(math.min(soonest - self.now(), LONGEST_POLL), 0) or LONGEST_POLL
end

local function run_ready(self)
  for _ = self.first, self.last do
    local queue, first = self.queue, self.first -- which a turn within this one may have made anew
    local task = queue[first]
    if task == nil then -- a task that waited in place took turns of its own
      break
    end
    self.first = first + 1
    queue[first] = nil
    if task then
      resume(self, task)
    end
  end
end

-- Runs those of the ready tasks that are younger. False where none is.
local function run_younger(self, number)
  local queue, has_run = self.queue, false
  for i = self.first, self.last do
    local task = queue[i]
    if task and task.number > number then
      queue[i] = false
      has_run = true
      resume(self, task)
    end
  end
  return has_run
end

local function is_older(a, b)
  return a.number < b.number
end

-- Ctrl-C may end a turn between any two instructions, with a task taken from the queue and not run, or a transfer's end
-- not told. Every task looks for itself whether what it waits for has come.
local function recover(self)
  local queue = {}
  local task = next(self.live)
  while task do -- see `ready_all` of numberpool.runtime.curl
    queue[#queue + 1] = task
    task = next(self.live, task)
  end
  table.sort(queue, is_older)
  self.queue, self.first, self.last = queue, 1, #queue
  self.timers = timers.new() -- sleepers add themselves again
  self.is_torn = false
end

-- Readies those who sleep until a time at most.
local function wake_sleepers(self, time)
  local task = self.timers:take(time)
  while task do
    self:ready(task)
    task = self.timers:take(time)
  end
end

local function take_turn(self, task, limit, number)
  local is_busy = false
  if task and task.depth >= DEEPEST then
    if number and run_younger(self, number) then
      return
    end
  elseif self.first > self.last then
    self.first, self.last = 1, 0
  elseif self.turns < MOST_TURNS then
    self.turns = self.turns + 1
    return run_ready(self)
  else
    is_busy = true
  end
  self.turns = 0
  self.poll(is_busy and 0 or longest_wait(self, limit))
  if self.timers.count > 0 then
    wake_sleepers(self, self.now())
  end
end

--- Runs the tasks that are ready or, where none is, waits for something to happen. It does one of the two, since what a
-- task did may be all that the caller waits for. Tasks that are always ready keep the others waiting for a few turns.
---@param limit number? the time to come back at in any case
---@param number integer? of the task that those the caller waits for are younger than; nil: it waits for none
function Tasks:turn(limit, number)
  local task = self:within()
  if self.is_torn or not task and self.is_turning then
    recover(self)
  end
  if task then
    task.is_turning = true
    take_turn(self, task, limit, number)
    task.is_turning = false
    return
  end
  self.is_turning = true
  take_turn(self, nil, limit, number)
  self.is_turning = false
  self.on_turn()
end

--- Wakes everybody who sleeps. From now on nobody does.
function Tasks:wake_all()
  self.is_awake = true
  wake_sleepers(self, math.huge)
end

--- Sleeps inside a task.
---@param task table the one that runs, which can be left
---@param time number when to wake, on the clock of `now`
function Tasks:sleep_until(task, time)
  if self.is_awake then
    return
  end
  repeat
    self.timers:add(time, task)
    self:wait()
  until self.is_awake or self.now() >= time
end

-- What tasks and others wait for.
local Signal = {}
Signal.__index = Signal

--- A signal that isn't set. Who sets it are tasks that are spawned from now on.
---@return table
function Tasks:signal()
  return setmetatable({ tasks = self, is_set = false, number = self.spawned }, Signal)
end

--- Lets the one go on that waits or, where nobody does, the next one.
function Signal:set()
  self.is_set = true
  local waiter = self.waiter
  if waiter then
    self.waiter = nil
    self.tasks:ready(waiter)
  end
end

--- Waits until it is set, and unsets it. One at a time may wait.
function Signal:wait()
  local task = not self.is_set and self.tasks:yieldable()
  while not self.is_set do
    if task then
      self.waiter = task
      self.tasks:wait()
    else
      self.tasks:turn(nil, self.number)
    end
  end
  self.is_set = false
end

return tasks
