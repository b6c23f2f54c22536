--- Talks to a sandbox's control listener: one small HTTP exchange a call, over LuaSocket.
local cjson = require "cjson"
local socket = require "socket"

local process = require "numberpool.sandbox.process"

local control = {}

-- Seconds without a byte: a seed of a million numbers takes some.
local patience = 300

-- An instance of our own: what the host sets on its cjson doesn't reach it. It only decodes: no answer has a fraction,
-- whose decimal point lua-cjson takes from the locale that there was when it was loaded.
local codec = cjson.new()
local to_integer = math.tointeger

-- JSON null becomes an absent field, and whole numbers become integers where Lua has them.
local function plain(value)
  if value == cjson.null then
    return nil
  end
  if type(value) == "number" then
    return to_integer and to_integer(value) or value
  end
  if type(value) ~= "table" then
    return value
  end
  for key, item in pairs(value) do
    value[key] = plain(item)
  end
  return value
end

local function decode(text)
  local ok, value = pcall(codec.decode, text)
  if not ok then
    return nil
  end
  return plain(value)
end

-- LuaSocket counts by the clock on the wall, which may be set meanwhile: it waits a while at a time.
local function receive_all(connection)
  local parts = {}
  local deadline = process.now() + patience
  connection:settimeout(10)
  repeat
    local text, problem, partial = connection:receive(65536)
    text = text or partial
    if text ~= "" then
      parts[#parts + 1] = text
      deadline = process.now() + patience
    end
    if problem == "closed" then
      return table.concat(parts)
    end
    if problem and problem ~= "timeout" then
      return nil, problem
    end
  until process.now() > deadline
  return nil, "timeout"
end

-- An answer to HTTP/1.0 has no chunks: its body is what comes until the connection closes.
local function exchange(port, request)
  local connection, problem = socket.tcp()
  if not connection then
    return nil, problem
  end
  connection:settimeout(patience)
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

--- One call, with a body of JSON or none. Gives the decoded answer, or nil and a message: the server's own words where
-- it had some. The third value is the answer's `Sandbox-Sequence`, where there is one.
function control.call(port, method, path, body)
  local content = body or ""
  local request = ("%s /_sandbox/%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s")
    :format(method, path, #content, content)
  local answer, problem = exchange(port, request)
  if not answer then
    return nil, "the sandbox doesn't answer: " .. tostring(problem)
  end
  local head, text = answer:match "^(.-\r\n)\r\n(.*)$"
  local status = head and tonumber(head:match "^HTTP/%d%.%d (%d+)")
  local value = text and decode(text)
  if not status or value == nil then
    return nil, "the sandbox sent no JSON"
  end
  if status >= 300 then
    return nil, tostring(value.error)
  end
  return value, nil, tonumber(head:lower():match "\r\nsandbox%-sequence: (%d+)")
end

return control
