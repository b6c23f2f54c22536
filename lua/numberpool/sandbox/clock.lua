--- Seconds by a clock that nobody can set, and waiting by it.
local socket = require "socket"

local clock = {}

local SECONDS_BETWEEN_LOOKS = 0.004

--- Seconds since the machine started, in hundredths. They are read as two whole numbers, since the decimal point that
--- `tonumber` takes depends on the locale.
---@return number
function clock.now()
  local file = assert(io.open("/proc/uptime", "rb"))
  local text = file:read "*l"
  file:close()
  local seconds, hundredths = text:match "^(%d+)%.(%d%d)"
  return tonumber(seconds) + tonumber(hundredths) / 100
end

--- Calls a function again and again until it returns something true, or the time is over.
---@param seconds number
---@param check fun(): any
---@return any result what `check` returned last
function clock.wait(seconds, check)
  local deadline = clock.now() + seconds
  repeat
    local result = check()
    if result then
      return result
    end
    socket.sleep(SECONDS_BETWEEN_LOOKS)
  until clock.now() > deadline
  return check()
end

return clock
