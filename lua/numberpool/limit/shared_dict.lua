--- A store of names that are taken for a time, as `numberpool.limit.memory` describes it, in a shared dictionary of
-- nginx: all workers share it.
--
-- A name is a key that expires, and that only one of many can add. Its value is when it ends on a clock that nobody
-- sets: the dictionary goes by the machine's time.
-- @module numberpool.limit.shared_dict

local SharedDict = {}
SharedDict.__index = SharedDict

local shared_dict = {}

local BYTES_OF_A_NAME = 128

-- A key that is that much older than its end, in seconds, is there because somebody has set the machine's clock back.
-- One that is a moment older may be another worker's new one by now.
local OUT_OF_TIME = 1

---@class numberpool.SharedDictSettings
---@field dictionary table with the methods of nginx's
---@field prefix string before every name
---@field now fun(): number seconds on a monotonic clock that all workers share
---@field update_time fun() has the dictionary look at its clock, which stands still between two events

---@param settings numberpool.SharedDictSettings
---@return table store
function shared_dict.new(settings)
  return setmetatable({
    dictionary = settings.dictionary,
    prefix = settings.prefix,
    now = settings.now,
    update_time = settings.update_time,
    held = settings.prefix .. "held",
  }, SharedDict)
end

function SharedDict:lacks_room(slots)
  if self.dictionary:capacity() >= slots * BYTES_OF_A_NAME * 1.1 then
    return nil
  end
  return string.format("lua_shared_dict numberpool is too small for a rate of %d requests: expected %dk or more",
    slots, math.ceil(slots * BYTES_OF_A_NAME * 1.2 / 1024))
end

-- How long a key is still to last; 0 where it isn't there.
local function left_of(self, key)
  local ends = self.dictionary:get(key)
  local left = ends and ends - self.now() or 0
  if left < -OUT_OF_TIME then
    self.dictionary:delete(key)
  end
  return left
end

local function set(self, key, seconds)
  self.update_time()
  self.dictionary:set(key, self.now() + seconds, seconds)
end

-- Where the worker has been busy for long, the name is free so much earlier. Whoever takes one allows for that.
function SharedDict:take(name, seconds)
  local key = self.prefix .. name
  if self.dictionary:safe_add(key, self.now() + seconds, seconds) then
    return true
  end
  return false, left_of(self, key)
end

function SharedDict:left(name)
  return left_of(self, self.prefix .. name)
end

function SharedDict:free_after(name, seconds)
  set(self, self.prefix .. name, seconds)
end

function SharedDict:forget(name)
  self.dictionary:delete(self.prefix .. name)
end

function SharedDict:hold(seconds)
  if seconds > left_of(self, self.held) then
    set(self, self.held, seconds)
  end
end

function SharedDict:held_for()
  return left_of(self, self.held)
end

return shared_dict
