-- Listeners that nobody serves.
local socket = require "socket"

local stalls = {}

--- A listener whose queue is full, so that a new connection is never made.
---@return string address host and port
---@return function close
function stalls.full_listener()
  local listener = assert(socket.bind("127.0.0.1", 0, 0))
  local _, port = listener:getsockname()
  local queued = {}
  repeat
    local connection = socket.tcp()
    connection:settimeout(0.1)
    queued[#queued + 1] = connection
    local is_connected = connection:connect("127.0.0.1", tonumber(port))
    if #queued >= 50 then
      error("the queue doesn't fill", 2)
    end
  until not is_connected
  return "127.0.0.1:" .. port, function()
    for _, connection in ipairs(queued) do
      connection:close()
    end
    listener:close()
  end
end

--- A listener to which connections are made and requests are sent, but nobody reads them.
---@return string address host and port
---@return function close
function stalls.silent_listener()
  local listener = assert(socket.bind("127.0.0.1", 0, 1000))
  local _, port = listener:getsockname()
  return "127.0.0.1:" .. port, function()
    listener:close()
  end
end

return stalls
