--- `client:map`: a function on many items, with many calls in flight.
-- @module numberpool.jobs.map

local clients = require "numberpool.client"
local core = require "numberpool.core"
local jobs = require "numberpool.jobs.run"

local map = {}

map.DEFAULT_CONCURRENCY = 16
map.MOST_CONCURRENCY = 1000

--- What is wrong with a concurrency; nil where nothing is.
---@param value any
---@return string?
function map.wrong_concurrency(value)
  if value >= 1 and value <= map.MOST_CONCURRENCY and math.floor(value) == value then
    return nil
  end
  return "concurrency: expected 1 to " .. map.MOST_CONCURRENCY .. ", got " .. core.shown(value)
end

local function type_name(value)
  return value == nil and "no value" or type(value)
end

local function check(client, items, fn, options)
  clients.check(client, "map", 3)
  if type(items) ~= "table" and type(items) ~= "function" then
    error("map: items: list or function expected, got " .. type_name(items), 3)
  elseif type(fn) ~= "function" then
    error("map: fn: function expected, got " .. type_name(fn), 3)
  elseif options ~= nil and type(options) ~= "table" then
    error("map: options: table expected, got " .. type(options), 3)
  end
  for name in next, options or {} do
    if name ~= "concurrency" then
      error("map: unknown option " .. core.shown(name) .. ", expected concurrency", 3)
    end
  end
  local concurrency = options and rawget(options, "concurrency")
  if concurrency == nil then
    concurrency = map.DEFAULT_CONCURRENCY
  elseif type(concurrency) ~= "number" then
    error("map: concurrency: integer expected, got " .. type(concurrency), 3)
  end
  return concurrency
end

local function never()
  return false
end

local function report(results, items, elapsed)
  local total = math.max(type(items) == "table" and #items or 0, results.count)
  local succeeded, failed = 0, 0
  for i = 1, total do
    local result = results.list[i]
    if not result then
      results.list[i] = { ok = false, skipped = true }
    elseif result.ok then
      succeeded = succeeded + 1
    else
      failed = failed + 1
    end
  end
  return {
    total = total,
    succeeded = succeeded,
    failed = failed,
    skipped = total - succeeded - failed,
    elapsed = elapsed,
    results = results.list,
  }
end

--- Runs `fn(item, index)` for every item, with so many at a time. Inside it the client's calls give way to the others'.
-- Raises for wrong types; what an iterator raises, after waiting for what is under way; and after Ctrl-C an error
-- object with a report.
---@param items table|fun(): any a list, or a function that is called until it gives nil
---@param fn fun(item: any, index: integer): any
---@param options { concurrency: integer? }? 1 to 1000; default 16
---@return { ok: boolean, value: any, error: any }[]? results in the order of the items
---@return numberpool.Error? err `invalid`, with nothing run
function map.run(client, items, fn, options)
  local concurrency = check(client, items, fn, options)
  local wrong = map.wrong_concurrency(concurrency)
  if wrong then
    return nil, client:invalid("map", wrong)
  end
  local results = { list = {}, count = 0 }
  local started = client.runtime.now()
  local raised = jobs.run(client, {
    source = jobs.source(items),
    is_own = jobs.is_plain_list(items),
    work = fn,
    concurrency = concurrency,
    is_stopped = never,
    settle = function(_, ok, value, err, index)
      results.count = math.max(results.count, index)
      if not ok then
        results.list[index] = { ok = false, error = value }
      elseif value == nil and err ~= nil then
        results.list[index] = { ok = false, error = err }
      else
        results.list[index] = { ok = true, value = value }
      end
    end,
    report = function()
      return report(results, items, client.runtime.now() - started)
    end,
  })
  if raised then
    error(raised[1], 0)
  end
  return results.list
end

return map
