--- The account's rate limit as a sliding window of slots, one for each request that may be made in it. A slot is free
-- again `seconds` after its request's answer or failure: whatever the network does to a request, the server has then
-- seen it for at least so long.
--
-- A slot is a name in a store, which frees it by itself: until the answer comes it is taken for the longest exchange
-- and the window after it. So a request that was aborted, or a worker that died, gives its slot back.
-- @module numberpool.limit.window

local Window = {}
Window.__index = Window

local window = {}

local min, max = math.min, math.max

-- A server that counts in whole milliseconds may see an interval shorter than it was, and so may a store.
local MARGIN = 0.003

-- How much longer than its time an exchange may hold a slot, in seconds.
local SLACK = 1

-- Slots that one search looks at: it must not keep the process from others. The next search goes on from there.
local MOST_LOOKS = 2000

-- How long to wait at least before asking again, in seconds.
local LEAST_WAIT = 0.005

-- How long one answer may hold everybody back, in seconds.
local LONGEST_HOLD = 60

--- The limit of a client. Clients that share a store share its slots: each takes as many of them as its own rate says.
---@param store table as `numberpool.limit.memory` describes it
---@param rate table|false { requests, seconds }; without one nothing is counted, but a 429 still holds it back
---@return table? window
---@return string? message why the store can't do it
function window.new(store, rate)
  local requests = rate and rate.requests or 0
  local message = store:lacks_room(requests)
  if message then
    return nil, message
  end
  return setmetatable({
    store = store,
    requests = requests,
    seconds = rate and rate.seconds + MARGIN,
    first = nil, -- where a search begins: the slot that was taken longest ago
    none_before = 0, -- no slot gets free until then; 0: that isn't known
  }, Window)
end

-- Processes that share the slots begin at different ones.
local function anywhere(now, requests)
  return math.floor(now * 1e6) % requests
end

-- Takes a free slot and returns it, or nil and how long there is none: what is under way now isn't free before the
-- window has passed, whatever its slot says.
local function find(self, seconds)
  local store, requests = self.store, self.requests
  local slot, wait = self.first or anywhere(store.now(), requests), self.seconds
  local looks = min(requests, MOST_LOOKS)
  for _ = 1, looks do
    local is_taken, left = store:take(slot, seconds)
    local next_slot = slot + 1
    if next_slot == requests then
      next_slot = 0
    end
    if is_taken then
      self.first = next_slot
      return slot
    elseif left < wait then
      wait = left
    end
    slot = next_slot
  end
  self.first = slot
  return nil, looks == requests and wait or 0
end

--- Takes a slot, or says how long there won't be one.
---@param exchange_seconds number how long its exchange may take
---@return number wait 0: go on
---@return integer? slot what `release` wants to know; nil where nothing is counted
function Window:acquire(exchange_seconds)
  local store, none_before = self.store, self.none_before
  if none_before > 0 then
    local wait = none_before - store.now()
    if wait > 0 then
      return wait
    end
    self.none_before = 0
  end
  local wait = store:held_for()
  if wait <= 0 then
    if self.requests == 0 then
      return 0
    end
    local slot
    slot, wait = find(self, exchange_seconds + self.seconds + SLACK)
    if slot then
      return 0, slot
    end
  end
  wait = max(wait, LEAST_WAIT)
  self.none_before = store.now() + wait
  return wait
end

--- The request of a slot was answered, has failed or was given up.
---@param slot integer? of `acquire`
function Window:release(slot)
  if slot then
    self.store:free_after(slot, self.seconds)
  end
end

--- Holds back everybody who shares the store, as after a 429.
---@param seconds number a minute at most
function Window:hold(seconds)
  if seconds > 0 then
    self.store:hold(min(seconds, LONGEST_HOLD))
  end
end

return window
