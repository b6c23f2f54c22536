--- An account's rate limit inside nginx: the sliding window of `numberpool.limit.window`, for all workers at once where
-- they share a dictionary named `numberpool`.
--
-- A slot is a key that expires. It is taken by adding it, with a life that no exchange outlasts, and when the answer
-- has come that life is set to the window. So a request that was aborted, or a worker that died, gives its slot back.
-- @module numberpool.limit.shared_dict

local clock = require "numberpool.runtime.nginx.clock"

local now = clock.now

local Limiter = {}
Limiter.__index = Limiter

local limiter = {}

-- The dictionary counts in whole milliseconds, and so may a server that sees an interval shorter than it was.
local MARGIN = 0.003

-- How much longer than its time an exchange may hold a slot.
local SLACK = 1

-- Slots that one search looks at: it must not keep the worker from others.
local MOST_LOOKS = 2000

-- How long to wait at least before asking again.
local LEAST_WAIT = 0.005

-- How long one answer may hold everybody back, in seconds. A time in the dictionary may be an older version's, or of
-- before somebody set the clock back.
local LONGEST_HOLD = 60

-- Slots in a dictionary of all workers.
local Shared = {}
Shared.__index = Shared

local BYTES_OF_A_SLOT = 128

local function new_shared(dictionary, account, requests)
  if dictionary:capacity() < requests * BYTES_OF_A_SLOT * 1.1 then
    return nil, string.format("lua_shared_dict numberpool is too small for a rate of %d requests: expected %dk or more",
      requests, math.ceil(requests * BYTES_OF_A_SLOT * 1.2 / 1024))
  end
  local prefix = "numberpool:" .. ngx.md5(account):sub(1, 12) .. ":"
  return setmetatable({ dictionary = dictionary, prefix = prefix, names = {}, held = prefix .. "held",
    cursor = prefix .. "next" }, Shared)
end

local function name_of(self, slot)
  local name = self.names[slot]
  if not name then
    name = self.prefix .. slot
    self.names[slot] = name
  end
  return name
end

--- Takes a slot for so many seconds if it is free.
function Shared:take(slot, seconds)
  return self.dictionary:safe_add(name_of(self, slot), 1, seconds)
end

--- Lets a slot be free after so many seconds. nginx's own time stands still between two events.
function Shared:free_after(slot, seconds)
  ngx.update_time()
  self.dictionary:set(name_of(self, slot), 1, seconds)
end

--- How long a slot is still taken.
function Shared:left(slot)
  return self.dictionary:ttl(name_of(self, slot)) or 0
end

function Shared:forget(slot)
  self.dictionary:delete(name_of(self, slot))
end

function Shared:first()
  return self.dictionary:get(self.cursor) or 0
end

function Shared:advance(slot)
  self.dictionary:set(self.cursor, slot)
end

function Shared:hold(seconds)
  if seconds > self:held_for() then
    self.dictionary:set(self.held, 1, seconds)
  end
end

function Shared:held_for()
  if not self.dictionary:get(self.held) then
    return 0
  end
  local left = self.dictionary:ttl(self.held) or 0
  if left > LONGEST_HOLD then
    left = LONGEST_HOLD
    self.dictionary:set(self.held, 1, left)
  end
  return left
end

-- Slots of one worker, where there is no such dictionary.
local Own = {}
Own.__index = Own

local function new_own()
  return setmetatable({ ends = {}, held_until = 0, cursor = 0 }, Own)
end

function Own:take(slot, seconds)
  local time, ends = now(), self.ends[slot]
  if ends and ends > time then
    return false
  end
  self.ends[slot] = time + seconds
  return true
end

function Own:free_after(slot, seconds)
  self.ends[slot] = now() + seconds
end

function Own:left(slot)
  return (self.ends[slot] or 0) - now()
end

function Own:forget(slot)
  self.ends[slot] = nil
end

function Own:first()
  return self.cursor
end

function Own:advance(slot)
  self.cursor = slot
end

function Own:hold(seconds)
  self.held_until = math.max(self.held_until, now() + seconds)
end

function Own:held_for()
  return self.held_until - now()
end

-- The slots of an account are the same for every client of a worker, as long as there is one.
local own_of_account = setmetatable({}, { __mode = "v" })

local function own_for(account)
  local own = own_of_account[account]
  if not own then
    own = new_own()
    own_of_account[account] = own
  end
  return own
end

--- The limit of an account.
---@param rate table { requests, seconds }
---@param account string
---@return table? limiter as of `numberpool.limit.window`
---@return string? message why not
function limiter.new(rate, account)
  local dictionary = ngx.shared.numberpool
  local slots, message
  if dictionary then
    slots, message = new_shared(dictionary, account, rate.requests)
  else
    slots = own_for(account)
  end
  if not slots then
    return nil, message
  end
  return setmetatable({
    slots = slots,
    requests = rate.requests,
    seconds = rate.seconds + MARGIN,
    none_before = 0, -- it is known that no slot gets free until then
  }, Limiter)
end

-- A slot that is taken for longer than any exchange can hold it: somebody has set the machine's clock back.
local function is_out_of_time(self, left, seconds)
  return left > seconds + self.seconds + SLACK + 1
end

-- Looks for a free slot, from the one that was taken longest ago. Returns it, or nil and how long there is none.
local function find(self, seconds)
  local slots, requests = self.slots, self.requests
  local first = slots:first()
  local soonest = self.seconds -- what is under way now is not free before
  for i = 0, math.min(requests, MOST_LOOKS) - 1 do
    local slot = (first + i) % requests
    if slots:take(slot, seconds + self.seconds + SLACK) then
      slots:advance((slot + 1) % requests)
      return slot
    end
    local left = slots:left(slot)
    if is_out_of_time(self, left, seconds) then
      slots:forget(slot)
      left = 0
    end
    soonest = math.min(soonest, left)
  end
  return nil, soonest
end

--- Takes a slot, or says how long there won't be one.
---@param time number
---@param seconds number how long its exchange may take
---@return number wait 0: the slot is taken
---@return integer? slot what `release` wants to know
function Limiter:acquire(time, seconds)
  local held_for = self.slots:held_for()
  if held_for > 0 then
    return math.max(held_for, LEAST_WAIT)
  elseif time < self.none_before then
    return self.none_before - time
  end
  local slot, wait = find(self, seconds)
  if slot then
    return 0, slot
  end
  wait = math.max(wait, LEAST_WAIT)
  self.none_before = time + wait
  return wait
end

--- The request of a slot was answered or has failed.
---@param _ number the time
---@param slot integer
function Limiter:release(_, slot)
  self.slots:free_after(slot, self.seconds)
end

--- Holds everything back until a time, as after a 429.
---@param time number on the clock of the runtime
function Limiter:hold(time)
  local seconds = time - now()
  if seconds > 0 then
    self.slots:hold(math.min(seconds, LONGEST_HOLD))
  end
end

return limiter
