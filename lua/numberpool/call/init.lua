--- One call: limiter, send, result, and what follows a failure.
--
-- A failure inside here is a table of an error's fields with some more: `class`, see `numberpool.call.retry`; `wait`,
-- seconds before the next try; `given`, seconds that the server had; `is_another`, see `numberpool.call.answer`. It
-- becomes an error object only when the call gives up.
-- @module numberpool.call

local answer = require "numberpool.call.answer"
local errors = require "numberpool.errors"
local retry = require "numberpool.call.retry"
local verify = require "numberpool.call.verify"

local call = {}

local min = math.min

-- Kinds of a refusal that a change gets when it is sent twice and the first one did happen after all.
local REFUSED_TWICE = { conflict = true, not_found = true, rejected = true }

local function emit(client, state, event)
  local on_event = client.on_event
  if on_event then
    event.operation = state.operation.name
    event.target = state.request.target
    on_event(event)
  end
end

local function closed(state)
  return { kind = "closed", message = "the client is closed", ambiguous = state.is_open }
end

-- Waits for the account's limit. Returns the time, or nil and a failure at once where the wait would go past the
-- deadline.
local function acquire_slot(client, state)
  local runtime, limiter = client.runtime, client.limiter
  local now = runtime.now()
  local wait, slot = limiter:acquire(now, client.attempt_timeout, state)
  while wait > 0 do
    if now + wait > state.deadline then
      return nil, {
        kind = "rate_limited",
        message = string.format("the rate limit leaves no room before the deadline: %.3f s to wait", wait),
        retry_after = wait,
      }
    end
    emit(client, state, { type = "throttled", wait = wait })
    runtime:sleep(wait)
    if client.closed then
      return nil, closed(state)
    end
    now = runtime.now()
    wait, slot = limiter:acquire(now, client.attempt_timeout, state)
  end
  state.slot = slot or true
  return now
end

-- A 429 slows the whole client down, not only the call that got it.
local function hold_back(client, state, failure)
  local runtime = client.runtime
  local tries = state.failures + 1
  failure.wait = retry.wait(tries, failure.retry_after, runtime.random)
  client.limiter:hold(runtime.now() + retry.hold(tries, failure.retry_after, runtime.random))
end

local function emit_response(client, state, elapsed, status, failure)
  emit(client, state, {
    type = "response",
    attempt = state.attempts,
    status = status,
    reason = failure and failure.kind,
    elapsed = elapsed,
  })
end

-- Gives back what a call holds that will never go on. A limiter that knows its holders tells better what that is:
-- Ctrl-C may have come before it was noted here.
local function forget(client, state)
  local limiter, slot = client.limiter, state.slot
  state.slot = nil
  if limiter.forget then
    limiter:forget(client.runtime.now(), state)
  elseif slot then
    limiter:release(client.runtime.now(), slot)
  end
end

--- The call that a task makes, or made last: not the one within it that a hook makes. Nil where it made none.
---@param task table
---@return table? state { operation, request, attempts, is_open }
function call.of_task(task)
  local state = task.call
  while state and state.outer do
    state = state.outer
  end
  return state
end

--- Gives back what the calls of a task hold that has ended in the middle of one.
---@param client numberpool.Client
---@param task table
function call.forget_calls(client, task)
  local state = task.call
  while state do
    forget(client, state)
    state = state.outer
  end
end

--- Ends a task, and gives back what its calls hold.
---@param client numberpool.Client
---@param task table
function call.abandon(client, task)
  if client.runtime:kill(task) ~= false then
    call.forget_calls(client, task)
  end
end

-- One HTTP exchange of an operation, which is the call's own or the one that looks at its target. If the call is never
-- heard of again, `is_open` tells that its change may have happened: from its sending on, until a failure says no.
local function exchange(client, state, operation, request)
  local runtime = client.runtime
  local late = client.closed and closed(state) or runtime:give_way()
  local started
  if not late then
    started, late = acquire_slot(client, state)
  end
  if late then
    return nil, late
  end
  local type = "look"
  if operation == state.operation then
    type = "attempt"
    state.attempts = state.attempts + 1
  end
  if client.on_event then
    emit(client, state, { type = type, attempt = state.attempts, reason = state.reason })
    started = runtime.now()
  end
  if operation.change then
    state.is_open = true
  end
  local status, body, content_type, retry_after, location, is_reused = runtime:send(operation.method, request.path,
    request.body, min(state.deadline, started + client.attempt_timeout), state.is_fresh)
  local ended = runtime.now()
  local slot = state.slot
  state.slot = nil
  client.limiter:release(ended, slot)
  client.statistics:exchange(ended - started)
  local value, failure
  if status then
    value, failure = answer.judge(client, operation, request,
      status, body, content_type, retry_after, location, is_reused)
  else
    failure = answer.missing(client, operation, body)
  end
  if failure then
    failure.given = ended - started
    if failure.is_another then
      state.is_fresh = true
      runtime:discard()
    end
    if operation == state.operation then
      state.is_open = failure.ambiguous
    end
    if failure.kind == "rate_limited" then
      hold_back(client, state, failure)
    end
  end
  if client.on_event then
    emit_response(client, state, ended - started, status, failure)
  end
  return value, failure
end

-- Waits before the call goes on. False where there is no time for it: then nothing is waited for; and where the client
-- is closed meanwhile.
local function pause_for(client, state, failure, wait)
  local runtime = client.runtime
  if runtime.now() + wait >= state.deadline then
    return false
  end
  state.reason = failure.kind
  emit(client, state, { type = "retry", attempt = state.attempts, wait = wait, reason = failure.kind })
  runtime:sleep(wait)
  return not client.closed
end

local function pause(client, state, failure)
  state.failures = state.failures + 1
  local wait = failure.wait or retry.wait(state.failures, failure.retry_after, client.runtime.random)
  return pause_for(client, state, failure, wait)
end

local function retries_of(client, request)
  return request.retries or client.retries
end

-- Spends one of the tries that are left. False where there is none.
local function spend_try(client, state)
  if state.left == 0 then
    return false
  end
  state.left = state.left - 1
  client.statistics.retries = client.statistics.retries + 1
  return true
end

-- A read on behalf of a call, tried again like any other.
local function read(client, state, operation, request)
  while true do
    local value, failure = exchange(client, state, operation, request)
    if value ~= nil or failure.class ~= "again" or state.left == 0 then
      return value, failure
    end
    if not pause(client, state, failure) or not spend_try(client, state) then
      return nil, failure
    end
  end
end

-- Looks whether a change happened that got no clear answer: "happened" and the result, "nothing", or nil where that
-- can't be known. A server that hadn't answered in time may be at work still, so that it is given as long again. What
-- it can't have done twice isn't sent again on such a proof: it might come after all.
local function find_out(client, state, failure)
  local verdict, value = verify.look(client, state, read)
  if verdict ~= "nothing" or not retry.is_late(failure.kind, failure.status) then
    return verdict, value
  elseif not pause_for(client, state, failure, failure.given) then
    return nil
  end
  verdict, value = verify.look(client, state, read)
  if verdict == "nothing" and state.request.is_irrevocable then
    return nil
  end
  return verdict, value
end

-- After a change was sent once more: whether its refusal means that it had happened. An unclear answer to an earlier
-- try leaves that in doubt. A 429 hardly does, so that a removal's 404 is then taken for what it says, and a powerpack
-- of the same name for another one; but a number that was asked for and is there isn't called refused.
local function settle_refusal(client, state, failure, doubt)
  local operation = state.operation
  if operation.method == "DELETE" then
    return doubt == "ambiguous" and failure.kind == "not_found" and { response = "success" } or nil
  elseif not REFUSED_TWICE[failure.kind]
    or not (doubt == "ambiguous" or doubt and operation.verification == "path") then
    return nil
  end
  local verdict, value = verify.look(client, state, read)
  if verdict == "happened" then
    return value
  elseif not verdict and doubt == "ambiguous" then
    failure.ambiguous = true
  end
end

-- Goes on after a failure until the call's outcome is known, or can't be. Looking costs no try, so that what the
-- last one did is looked at too.
local function recover(client, state, failure)
  local doubt = nil
  while failure.class do
    local may_look = failure.class == "look" and retries_of(client, state.request) > 0
    if not (may_look or state.left > 0) or not pause(client, state, failure) then
      return nil, failure
    end
    if failure.class == "look" then
      local verdict, value = find_out(client, state, failure)
      if verdict == "happened" then
        return value
      elseif not verdict then
        return nil, failure
      end
      failure.ambiguous = nil -- it is known now: nothing happened
      state.is_open = nil
      doubt = "ambiguous"
    elseif failure.kind == "rate_limited" then
      doubt = doubt or "rate_limited"
    end
    if not spend_try(client, state) then
      return nil, failure
    end
    local value, next_failure = exchange(client, state, state.operation, state.request)
    if value ~= nil then
      return value
    end
    failure = next_failure
  end
  return settle_refusal(client, state, failure, doubt), failure
end

local function give_up(client, state, failure, is_part)
  local elapsed = client.runtime.now() - state.started
  if failure.class and client.closed then -- that is why it doesn't go on
    failure = closed { is_open = failure.ambiguous }
  end
  failure.class, failure.wait, failure.given, failure.is_another = nil, nil, nil, nil
  failure.operation = state.operation.name
  failure.target = state.request.target
  failure.attempts = state.attempts
  failure.elapsed = elapsed
  local err = errors.new(failure)
  if is_part then
    return nil, err
  end
  client.statistics:failed(err.kind)
  emit(client, state, {
    type = "result",
    attempt = state.attempts,
    status = err.status,
    reason = err.kind,
    elapsed = elapsed,
    err = err,
  })
  return nil, err
end

local function try(client, state)
  local value, failure = exchange(client, state, state.operation, state.request)
  if value == nil then
    return recover(client, state, failure)
  end
  return value
end

-- Outside of tasks a call is given up where an error is raised in the middle of it, as Ctrl-C does. It may run inside
-- another one: in a hook, or in a finaliser.
local function try_in_place(client, state)
  local ok, value, failure = pcall(try, client, state)
  if not ok then
    forget(client, state)
    error(value, 0)
  end
  return value, failure
end

-- A task knows its call, and that one the call that it runs inside. Where a task can't be left here, Lua 5.1 and 5.2
-- raise before it knows.
local function try_in_task(client, state, task)
  client.runtime:give_way()
  local outer = task.call
  if outer and not outer.is_over then
    state.outer = outer
  end
  task.call = state
  local value, failure = try(client, state)
  state.is_over = true
  if state.outer then
    task.call, state.outer = state.outer, nil
  end
  return value, failure
end

--- Carries out a request, with everything that its time and tries allow.
---@param client numberpool.Client
---@param operation table a row of the operation table
---@param request table what the row's `build` made
---@param is_part boolean? of a call that counts itself and tells of its result
---@return table|integer|nil
---@return numberpool.Error?
function call.run(client, operation, request, is_part)
  local started = client.runtime.now()
  local state = {
    operation = operation,
    request = request,
    started = started,
    deadline = started + (request.timeout or client.timeout),
    attempts = 0, -- of the operation itself
    failures = 0, -- of any exchange
    left = retries_of(client, request),
    slot = nil, -- of the limiter, while it is held
    outer = nil, -- the call that this one runs inside
  }
  if not is_part then
    client.statistics.calls = client.statistics.calls + 1
  end
  local task = client.runtime:running()
  local value, failure
  if task and not task.is_shared then
    value, failure = try_in_task(client, state, task)
  else
    value, failure = try_in_place(client, state)
  end
  if value == nil then
    return give_up(client, state, failure, is_part)
  elseif client.on_event and not is_part then
    emit(client, state, { type = "result", attempt = state.attempts, elapsed = client.runtime.now() - started })
  end
  return value
end

return call
