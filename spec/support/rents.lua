-- Compares what purchases told with what a sandbox has rented. Money is at stake.
local rents = {}

--- Checks that each purchase that succeeded has a number of its own, and that nothing else was rented but what a
-- purchase told as in doubt.
---@param server table a sandbox's handle
---@param results { number: string?, doubtful: string? }[] a number that was bought, or the target of an ambiguous error
---@return integer count of those that succeeded
function rents.check(server, results)
  local told, in_doubt, count = {}, {}, 0
  for _, result in ipairs(results) do
    if result.number then
      assert(not told[result.number], result.number .. " was bought by two purchases")
      told[result.number] = true
      count = count + 1
    elseif result.doubtful then
      in_doubt[result.doubtful] = true
    end
  end
  for _, account in ipairs(assert(server:state()).accounts) do
    for _, entry in ipairs(account.ledger) do
      assert(entry.rents == 1, entry.number .. " was rented " .. entry.rents .. " times")
      assert(told[entry.number] or in_doubt[entry.number], entry.number .. " was rented, and nobody was told")
      told[entry.number] = nil
    end
  end
  assert(next(told) == nil, tostring(next(told)) .. " wasn't rented")
  return count
end

--- What `buy_number` returned, as `check` takes it.
---@param number table?
---@param err table?
---@return table
function rents.result(number, err)
  return { number = number and number.number, doubtful = err and err.ambiguous and err.target or nil, err = err }
end

return rents
