-- The process of spec.support.scripted_server: reads requests from TCP connections, and answers each with the next
-- reply of a script. It ends when its owner's control connection ends.
local socket = require "socket"

local folder, is_over_tls = arg[1], arg[2] == "tls"
local ssl = folder and require "ssl"
local context = folder and assert(ssl.newcontext {
  mode = "server", protocol = "any", options = "all",
  certificate = folder .. "/certificate.pem", key = folder .. "/key.pem",
})

local HANDSHAKE_TIMEOUT = 2 -- seconds

-- Errors of a socket that can't be read or written yet.
local NOT_YET = { timeout = true, wantread = true, wantwrite = true }

local listener = assert(socket.bind("127.0.0.1", 0))
local control_listener = assert(socket.bind("127.0.0.1", 0))

local replies = {}
local journal, accepted, received = {}, 0, 0
local connections = {} -- by socket
local generation = 0 -- counts scripts: what belongs to an older one isn't counted

local TICK = 0.01 -- seconds between two pieces of a reply that drips

local function to_source(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local fields = {}
  for key, field in pairs(value) do
    fields[#fields + 1] = "[" .. to_source(key) .. "]=" .. to_source(field)
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

local function from_source(text)
  return assert((loadstring or load)("return " .. text))()
end

-- Options are set on the TCP socket, since one of TLS has none.
local function end_with_reset(ended)
  local plain = ended
  if not ended.setoption then
    plain = socket.tcp()
    plain:setfd(ended:getfd())
  end
  plain:setoption("linger", { on = true, timeout = 0 })
  if plain ~= ended then
    plain:setfd(-1)
  end
end

local function forget(connection, with_reset)
  connections[connection.socket] = nil
  if with_reset then
    end_with_reset(connection.socket)
  end
  connection.socket:close()
end

-- The length of the first request in the bytes, or of its head alone; nil while it isn't complete.
local function request_length(bytes, is_head_enough)
  local _, head_end = bytes:find("\r\n\r\n", 1, true)
  if not head_end or is_head_enough then
    return head_end
  end
  local head = bytes:sub(1, head_end):lower()
  local length = head_end + (tonumber(head:match "\r\ncontent%-length: *(%d+)") or 0)
  return #bytes >= length and length or nil
end

-- Goes on over TLS. Returns false where the handshake fails, which closes the connection.
local function secure(connection)
  local plain = connection.socket
  local secured = assert(ssl.wrap(plain, context))
  connections[plain] = nil
  secured:settimeout(HANDSHAKE_TIMEOUT)
  if not secured:dohandshake() then
    secured:close()
    return false
  end
  secured:settimeout(0)
  connection.socket, connection.input = secured, ""
  connections[secured] = connection
  return true
end

local function finish(connection)
  local after = connection.reply.after
  connection.reply, connection.output = nil, nil
  if after == "close" or after == "reset" then
    forget(connection, after == "reset")
  elseif after == "stall" then
    connection.is_stalled = true
  elseif after == "tls" then
    secure(connection)
  end
end

local function write(connection)
  local reply = connection.reply
  local last = #connection.output
  if reply.drip then
    last = math.min(last, connection.sent + reply.drip)
  end
  local sent, problem, partly = connection.socket:send(connection.output, connection.sent + 1, last)
  connection.sent = sent or partly or connection.sent
  if problem and not NOT_YET[problem] then
    forget(connection)
  elseif connection.sent == #connection.output then
    finish(connection)
  elseif reply.drip then
    connection.next_write = socket.gettime() + TICK
  end
end

local function begin(connection)
  connection.reply = #replies > 1 and table.remove(replies, 1) or replies[1] or { bytes = "", after = "close" }
  connection.output = connection.reply.bytes:rep(connection.reply.times or 1)
  connection.sent = 0
  if connection.output == "" then
    finish(connection)
  else
    write(connection)
  end
end

local function answer_next(connection)
  if connection.reply or connection.is_stalled then
    return
  end
  local length = request_length(connection.input, replies[1] and replies[1].at_head)
  if not length then
    return
  end
  local raw = connection.input:sub(1, length)
  connection.input = connection.input:sub(length + 1)
  if connection.generation == generation then
    journal[#journal + 1] = { connection = connection.number, raw = raw }
  end
  begin(connection)
end

local function read(connection)
  local bytes, problem, partly = connection.socket:receive(65536)
  bytes = bytes or partly or ""
  if connection.generation == generation then
    received = received + #bytes
  end
  connection.input = connection.input .. bytes
  answer_next(connection)
  if problem and not NOT_YET[problem] and connections[connection.socket] then
    forget(connection)
  end
end

local function accept()
  local client = listener:accept()
  if client then
    client:settimeout(0)
    client:setoption("tcp-nodelay", true)
    accepted = accepted + 1
    local connection = { socket = client, number = accepted, input = "", generation = generation }
    connections[client] = connection
    if is_over_tls and not secure(connection) then
      return
    end
    if replies[1] and replies[1].greets then
      begin(connection)
    end
  end
end

local commands = {}

-- Connections stay open. What the last script set for them holds until they end.
function commands.script(text)
  replies = from_source(text)
  journal, received = {}, 0
  generation = generation + 1
  for _, connection in pairs(connections) do
    connection.generation = generation
  end
  return true
end

function commands.journal()
  return journal
end

function commands.counts()
  local open, writing = 0, 0
  for _, connection in pairs(connections) do
    open = open + 1
    writing = writing + (connection.reply and 1 or 0)
  end
  return { accepted = accepted, open = open, received = received, writing = writing }
end

function commands.drop(how)
  for _, connection in pairs(connections) do
    forget(connection, how == "reset")
  end
  return true
end

local function serve_control(control)
  local name, problem = control:receive "*l"
  if problem then
    os.exit(0)
  end
  local length = tonumber(control:receive "*l")
  local argument = length > 0 and control:receive(length) or ""
  local result = to_source(commands[name](argument))
  control:send(#result .. "\n" .. result)
end

-- Returns the sockets to wait for, and for how long: a reply that drips goes on at its next tick.
local function waiting(control)
  local to_read, to_write, wait = { control, listener }, {}, nil
  local now = socket.gettime()
  for client, connection in pairs(connections) do
    to_read[#to_read + 1] = client
    if connection.reply then
      local left = (connection.next_write or 0) - now
      if left > 0 then
        wait = math.min(wait or left, left)
      else
        to_write[#to_write + 1] = client
      end
    end
  end
  return to_read, to_write, wait
end

io.write(select(2, listener:getsockname()), " ", select(2, control_listener:getsockname()), "\n")
io.flush()
local control = assert(control_listener:accept())
control:setoption("tcp-nodelay", true)
listener:settimeout(0)
while true do
  local readable, writable = socket.select(waiting(control))
  for _, ready in ipairs(writable) do
    local connection = connections[ready]
    if connection then
      write(connection)
    end
  end
  for _, ready in ipairs(readable) do
    if ready == control then
      serve_control(control)
    elseif ready == listener then
      accept()
    elseif connections[ready] then
      read(connections[ready])
    end
  end
  for _, connection in pairs(connections) do
    answer_next(connection)
    if not connections[connection.socket] then
      break -- the table has changed, so it can't be traversed on: the rest comes next time
    end
  end
end
