--- What each kind of fault does to a request. A function here gets the answer that would be sent, and returns when the
--- exchange is over.
local identifiers = require "numberpool.sandbox.server.identifiers"
local journal = require "numberpool.sandbox.server.journal"
local json = require "numberpool.sandbox.json"
local reply = require "numberpool.sandbox.server.reply"

local fault_kinds = {}

local HUGE_BYTES = 64 * 1024 * 1024
local BLOCK = ("x"):rep(262144)
local FOR_EVER = 86400 -- seconds
local JSON_HEADERS = { ["Content-Type"] = "application/json" }
local GARBAGE = '<html>\0\255 {"api_id": not json]'

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

-- Sends the head alone, with a length unless the fault has a header `Transfer-Encoding`.
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
  return json.encode { api_id = identifiers.uuid(), error = status == 429 and "too many requests" or "simulated fault" }
end

-- By the fault's `kind`.
local kinds = {}

function kinds.status(request, fault)
  local status = fault.status or 500
  local headers = headers_with(JSON_HEADERS, fault.headers)
  local body = body_of(fault, default_error(status))
  sleep(fault.seconds or 0)
  journal.answered(request, status, "status")
  reply.send(status, body, headers)
end

function kinds.garbage(request, fault)
  local status = fault.status or 200
  local headers = headers_with(JSON_HEADERS, fault.headers)
  local body = body_of(fault, GARBAGE)
  journal.answered(request, status, "garbage")
  reply.send(status, body, headers)
end

-- 444 is a TCP reset over HTTP/1.1, since nginx.conf has `reset_timedout_connection`, and a stream error over HTTP/2.
function kinds.reset(request, fault)
  sleep(fault.seconds or 0)
  journal.answered(request, nil, "reset")
  ngx.exit(444)
end

function kinds.stall(request, fault, answer)
  journal.answered(request, fault.status or answer.status, "stall")
  ngx.header["Content-Encoding"] = "identity" -- compression would send some bytes of its own
  send_head(fault.status or answer.status, headers_with(answer.headers, fault.headers), math.max(1, #answer.body))
  -- Over HTTP/2 nginx may keep the head back until there is a byte of the body. JSON may begin with a space.
  if ngx.req.http_version() == 2 then
    ngx.print " "
    ngx.flush(true)
  end
  sleep(fault.seconds or FOR_EVER)
  ngx.exit(ngx.ERROR)
end

function kinds.truncate(request, fault, answer)
  local status = fault.status or answer.status
  if status == 204 then
    status = 200
  end
  local body = body_of(fault, answer.body)
  if #body < 2 then
    body = '{"api_id": "' .. identifiers.uuid() .. '", "response": "success"}'
  end
  journal.answered(request, status, "truncate")
  send_head(status, headers_with(answer.headers, fault.headers), #body)
  ngx.print(body:sub(1, math.floor(#body / 2)))
  ngx.flush(true)
  sleep(fault.seconds or 0)
  ngx.exit(ngx.ERROR)
end

-- Sends JSON of exactly 64 MiB, as fast as it is read.
function kinds.huge(request, fault)
  local status = fault.status or 200
  journal.answered(request, status, "huge")
  local head = '{"api_id":"' .. identifiers.uuid() .. '","padding":"'
  local tail = '"}'
  send_head(status, headers_with(JSON_HEADERS, fault.headers), HUGE_BYTES)
  ngx.print(head)
  local left = HUGE_BYTES - #head - #tail
  while left > 0 do
    ngx.print(left >= #BLOCK and BLOCK or BLOCK:sub(1, left))
    local ok = ngx.flush(true)
    if not ok then
      return
    end
    left = left - #BLOCK
  end
  ngx.print(tail)
end

--- Whether a fault replaces the answer. All do but a delay.
---@param fault numberpool.sandbox.Fault
---@return boolean
function fault_kinds.replaces_answer(fault)
  return fault.kind ~= "delay"
end

--- Does to a request what its fault says.
---@param request numberpool.sandbox.IncomingRequest
---@param fault numberpool.sandbox.Fault one that replaces the answer
---@param answer table { status, body, headers }, from `reply.render`
function fault_kinds.perform(request, fault, answer)
  kinds[fault.kind](request, fault, answer)
end

return fault_kinds
