--- What a client has done so far: counts, and how long the API took. Memory doesn't grow with the calls.
-- @module numberpool.call.stats

local Stats = {}
Stats.__index = Stats

local stats = {}

local floor, log = math.floor, math.log

-- Latencies are counted in buckets, each 5 % wider than the one before, from 10 microseconds on.
local SHORTEST = 1e-5
local LOG_GROWTH = math.log(1.05)
local BUCKETS = 400

---@return table
function stats.new()
  return setmetatable({ calls = 0, attempts = 0, retries = 0, errors = {}, buckets = {} }, Stats)
end

--- Counts a call.
function Stats:began()
  self.calls = self.calls + 1
end

--- Counts a request that is sent again.
function Stats:tried_again()
  self.retries = self.retries + 1
end

--- Counts one HTTP exchange.
---@param elapsed number seconds
function Stats:exchange(elapsed)
  local bucket, buckets = 0, self.buckets
  if elapsed > SHORTEST then
    bucket = floor(log(elapsed / SHORTEST) / LOG_GROWTH)
    bucket = bucket < BUCKETS and bucket or BUCKETS
  end
  self.attempts = self.attempts + 1
  buckets[bucket] = (buckets[bucket] or 0) + 1
end

--- Counts a call that failed.
---@param kind string
function Stats:failed(kind)
  self.errors[kind] = (self.errors[kind] or 0) + 1
end

local function percentile(self, share)
  if self.attempts == 0 then
    return nil
  end
  local wanted = math.ceil(self.attempts * share)
  local seen = 0
  for bucket = 0, BUCKETS do
    seen = seen + (self.buckets[bucket] or 0)
    if seen >= wanted then
      return SHORTEST * math.exp(LOG_GROWTH * (bucket + 0.5))
    end
  end
end

--- A copy for the caller to keep.
---@return table
function Stats:snapshot()
  local errors = {}
  for kind, count in pairs(self.errors) do
    errors[kind] = count
  end
  return {
    calls = self.calls,
    attempts = self.attempts,
    retries = self.retries,
    errors = errors,
    latency = { p50 = percentile(self, 0.5), p90 = percentile(self, 0.9), p99 = percentile(self, 0.99) },
  }
end

return stats
