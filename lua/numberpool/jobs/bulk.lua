--- Bulk calls: one operation on many numbers, each accounted for exactly once.
-- @module numberpool.jobs.bulk

local core = require "numberpool.core"
local errors = require "numberpool.errors"
local jobs = require "numberpool.jobs.run"
local map = require "numberpool.jobs.map"

local bulk = {}

local METHODS = {
  add_numbers = "add_number",
  remove_numbers = "remove_number",
  add_tollfrees = "add_tollfree",
  remove_tollfrees = "remove_tollfree",
  remove_shortcodes = "remove_shortcode",
}

-- The options of the job itself, and their types; the rest are the operation's.
local OPTIONS = {
  concurrency = "number",
  on_progress = "function",
  on_result = "function",
  stop_on_error = "boolean",
}

local function names_of(operation)
  local names = { "concurrency", "on_progress", "on_result", "stop_on_error" }
  for _, name in ipairs(operation.parameters) do
    names[#names + 1] = name
  end
  names[#names + 1] = "retries"
  names[#names + 1] = "timeout"
  return names
end

-- Splits options into the job's and the operation's. Raises, at the caller's caller, for those that neither has.
local function split(name, operation, options)
  local known = {}
  for _, option in ipairs(names_of(operation)) do
    known[option] = true
  end
  local own, for_call = {}, {}
  for option, value in next, options do
    if not known[option] then
      error(name .. ": unknown option " .. core.shown(option) .. ", expected one of "
        .. table.concat(names_of(operation), ", "), 3)
    end
    local expected = OPTIONS[option]
    if expected and type(value) ~= expected then
      error(name .. ": " .. option .. ": " .. expected .. " expected, got " .. type(value), 3)
    end
    (expected and own or for_call)[option] = value
  end
  own.concurrency = own.concurrency or map.DEFAULT_CONCURRENCY
  return own, for_call
end

local Job = {}
Job.__index = Job

-- A result that Ctrl-C kept from on_result, or that its error came with. One that isn't settled comes again.
local function note_untold(self)
  local telling = self.telling
  if telling and self.settled[telling.index] then
    self.untold[#self.untold + 1] = telling.result
  end
  self.telling = nil
end

-- Gives one position its result. Ctrl-C may end this anywhere: `settled` alone says what is done, hooks are told at
-- most once, and the report counts anew.
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
  if self.on_result then
    note_untold(self)
    self.telling = { index = index, result = result }
  end
  self.settled[index] = self.on_result and outcome or result
  self.done = self.done + 1
  if self.stop_on_error and not (outcome.ok or outcome.skipped) then
    self.has_stopped = true
  end
  if self.on_result then
    self.on_result(result)
    self.telling = nil
  end
  if self.on_progress then
    self.on_progress(self.done, self.total, result)
  end
end

local function settle_positions(self, record, outcome)
  for _, position in ipairs(record.positions or {}) do
    settle_position(self, position, outcome)
  end
  record.positions, record.request = nil, nil
end

local function settle(self, record, outcome)
  record.outcome = record.outcome or outcome
  settle_positions(self, record, record.outcome)
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
    local position = { index = self.taken + 1, input = item }
    self.pending = position -- until it is settled or in a record
    self.taken = position.index
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
    settle_positions(self, record, SKIPPED)
  end
  for index = 1, self.total or 0 do
    settle_position(self, { index = index, input = self.list[index] }, SKIPPED)
  end
  if self.pending then
    self.taken = self.pending.index
    settle_position(self, self.pending, SKIPPED)
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

-- The report of a job that was cut short. A hook that raises now isn't called any more. After Ctrl-C it has the results
-- that on_result may not have taken.
function Job:last_report(is_interrupt)
  if not pcall(skip_rest, self) then
    self.on_result, self.on_progress = self.on_result and function() end, nil
    skip_rest(self)
  end
  local report = self:report()
  if is_interrupt and self.on_result then
    note_untold(self)
    report.results = self.untold[1] and self.untold or nil
  end
  return report
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
    items = jobs.source(items),
    records = {}, -- by target
    settled = {}, -- results by index, or outcomes where on_result takes the results
    untold = {}, -- results that on_result may not have got
    taken = 0,
    done = 0,
    started = client.runtime.now(),
  }, Job)
end

local function end_job(self)
  skip_rest(self)
  return self:report()
end

-- What an input or a hook raises comes out with the report, which would be lost otherwise.
local function run(self, concurrency)
  local raised = jobs.run(self.client, {
    is_own = jobs.is_plain_list(self.list) and not self.on_result and not self.on_progress,
    source = function()
      return self:source()
    end,
    work = function(record)
      return self.client:run(self.operation, record.request)
    end,
    settle = function(record, is_ok, value, failure)
      settle(self, record, outcome_of(is_ok, value, failure))
    end,
    is_stopped = function()
      return self.has_stopped
    end,
    report = function()
      return self:last_report(true)
    end,
    concurrency = concurrency,
  })
  if not raised then
    local ok, report = pcall(end_job, self)
    if ok then
      return report
    end
    raised = { report }
  end
  local is_interrupt = errors.is_interrupt(raised[1])
  error(errors.new {
    kind = "interrupted",
    message = is_interrupt and "interrupted when everything was done"
      or "the input or a hook raised an error: " .. self.client.redact(errors.text_of(raised[1])),
    cause = not is_interrupt and raised[1] or nil,
    report = self:last_report(is_interrupt),
  }, 0)
end

local function method(name, operation)
  return function(pool, items, options)
    local client = core.pool_client(pool, name)
    if type(items) ~= "table" and type(items) ~= "function" then
      local got = items == nil and "no value" or type(items)
      error(name .. ": " .. operation.target .. "s: list or function expected, got " .. got, 2)
    elseif options ~= nil and type(options) ~= "table" then
      error(name .. ": options: table expected, got " .. type(options), 2)
    end
    local own, for_call = split(name, operation, options or {})
    local checked, message = operation.check(for_call, name)
    message = message or map.wrong_concurrency(own.concurrency)
    if not checked or message then
      return nil, client:invalid(name, message)
    end
    return run(new_job(pool, client, operation, items, own, for_call), own.concurrency)
  end
end

--- Adds the bulk calls to the methods of pools.
---@param methods table by object
function bulk.install(methods)
  for _, operation in ipairs(core.operations) do
    for name, of in pairs(METHODS) do
      if operation.object == "pool" and operation.name == of then
        methods.pool[name] = method(name, operation)
      end
    end
  end
end

return bulk
