--- Renting a number: the only call that spends money.
-- @module numberpool.client.buy

local checks = require "numberpool.options"
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local listing = require "numberpool.call.listing"

local buy = {}

-- Numbers that one purchase tries to buy, and that it searches at a time: as many as the API gives.
local MOST_TRIED = 5
local PAGE = 20

-- Each search offers the same numbers, and a purchase that looks after a lost answer must not take for its own what
-- another one has bought. So it claims a number before it asks for it, in the store that all clients of the account
-- share, and leaves alone what others have claimed. A claim ends by itself, since a purchase may be killed anywhere.
--
-- A number that is bought isn't offered any more, but the lists of searches that began before still have it. They are
-- used for so many seconds at most, and the claim stays for as long after the purchase, or after the deadline of one
-- that may have bought the number.
local OFFERS_LAST = 30
local CLAIM_LASTS = OFFERS_LAST + 1

-- Where others have claimed all that is offered, a purchase searches again after a wait of about so many seconds, each
-- time twice as long.
local FIRST_WAIT = 0.1
local LONGEST_WAIT = 2

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
    limit = PAGE,
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

-- The time that one purchase may take, its searches and every offer together.
local function new_purchase(client, pool, operation, options)
  local started = client.runtime.now()
  return {
    client = client,
    pool = pool,
    operation = operation,
    options = options,
    started = started,
    deadline = started + (options.timeout or client.timeout),
    searched = nil, -- when the last search began
    waits = 0, -- for others
    tried = 0, -- numbers
    refusal = nil, -- of the last one
    attempts = 0, -- to buy, be it one number or another
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
local function fail(purchase, kind, message)
  return nil, errors.new { kind = kind, message = message, attempts = purchase.attempts }
end

-- Claims a number for a purchase that has so many seconds left. False where another one has it.
local function claim(client, number, left)
  return client.store:take("buy:" .. number, left + CLAIM_LASTS)
end

-- What becomes of a claim after its purchase: one in doubt stays as it is.
local function end_claim(client, number, bought, err)
  if bought then
    client.store:free_after("buy:" .. number, CLAIM_LASTS)
  elseif not err.ambiguous then
    client.store:forget("buy:" .. number)
  end
end

--- Lets a number be bought again that was released. A powerpack's name is no number, and is claimed by nobody.
---@param client numberpool.Client
---@param number string
function buy.note_release(client, number)
  client.store:forget("buy:" .. number)
end

local function search(purchase, offset)
  local client, options = purchase.client, purchase.options
  local now = client.runtime.now()
  if now >= purchase.deadline then
    return fail(purchase, "timeout", "the purchase left no time to search again")
  end
  purchase.searched = now
  local of_search = search_options(options)
  of_search.offset = offset > 0 and offset or nil
  of_search.timeout = purchase.deadline - now
  local found, err = run(purchase, search_numbers, client, of_search)
  if found and offset == 0 and #found.objects == 0 then
    return fail(purchase, "not_found",
      "no number is offered for this search in " .. client.redact(options.country_iso2))
  end
  return found, err
end

local function buy_claimed(purchase, number, left)
  local client, options = purchase.client, purchase.options
  purchase.tried = purchase.tried + 1
  local bought, err = run(purchase, purchase.operation, purchase.pool, number,
    { service = options.service, timeout = left, retries = options.retries })
  end_claim(client, number, bought, err)
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

-- Tries the numbers of a list that nobody else has claimed. Returns "over" and how the purchase ended; "seen" where the
-- list has none left to try; "old" where what is left of it can't be told from what others have bought.
local function try_offers(purchase, offers)
  local client = purchase.client
  for _, offer in ipairs(offers) do
    local number = type(offer) == "table" and offer.number
    local now = client.runtime.now()
    local left = purchase.deadline - now
    if type(number) ~= "string" or not number:find "^[1-9]%d+$" or #number > 15 then
      return "over", fail(purchase, "protocol",
        "the search offers something that is no number: " .. client.redact(core.shown(number)))
    elseif left <= 0 then
      return "over", fail(purchase, "timeout", "the search left no time to buy")
    elseif now > purchase.searched + OFFERS_LAST then
      return "old"
    elseif claim(client, number, left) then
      local bought, err = buy_claimed(purchase, number, left)
      if bought or not was_refused(err) or purchase.tried == MOST_TRIED then
        return "over", bought, err
      end
      purchase.refusal = err
    end
  end
  return "seen"
end

-- Lets others finish what they are at. False where the purchase has no time for that.
local function wait_for_others(purchase)
  local runtime = purchase.client.runtime
  local longest = math.min(FIRST_WAIT * 2 ^ purchase.waits, LONGEST_WAIT)
  local wait = longest * (1 + runtime.random()) / 2
  if runtime.now() + wait >= purchase.deadline then
    return false
  end
  purchase.waits = purchase.waits + 1
  runtime:sleep(wait)
  return true
end

-- Where a search goes on after a page; nil where there are no more, or the server gives the same one again.
local function next_offset(page, offset, before)
  return not listing.is_same(page.objects, before) and listing.next_offset(page, offset) or nil
end

-- Goes through the offers, page by page, until a number is bought or the purchase fails.
local function buy_one_of_all(purchase)
  local offset, before = 0, {}
  while true do
    local page, err = search(purchase, offset)
    if not page then
      return nil, err
    end
    local outcome, bought
    outcome, bought, err = try_offers(purchase, page.objects)
    if outcome == "over" then
      return bought, err
    elseif outcome == "seen" then
      offset, before = next_offset(page, offset, before), page.objects
    end
    if not offset then
      if purchase.refusal then
        return nil, purchase.refusal
      elseif not wait_for_others(purchase) then
        return fail(purchase, "timeout", "other purchases left no number before the deadline")
      end
      offset, before = 0, {}
    end
  end
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
  client.statistics:began()
  local purchase = new_purchase(client, pool, operation, options)
  return finish(purchase, buy_one_of_all(purchase))
end

-- What was named is bought whoever has claimed it, and kept from those who search meanwhile.
local function buy_this(client, pool, operation, options)
  local request, message = operation.build(pool, client.prefix, options.number,
    { service = options.service, timeout = options.timeout, retries = options.retries })
  if not request then
    return nil, client:invalid(operation.name, message)
  end
  local number = request.target
  local is_claimed = claim(client, number, options.timeout or client.timeout)
  local bought, err = client:run(operation, request)
  if is_claimed or bought then
    end_claim(client, number, bought, err)
  end
  return bought, err
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
