-- Ports of this machine that can't be connected to.
local socket = require "socket"

local ports = {}

--- One that takes no connection and refuses none: its queue is full.
---@return table server { base_url }
---@return function close
function ports.full()
  local listener = assert(socket.tcp())
  assert(listener:bind("127.0.0.1", 0))
  assert(listener:listen(0))
  local _, port = listener:getsockname()
  local sockets = { listener }
  for _ = 1, 4 do
    local filler = socket.tcp()
    filler:settimeout(0)
    filler:connect("127.0.0.1", port)
    sockets[#sockets + 1] = filler
  end
  return { base_url = "http://127.0.0.1:" .. port }, function()
    for _, one in ipairs(sockets) do
      one:close()
    end
  end
end

--- One that nobody listens on.
---@return table server { base_url }
function ports.closed()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return { base_url = "http://127.0.0.1:" .. port }
end

return ports
