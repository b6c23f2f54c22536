--- What the soak does and what it is up against: calls in a shuffled order, and faults of every kind.
-- @module spec.soak.plan

local plan = {}

local FULL = { adds = 2000, removes = 500, unrents = 100, buys = 50, untouched = 50 }

local FAULTED = 0.2 -- of all requests, looks included

-- A server that says 429 has done nothing, so that it says so before the change only.
local FAULTS = {
  { kind = "status", status = 429, only = "before" },
  { kind = "status", status = 500 },
  { kind = "status", status = 502, body = "<html>bad gateway</html>" },
  { kind = "status", status = 503, headers = { ["Retry-After"] = "1" } },
  { kind = "reset" },
  { kind = "truncate" },
  { kind = "garbage" },
  { kind = "huge" },
  { kind = "stall", seconds = 3 },
  { kind = "delay", seconds = 1 },
}

-- Every Lua shuffles alike.
local function new_random(seed)
  local state = seed % 2147483646 + 1
  return function(most)
    state = (state * 16807) % 2147483647
    return state % most + 1
  end
end

local function shuffle(list, random)
  for i = #list, 2, -1 do
    local other = random(i)
    list[i], list[other] = list[other], list[i]
  end
end

--- How many of each for a share of the whole.
---@param share number
---@return table { adds, removes, unrents, buys, untouched }
function plan.counts(share)
  local counts = {}
  for name, count in pairs(FULL) do
    counts[name] = math.max(2, math.floor(count * share + 0.5))
  end
  return counts
end

--- The faults, each with the chance that makes them equally frequent: one is asked after another.
---@param seed integer
---@param share number? of all requests; default 0.2
---@return table[]
function plan.faults(seed, share)
  local faults = {}
  for _, fault in ipairs(FAULTS) do
    for _, when in ipairs { "before", "after" } do
      if (fault.only or when) == when then
        local copy = { when = when, seed = seed + #faults }
        for name, value in pairs(fault) do
          copy[name] = name ~= "only" and value or nil
        end
        faults[#faults + 1] = copy
      end
    end
  end
  local each = (share or FAULTED) / #faults
  for i, fault in ipairs(faults) do
    fault.probability = each / (1 - (i - 1) * each)
  end
  return faults
end

--- The calls, each of them about a number of its own: { kind, number } in a shuffled order, those that buy by search
--- without a number.
---@param counts table
---@param seeded string[] numbers in the pool
---@param offers string[] numbers to be bought by name
---@param seed integer
---@return table[] calls
---@return string[] untouched numbers of the pool that no call is about
function plan.calls(counts, seeded, offers, seed)
  local calls, position = {}, 0
  local function take(kind, count, next_number)
    for i = 1, count do
      calls[#calls + 1] = { kind = kind, number = next_number(i) }
    end
  end
  local function next_seeded()
    position = position + 1
    return seeded[position]
  end
  take("add", counts.adds, function(i)
    return ("1415556%04d"):format(i)
  end)
  take("remove", counts.removes, next_seeded)
  take("unrent", counts.unrents, next_seeded)
  local by_name = math.floor(counts.buys / 2)
  take("buy", by_name, function(i)
    return offers[i]
  end)
  take("buy by search", counts.buys - by_name, function() end)
  shuffle(calls, new_random(seed))
  local untouched = {}
  for i = position + 1, #seeded do
    untouched[#untouched + 1] = seeded[i]
  end
  return calls, untouched
end

return plan
