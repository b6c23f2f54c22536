--- What is to happen at which time: a binary heap, soonest first.
-- @module numberpool.runtime.timers

local Timers = {}
Timers.__index = Timers

local timers = {}

---@return table
function timers.new()
  return setmetatable({ times = {}, values = {}, count = 0 }, Timers)
end

local function swap(self, a, b)
  local times, values = self.times, self.values
  times[a], times[b] = times[b], times[a]
  values[a], values[b] = values[b], values[a]
end

--- Adds a value that comes up at a time.
---@param time number
---@param value any
function Timers:add(time, value)
  local i = self.count + 1
  self.values[i], self.times[i] = value, time
  self.count = i
  while i > 1 do
    local parent = math.floor(i / 2)
    if self.times[parent] <= self.times[i] then
      break
    end
    swap(self, parent, i)
    i = parent
  end
end

local function sink(self, i)
  while true do
    local least = i
    for child = 2 * i, 2 * i + 1 do
      if child <= self.count and self.times[child] < self.times[least] then
        least = child
      end
    end
    if least == i then
      return
    end
    swap(self, i, least)
    i = least
  end
end

--- Takes the soonest value out if its time has come.
---@param now number
---@return any value nil where none is due
function Timers:take(now)
  if self.count == 0 or self.times[1] > now then
    return nil
  end
  local value = self.values[1]
  swap(self, 1, self.count)
  self.times[self.count], self.values[self.count] = nil, nil
  self.count = self.count - 1
  sink(self, 1)
  return value
end

--- The soonest time; nil where there is none.
---@return number?
function Timers:soonest()
  return self.count > 0 and self.times[1] or nil
end

return timers
