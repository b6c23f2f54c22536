--- The account's rate limit: at most so many requests arrive in any so many seconds. Refused
-- requests take no place in the window.
local settings = require "numberpool.sandbox.server.settings"

local limiter = {}

local arrivals = ngx.shared.limits

-- The list holds the times of the last `requests` arrivals, oldest at the left, and begins full of
-- zeros. Taking the oldest out is atomic, so no two workers can use the same place.
local function fill(key, count)
  if not arrivals:add(key .. ":begun", true) then
    -- Another worker may be at it, for some microseconds.
    repeat until arrivals:get(key .. ":filled")
    return
  end
  for _ = 1, count do arrivals:rpush(key, 0) end
  arrivals:set(key .. ":filled", true)
end

--- Lets a request of an account in, or gives the seconds until there is room again.
function limiter.admit(auth_id)
  local rate = settings.rate
  if not rate then return true end
  if not arrivals:get(auth_id .. ":filled") then fill(auth_id, rate.requests) end
  ngx.update_time()
  local now = ngx.now()
  local oldest = arrivals:lpop(auth_id)
  if oldest and now - oldest >= rate.seconds then
    arrivals:rpush(auth_id, now)
    return true
  end
  if not oldest then return false, rate.seconds end
  arrivals:lpush(auth_id, oldest)
  return false, oldest + rate.seconds - now
end

function limiter.reset()
  arrivals:flush_all()
end

return limiter
