--- Compares what the client reported with what the server has and has seen.
-- @module spec.soak.compare

local compare = {}

local function set_of(list, field)
  local set = {}
  for _, entry in ipairs(list) do
    set[field and entry[field] or entry] = entry
  end
  return set
end

local function read_server(server, pool_uuid)
  local state = assert(server:state())
  local account = assert(set_of(state.accounts, "auth_id")[server.auth_id])
  return {
    pool = set_of(assert(set_of(state.pools, "uuid")[pool_uuid]).numbers, "number"),
    rented = set_of(account.rented),
    ledger = set_of(account.ledger, "number"),
  }
end

local function uses(held, number)
  local entry = held.ledger[number] or { rents = 0, unrents = 0 }
  return entry.rents, entry.unrents
end

-- For each kind of call: whether the change is wholly there, and whether none of it is.
local CHECKS = {}

function CHECKS.add(held, number)
  local rents, unrents = uses(held, number)
  local is_untouched = rents == 0 and unrents == 0
  local is_there = held.pool[number] ~= nil
  return is_there and held.rented[number] ~= nil and is_untouched, not is_there and is_untouched
end

function CHECKS.remove(held, number)
  local rents, unrents = uses(held, number)
  local is_untouched = rents == 0 and unrents == 0 and held.rented[number] ~= nil
  local is_there = held.pool[number] ~= nil
  return not is_there and is_untouched, is_there and is_untouched
end

function CHECKS.unrent(held, number)
  local rents, unrents = uses(held, number)
  local is_there, is_rented = held.pool[number] ~= nil, held.rented[number] ~= nil
  return not is_there and not is_rented and unrents == 1 and rents == 0,
    is_there and is_rented and unrents == 0 and rents == 0
end

function CHECKS.buy(held, number)
  local rents, unrents = uses(held, number)
  local is_there, is_rented = held.pool[number] ~= nil, held.rented[number] ~= nil
  return is_there and is_rented and rents == 1 and unrents == 0, not is_there and not is_rented and rents == 0
end

CHECKS["buy by search"] = CHECKS.buy

local function new_outcome()
  return { succeeded = 0, failed = 0, unknown = 0, doubled = 0, lost = 0, differences = {} }
end

local function differ(outcome, format, ...)
  outcome.differences[#outcome.differences + 1] = format:format(...)
end

-- What one call reported against what is there. `claimed` remembers who answers for a number.
local function compare_call(outcome, held, call, result, claimed)
  local number = call.number or result.ok and result.value.number or result.error and result.error.target
  if result.ok and call.number and result.value.number and result.value.number ~= number then
    differ(outcome, "%s %s returned another number, %s", call.kind, number, result.value.number)
  end
  if number then
    local claim = result.ok and "done" or result.error.ambiguous and "in doubt" or nil
    -- Searches at the same time are offered the same numbers: one may have got what another was left in doubt about.
    local may_share = call.kind == "buy by search" and not (claim == "done" and claimed[number] == "done")
    if claimed[number] and claim and not may_share then
      differ(outcome, "%s %s: another call had it too", call.kind, number)
    end
    claimed[number] = claimed[number] == "done" and "done" or claim or claimed[number]
  end
  local is_done, is_undone
  if number then
    is_done, is_undone = CHECKS[call.kind](held, number)
  else
    is_done, is_undone = false, true
  end
  if result.ok then
    outcome.succeeded = outcome.succeeded + 1
    if not is_done then
      differ(outcome, "%s %s succeeded, but the server hasn't got it so", call.kind, number)
    end
  elseif result.error.ambiguous then
    outcome.unknown = outcome.unknown + 1
    if not is_done and not is_undone then
      differ(outcome, "%s %s is in doubt, and half done", call.kind, number)
    end
  else
    outcome.failed = outcome.failed + 1
    -- By search, the number of the last refusal may well have been bought by another call.
    if not is_undone and not (call.kind == "buy by search" and claimed[number]) then
      outcome.lost = outcome.lost + (is_done and 1 or 0)
      differ(outcome, "%s %s failed (%s), but the server has done it", call.kind, tostring(number), result.error.kind)
    end
  end
end

local function compare_ledger(outcome, held, claimed)
  for number, entry in pairs(held.ledger) do
    if entry.rents > 1 or entry.unrents > 1 then
      outcome.doubled = outcome.doubled + 1
      differ(outcome, "%s was rented %d times and given back %d times", number, entry.rents, entry.unrents)
    end
    if not claimed[number] then
      differ(outcome, "%s was rented or given back, and no call says so", number)
    end
  end
end

local function compare_pool(outcome, held, claimed, seeded, untouched)
  local was_there = set_of(seeded)
  for number in pairs(held.pool) do
    if not was_there[number] and not claimed[number] then
      differ(outcome, "%s is in the pool, and no call says so", number)
    end
  end
  for _, number in ipairs(untouched) do
    if not held.pool[number] or held.ledger[number] then
      differ(outcome, "%s was touched by a call that wasn't about it", number)
    end
  end
end

-- Twice a clean success for the same purchase or the same giving back would be a change made twice.
local function compare_journal(outcome, requests, run)
  local clean, by_fault, faulted, changes = {}, {}, 0, 0
  for _, request in ipairs(requests) do
    changes = changes + (request.method == "GET" and 0 or 1)
    local is_clean = not request.fault and request.status and request.status < 300
    local spends = request.body:find '"rent":true' or request.body:find '"unrent":true'
    if is_clean and spends then
      local name = request.method .. " " .. request.path
      clean[name] = (clean[name] or 0) + 1
      if clean[name] > 1 then
        differ(outcome, "%s succeeded %d times", name, clean[name])
      end
    elseif request.status == 429 and not request.fault then
      differ(outcome, "%s %s went over the rate limit", request.method, request.path)
    end
    -- The sandbox drops a delayed request whose client has gone, and then writes nothing more about it.
    local fault = request.fault or not request.status and "delay"
    if fault then
      by_fault[fault] = (by_fault[fault] or 0) + 1
      faulted = faulted + 1
    end
  end
  -- libcurl may send a read again by itself, when a connection that was kept dies under it; never a change.
  outcome.resent = #requests - run.stats.attempts
  if changes ~= run.changes or outcome.resent < 0 then
    differ(outcome, "%d changes and %d requests arrived, the client counted %d and %d", changes, #requests,
      run.changes, run.stats.attempts)
  end
  outcome.requests, outcome.faulted, outcome.by_fault = #requests, faulted, by_fault
end

--- Compares everything.
---@param server table the sandbox's handle
---@param run table { pool, calls, results, seeded, untouched, stats, changes }
---@return table outcome { succeeded, failed, unknown, doubled, lost, differences, requests, faulted, by_fault, resent }
function compare.all(server, run)
  local outcome, claimed = new_outcome(), {}
  local held = read_server(server, run.pool)
  -- Successes first, so that a refused purchase finds who has the number.
  for _, wants_success in ipairs { true, false } do
    for i, call in ipairs(run.calls) do
      if run.results[i].ok == wants_success then
        compare_call(outcome, held, call, run.results[i], claimed)
      end
    end
  end
  compare_ledger(outcome, held, claimed)
  compare_pool(outcome, held, claimed, run.seeded, run.untouched)
  compare_journal(outcome, assert(server:requests()), run)
  return outcome
end

return compare
