--- What a fault does on the wire. Each is given the answer that would have gone out; none comes
-- back before the exchange is over, except a delay, after which the answer goes out as it was.
local json = require "numberpool.sandbox.server.json"
local identity = require "numberpool.sandbox.server.identity"
local journal = require "numberpool.sandbox.server.journal"
local reply = require "numberpool.sandbox.server.reply"

local breakage = {}

local huge_bytes = 64 * 1024 * 1024
local for_ever = 86400

local function headers_with(headers, extra)
  local all = {}
  for name, value in pairs(headers) do
    all[name] = value
  end
  for name, value in pairs(extra or {}) do
    all[name] = value
  end
  return all
end

local function body_of(fault, default)
  if type(fault.body) == "table" then
    return json.encode(fault.body)
  end
  return fault.body or default
end

-- Sends the head alone. A fault may ask for `Transfer-Encoding: chunked` in place of a length.
local function send_head(status, headers, length)
  ngx.status = status
  local chunked = false
  for name, value in pairs(headers) do
    if name:lower() == "transfer-encoding" then
      chunked = true
    else
      ngx.header[name] = value
    end
  end
  if not chunked then
    ngx.header["Content-Length"] = length
  end
  ngx.send_headers()
  ngx.flush(true)
end

local function sleep(seconds)
  if seconds > 0 then
    ngx.sleep(seconds)
  end
end

local function default_error(status)
  return json.encode { api_id = identity.uuid(), error = status == 429 and "too many requests" or "simulated fault" }
end

local kinds = {}

function kinds.status(request, fault)
  local status = fault.status or 500
  local headers = headers_with({ ["Content-Type"] = "application/json" }, fault.headers)
  local body = body_of(fault, default_error(status))
  sleep(fault.seconds or 0)
  journal.answered(request, status, "status")
  reply.send(status, body, headers)
end

function kinds.garbage(request, fault)
  local status = fault.status or 200
  local headers = headers_with({ ["Content-Type"] = "application/json" }, fault.headers)
  local body = body_of(fault, '<html>\0\255 {"api_id": not json]')
  journal.answered(request, status, "garbage")
  reply.send(status, body, headers)
end

-- A TCP reset over HTTP/1.1, by `reset_timedout_connection`; a stream error over HTTP/2.
function kinds.reset(request, fault)
  sleep(fault.seconds or 0)
  journal.answered(request, nil, "reset")
  ngx.exit(444)
end

function kinds.stall(request, fault, answer)
  journal.answered(request, fault.status or answer.status, "stall")
  -- Or compression would send its own first bytes.
  ngx.header["Content-Encoding"] = "identity"
  send_head(fault.status or answer.status, headers_with(answer.headers, fault.headers), math.max(1, #answer.body))
  -- Over HTTP/2 nginx may keep a head back until there is data: JSON may begin with a space.
  if ngx.req.http_version() == 2 then
    ngx.print " "
    ngx.flush(true)
  end
  sleep(fault.seconds or for_ever)
  ngx.exit(ngx.ERROR)
end

function kinds.truncate(request, fault, answer)
  local status = fault.status or answer.status
  if status == 204 then
    status = 200
  end
  local body = body_of(fault, answer.body)
  if #body < 2 then
    body = '{"api_id": "' .. identity.uuid() .. '", "response": "success"}'
  end
  journal.answered(request, status, "truncate")
  send_head(status, headers_with(answer.headers, fault.headers), #body)
  ngx.print(body:sub(1, math.floor(#body / 2)))
  ngx.flush(true)
  sleep(fault.seconds or 0)
  ngx.exit(ngx.ERROR)
end

-- JSON of exactly 64 MiB, written as fast as it's read.
function kinds.huge(request, fault)
  local status = fault.status or 200
  journal.answered(request, status, "huge")
  local head = '{"api_id":"' .. identity.uuid() .. '","padding":"'
  local tail = '"}'
  send_head(status, headers_with({ ["Content-Type"] = "application/json" }, fault.headers), huge_bytes)
  ngx.print(head)
  local left = huge_bytes - #head - #tail
  local block = ("x"):rep(262144)
  while left > 0 do
    ngx.print(left >= #block and block or block:sub(1, left))
    local ok = ngx.flush(true)
    if not ok then
      return
    end
    left = left - #block
  end
  ngx.print(tail)
end

--- Whether a fault replaces the answer: all but a delay.
function breakage.ends(fault)
  return fault.kind ~= "delay"
end

--- Carries a fault out; `answer` is `{ status, body, headers }` as rendered.
function breakage.perform(request, fault, answer)
  kinds[fault.kind](request, fault, answer)
end

return breakage
