--- The account's rate limit as a sliding window. Pure: the time comes in as an argument.
--
-- A slot is taken when a request starts and is free again `seconds` after its answer or failure: whatever the
-- network does to a request, the server has then seen it for at least so long.
-- @module numberpool.ratelimit

local Limiter = {}
Limiter.__index = Limiter

local ratelimit = {}

-- Servers that count in whole milliseconds may see an interval shorter than it was.
local MARGIN = 0.002

-- How long to wait before asking again when every slot is taken by a request that is still under way.
local ALL_UNDER_WAY = 0.005

---@param requests integer
---@param seconds number
---@return table limiter
function ratelimit.new(requests, seconds)
  return setmetatable({
    requests = requests,
    seconds = seconds + MARGIN,
    under_way = 0,
    answered = {}, -- a ring of the times of answers, oldest at first
    first = 0,
    count = 0,
    held_until = -math.huge,
  }, Limiter)
end

local function forget_old(self, now)
  local answered, requests = self.answered, self.requests
  while self.count > 0 and answered[self.first] + self.seconds <= now do
    self.first = (self.first + 1) % requests
    self.count = self.count - 1
  end
end

--- Takes a slot, or says how long there won't be one.
---@param now number
---@return number seconds 0: the slot is taken, `release` gives it back
function Limiter:acquire(now)
  if now < self.held_until then
    return self.held_until - now
  end
  forget_old(self, now)
  if self.under_way + self.count < self.requests then
    self.under_way = self.under_way + 1
    return 0
  end
  if self.count == 0 then
    return ALL_UNDER_WAY
  end
  return self.answered[self.first] + self.seconds - now
end

--- The request of a slot was answered or has failed.
---@param now number
function Limiter:release(now)
  forget_old(self, now)
  self.under_way = self.under_way - 1
  self.answered[(self.first + self.count) % self.requests] = now
  self.count = self.count + 1
end

--- Holds everything back until a time, as after a 429.
---@param time number
function Limiter:hold(time)
  if time > self.held_until then
    self.held_until = time
  end
end

-- For a client without a limit: nothing is counted, but a 429 still holds it back.
local Unlimited = {}
Unlimited.__index = Unlimited
Unlimited.hold = Limiter.hold

function Unlimited:acquire(now)
  return now < self.held_until and self.held_until - now or 0
end

function Unlimited.release() end

---@return table limiter
function ratelimit.unlimited()
  return setmetatable({ held_until = -math.huge }, Unlimited)
end

return ratelimit
