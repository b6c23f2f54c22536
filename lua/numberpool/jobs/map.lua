--- `client:map`: a function on many items, with many calls in flight.
-- @module numberpool.jobs.map

local clients = require "numberpool.client"
local each = require "numberpool.jobs.each"
local options = require "numberpool.options"

local map = {}

--- How many items are under way at a time.
map.CONCURRENCY = options.integer(1, 1000, 16)

local read_options = options.reader("map", { concurrency = map.CONCURRENCY })

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
---@param given { concurrency: integer? }? 1 to 1000; default 16
---@return { ok: boolean, value: any, error: any }[]? results in the order of the items
---@return numberpool.Error? err `invalid`, with nothing run
function map.run(client, items, fn, given)
  clients.check(client, "map", 2)
  options.expect(items, "list or function", "map: items", 2)
  options.expect(fn, "function", "map: fn", 2)
  local own, wrong = read_options(given, 2)
  if wrong then
    return nil, client:invalid("map", wrong)
  end
  local results = { list = {}, count = 0 }
  local started = client.runtime.now()
  local raised = each.run(client, {
    source = each.source(items),
    is_plain = each.is_plain(items),
    work = fn,
    concurrency = own.concurrency,
    settle = function(_, index, ok, value, err)
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
