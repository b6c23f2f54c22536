-- The process of spec.support.http2_server. It serves one connection after another, and ends when its owner's control
-- connection ends. Frames are in RFC 9113, section 4.1. Of HPACK (RFC 7541) one byte is all that is needed.
local socket = require "socket"
local ssl = require "ssl"

local folder, way = arg[1], arg[2]

local HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 1, 3, 4, 6, 7
local ACK, END_HEADERS = 1, 4
local HTTP_1_1_REQUIRED = 13
local PREFACE = #"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
local STATUS_404 = "\141" -- an indexed field of the static table

local arrivals = { newer = 0, older = 0 }

local context = assert(ssl.newcontext {
  mode = "server", protocol = "any", options = "all",
  certificate = folder .. "/certificate.pem", key = folder .. "/key.pem",
  alpn = function(offered)
    for _, protocol in ipairs(offered) do
      if protocol == "h2" then
        return "h2"
      end
    end
    return "http/1.1"
  end,
})

local listener = assert(socket.bind("127.0.0.1", 0))
local control_listener = assert(socket.bind("127.0.0.1", 0))
io.write(select(2, listener:getsockname()), " ", select(2, control_listener:getsockname()), "\n")
io.flush()
local control = assert(control_listener:accept())

local function serve_control()
  if not control:receive "*l" then
    os.exit(0)
  end
  control:send(arrivals.newer .. " " .. arrivals.older .. "\n")
end

-- Waits until a socket can be read. Answers the owner meanwhile.
local function wait_for(reader)
  while not (reader.dirty and reader:dirty()) do
    local readable = socket.select({ control, reader }, nil)
    if readable[control] then
      serve_control()
    end
    if readable[reader] then
      return
    end
  end
end

local function number(bytes)
  local value = 0
  for i = 1, #bytes do
    value = value * 256 + bytes:byte(i)
  end
  return value
end

local function bytes_of(value, count)
  local bytes = {}
  for i = count, 1, -1 do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

local function send_frame(peer, kind, flags, stream, payload)
  return peer:send(bytes_of(#payload, 3) .. string.char(kind, flags) .. bytes_of(stream, 4) .. payload)
end

-- Breaks off a stream in the server's way. Returns whether that ends the connection.
local function end_stream(peer, stream)
  local has_head, code = way:find "^404 " ~= nil, way:match "rst (%d+)$"
  if way == "goaway" then
    send_frame(peer, GOAWAY, 0, 0, bytes_of(0, 8))
    return true
  end
  if has_head then
    send_frame(peer, HEADERS, END_HEADERS, stream, STATUS_404)
  end
  send_frame(peer, RST_STREAM, 0, stream, bytes_of(tonumber(code), 4))
  return tonumber(code) == HTTP_1_1_REQUIRED -- the client's next connection waits for the end of this one
end

local function serve_http2(peer)
  wait_for(peer)
  if not peer:receive(PREFACE) then
    return
  end
  send_frame(peer, SETTINGS, 0, 0, "")
  while true do
    wait_for(peer)
    local head = peer:receive(9)
    if not head then
      return
    end
    local length, kind, flags, stream = number(head:sub(1, 3)), head:byte(4), head:byte(5), number(head:sub(6, 9))
    local payload = length > 0 and peer:receive(length) or ""
    if kind == HEADERS then
      arrivals.newer = arrivals.newer + 1
      if end_stream(peer, stream) then
        return
      end
    elseif (kind == SETTINGS or kind == PING) and flags % 2 == 0 then
      send_frame(peer, kind, ACK, 0, kind == PING and payload or "")
    end
  end
end

local function serve_http1(peer)
  wait_for(peer)
  local length, line = 0, peer:receive "*l"
  while line and line ~= "" do
    length = tonumber(line:lower():match "^content%-length: *(%d+)") or length
    line = peer:receive "*l"
  end
  if line then
    arrivals.older = arrivals.older + 1
    peer:receive(length)
    peer:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n"
      .. '{"response":"success"}')
  end
end

while true do
  wait_for(listener)
  local peer = listener:accept()
  peer:settimeout(5)
  peer:setoption("tcp-nodelay", true)
  peer = assert(ssl.wrap(peer, context))
  if peer:dohandshake() then
    if peer:getalpn() == "h2" then
      serve_http2(peer)
    else
      serve_http1(peer)
    end
  end
  peer:close()
end
