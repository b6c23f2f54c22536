--- Bulk calls: one operation on many numbers, each accounted for exactly once.
-- @module numberpool.jobs.bulk

local core = require "numberpool.core"
local each = require "numberpool.jobs.each"
local map = require "numberpool.jobs.map"
local options = require "numberpool.options"
local results = require "numberpool.jobs.results"

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

-- Gives a record's positions its outcome: what became of its call, or that nothing did.
local function settle(self, record, outcome)
  record.outcome = record.outcome or outcome
  for _, position in ipairs(record.positions) do
    self.results:settle(position.index, position.input, record.outcome)
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
  local own = self.results
  while not own.has_stopped do
    local has_item, item = self.items()
    if not has_item then
      return false
    end
    own.taken = own.taken + 1
    local position = { index = own.taken, input = item }
    local request, message = build(self, item)
    local record = request and self.records[request.target]
    if not request then
      local err = self.client:invalid(self.operation.name, message)
      own:settle(position.index, item, { ok = false, error = err })
    elseif not record then
      record = { positions = { position }, request = request }
      self.records[request.target] = record
      return true, record
    elseif record.outcome then
      own:settle(position.index, item, record.outcome)
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

-- What was never begun: the rest of a list. An iterator's rest isn't known.
local function skip_rest(self)
  for _, record in pairs(self.records) do
    settle(self, record, results.SKIPPED)
  end
  self.results:skip_rest()
end

local function new_job(pool, client, operation, items, own, for_call)
  return setmetatable({
    pool = pool,
    client = client,
    operation = operation,
    for_call = for_call,
    items = each.source(items),
    records = {}, -- by target
    results = results.new(client, own, type(items) == "table" and items or nil),
  }, Job)
end

local function run(self, concurrency)
  return self.results:run {
    is_plain = each.is_plain(self.results.list),
    source = function()
      return self:source()
    end,
    work = function(record)
      return self.client:run(self.operation, record.request)
    end,
    settle = function(record, _, ok, value, err)
      settle(self, record, outcome_of(ok, value, err))
    end,
    skip_rest = function()
      skip_rest(self)
    end,
    concurrency = concurrency,
  }
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
