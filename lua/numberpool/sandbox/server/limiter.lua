--- The rate limit of an account, over a sliding window. Refused requests don't count.
local clock = require "numberpool.sandbox.server.clock"
local settings = require "numberpool.sandbox.server.settings"

local limiter = {}

local arrivals = ngx.shared.limits

-- Whether a request is one of the account's first, for which the list isn't full yet. Counting is atomic.
local function is_early(auth_id, requests)
  local key = auth_id .. ":early"
  return (arrivals:get(key) or 0) < requests and arrivals:incr(key, 1, 0) <= requests
end

--- Whether a request of an account is within the limit. It counts if it is. A list has the times of the last requests,
--- as many as the limit allows, the oldest first. Taking that out is atomic, so that no two workers use one place.
---@param auth_id string
---@return boolean
---@return number? seconds until there is room, where it isn't
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

--- Forgets all requests.
function limiter.reset()
  arrivals:flush_all()
end

return limiter
