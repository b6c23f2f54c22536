--- One request to the API, from its arrival to its answer or its fault.
local accounts = require "numberpool.sandbox.server.accounts"
local fault_kinds = require "numberpool.sandbox.server.fault_kinds"
local faults = require "numberpool.sandbox.server.faults"
local journal = require "numberpool.sandbox.server.journal"
local limiter = require "numberpool.sandbox.server.limiter"
local reply = require "numberpool.sandbox.server.reply"
local router = require "numberpool.sandbox.server.router"

local api = {}

local UNAUTHENTICATED = reply.failure(401, "authentication credentials were not provided")
local UNTOUCHED = reply.ok { response = "success" } -- what a fault works on where nothing is done before it
local DEFAULT_DELAY = 1 -- seconds

local function route(request)
  local auth_id, segments = router.split(request.path)
  if not auth_id then
    return reply.not_found()
  end
  if not request.account or request.account.auth_id ~= auth_id then
    return UNAUTHENTICATED
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

local function authenticate(request)
  request.account = accounts.authenticate(request.headers.authorization)
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
  if fault and fault_kinds.replaces_answer(fault) then
    return fault_kinds.perform(request, fault, { status = status, body = body, headers = headers })
  end
  journal.answered(request, status, fault and fault.kind)
  reply.send(status, body, headers)
end

--- Answers a request.
---@param request numberpool.sandbox.IncomingRequest
function api.serve(request)
  journal.arrived(request)
  local answer = reply.protect(authenticate, request) or limited(request)
  if answer then
    return answer_with(request, answer)
  end
  local fault = faults.pick(request)
  local before = fault and fault.when ~= "after"
  if before and fault_kinds.replaces_answer(fault) then
    return answer_with(request, UNTOUCHED, fault)
  end
  if before then
    ngx.sleep(fault.seconds or DEFAULT_DELAY)
  end
  answer = reply.protect(route, request)
  if fault and not before and not fault_kinds.replaces_answer(fault) then
    ngx.sleep(fault.seconds or DEFAULT_DELAY)
  end
  answer_with(request, answer, fault)
end

--- Answers a request that nginx refused: its head or body is too large, or it isn't HTTP.
---@param request numberpool.sandbox.IncomingRequest
---@param status integer
function api.refuse(request, status)
  journal.arrived(request)
  answer_with(request, reply.failure(status, status == 413 and "the body is too large" or "bad request"))
end

return api
