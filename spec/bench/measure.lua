--- Measuring: processes that take turns, and what is made of their figures.
-- @module spec.bench.measure

local now = require("socket").gettime

local measure = {}

--- A word for the shell.
---@param text string
---@return string
function measure.quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

--- A line for the shell, of words that it must leave alone.
---@param ... string
---@return string
function measure.command(...)
  local words = { ... }
  for i, word in ipairs(words) do
    words[i] = measure.quote(word)
  end
  return table.concat(words, " ")
end

--- The lines that a command prints.
---@param command string
---@return string[]
function measure.lines_of(command)
  local pipe = assert(io.popen("exec " .. command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

--- The value in the middle, or between the two in the middle.
---@param values number[]
---@return number
function measure.median(values)
  local sorted = { (table.unpack or unpack)(values) }
  table.sort(sorted)
  local half = #sorted / 2
  if half % 1 == 0 then
    return (sorted[half] + sorted[half + 1]) / 2
  end
  return sorted[half + 0.5]
end

--- Runs a contestant, which prints its calls and seconds and, where it measures that, the KiB resident at most.
---@param command string
---@return table { rate, peak }: calls a second, KiB or 0
function measure.once(command)
  local line = measure.lines_of(command)[1] or "nothing"
  local calls, seconds, peak = line:match "^(%d+) ([%d.]+) ?(%d*)$"
  if not calls then
    error("calls and seconds expected, got " .. line .. ", from: " .. command, 0)
  end
  return { rate = tonumber(calls) / tonumber(seconds), peak = tonumber(peak) or 0 }
end

--- Lets two commands take turns, each printing its calls and seconds. The machine's mood changes from round to
--- round, so that the ratio is taken in each: what is returned as `ratio` is the median of those.
---@param ours string
---@param theirs string
---@param rounds integer
---@return table { ours, theirs, ratio, least, most, our_peak, their_peak }: calls a second, the ratio's extremes, KiB
function measure.compare(ours, theirs, rounds)
  local our_rates, their_rates, ratios, our_peak, their_peak = {}, {}, {}, 0, 0
  for i = 1, rounds do
    local our_run, their_run = measure.once(ours), measure.once(theirs)
    our_rates[i], their_rates[i] = our_run.rate, their_run.rate
    ratios[i] = our_rates[i] / their_rates[i]
    our_peak, their_peak = math.max(our_peak, our_run.peak), math.max(their_peak, their_run.peak)
  end
  return {
    ours = measure.median(our_rates),
    theirs = measure.median(their_rates),
    ratio = measure.median(ratios),
    least = math.min((table.unpack or unpack)(ratios)),
    most = math.max((table.unpack or unpack)(ratios)),
    our_peak = our_peak,
    their_peak = their_peak,
  }
end

local function seconds_of(command)
  local started = now()
  os.execute("exec " .. command)
  return now() - started
end

--- How much longer one command takes than another, and how long that one takes: medians of runs that take turns.
---@param longer string
---@param shorter string
---@param rounds integer
---@return number seconds
---@return number seconds
function measure.difference(longer, shorter, rounds)
  local long, short = {}, {}
  for i = 1, rounds do
    long[i] = seconds_of(longer)
    short[i] = seconds_of(shorter)
  end
  local base = measure.median(short)
  return measure.median(long) - base, base
end

return measure
