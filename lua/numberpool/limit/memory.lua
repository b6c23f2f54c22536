--- A store of names that are taken for a time, in this process. It keeps the slots of the rate limit and the claims of
-- purchases. Every store has the same methods:
--
--   store.now()                      seconds on a monotonic clock
--   store:take(name, seconds)        true where the name was free: it is taken for so long. Else false, and `left`
--   store:left(name)                 seconds for which it is still taken; 0 or less where it is free
--   store:free_after(name, seconds)  taken or not, it is free after so many seconds
--   store:forget(name)               it is free now
--   store:hold(seconds)              all who share the store are held back for so long, or longer if they were already
--   store:held_for()                 seconds for which they are; 0 or less where they aren't
--   store:lacks_room(slots)          a message where the store can't keep so many names that are numbers
--
-- A name is a string, or a number of the limit's own.
-- @module numberpool.limit.memory

local Memory = {}
Memory.__index = Memory

local memory = {}

-- Names that a store has at least before it looks which of them are free by now.
local MANY = 1000

---@param now fun(): number
---@return table store
function memory.new(now)
  return setmetatable({ now = now, ends = {}, count = 0, many = MANY, held_until = 0 }, Memory)
end

-- The stores of this process, as long as somebody has them.
local by_account = setmetatable({}, { __mode = "v" })

--- The store that everybody in this process shares who uses an account.
---@param account string
---@param now fun(): number
---@return table store
function memory.of_account(account, now)
  local store = by_account[account]
  if not store then
    store = memory.new(now)
    by_account[account] = store
  end
  return store
end

-- Forgets what is free. The table is made anew: LuaJIT may never end a loop that clears entries of its own table.
local function sweep(self, now)
  local ends, count = {}, 0
  for name, time in pairs(self.ends) do
    if time > now then
      ends[name] = time
      count = count + 1
    end
  end
  self.ends, self.count, self.many = ends, count, math.max(MANY, 2 * count)
end

function Memory:take(name, seconds)
  local now, ends = self.now(), self.ends[name]
  if not ends then
    self.count = self.count + 1
    if self.count > self.many then
      sweep(self, now)
    end
  elseif ends > now then
    return false, ends - now
  end
  self.ends[name] = now + seconds
  return true
end

function Memory:left(name)
  return (self.ends[name] or 0) - self.now()
end

function Memory:free_after(name, seconds)
  self.ends[name] = self.now() + seconds
end

function Memory:forget(name)
  self.ends[name] = nil
end

function Memory:hold(seconds)
  self.held_until = math.max(self.held_until, self.now() + seconds)
end

function Memory:held_for()
  local held_until = self.held_until
  if held_until == 0 then
    return 0
  end
  local left = held_until - self.now()
  if left <= 0 then
    self.held_until = 0
  end
  return left
end

function Memory.lacks_room() end

return memory
