-- Counts of all workers in a shared dictionary, and their text for Prometheus.
local metrics = {}

local dictionary = ngx.shared.metrics

local BOUNDS = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30 }

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
---@param labels table? values by name, of which there are few
function metrics.count(name, labels)
  dictionary:incr(name .. labels_of(labels), 1, 0)
end

local function time_call(seconds)
  for _, bound in ipairs(BOUNDS) do
    if seconds <= bound then
      dictionary:incr(('numberpool_call_seconds_bucket{le="%s"}'):format(bound), 1, 0)
    end
  end
  dictionary:incr('numberpool_call_seconds_bucket{le="+Inf"}', 1, 0)
  dictionary:incr("numberpool_call_seconds_sum", seconds, 0)
  dictionary:incr("numberpool_call_seconds_count", 1, 0)
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

--- What /metrics says.
---@return string
function metrics.text()
  local lines = {}
  local names = dictionary:get_keys(0)
  table.sort(names)
  for _, kind in ipairs(KINDS) do
    local name, type, help = kind[1], kind[2], kind[3]
    lines[#lines + 1] = "# HELP " .. name .. " " .. help
    lines[#lines + 1] = "# TYPE " .. name .. " " .. type
    for _, key in ipairs(names) do
      local base = key:match "^[%w_]+"
      if base == name or type == "histogram" and base:sub(1, #name + 1) == name .. "_" then
        lines[#lines + 1] = key .. " " .. dictionary:get(key)
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return metrics
