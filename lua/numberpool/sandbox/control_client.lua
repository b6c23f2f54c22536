--- Asks a server's control interface, `/_sandbox/`: one HTTP exchange per call, over LuaSocket.
local socket = require "socket"

local clock = require "numberpool.sandbox.clock"
local json = require "numberpool.sandbox.json"

local control_client = {}

local MAX_SILENCE = 300 -- seconds without a byte: a seed of a million numbers takes some
local SECONDS_PER_WAIT = 10

local to_integer = math.tointeger

-- The value without JSON's null, and with integers where Lua has them. No answer has a fraction, whose decimal point
-- lua-cjson would take from the locale.
local function normalise(value)
  if value == json.null then
    return nil
  end
  if type(value) == "number" then
    return to_integer and to_integer(value) or value
  end
  if type(value) ~= "table" then
    return value
  end
  for key, item in pairs(value) do
    value[key] = normalise(item)
  end
  return value
end

-- Reads until the connection closes. LuaSocket's timeouts are by the time of day, which may be set: each wait is short,
-- and `MAX_SILENCE` is counted by our own clock.
local function receive_all(connection)
  local parts = {}
  local deadline = clock.now() + MAX_SILENCE
  connection:settimeout(SECONDS_PER_WAIT)
  repeat
    local text, problem, partial = connection:receive(65536)
    text = text or partial
    if text ~= "" then
      parts[#parts + 1] = text
      deadline = clock.now() + MAX_SILENCE
    end
    if problem == "closed" then
      return table.concat(parts)
    end
    if problem and problem ~= "timeout" then
      return nil, problem
    end
  until clock.now() > deadline
  return nil, "timeout"
end

local function exchange(port, request)
  local connection, problem = socket.tcp()
  if not connection then
    return nil, problem
  end
  connection:settimeout(MAX_SILENCE)
  local ok
  ok, problem = connection:connect("127.0.0.1", port)
  if ok then
    ok, problem = connection:send(request)
  end
  local answer
  if ok then
    answer, problem = receive_all(connection)
  end
  connection:close()
  if not answer or answer == "" then
    return nil, problem or "closed"
  end
  return answer
end

--- Sends a request. It is one of HTTP/1.0, whose answer has no chunks and ends with its connection.
---@param port integer
---@param method string
---@param path string below `/_sandbox/`
---@param body string? JSON
---@return any? value the answer, decoded
---@return string? problem the server's own words where it sent some
---@return integer? sequence the header `Sandbox-Sequence`, where there is one
function control_client.call(port, method, path, body)
  local content = body or ""
  local request = ("%s /_sandbox/%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s")
    :format(method, path, #content, content)
  local answer, problem = exchange(port, request)
  if not answer then
    return nil, "the sandbox doesn't answer: " .. tostring(problem)
  end
  local head, text = answer:match "^(.-\r\n)\r\n(.*)$"
  local status = head and tonumber(head:match "^HTTP/%d%.%d (%d+)")
  local value = text and normalise(json.decode(text))
  if not status or value == nil then
    return nil, "the sandbox sent no JSON"
  end
  if status >= 300 then
    return nil, tostring(value.error)
  end
  return value, nil, tonumber(head:lower():match "\r\nsandbox%-sequence: (%d+)")
end

return control_client
