--- The account's rate limit as a sliding window. Pure: the time comes in as an argument.
--
-- A slot is taken when a request starts and is free again `seconds` after its answer or failure: whatever the
-- network does to a request, the server has then seen it for at least so long.
-- @module numberpool.limit.window

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
    holders = {}, -- of slots: what `under_way` counts, where they were named
    answered = {}, -- a ring of the times of answers, oldest at first
    first = 0,
    count = 0,
    held_until = -math.huge,
  }, Limiter)
end

local function forget_old(self, now)
  local answered, requests = self.answered, self.requests
  -- Where Ctrl-C came between the two lines below, one more is counted, which may have no time.
  while self.count > 0 and (answered[self.first] or -math.huge) + self.seconds <= now do
    self.first = (self.first + 1) % requests
    self.count = self.count - 1
  end
end

--- Takes a slot, or says how long there won't be one.
---@param now number
---@param _ any
---@param holder table? who `forget` can take it from
---@return number seconds 0: the slot is taken, `release` gives it back
---@return table? slot the holder
function Limiter:acquire(now, _, holder)
  if now < self.held_until then
    return self.held_until - now
  end
  forget_old(self, now)
  if self.under_way + self.count < self.requests then
    if holder then
      self.holders[holder] = true
    end
    self.under_way = self.under_way + 1
    return 0, holder
  end
  if self.count == 0 then
    return ALL_UNDER_WAY
  end
  return self.answered[self.first] + self.seconds - now
end

--- The request of a slot was answered or has failed.
---@param now number
---@param holder table?
function Limiter:release(now, holder)
  forget_old(self, now)
  self.answered[(self.first + self.count) % self.requests] = now
  self.count = self.count + 1
  if holder then
    self.holders[holder] = nil
  end
  self.under_way = self.under_way - 1
end

--- Gives back what a holder has that was left in the middle of anything, be it of taking a slot or of giving it back.
---@param now number
---@param holder table
function Limiter:forget(now, holder)
  local was_held = self.holders[holder]
  self.holders[holder] = nil
  local under_way = 0
  for _ in pairs(self.holders) do
    under_way = under_way + 1
  end
  self.under_way = under_way
  if was_held and under_way + self.count < self.requests then
    self.answered[(self.first + self.count) % self.requests] = now
    self.count = self.count + 1
  end
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
