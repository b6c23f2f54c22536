-- Counts for all workers in a shared dictionary, and writes the counts for Prometheus.
local metrics = {}

local dictionary = ngx.shared.metrics

local BOUNDS = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, math.huge } -- seconds

local KINDS = {
  { "gateway_requests_total", "counter", "requests to the gateway, by method and status" },
  { "gateway_answers_total", "counter", "answers to reads: hit, stale or miss" },
  { "numberpool_calls_total", "counter", "calls of the API, by operation and outcome" },
  { "numberpool_attempts_total", "counter", "requests that were sent for them" },
  { "numberpool_retries_total", "counter", "requests that were sent again, by reason" },
  { "numberpool_throttled_total", "counter", "waits for the account's rate limit" },
  { "numberpool_call_seconds", "histogram", "how long calls took, with every wait" },
}

local function labels_of(labels)
  local list = {}
  for name, value in pairs(labels or {}) do
    list[#list + 1] = ('%s="%s"'):format(name, value)
  end
  table.sort(list)
  return list[1] and "{" .. table.concat(list, ",") .. "}" or ""
end

--- Counts one more.
---@param name string
---@param labels table? values by name; each set of values is a counter of its own
function metrics.count(name, labels)
  dictionary:incr(name .. labels_of(labels), 1, 0)
end

-- A bucket has the calls that are in no smaller one. `add_histogram` makes all sums from these counts, so that the sums
-- agree.
local function time_call(seconds)
  for i, bound in ipairs(BOUNDS) do
    if seconds <= bound then
      dictionary:incr("bucket " .. i, 1, 0)
      break
    end
  end
  dictionary:incr("seconds", seconds, 0)
end

--- The client's `on_event`.
function metrics.on_event(event)
  if event.type == "attempt" then
    metrics.count "numberpool_attempts_total"
  elseif event.type == "retry" then
    metrics.count("numberpool_retries_total", { reason = event.reason })
  elseif event.type == "throttled" then
    metrics.count "numberpool_throttled_total"
  elseif event.type == "result" then
    metrics.count("numberpool_calls_total", { operation = event.operation, outcome = event.reason or "success" })
    time_call(event.elapsed)
  end
end

local function add_counters(lines, name)
  local keys = {}
  for _, key in ipairs(dictionary:get_keys(0)) do
    if key:match "^[%w_]+" == name then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    lines[#lines + 1] = key .. " " .. dictionary:get(key)
  end
end

-- Prometheus expects the buckets in the order of their bounds, each with all calls up to its own.
local function add_histogram(lines, name)
  local count = 0
  for i, bound in ipairs(BOUNDS) do
    count = count + (dictionary:get("bucket " .. i) or 0)
    lines[#lines + 1] = ('%s_bucket{le="%s"} %d'):format(name, bound == math.huge and "+Inf" or bound, count)
  end
  lines[#lines + 1] = name .. "_sum " .. (dictionary:get "seconds" or 0)
  lines[#lines + 1] = name .. "_count " .. count
end

local ADD = { counter = add_counters, histogram = add_histogram }

--- The text of /metrics.
---@return string
function metrics.text()
  local lines = {}
  for _, kind in ipairs(KINDS) do
    local name, type, help = kind[1], kind[2], kind[3]
    lines[#lines + 1] = "# HELP " .. name .. " " .. help
    lines[#lines + 1] = "# TYPE " .. name .. " " .. type
    ADD[type](lines, name)
  end
  return table.concat(lines, "\n") .. "\n"
end

return metrics
