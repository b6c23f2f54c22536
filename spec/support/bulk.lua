-- Makes inputs of bulk calls, and checks their reports.
local assert = require "luassert"

local bulk = {}

--- Consecutive numbers, as strings.
---@param first integer
---@param count integer
---@return string[]
function bulk.numbers(first, count)
  local list = {}
  for i = 1, count do
    list[i] = ("%d"):format(first + i - 1)
  end
  return list
end

--- An iterator over a list.
---@param list any[]
---@return fun(): any
function bulk.iterate(list)
  local index = 0
  return function()
    index = index + 1
    return list[index]
  end
end

--- Fails unless a report has these sums, and its results add up to them.
---@param report numberpool.Report
function bulk.check_sums(report, total, succeeded, failed, skipped)
  assert.same({ total, succeeded, failed, skipped },
    { report.total, report.succeeded, report.failed, report.skipped })
  assert.is_true(report.elapsed >= 0)
  if report.results then
    local counted = { succeeded = 0, failed = 0, skipped = 0 }
    for i = 1, report.total do
      local result = report.results[i]
      local name = result.skipped and "skipped" or result.ok and "succeeded" or "failed"
      counted[name] = counted[name] + 1
      assert.equal(name == "succeeded", result.value ~= nil)
      assert.equal(name == "failed", result.error ~= nil)
    end
    assert.same({ succeeded = succeeded, failed = failed, skipped = skipped }, counted)
    assert.is_nil(report.results[report.total + 1])
  end
end

return bulk
