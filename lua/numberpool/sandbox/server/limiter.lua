--- The account's rate limit: at most so many requests arrive in any so many seconds. Refused
-- requests take no place in the window.
local clock = require "numberpool.sandbox.server.clock"
local settings = require "numberpool.sandbox.server.settings"

local limiter = {}

local arrivals = ngx.shared.limits

-- Whether this is one of the account's first arrivals, which have places of their own: counting is atomic.
local function is_early(auth_id, requests)
  local key = auth_id .. ":early"
  return (arrivals:get(key) or 0) < requests and arrivals:incr(key, 1, 0) <= requests
end

--- Lets a request of an account in, or gives the seconds until there is room again. The list holds the times of the
-- last `requests` arrivals, oldest at the left. Taking the oldest out is atomic, so no two workers use one place.
function limiter.admit(auth_id)
  local rate = settings.rate
  if not rate then
    return true
  end
  local now = clock.now()
  if is_early(auth_id, rate.requests) then
    arrivals:rpush(auth_id, now)
    return true
  end
  local oldest = arrivals:lpop(auth_id)
  if oldest and now - oldest >= rate.seconds then
    arrivals:rpush(auth_id, now)
    return true
  end
  if not oldest then
    return false, rate.seconds
  end
  arrivals:lpush(auth_id, oldest)
  return false, oldest + rate.seconds - now
end

function limiter.reset()
  arrivals:flush_all()
end

return limiter
