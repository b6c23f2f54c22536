--- One call: its request is sent until the outcome is known, or can't be, within its time and its tries.
-- @module numberpool.call

local errors = require "numberpool.errors"
local exchange = require "numberpool.call.exchange"
local retry = require "numberpool.call.retry"
local verify = require "numberpool.call.verify"

local call = {}

-- The innermost call that is under way in a place, by place. It knows the one that it runs inside, as a call that a
-- hook makes does.
local current = setmetatable({}, { __mode = "k" })

-- Places in which a change was made.
local changed = setmetatable({}, { __mode = "k" })

-- Kinds of a refusal that a change gets when it is sent twice and the first one did happen after all.
local REFUSED_TWICE = { conflict = true, not_found = true, rejected = true }

local function retries_of(self)
  return self.request.retries or self.client.retries
end

-- Looks whether a change happened that got no clear answer: "happened" and the result, "nothing", or nil where that
-- can't be known. A server that hadn't answered in time may be at work still, so that it is given as long again. What
-- must not be done twice isn't sent again on such a proof: it might come after all.
local function find_out(self, failure)
  local verdict, value = verify.look(self)
  if verdict ~= "nothing" or not retry.is_late(failure.kind, failure.status) then
    return verdict, value
  elseif not exchange.pause(self, failure, failure.given) then
    return nil
  end
  verdict, value = verify.look(self)
  if verdict == "nothing" and self.request.is_irrevocable then
    return nil
  end
  return verdict, value
end

-- What a refusal means after a change was sent once more: the result, if the change had happened. An unclear answer to
-- an earlier try leaves that in doubt. A 429 hardly does, so that a removal's 404 is then taken for what it says, and a
-- powerpack of the same name for another one; but a number that was asked for and is there isn't called refused.
local function result_of_refusal(self, failure, doubt)
  local operation = self.operation
  if operation.method == "DELETE" then
    return doubt == "ambiguous" and failure.kind == "not_found" and { response = "success" } or nil
  elseif not REFUSED_TWICE[failure.kind]
    or not (doubt == "ambiguous" or doubt and operation.verification == "path") then
    return nil
  end
  local verdict, value = verify.look(self)
  if verdict == "happened" then
    return value
  elseif not verdict and doubt == "ambiguous" then
    failure.ambiguous = true
  end
end

-- Goes on after a failure until the call's outcome is known, or can't be. Looking costs no try, so that what the
-- last one did is looked at too.
local function recover(self, failure)
  local doubt = nil
  while failure.class do
    local may_look = failure.class == "look" and retries_of(self) > 0
    if not (may_look or self.left > 0) or not exchange.back_off(self, failure) then
      return nil, failure
    end
    if failure.class == "look" then
      local verdict, value = find_out(self, failure)
      if verdict == "happened" then
        return value
      elseif not verdict then
        return nil, failure
      end
      failure.ambiguous = nil -- it is known now: nothing happened
      self.may_have_happened = nil
      doubt = "ambiguous"
    elseif failure.kind == "rate_limited" then
      doubt = doubt or "rate_limited"
    end
    if not exchange.spend_try(self) then
      return nil, failure
    end
    local value, next_failure = exchange.run(self, self.operation, self.request)
    if value ~= nil then
      return value
    end
    failure = next_failure
  end
  return result_of_refusal(self, failure, doubt), failure
end

local function try(self)
  local value, failure = exchange.run(self, self.operation, self.request)
  if value == nil then
    return recover(self, failure)
  end
  return value
end

-- The error that a failure becomes. One that is a part of another call isn't counted, and nobody is told of it.
local function fail(self, failure, is_part)
  local client = self.client
  local elapsed = client.runtime.now() - self.started
  if failure.class and client.closed then -- that is why it doesn't go on
    failure = exchange.closed(failure.ambiguous)
  end
  failure.class, failure.wait, failure.given, failure.is_another = nil, nil, nil, nil
  failure.operation = self.operation.name
  failure.target = self.request.target
  failure.attempts = self.attempts
  failure.elapsed = elapsed
  local err = errors.new(failure)
  if not is_part then
    client.statistics:failed(err.kind)
    exchange.tell(self, {
      type = "result",
      attempt = self.attempts,
      status = err.status,
      reason = err.kind,
      elapsed = elapsed,
      err = err,
    })
  end
  return nil, err
end

-- The call that one runs inside which begins in a place. What was left without a word, as nginx leaves requests, is
-- known by its deadline.
local function outer_of(place, now)
  local outer = current[place]
  return outer and now < outer.deadline and outer or nil
end

-- Outside of tasks a call is given up where an error is raised in the middle of it, as Ctrl-C does. Who kills a task
-- abandons its calls.
local function try_in_place(self, place)
  local ok, value, failure = pcall(try, self)
  if not ok then
    exchange.release(self)
    current[place] = self.outer
    error(value, 0)
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
  local runtime = client.runtime
  local started = runtime.now()
  local place = runtime:current()
  local self = {
    client = client,
    operation = operation,
    request = request,
    started = started,
    deadline = started + (request.timeout or client.timeout),
    attempts = 0, -- of the operation itself
    failures = 0, -- of any exchange
    left = request.retries or client.retries,
    outer = outer_of(place, started),
    slot = nil, -- of the limit, while it is held
    may_have_happened = nil, -- whether its change may have, from its sending on until an answer says no
  }
  if not is_part then
    client.statistics:began()
  end
  local value
  local failure = runtime:check_wait()
  if not failure then
    current[place] = self
    if place.is_task then
      value, failure = try(self)
    else
      value, failure = try_in_place(self, place)
    end
    current[place] = self.outer
  end
  if value == nil then
    return fail(self, failure, is_part)
  end
  if operation.change then
    changed[place] = true
  end
  if client.on_event and not is_part then
    exchange.tell(self, { type = "result", attempt = self.attempts, elapsed = runtime.now() - started })
  end
  return value
end

local function release_all(place)
  local self, outermost = current[place], nil
  current[place] = nil
  while self do
    exchange.release(self)
    changed[place] = changed[place] or self.may_have_happened
    self, outermost = self.outer, self
  end
  return outermost
end

--- Gives back what the calls of a task hold that was killed.
---@param place table
---@return table? call the outermost that it was in the middle of: { operation, request, attempts }
---@return boolean has_changed whether it may have made a change
function call.abandon(place)
  local outermost = release_all(place)
  return outermost, changed[place] or false
end

--- Forgets what was done in a place, as its work is done. A call may be left in the middle, where something raised
-- within a pcall of the caller's.
---@param place table
---@param outer table? the place on whose behalf its changes were made
function call.leave(place, outer)
  if current[place] then
    release_all(place)
  end
  if changed[place] then
    changed[place] = nil
    if outer then
      changed[outer] = true
    end
  end
end

return call
