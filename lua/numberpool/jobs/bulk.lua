--- Bulk calls: one operation on many numbers, each accounted for exactly once.
-- @module numberpool.jobs.bulk

local core = require "numberpool.core"
local each = require "numberpool.jobs.each"
local errors = require "numberpool.errors"
local map = require "numberpool.jobs.map"
local options = require "numberpool.options"

local bulk = {}

-- The options of the job itself; the rest are the operation's.
local OPTIONS = {
  concurrency = map.CONCURRENCY,
  on_progress = options.type "function",
  on_result = options.type "function",
  stop_on_error = options.type "boolean",
}

local Job = {}
Job.__index = Job

-- Gives a position of the input its result, once. Hooks are told, which may raise.
local function settle_position(self, position, outcome)
  local index = position.index
  if self.settled[index] then
    return
  end
  local result = {
    input = position.input,
    ok = outcome.ok,
    value = outcome.value,
    error = outcome.error,
    skipped = outcome.skipped,
  }
  self.settled[index] = self.on_result and outcome or result
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

-- Gives a record's positions its outcome: what became of its call, or that nothing did.
local function settle(self, record, outcome)
  record.outcome = record.outcome or outcome
  for _, position in ipairs(record.positions) do
    settle_position(self, position, record.outcome)
  end
  record.positions, record.request = {}, nil
end

-- The request for an item, or the error that it is.
local function build(self, item)
  if type(item) ~= "string" and type(item) ~= "number" then
    local got = item == nil and "no value" or type(item)
    return nil, self.operation.target .. ": string or number expected, got " .. got
  end
  return self.operation.build(self.pool, self.client.prefix, item, self.for_call)
end

-- Takes items until one is a call to make: what is malformed, or has been called already, needs none.
function Job:source()
  while not self.has_stopped do
    local has_item, item = self.items()
    if not has_item then
      return false
    end
    self.taken = self.taken + 1
    local position = { index = self.taken, input = item }
    local request, message = build(self, item)
    local record = request and self.records[request.target]
    if not request then
      settle_position(self, position, { ok = false, error = self.client:invalid(self.operation.name, message) })
    elseif not record then
      record = { positions = { position }, request = request }
      self.records[request.target] = record
      return true, record
    elseif record.outcome then
      settle_position(self, position, record.outcome)
    else
      record.positions[#record.positions + 1] = position
    end
  end
  return false
end

local function outcome_of(ok, value, err)
  if not ok then
    return { ok = false, error = value }
  elseif value == nil then
    return { ok = false, error = err }
  end
  return { ok = true, value = value }
end

local SKIPPED = { ok = false, skipped = true }

-- What was never begun: the rest of a list. An iterator's rest isn't known.
local function skip_rest(self)
  for _, record in pairs(self.records) do
    settle(self, record, SKIPPED)
  end
  for index = 1, self.total or 0 do
    settle_position(self, { index = index, input = self.list[index] }, SKIPPED)
  end
end

function Job:report()
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
function Job:last_report()
  if not pcall(skip_rest, self) then
    self.on_result, self.on_progress = self.on_result and function() end, nil
    skip_rest(self)
  end
  return self:report()
end

local function new_job(pool, client, operation, items, own, for_call)
  local is_list = type(items) == "table"
  return setmetatable({
    pool = pool,
    client = client,
    operation = operation,
    for_call = for_call,
    on_progress = own.on_progress,
    on_result = own.on_result,
    stop_on_error = own.stop_on_error,
    list = is_list and items or nil,
    total = is_list and #items or nil,
    items = each.source(items),
    records = {}, -- by target
    settled = {}, -- results by index, or outcomes where on_result takes the results
    taken = 0,
    done = 0,
    started = client.runtime.now(),
  }, Job)
end

-- What an input or a hook raises comes out with the report, which would be lost otherwise.
local function run(self, concurrency)
  local raised = each.run(self.client, {
    is_plain = each.is_plain(self.list) and not (self.on_result or self.on_progress or self.stop_on_error),
    source = function()
      return self:source()
    end,
    work = function(record)
      return self.client:run(self.operation, record.request)
    end,
    settle = function(record, _, ok, value, err)
      settle(self, record, outcome_of(ok, value, err))
    end,
    finish = function()
      skip_rest(self)
    end,
    report = function()
      return self:last_report()
    end,
    concurrency = concurrency,
  })
  if not raised then
    return self:report()
  end
  error(errors.new {
    kind = "interrupted",
    message = "the input or a hook raised an error: " .. self.client.redact(errors.text_of(raised[1])),
    cause = raised[1],
    report = self:last_report(),
  }, 0)
end

--- Makes the method that calls an operation on many targets.
---@param name string
---@param of string the operation, as "pool.add_number"
---@return function
function bulk.method(name, of)
  local operation = core.operations[of]
  local read = options.reader(name, OPTIONS, operation)
  return function(pool, items, given)
    local client = core.pool_client(pool, name)
    options.expect(items, "list or function", name .. ": " .. operation.target .. "s", 2)
    local own, wrong, for_call = read(given, 2)
    local is_right, message = operation.check(for_call, name)
    if wrong or not is_right then
      return nil, client:invalid(name, message or wrong)
    end
    return run(new_job(pool, client, operation, items, own, for_call), own.concurrency)
  end
end

return bulk
