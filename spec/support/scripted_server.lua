-- A TCP server in a process of its own that answers each request with bytes from a script: broken, late, cut off or not
-- at all. It remembers the requests.
--
--   server:script(reply, …)   one reply per request, then the last one again and again; forgets earlier requests
--
-- A reply is a string of bytes, or { bytes, times, after, drip, greets, at_head }. The bytes are sent `times` times,
-- `drip` of them at once. `after` is what becomes of the connection: "keep" (the default), "close", "reset", "stall" or
-- "tls" (it goes on over TLS, as after a proxy's CONNECT). With `greets` the reply is sent when a connection is made,
-- and waits for no request. With `at_head` it doesn't wait for the request's body.
local certificate = require "spec.support.certificate"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"

local scripted_server = {}

local Server = {}
Server.__index = Server

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

-- It runs in the background of a shell that ends at once, so that no pipe waits for it when it is collected. It ends
-- with its control connection.
---@param options table? { tls = true: over TLS, `expired`: with an expired certificate; tunnel = true: a proxy, whose
--- replies may go on over TLS }
function scripted_server.start(options)
  local has_tls, is_tunnel = options and options.tls, options and options.tunnel
  local folder = (has_tls or is_tunnel) and certificate.make(options.expired)
  local shell = assert(io.popen(table.concat({
    interpreter.quote(interpreter.program), "spec/support/scripted_server_main.lua",
    folder and interpreter.quote(folder) or "", has_tls and "tls" or "", "</dev/null &",
  }, " "), "r"))
  local port, control_port = shell:read("*l"):match "^(%d+) (%d+)$"
  shell:close()
  local control = assert(socket.connect("127.0.0.1", tonumber(control_port)))
  control:setoption("tcp-nodelay", true)
  return setmetatable({
    control = control,
    folder = folder,
    ca_file = folder and folder .. "/certificate.pem" or nil,
    port = tonumber(port),
    base_url = (has_tls and "https" or "http") .. "://127.0.0.1:" .. port,
    auth_id = "MAXXXXXXXXXXXXXXXXXX",
    auth_token = "dG9rZW4tb2YtdGhlLXNwZWNz",
  }, Server)
end

function Server:ask(command, argument)
  argument = argument or ""
  assert(self.control:send(command .. "\n" .. #argument .. "\n" .. argument))
  local length = tonumber((assert(self.control:receive "*l")))
  return from_source(assert(self.control:receive(length)))
end

function Server:script(...)
  local replies = {}
  for i = 1, select("#", ...) do
    local reply = select(i, ...)
    replies[i] = type(reply) == "table" and reply or { bytes = reply }
  end
  self:ask("script", to_source(replies))
end

-- Decodes each %xx of a text.
local function unescape(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

local function parse_query(text)
  local query = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do
    query[unescape(name)] = unescape(value)
  end
  return query
end

local function parse(entry)
  local head, body = entry.raw:match "^(.-\r\n)\r\n(.*)$"
  local headers = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do
    headers[name:lower()] = value
  end
  local method, target, version = head:match "^(%S+) (%S+) (%S+)\r\n"
  local path, query = target:match "^([^?]*)%??(.*)$"
  return {
    connection = entry.connection,
    method = method,
    target = target,
    version = version,
    path = path,
    query_string = query,
    query = parse_query(query),
    headers = headers,
    body = body,
  }
end

--- The requests that came since the script was set, oldest first.
---@return table[] list of { connection, method, target, version, path, query_string, query, headers, body }
function Server:requests()
  local requests = {}
  for i, entry in ipairs(self:ask "journal") do
    requests[i] = parse(entry)
  end
  return requests
end

--- { accepted = connections in all, open = connections now, received = bytes since the script was set,
-- writing = connections on which a reply isn't sent to its end yet }
function Server:counts()
  return self:ask "counts"
end

--- Ends every connection, by "close", the default, or by "reset".
function Server:drop(how)
  self:ask("drop", how)
end

function Server:stop()
  self.control:shutdown "send"
  self.control:receive() -- returns when the process has ended
  self.control:close()
  if self.folder then
    certificate.remove(self.folder)
  end
end

return scripted_server
