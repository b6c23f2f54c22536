--- One HTTP exchange of a call: a slot of the limit, the request, and what the answer means.
--
-- A failure inside a call is a table of an error's fields with some more: `class`, see `numberpool.call.retry`; `wait`,
-- seconds before the next try; `given`, seconds that the server had; `is_another`, see `numberpool.call.answer`. It
-- becomes an error object only when the call gives up.
-- @module numberpool.call.exchange

local answer = require "numberpool.call.answer"
local retry = require "numberpool.call.retry"

local exchange = {}

local max, min = math.max, math.min

-- `self` is a call here: see `numberpool.call`.

--- Tells `on_event` of something that happens to a call.
function exchange.tell(self, event)
  local on_event = self.client.on_event
  if on_event then
    event.operation = self.operation.name
    event.target = self.request.target
    on_event(event)
  end
end

--- The failure of a call whose client is closed.
function exchange.closed(is_ambiguous)
  return { kind = "closed", message = "the client is closed", ambiguous = is_ambiguous }
end

-- Waits for a slot of the account's limit, for one exchange; a hook that is told of it first may take as long as the
-- call. Returns a failure at once where the wait would go past the deadline.
local function take_slot(self)
  local client = self.client
  local runtime, limiter = client.runtime, client.limiter
  local longest = client.on_event and max(self.deadline - runtime.now(), 0) or client.attempt_timeout
  local wait, slot = limiter:acquire(longest)
  while wait > 0 do
    if runtime.now() + wait > self.deadline then
      return {
        kind = "rate_limited",
        message = string.format("the rate limit leaves no room before the deadline: %.3f s to wait", wait),
        retry_after = wait,
      }
    end
    exchange.tell(self, { type = "throttled", wait = wait })
    runtime:sleep(wait)
    if client.closed then
      return exchange.closed(self.may_have_happened)
    end
    wait, slot = limiter:acquire(longest)
  end
  self.slot = slot
end

--- Gives back the slot that a call holds, if it does.
function exchange.release(self)
  local slot = self.slot
  if slot then
    self.client.limiter:release(slot)
    self.slot = nil -- after that: twice does no harm, never would
  end
end

-- A 429 slows the whole client down, not only the call that got it.
local function hold_back(self, failure)
  local client = self.client
  local random = client.runtime.random
  local tries = self.failures + 1
  failure.wait = retry.wait(tries, failure.retry_after, random)
  client.limiter:hold(retry.hold(tries, failure.retry_after, random))
end

-- Notes what follows from a failure for the rest of the call.
local function note_failure(self, operation, failure)
  if failure.is_another then
    self.is_fresh = true
    self.client.runtime:discard()
  end
  if operation == self.operation then
    self.may_have_happened = failure.ambiguous
  end
  if failure.kind == "rate_limited" then
    hold_back(self, failure)
  end
end

local function send(self, operation, request, started)
  local client = self.client
  local runtime = client.runtime
  if operation.change then
    self.may_have_happened = true -- if nothing is heard of the call any more
  end
  local status, body, content_type, retry_after, location, is_reused = runtime:send(operation.method, request.path,
    request.body, min(self.deadline, started + client.attempt_timeout), self.is_fresh, operation.lists)
  local elapsed = runtime.now() - started
  exchange.release(self)
  client.statistics:exchange(elapsed)
  local value, failure
  if status then
    value, failure = answer.judge(client, operation, request,
      status, body, content_type, retry_after, location, is_reused)
  else
    failure = answer.missing(client, operation, body)
  end
  if failure then
    failure.given = elapsed
    note_failure(self, operation, failure)
  end
  if client.on_event then
    local reason = failure and failure.kind
    exchange.tell(self,
      { type = "response", attempt = self.attempts, status = status, reason = reason, elapsed = elapsed })
  end
  return value, failure
end

--- Sends the request of an operation once: the call's own, or one that reads what the call changes. Returns its value,
-- or nil and a failure.
function exchange.run(self, operation, request)
  local client = self.client
  local failure = client.closed and exchange.closed(self.may_have_happened) or take_slot(self)
  if failure then
    return nil, failure
  end
  local type = "look"
  if operation == self.operation then
    type = "attempt"
    self.attempts = self.attempts + 1
  end
  if client.on_event then
    exchange.tell(self, { type = type, attempt = self.attempts, reason = self.reason })
  end
  return send(self, operation, request, client.runtime.now())
end

--- Waits so many seconds before the call goes on. False where there is no time for that: then it doesn't wait; and
-- where the client is closed meanwhile.
function exchange.pause(self, failure, wait)
  local runtime = self.client.runtime
  if runtime.now() + wait >= self.deadline then
    return false
  end
  self.reason = failure.kind
  exchange.tell(self, { type = "retry", attempt = self.attempts, wait = wait, reason = failure.kind })
  runtime:sleep(wait)
  return not self.client.closed
end

--- Waits as long as is right after a failure, before the next try.
function exchange.back_off(self, failure)
  self.failures = self.failures + 1
  local wait = failure.wait or retry.wait(self.failures, failure.retry_after, self.client.runtime.random)
  return exchange.pause(self, failure, wait)
end

--- Spends one of the tries that are left. False where there is none.
function exchange.spend_try(self)
  if self.left == 0 then
    return false
  end
  self.left = self.left - 1
  self.client.statistics:tried_again()
  return true
end

--- Reads something on behalf of a call, with its tries. Returns what `run` does.
function exchange.read(self, operation, request)
  while true do
    local value, failure = exchange.run(self, operation, request)
    if value ~= nil or failure.class ~= "again" or self.left == 0 then
      return value, failure
    elseif not exchange.back_off(self, failure) or not exchange.spend_try(self) then
      return nil, failure
    end
  end
end

return exchange
