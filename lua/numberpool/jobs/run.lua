--- Jobs: the same work on many items, with several under way at a time. `map` and the bulk calls are made of this.
-- @module numberpool.jobs.run

local call = require "numberpool.call"
local errors = require "numberpool.errors"

local jobs = {}

local is_interrupt = errors.is_interrupt

-- Where Ctrl-C is raised in coroutines too.
local is_luajit = type(rawget(_G, "jit")) == "table"

-- Hands what became of a worker's item to the driver.
local function hand_over(job, worker)
  local was_empty = job.first_ended > job.last_ended
  job.ended[job.last_ended + 1] = worker
  job.last_ended = job.last_ended + 1
  worker.is_handed_over = true
  if was_empty then
    job.semaphore:post()
  end
end

-- A worker ends only if something raises: its work, or what is around that where memory runs out. The driver waits
-- until it has heard of each worker that isn't idle, whatever is known of its item.
local function end_worker(job, worker, raised)
  if worker.task then
    call.forget_calls(job.client, worker.task)
  end
  if is_luajit and is_interrupt(raised) then
    error(raised, 0)
  end
  worker.is_gone = true
  if worker.is_handed_over or job.ended[job.last_ended] == worker then
    return job.semaphore:post() -- for the case that it raised in the middle of handing over
  elseif worker.index and worker.ok == nil then
    worker.ok, worker.value = false, raised
  else
    job.failed = job.failed or { raised }
    job.is_over = true
  end
  hand_over(job, worker)
end

-- Takes the next item. An iterator that raises ends the input; its error is raised once nothing is under way.
local function pull(job)
  local ok, has_item, item = pcall(job.source)
  if ok then
    return has_item, item
  elseif is_interrupt(has_item) then
    error(has_item, 0)
  end
  job.failed = { has_item }
  return false
end

-- Hands on what became of an item. A hook that raises ends the input, as an iterator does.
local function settle(job, worker)
  local ok, err = pcall(job.settle, worker.item, worker.ok, worker.value, worker.err, worker.index)
  if not ok then
    if is_interrupt(err) then
      error(err, 0)
    end
    job.failed = job.failed or { err }
    job.is_over = true
  end
end

-- The calls of the item before are no longer the worker's. One that raised within a pcall of the caller's isn't over.
local function forget_item(job, worker)
  local task = worker.task
  if not task then
    return
  elseif task.call and not task.call.is_over then
    call.forget_calls(job.client, task)
  end
  task.call = nil
end

-- A worker whose item is done settles it and takes the next one by itself where no code of the caller's is in that: to
-- leave the task for it would cost as much again. Only where a call has given way meanwhile, so that Ctrl-C is seen.
-- False where that isn't so, or where nothing is left to do: then it is the driver's turn.
local function go_on(job, worker)
  if not job.is_own or job.is_over or not (worker.task and worker.task.call) then
    return false
  end
  settle(job, worker)
  local has_item, item = false, nil
  if not job.is_over and not job.is_stopped() then
    has_item, item = pull(job)
  end
  if not has_item then
    job.is_over = true
    return false
  end
  worker.index = nil -- as long as the rest isn't the next item's
  worker.item, worker.ok, worker.value, worker.err = item, nil, nil, nil
  forget_item(job, worker)
  job.index = job.index + 1
  worker.index = job.index
  return true
end

-- A worker is a task that serves one item after another: a task for each would cost as much as its call. What the work
-- did is noted inside of the task, where stock Lua's Ctrl-C can't come between: the report has to be exact.
local function hire(job, index, item)
  local worker = {
    item = item,
    index = index, -- of the item, until it is settled
    is_handed_over = nil, -- to the driver, which settles it
    ok = nil, -- once the work is done
    value = nil,
    err = nil,
    task = nil,
    semaphore = job.runtime:semaphore(),
    is_gone = nil,
  }
  job.workers[worker] = true
  worker.task = job.runtime:spawn(function()
    local work, semaphore = job.work, worker.semaphore
    while not job.is_given_up do
      worker.value, worker.err = work(worker.item, worker.index)
      worker.ok = true
      if not go_on(job, worker) then
        hand_over(job, worker)
        semaphore:wait()
      end
    end
  end, function(_, raised)
    end_worker(job, worker, raised)
  end)
end

local function begin(job, index, item)
  local idle = job.idle
  local worker = idle[#idle]
  job.count = job.count + 1
  if not worker then
    return hire(job, index, item)
  end
  idle[#idle] = nil
  worker.item, worker.index, worker.is_handed_over = item, index, nil
  worker.semaphore:post()
end

-- Lets a worker whose item is settled serve another.
local function release(job, worker)
  job.count = job.count - 1
  forget_item(job, worker)
  worker.index = nil
  worker.item, worker.ok, worker.value, worker.err = nil, nil, nil, nil
  if worker.is_gone then
    job.workers[worker] = nil
  else
    job.idle[#job.idle + 1] = worker
  end
end

local function fill(job)
  while job.count < job.concurrency and not job.is_over do
    local has_item, item = pull(job)
    if has_item then
      job.index = job.index + 1
      begin(job, job.index, item)
    end
    job.is_over = not has_item or job.is_stopped()
  end
end

-- A worker leaves the queue once its item is settled: Ctrl-C in the middle has it settled again.
local function settle_ended(job)
  while job.first_ended <= job.last_ended do
    local worker = job.ended[job.first_ended]
    if worker.index then
      settle(job, worker)
    end
    job.first_ended = job.first_ended + 1
    job.ended[job.first_ended - 1] = nil
    release(job, worker)
  end
  job.first_ended, job.last_ended = 1, 0
end

local function dismiss(job)
  for worker in pairs(job.workers) do
    job.runtime:kill(worker.task)
  end
end

local function drive(job)
  fill(job)
  while job.count > 0 or job.first_ended <= job.last_ended do
    if job.first_ended > job.last_ended then
      job.semaphore:wait()
    end
    settle_ended(job)
    job.is_over = job.is_over or job.is_stopped()
    fill(job)
  end
  dismiss(job)
end

local function interrupted(worker)
  local state = worker.task and call.of_task(worker.task)
  return errors.new {
    kind = "interrupted",
    message = "interrupted while it was under way",
    operation = state and state.operation.name,
    target = state and state.request.target,
    attempts = state and state.attempts,
    ambiguous = state and state.is_open or worker.has_changed or nil,
  }
end

-- Ends the workers, and what they spawned: the tasks of a job or an iterator within this one. What those changed isn't
-- in this job's report, so that its item is in doubt.
local function end_workers(job)
  local workers = {}
  for worker in pairs(job.workers) do
    if worker.task then
      workers[worker.task] = worker
    end
  end
  for task, root in pairs(job.runtime:family(workers)) do
    if task ~= root and task.call and task.call.operation.change then
      workers[root].has_changed = true
    end
    call.abandon(job.client, task)
  end
end

-- What is under way when Ctrl-C comes is given up; a change that was sent may have happened.
local function give_up(job)
  job.is_given_up = true
  settle_ended(job)
  end_workers(job)
  for worker in pairs(job.workers) do
    if worker.index then
      if worker.ok == nil then
        worker.ok, worker.value = false, interrupted(worker)
      end
      settle(job, worker)
    end
  end
  job.workers = {}
end

local function raise_interrupted(job)
  local report = job.report()
  error(errors.new {
    kind = "interrupted",
    message = string.format("interrupted: %d of %d succeeded, %d failed or are uncertain, %d were not begun",
      report.succeeded, report.total, report.failed, report.skipped),
    report = report,
  }, 0)
end

--- Runs a job in the thread that calls it. Returns what its source or its settling raised, in a table, once nothing is
-- under way any more. After Ctrl-C it raises an error object of kind `interrupted`, whose report is what `job.report()`
-- gives.
---@param client numberpool.Client
---@param job table { source, work, settle, concurrency, is_stopped, report, is_own }
---@return table? raised
--
-- `source()` gives true and the next item, or false; `work(item, index)` runs in a task; `settle(item, ok, value, err,
-- index)` gets its results, or false and what it raised, and may get that twice;
-- `is_stopped()` ends the input early; `is_own` says that source, settle and is_stopped run no code of the caller's.
function jobs.run(client, job)
  local runtime = client.runtime
  job.client, job.runtime = client, runtime
  job.index, job.count = 0, 0
  job.workers, job.idle = {}, {}
  job.ended, job.first_ended, job.last_ended = {}, 1, 0
  job.semaphore = runtime:semaphore()
  runtime:keep_connections(job.concurrency)
  if runtime:running() then
    runtime:give_way()
    drive(job) -- inside another job, which is the one to be interrupted
  else
    local ok, err = pcall(drive, job)
    if not ok then
      give_up(job)
      if not is_interrupt(err) then
        error(err, 0)
      end
      raise_interrupted(job)
    end
  end
  return job.failed
end

--- Whether to take items out of a list runs no code of its owner's.
---@param items table|function|nil
---@return boolean
function jobs.is_plain_list(items)
  return type(items) == "table" and getmetatable(items) == nil
end

--- The source of a list, or of a function that is called until it gives nil.
---@param items table|function
---@return fun(): boolean, any
function jobs.source(items)
  if type(items) == "function" then
    return function()
      local item = items()
      return item ~= nil, item
    end
  end
  local index, count = 0, #items
  return function()
    index = index + 1
    return index <= count, items[index]
  end
end

return jobs
