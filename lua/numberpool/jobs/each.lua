--- The same work on many items, with several under way at a time: what `map` and the bulk calls have in common.
-- @module numberpool.jobs.each

local crew = require "numberpool.jobs.crew"
local errors = require "numberpool.errors"

local each = {}

local is_interrupt = errors.is_interrupt

-- What code of the caller's gave, which pcall has called. An error of it ends the input, and is raised once nothing is
-- under way.
local function result_of(job, ok, ...)
  if ok then
    return ...
  end
  local raised = ...
  if is_interrupt(raised) and not job.is_given_up then
    error(raised, 0)
  end
  job.raised = job.raised or { raised }
  job.is_over = true
end

local function settle(job, ticket, ok, value, err)
  if job.is_plain then
    return job.settle(ticket.first, ticket.second, ok, value, err)
  end
  result_of(job, pcall(job.settle, ticket.first, ticket.second, ok, value, err))
end

local function next_item(job)
  if job.is_plain then
    return job.source()
  end
  return result_of(job, pcall(job.source))
end

local function fill(job)
  while job.left > 0 and not job.is_over do
    local has_item, item = next_item(job)
    if has_item then
      job.left = job.left - 1
      job.index = job.index + 1
      job.crew:begin(job.work, item, job.index)
    else
      job.is_over = true
    end
  end
end

local function drive(job)
  fill(job)
  local ticket = job.crew:wait_any()
  while ticket do
    job.left = job.left + 1
    settle(job, ticket, ticket.ok, ticket.value, ticket.err)
    fill(job)
    ticket = job.crew:wait_any()
  end
  if job.finish then
    result_of(job, pcall(job.finish))
  end
end

-- What an item was in the middle of that is given up. A change that was sent may have happened.
local function interrupted(call, has_changed)
  return errors.new {
    kind = "interrupted",
    message = "interrupted while it was under way",
    operation = call and call.operation.name,
    target = call and call.request.target,
    attempts = call and call.attempts,
    ambiguous = has_changed or nil,
  }
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

-- Ends what is under way. Returns its tickets, without those that are done by the time their turn comes, and what each
-- of them was in the middle of, as an error.
local function abandon(job)
  local tickets, causes = {}, {}
  for _, ticket in ipairs(job.crew:under_way()) do
    local call, has_changed = job.crew:abandon(ticket)
    if ticket.ok == nil then
      tickets[#tickets + 1] = ticket
      causes[#tickets] = interrupted(call, has_changed)
    end
  end
  return tickets, causes
end

-- Ends everything after an error, which is Ctrl-C in most cases. What is under way ends before anybody is told of
-- anything, since it would go on as long as a hook waits.
local function give_up(raised, job)
  job.is_given_up = true
  job.crew:drop_waiting()
  local tickets, causes = abandon(job)
  local ticket = job.crew:next_done()
  while ticket do
    local value = ticket.value
    if not ticket.ok and is_interrupt(value) then -- a second Ctrl-C, on LuaJIT, where it comes in tasks too
      value = interrupted(nil, true)
    end
    settle(job, ticket, ticket.ok, value, ticket.err)
    ticket = job.crew:next_done()
  end
  for i, one in ipairs(tickets) do
    settle(job, one, false, causes[i])
  end
  if is_interrupt(raised) then
    raise_interrupted(job)
  end
end

--- Works on every item. Returns what the source or settling raised, in a table, once nothing is under way any more.
-- After Ctrl-C it raises an error object of kind `interrupted`, whose report is what `job.report()` gives.
---@param client numberpool.Client
---@param job table
-- `source()` gives true and the next item, or false; `work(item, index)` runs in a task; `settle(item, index, ok,
-- value, err)` gets its results, or false and what it raised; `finish()`, if given, is called when all is done;
-- `concurrency` is how many are under way at most; `is_plain` says that source and settle run no code of the caller's:
-- then nobody can tell whether an item is taken early, and those that come next wait in the crew.
---@return table? raised
function each.run(client, job)
  local runtime = client.runtime
  runtime:keep_connections(job.concurrency)
  runtime:check_wait()
  job = {
    source = job.source,
    work = job.work,
    settle = job.settle,
    finish = job.finish,
    report = job.report,
    is_plain = job.is_plain,
    left = (job.is_plain and 2 or 1) * job.concurrency, -- items that may be begun; those beyond it wait for their turn
    crew = crew.new(runtime, job.concurrency),
    index = 0, -- of the last item that was begun
    is_over = false, -- whether nothing more begins
    is_given_up = false,
    raised = nil, -- by code of the caller's, in a table
  }
  runtime:shelter(give_up, drive, job)
  job.crew:disband()
  return job.raised
end

--- Whether to take items out of a list early runs no code of its owner's.
---@param items table|function|nil
---@return boolean
function each.is_plain(items)
  return type(items) == "table" and getmetatable(items) == nil
end

--- The source of a list, or of a function that is called until it gives nil.
---@param items table|function
---@return fun(): boolean, any
function each.source(items)
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

return each
