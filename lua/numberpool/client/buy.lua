--- Renting a number: the only call that spends money.
-- @module numberpool.client.buy

local checks = require "numberpool.options"
local core = require "numberpool.core"
local errors = require "numberpool.errors"

local buy = {}

local MOST_OFFERS = 5

-- How often a purchase that waits for its turn asks for it, and how long after its deadline another one counts as
-- gone, seconds.
local TURN = 0.01
local GRACE = 1

-- How often a purchase says that it is alive, where it might end without a word, and for how long that counts, seconds:
-- a worker that is busy for a moment is no reason to take its turn away.
local HEARTBEAT = 0.5
local BELIEVED = 3

-- After these the number wasn't bought, and another one may be.
local NEXT_OFFER_AFTER = { rejected = 400, not_found = 404, conflict = 409 }

local search_numbers = core.operations["client.search_numbers"]

local function check_service(value)
  if value == "sms" or value == "mms" then
    return true
  end
  return nil, "sms or mms"
end

local read_options = checks.reader("buy_number", {
  number = checks.type "string or number",
  country_iso2 = checks.type "string",
  type = checks.type "string",
  pattern = checks.type "string",
  region = checks.type "string",
  service = { type = "string", check = check_service },
  timeout = checks.seconds(),
  retries = checks.retries(),
})

local SEARCHES = { "country_iso2", "type", "pattern", "region" }

local function search_options(options)
  return {
    country_iso2 = options.country_iso2,
    type = options.type,
    pattern = options.pattern,
    region = options.region,
    services = options.service or "sms",
    limit = MOST_OFFERS,
    retries = options.retries,
  }
end

-- What is wrong with the options together, or with those of a search; nil where nothing is.
local function wrong_search(options)
  if options.number == nil then
    if options.country_iso2 == nil then
      return "number: expected one, or country_iso2 to search in, got neither"
    end
    local _, message = search_numbers.check(search_options(options), "buy_number")
    return message
  end
  for _, name in ipairs(SEARCHES) do
    if options[name] ~= nil then
      return name .. ": expected none beside a number, got " .. core.shown(options[name])
    end
  end
  return nil
end

-- The time that one purchase may take, its turn, its search and every offer together.
local function new_purchase(client, options)
  local started = client.runtime.now()
  return {
    client = client,
    options = options,
    started = started,
    deadline = started + (options.timeout or client.timeout),
    task = client.runtime:running(),
    attempts = 0, -- to buy, be it one offer or another
  }
end

-- A call of the API that is a part of the purchase, with the time that is left. The purchase counts as one call.
local function run(purchase, operation, owner, ...)
  local client = purchase.client
  local request, message = operation.build(owner, client.prefix, ...)
  if not request then
    return nil, errors.new { kind = "invalid", message = client.redact(message), attempts = 0 }
  end
  return client:run(operation, request, true)
end

-- A failure between two calls of the API.
local function fail(kind, message)
  return nil, errors.new { kind = kind, message = message, attempts = 0 }
end

-- One of the same task is the one that a hook of it calls this from, or Ctrl-C has ended it in the middle. So is one
-- outside of tasks for another one there. Inside nginx many share what stands for none.
local function is_under_way(other, purchase, now)
  local task = purchase.task
  if other.task == task and not (task and task.is_shared) then
    return false
  end
  return now < other.alive_until + GRACE
end

-- Inside nginx a purchase may end anywhere, without a word, as its request does when the client hangs up.
local function keep_alive(purchase)
  local runtime = purchase.client.runtime
  purchase.alive_until = purchase.deadline
  if runtime.every then
    purchase.heart = runtime:every(HEARTBEAT, purchase.deadline, function()
      purchase.alive_until = runtime.now() + BELIEVED
    end)
  end
end

-- Purchases by search take turns: two searches at once offer the same numbers, and one that looks after a lost answer
-- must not take what the other has bought for its own.
local function take_turn(purchase)
  local client = purchase.client
  local runtime = client.runtime
  while client.purchase and is_under_way(client.purchase, purchase, runtime.now()) do
    if client.closed then
      return fail("closed", "the client is closed")
    elseif runtime.now() + TURN >= purchase.deadline then
      return fail("timeout", "other purchases left no time to buy")
    end
    runtime:give_way()
    runtime:sleep(TURN)
  end
  purchase.outer = client.purchase -- the one that this is made in the middle of, or nobody's any more
  client.purchase = purchase
  keep_alive(purchase)
  return true
end

local function end_turn(purchase)
  local client = purchase.client
  if purchase.heart then
    client.runtime:kill(purchase.heart)
  end
  if client.purchase == purchase then
    client.purchase, purchase.outer = purchase.outer, nil
  end
end

local function search(purchase)
  local client, options = purchase.client, purchase.options
  local of_search = search_options(options)
  of_search.timeout = purchase.deadline - client.runtime.now()
  local found, err = run(purchase, search_numbers, client, of_search)
  if not found then
    return nil, err
  elseif #found.objects == 0 then
    return fail("not_found", "no number is offered for this search in " .. client.redact(options.country_iso2))
  end
  return found.objects
end

local function buy_offer(purchase, pool, operation, offer)
  local client, options = purchase.client, purchase.options
  local number = type(offer) == "table" and offer.number
  if type(number) ~= "string" or not number:find "^[1-9]%d+$" or #number > 15 then
    return fail("protocol", "the search offers something that is no number: " .. client.redact(core.shown(number)))
  end
  local left = purchase.deadline - client.runtime.now()
  if left <= 0 then
    return fail("timeout", "the search left no time to buy")
  end
  local bought, err = run(purchase, operation, pool, number,
    { service = options.service, timeout = left, retries = options.retries })
  if err then
    purchase.attempts = purchase.attempts + err.attempts
    err.attempts = purchase.attempts
  end
  return bought, err
end

-- Only what is known not to have been bought may be followed by another number.
local function was_refused(err)
  return not err.ambiguous and err.status ~= nil and NEXT_OFFER_AFTER[err.kind] == err.status
end

local function buy_one_of(purchase, pool, operation, offers)
  local bought, err
  for i = 1, math.min(#offers, MOST_OFFERS) do
    bought, err = buy_offer(purchase, pool, operation, offers[i])
    if bought or not was_refused(err) then
      break
    end
  end
  return bought, err
end

-- What a call's end is told and counted as.
local function finish(purchase, bought, err)
  local client = purchase.client
  local elapsed = client.runtime.now() - purchase.started
  if err then
    err.operation = "buy_number" -- be it the search that failed: nothing was bought
    err.elapsed = elapsed
    client.statistics:failed(err.kind)
  end
  if client.on_event then
    client.on_event {
      type = "result",
      operation = "buy_number",
      target = bought and bought.number or err and err.target,
      attempt = err and err.attempts or purchase.attempts,
      status = err and err.status,
      reason = err and err.kind,
      elapsed = elapsed,
      err = err,
    }
  end
  return bought, err
end

local function buy_by_search(client, pool, operation, options)
  local purchase = new_purchase(client, options)
  client.statistics.calls = client.statistics.calls + 1
  local is_next, err = take_turn(purchase)
  if not is_next then
    return finish(purchase, nil, err)
  end
  local offers, bought
  offers, err = search(purchase)
  if offers then
    bought, err = buy_one_of(purchase, pool, operation, offers)
  end
  end_turn(purchase)
  return finish(purchase, bought, err)
end

local function buy_this(client, pool, operation, options)
  local request, message = operation.build(pool, client.prefix, options.number,
    { service = options.service, timeout = options.timeout, retries = options.retries })
  if not request then
    return nil, client:invalid(operation.name, message)
  end
  return client:run(operation, request)
end

--- Makes the method `pool:buy_number` from its row of the operation table.
---@param operation table
---@return function
function buy.method(operation)
  return function(pool, given)
    local client = core.pool_client(pool, "buy_number")
    checks.expect(given, "table", "buy_number: options", 2)
    local options, wrong = read_options(given, 2)
    wrong = wrong or wrong_search(options)
    if wrong then
      return nil, client:invalid("buy_number", wrong)
    elseif options.number == nil then
      return buy_by_search(client, pool, operation, options)
    end
    return buy_this(client, pool, operation, options)
  end
end

return buy
