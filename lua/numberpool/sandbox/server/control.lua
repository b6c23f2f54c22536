--- The control interface, `/_sandbox/`: what tests tell and ask the sandbox. It needs no credentials, but refuses pages
--- of other origins. No fault or limit applies to it, and the journal doesn't have it.
local accounts = require "numberpool.sandbox.server.accounts"
local arguments = require "numberpool.sandbox.server.arguments"
local faults = require "numberpool.sandbox.server.faults"
local journal = require "numberpool.sandbox.server.journal"
local json = require "numberpool.sandbox.json"
local limiter = require "numberpool.sandbox.server.limiter"
local reply = require "numberpool.sandbox.server.reply"
local schema = require "numberpool.sandbox.server.schema"
local seed = require "numberpool.sandbox.server.seed"
local state = require "numberpool.sandbox.server.state"
local watch = require "numberpool.sandbox.server.watch"

local control = {}

local function send(status, value)
  reply.send(status, json.encode(value), { ["Content-Type"] = "application/json" })
end

local function send_success()
  send(200, { response = "success" })
end

local routes = {}

routes.seed = {
  POST = function(request)
    send(201, seed.plant(arguments.body(request), accounts.first()))
  end,
}

routes.faults = {
  POST = function(request)
    send(201, { id = faults.add(arguments.body(request)) })
  end,
  GET = function()
    send(200, faults.list())
  end,
  DELETE = function()
    faults.clear()
    send_success()
  end,
}

-- Who follows the journal as it grows asks for `?after=` with the number in the last answer's header.
routes.requests = {
  GET = function(request)
    local after = tonumber(request.raw_query:match "^after=(%d+)$") or 0
    local last = journal.sequence()
    ngx.header["Sandbox-Sequence"] = last
    ngx.header["Content-Type"] = "application/json"
    journal.read(after, last, ngx.print)
  end,
  DELETE = function()
    journal.clear()
    send_success()
  end,
}

routes.state = {
  GET = function()
    ngx.header["Content-Type"] = "application/json"
    state.write(ngx.print)
  end,
}

routes.accounts = {
  POST = function()
    send(201, accounts.create())
  end,
}

routes.reset = {
  POST = function()
    schema.reset()
    faults.clear()
    limiter.reset()
    journal.clear()
    send_success()
  end,
}

-- What `start` asks of a server that has just started.
routes.credentials = {
  GET = function()
    local account = accounts.first()
    send(200, { auth_id = account.auth_id, auth_token = account.auth_token, pid = watch.master() })
  end,
}

-- Any page can make a browser send requests to 127.0.0.1. If a name of the page's own leads there, the page sees the
-- answers too. The browser sends that name as Host, and the page's origin; other clients send no Origin.
local OWN_NAMES = { ["127.0.0.1"] = true, localhost = true, ["[::1]"] = true }

local function check_sender(request)
  local host, origin = request.headers.host, request.headers.origin
  local name = type(host) == "string" and host:lower():gsub(":%d+$", "")
  if host and not OWN_NAMES[name] then
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
    error(reply.not_found(), 0)
  end
  if not route[request.method] then
    error(reply.failure(405, "method not allowed"), 0)
  end
  route[request.method](request)
end

--- Answers a request below `/_sandbox/`.
---@param request numberpool.sandbox.IncomingRequest
function control.serve(request)
  local failure = reply.protect(dispatch, request)
  if failure and not ngx.headers_sent then
    send(failure.status, { error = failure.message })
  end
end

return control
