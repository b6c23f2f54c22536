--- When and how a call that failed goes on. Pure: time and chance come in as arguments.
--
-- What is known after a failure decides. A request that never left, and one that the server turned away with
-- 429, did nothing: any call may be sent again. A read does nothing at all. A change that was sent and got no
-- clear answer may have happened: it is looked at first.
-- @module numberpool.call.retry

local retry = {}

local FIRST_WAIT = 0.25
local LONGEST_WAIT = 8

-- What one answer may ask for at most, seconds. More than that is no time to wait: an epoch, milliseconds, a date by
-- another clock.
local LONGEST_ASKED = 60

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

--- Seconds to wait before a try: what the server asked for, a minute at most, or else full jitter over a doubling span.
---@param tries integer failures so far, from 1
---@param retry_after number? seconds
---@param random fun(): number from 0 to 1
---@return number
function retry.wait(tries, retry_after, random)
  if retry_after and retry_after > 0 then
    return math.min(retry_after, LONGEST_ASKED)
  end
  local span = FIRST_WAIT * 2 ^ math.min(tries - 1, 16)
  return random() * math.min(span, LONGEST_WAIT)
end

--- Seconds that a 429 holds the whole client back. What isn't believed holds back only the call that got it.
---@param tries integer
---@param retry_after number?
---@param random fun(): number
---@return number
function retry.hold(tries, retry_after, random)
  local is_believed = not retry_after or retry_after <= LONGEST_ASKED
  return retry.wait(tries, is_believed and retry_after or nil, random)
end

--- Whether the server may be at work on a request still: it hadn't answered in time, or not the gateway before it.
---@param kind string
---@param status integer?
---@return boolean
function retry.is_late(kind, status)
  return kind == "timeout" or status == 504
end

return retry
