--- `/_sandbox/`: what tests tell the sandbox and ask it. Without credentials, but not for pages of other origins; never
-- faulted, limited or journaled.
local accounts = require "numberpool.sandbox.server.accounts"
local arguments = require "numberpool.sandbox.server.arguments"
local faults = require "numberpool.sandbox.server.faults"
local journal = require "numberpool.sandbox.server.journal"
local json = require "numberpool.sandbox.server.json"
local lifetime = require "numberpool.sandbox.server.lifetime"
local limiter = require "numberpool.sandbox.server.limiter"
local reply = require "numberpool.sandbox.server.reply"
local schema = require "numberpool.sandbox.server.schema"
local seed = require "numberpool.sandbox.server.seed"
local state = require "numberpool.sandbox.server.state"

local control = {}

local function send(status, value)
  reply.send(status, json.encode(value), { ["Content-Type"] = "application/json" })
end

local function stream(produce)
  ngx.header["Content-Type"] = "application/json"
  produce(ngx.print)
end

local routes = {}

routes.seed = {
  POST = function(request) send(201, seed.plant(arguments.body(request), accounts.first())) end,
}
routes.faults = {
  POST = function(request) send(201, { id = faults.add(arguments.body(request)) }) end,
  GET = function() send(200, faults.list()) end,
  DELETE = function() faults.clear() send(200, { response = "success" }) end,
}
-- `?after=` and the header serve whoever follows the journal as it grows.
routes.requests = {
  GET = function(request)
    local after = tonumber(request.raw_query:match "^after=(%d+)$") or 0
    local last = journal.sequence()
    ngx.header["Sandbox-Sequence"] = last
    stream(function(write) journal.read(after, last, write) end)
  end,
  DELETE = function() journal.clear() send(200, { response = "success" }) end,
}
routes.state = { GET = function() stream(state.write) end }
routes.accounts = { POST = function() send(201, accounts.create()) end }
routes.reset = {
  POST = function()
    schema.reset()
    faults.clear()
    limiter.reset()
    journal.clear()
    send(200, { response = "success" })
  end,
}
-- What the handle needs to know of a server that has just started.
routes.credentials = {
  GET = function()
    local account = accounts.first()
    send(200, { auth_id = account.auth_id, auth_token = account.auth_token, pid = lifetime.master() })
  end,
}

-- A browser can be made to ask 127.0.0.1 by any page, and, where a name of the page's own leads there, to show it
-- the answers. It sends that name as Host and the page's origin; what isn't a browser sends neither.
local own_names = { ["127.0.0.1"] = true, localhost = true, ["[::1]"] = true }

local function check_sender(request)
  local host, origin = request.headers.host, request.headers.origin
  local name = type(host) == "string" and host:lower():gsub(":%d+$", "")
  if host and not own_names[name] then
    error(reply.failure(403, ("Host: expected 127.0.0.1, localhost or [::1], got %s"):format(tostring(host))), 0)
  end
  local own_origin = ngx.var.scheme .. "://" .. tostring(host):lower()
  if origin and (type(origin) ~= "string" or origin:lower() ~= own_origin) then
    error(reply.failure(403, ("Origin: expected none or %s, got %s"):format(own_origin, tostring(origin))), 0)
  end
end

local function dispatch(request)
  check_sender(request)
  local route = routes[request.path:match "^/_sandbox/(%l+)/?$" or ""]
  if not route then
    return error(reply.not_found(), 0)
  end
  if not route[request.method] then
    return error(reply.failure(405, "method not allowed"), 0)
  end
  route[request.method](request)
end

function control.serve(request)
  local ok, problem = xpcall(dispatch, function(problem)
    return type(problem) == "table" and problem or debug.traceback(problem, 2)
  end, request)
  if ok then
    return
  end
  if not reply.is_failure(problem) then
    ngx.log(ngx.ERR, problem)
    problem = reply.failure(500, "internal error")
  end
  if not ngx.headers_sent then
    send(problem.status, { error = problem.message })
  end
end

return control
