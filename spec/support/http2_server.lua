-- An HTTP/2 server over TLS, in a process of its own, that breaks off every stream and counts the requests that come.
-- How it breaks a stream off is its `way`:
--
--   "rst 7"       RST_STREAM with that code: RFC 9113, section 7 (7 is REFUSED_STREAM, 0 NO_ERROR)
--   "goaway"      GOAWAY that names no stream as processed, then the end of the connection
--   "404 rst 0"   the head of a 404, then RST_STREAM with that code
--
-- With "rst 13", HTTP_1_1_REQUIRED, it answers 200 to a client that comes back over HTTP/1.1.
local certificate = require "spec.support.certificate"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"

local http2_server = {}

local Server = {}
Server.__index = Server

local quote = interpreter.quote

---@param way string how every stream is broken off
---@return table server { base_url, auth_id, auth_token, ca_file }
function http2_server.start(way)
  local folder = certificate.make()
  local process = assert(io.popen(table.concat({
    quote(interpreter.program), "spec/support/http2_server_main.lua", quote(folder), quote(way), "</dev/null &",
  }, " "), "r"))
  local port, control_port = process:read("*l"):match "^(%d+) (%d+)$"
  process:close()
  local control = assert(socket.connect("127.0.0.1", tonumber(control_port)))
  return setmetatable({
    folder = folder,
    control = control,
    base_url = "https://127.0.0.1:" .. port,
    ca_file = folder .. "/certificate.pem",
    auth_id = "MAXXXXXXXXXXXXXXXXXX",
    auth_token = "dG9rZW4tb2YtdGhlLXNwZWNz",
  }, Server)
end

--- How many requests have come.
---@return integer newer over HTTP/2
---@return integer older over HTTP/1.1
function Server:arrivals()
  assert(self.control:send "arrivals\n")
  local newer, older = assert(self.control:receive "*l"):match "^(%d+) (%d+)$"
  return tonumber(newer), tonumber(older)
end

function Server:stop()
  self.control:close() -- which ends the process
  certificate.remove(self.folder)
end

return http2_server
