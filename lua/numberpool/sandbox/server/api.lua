--- The API proper: one request from its arrival to its answer, or to what a fault makes of it.
local accounts = require "numberpool.sandbox.server.accounts"
local breakage = require "numberpool.sandbox.server.breakage"
local faults = require "numberpool.sandbox.server.faults"
local journal = require "numberpool.sandbox.server.journal"
local limiter = require "numberpool.sandbox.server.limiter"
local reply = require "numberpool.sandbox.server.reply"
local router = require "numberpool.sandbox.server.router"

local api = {}

local unauthenticated = reply.failure(401, "authentication credentials were not provided")

local function route(request)
  local auth_id, segments = router.split(request.path)
  if not auth_id then
    return reply.not_found()
  end
  if not request.account or request.account.auth_id ~= auth_id then
    return unauthenticated
  end
  local handler, status, allowed = router.find(request.method, segments)
  if status == 404 then
    return reply.not_found()
  end
  if status == 405 then
    return reply.failure(405, "method not allowed", { Allow = allowed })
  end
  request.segments = segments
  request.query = ngx.req.get_uri_args(100)
  return handler(request)
end

-- Gives what `run` gives, or the answer for what it raised.
local function guarded(run, request)
  local ok, answer = xpcall(run, function(problem)
    return type(problem) == "table" and problem or debug.traceback(problem, 2)
  end, request)
  if ok or reply.is_failure(answer) then
    return answer
  end
  ngx.log(ngx.ERR, answer)
  return reply.failure(500, "internal error")
end

local function handle(request)
  return guarded(route, request)
end

-- Finds out who asks; gives an answer only where that can't be told.
local function identify(request)
  return guarded(function()
    request.account = accounts.authenticate(request.headers.authorization)
  end)
end

local function too_many(wait)
  return reply.failure(429, "too many requests", { ["Retry-After"] = tostring(math.max(1, math.ceil(wait))) })
end

local function limited(request)
  if not request.account then
    return nil
  end
  local admitted, wait = limiter.admit(request.account.auth_id)
  if not admitted then
    return too_many(wait)
  end
end

local function answer_with(request, answer, fault)
  local status, body, headers = reply.render(answer)
  if fault and breakage.ends(fault) then
    return breakage.perform(request, fault, { status = status, body = body, headers = headers })
  end
  journal.answered(request, status, fault and fault.kind)
  reply.send(status, body, headers)
end

-- What a fault before the change works on: an answer that nothing was done for.
local untouched = reply.ok { response = "success" }

--- Serves a request that has been read.
function api.serve(request)
  journal.arrived(request)
  local answer = identify(request) or limited(request)
  if answer then
    return answer_with(request, answer)
  end
  local fault = faults.pick(request)
  local before = fault and fault.when ~= "after"
  if before and breakage.ends(fault) then
    return answer_with(request, untouched, fault)
  end
  if before then
    ngx.sleep(fault.seconds or 1)
  end
  answer = handle(request)
  if fault and not before and not breakage.ends(fault) then
    ngx.sleep(fault.seconds or 1)
  end
  answer_with(request, answer, fault)
end

--- Answers what nginx itself refused: a head or a body too large, a request that isn't HTTP.
function api.refuse(request, status)
  journal.arrived(request)
  answer_with(request, reply.failure(status, status == 413 and "the body is too large" or "bad request"))
end

return api
