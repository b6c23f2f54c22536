-- A relay between a client and a server, in a process of its own. It passes bytes on in both directions. When the
-- client closes its connection, the one to the server stays open, so that the server goes on with its work.
local interpreter = require "spec.support.interpreter"
local socket = require "socket"

local relay = {}

local Relay = {}
Relay.__index = Relay

--- Starts a relay in front of an HTTP server.
---@param server table { port, auth_id, auth_token }
---@return table relay { base_url, auth_id, auth_token, stop }
function relay.start(server)
  local process = assert(io.popen(("%s spec/support/relay_main.lua %d </dev/null &"):format(
    interpreter.quote(interpreter.program), server.port), "r"))
  local port, control_port = process:read("*l"):match "^(%d+) (%d+)$"
  process:close()
  return setmetatable({
    control = assert(socket.connect("127.0.0.1", tonumber(control_port))),
    base_url = "http://127.0.0.1:" .. port,
    auth_id = server.auth_id,
    auth_token = server.auth_token,
  }, Relay)
end

function Relay:stop()
  self.control:close() -- which ends the process
end

return relay
