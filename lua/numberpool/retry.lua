--- When and how a call that failed goes on. Pure: time and chance come in as arguments.
--
-- What is known after a failure decides. A request that never left, and one that the server turned away with
-- 429, did nothing: any call may be sent again. A read does nothing at all. A change that was sent and got no
-- clear answer may have happened: it is looked at first.
-- @module numberpool.retry

local retry = {}

local FIRST_WAIT = 0.25
local LONGEST_WAIT = 8

--- What may follow a failure.
---@param change boolean whether the operation changes anything
---@param kind string kind of the error
---@param sent boolean? whether the request, or a part of it, left
---@param status integer? of the answer, where one came
---@return "again"|"look"|nil nil: nothing, the failure is final
function retry.class(change, kind, sent, status)
  if kind == "rate_limited" then
    return "again"
  end
  local passing = kind == "network" or kind == "timeout" or kind == "server"
    or (kind == "protocol" and (not status or status < 300))
  if not passing then
    return nil
  end
  if change and sent then
    return "look"
  end
  return "again"
end

--- Seconds to wait before a try: what the server asked for, or else full jitter over a doubling span.
---@param tries integer failures so far, from 1
---@param retry_after number? seconds
---@param random fun(): number from 0 to 1
---@return number
function retry.wait(tries, retry_after, random)
  if retry_after and retry_after > 0 then
    return retry_after
  end
  local span = FIRST_WAIT * 2 ^ math.min(tries - 1, 16)
  return random() * math.min(span, LONGEST_WAIT)
end

return retry
