-- The process of spec.support.relay. It ends when its owner's control connection ends.
local socket = require "socket"

local upstream_port = tonumber(arg[1])

local listener = assert(socket.bind("127.0.0.1", 0))
local control_listener = assert(socket.bind("127.0.0.1", 0))
local peers = {} -- each socket's other one
local is_upstream = {}

io.write(select(2, listener:getsockname()), " ", select(2, control_listener:getsockname()), "\n")
io.flush()
local control = assert(control_listener:accept())

local function accept()
  local client = assert(listener:accept())
  local upstream = assert(socket.connect("127.0.0.1", upstream_port))
  client:settimeout(0)
  upstream:settimeout(0)
  client:setoption("tcp-nodelay", true)
  upstream:setoption("tcp-nodelay", true)
  peers[client], peers[upstream] = upstream, client
  is_upstream[upstream] = true
end

local function send(to, bytes)
  to:settimeout(2)
  to:send(bytes)
  to:settimeout(0)
end

-- Passes on what can be read. The end of a client's connection isn't passed on.
local function forward(from)
  local bytes, problem, partly = from:receive(65536)
  bytes = bytes or partly
  if bytes ~= "" and peers[from] then
    send(peers[from], bytes)
  end
  if not problem or problem == "timeout" then
    return
  end
  local other = peers[from]
  peers[from] = nil
  from:close()
  if other and is_upstream[other] then
    peers[other] = false
  elseif other then
    peers[other] = nil
    other:close()
  end
end

while true do
  local to_read = { control, listener }
  for from in pairs(peers) do
    to_read[#to_read + 1] = from
  end
  for _, ready in ipairs((socket.select(to_read))) do
    if ready == control then
      os.exit(0)
    elseif ready == listener then
      accept()
    elseif peers[ready] ~= nil then
      forward(ready)
    end
  end
end
