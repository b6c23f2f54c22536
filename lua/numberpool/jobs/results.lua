--- The results of a job on many items: each position gets one, hooks are told, and a report adds them up.
-- @module numberpool.jobs.results

local each = require "numberpool.jobs.each"
local errors = require "numberpool.errors"

local results = {}

--- What became of an item that wasn't begun.
results.SKIPPED = { ok = false, skipped = true }

-- What is kept of a result that on_result took.
local SUCCEEDED, FAILED = { ok = true }, { ok = false }

local Results = {}
Results.__index = Results

--- Makes the results of a job that begins now.
---@param client numberpool.Client
---@param own table its options: on_progress, on_result, stop_on_error
---@param list any[]? its input; nil for an iterator
---@return table
function results.new(client, own, list)
  return setmetatable({
    client = client,
    on_progress = own.on_progress,
    on_result = own.on_result,
    stop_on_error = own.stop_on_error,
    list = list,
    total = list and #list or nil,
    settled = {}, -- by position
    taken = 0, -- items of the input
    done = 0,
    has_stopped = false, -- whether nothing more is to be begun
    started = client.runtime.now(),
  }, Results)
end

local function kept(outcome)
  return outcome.skipped and results.SKIPPED or outcome.ok and SUCCEEDED or FAILED
end

--- Gives a position its result, once. Hooks are told, which may raise.
---@param index integer
---@param input any
---@param outcome table { ok, value, error, skipped }
function Results:settle(index, input, outcome)
  if self.settled[index] then
    return
  end
  local result = {
    input = input,
    ok = outcome.ok,
    value = outcome.value,
    error = outcome.error,
    skipped = outcome.skipped,
  }
  self.settled[index] = self.on_result and kept(outcome) or result
  self.done = self.done + 1
  if self.stop_on_error and not (outcome.ok or outcome.skipped) then
    self.has_stopped = true
  end
  if self.on_result then
    self.on_result(result)
  end
  if self.on_progress then
    self.on_progress(self.done, self.total, result)
  end
end

--- Gives the rest of a list its results: it wasn't begun. An iterator's rest isn't known.
function Results:skip_rest()
  for index = 1, self.total or 0 do
    self:settle(index, self.list[index], results.SKIPPED)
  end
end

--- Adds up the results so far.
---@return numberpool.Report
function Results:report()
  local succeeded, failed, skipped = 0, 0, 0
  for index = 1, self.total or self.taken do
    local outcome = self.settled[index]
    if not outcome or outcome.skipped then
      skipped = skipped + 1
    elseif outcome.ok then
      succeeded = succeeded + 1
    else
      failed = failed + 1
    end
  end
  return {
    total = succeeded + failed + skipped,
    succeeded = succeeded,
    failed = failed,
    skipped = skipped,
    elapsed = self.client.runtime.now() - self.started,
    results = not self.on_result and self.settled or nil,
  }
end

-- The report of a job that was cut short. A hook that raises now isn't called any more.
local function last_report(self, skip_rest)
  if not pcall(skip_rest) then
    self.on_result, self.on_progress = self.on_result and function() end, nil
    skip_rest()
  end
  return self:report()
end

--- Runs the job. What its input or a hook raises comes out with the report, which would be lost otherwise.
---@param job table as `each.run` takes it, with `skip_rest()`, which settles what wasn't begun
---@return numberpool.Report
function Results:run(job)
  local function report()
    return last_report(self, job.skip_rest)
  end
  local raised = each.run(self.client, {
    is_plain = job.is_plain and not (self.on_result or self.on_progress or self.stop_on_error),
    source = job.source,
    work = job.work,
    settle = job.settle,
    finish = job.skip_rest,
    report = report,
    concurrency = job.concurrency,
  })
  if not raised then
    return self:report()
  end
  error(errors.new {
    kind = "interrupted",
    message = "the input or a hook raised an error: " .. self.client.redact(errors.text_of(raised[1])),
    cause = raised[1],
    report = report(),
  }, 0)
end

return results
