--- Renting a number: the only call that spends money.
-- @module numberpool.buy

local core = require "numberpool.core"
local errors = require "numberpool.errors"

local buy = {}

local MOST_OFFERS = 5

-- After these the number wasn't bought, and another one may be.
local NEXT_OFFER_AFTER = { rejected = 400, not_found = 404, conflict = 409 }

local OPTIONS = {
  number = true, country_iso2 = true, type = true, pattern = true, region = true, service = true,
  timeout = true, retries = true,
}
local SEARCHES = { "country_iso2", "type", "pattern", "region" }

local function check_names(options, level)
  if type(options) ~= "table" then
    local got = options == nil and "no value" or type(options)
    error("buy_number: options: table expected, got " .. got, level)
  end
  for name in pairs(options) do
    if not OPTIONS[name] then
      error("buy_number: unknown option " .. core.shown(name)
        .. ", expected number, or country_iso2, type, pattern, region; and service, timeout, retries", level)
    end
  end
end

-- What is wrong with the options together; nil where nothing is.
local function wrong_together(options)
  if options.number == nil then
    if options.country_iso2 == nil then
      return "number: expected one, or country_iso2 to search in, got neither"
    end
    return nil
  end
  for _, name in ipairs(SEARCHES) do
    if options[name] ~= nil then
      return name .. ": expected none beside a number, got " .. core.shown(options[name])
    end
  end
end

local function buy_one(client, pool, operation, number, options)
  local request, message = operation.build(pool, client.prefix, number, options)
  if not request then
    return nil, client:invalid(operation.name, message)
  end
  return client:run(operation, request)
end

local function not_offered(client, options)
  client.statistics:failed "not_found"
  return nil, errors.new {
    kind = "not_found",
    message = "no number is offered for this search in " .. client.redact(options.country_iso2),
    operation = "buy_number",
  }
end

-- The search's error, as buying's: nothing was bought.
local function search_failed(err)
  err.operation = "buy_number"
  return nil, err
end

local function buy_offer(client, pool, operation, offer, call)
  local number = type(offer) == "table" and offer.number
  if type(number) ~= "string" or not number:find "^[1-9]%d+$" or #number > 15 then
    return nil, errors.new {
      kind = "protocol",
      message = "the search offers something that is no number: " .. client.redact(core.shown(number)),
      operation = "buy_number",
    }
  end
  return buy_one(client, pool, operation, number, call)
end

local function buy_by_search(client, pool, operation, options)
  local now = client.runtime.now
  local deadline = now() + (options.timeout or client.timeout)
  local found, err = client:search_numbers {
    country_iso2 = options.country_iso2,
    type = options.type,
    pattern = options.pattern,
    region = options.region,
    services = options.service or "sms",
    limit = MOST_OFFERS,
    timeout = options.timeout,
    retries = options.retries,
  }
  if not found then
    return search_failed(err)
  elseif #found.objects == 0 then
    return not_offered(client, options)
  end
  for i = 1, math.min(#found.objects, MOST_OFFERS) do
    local left = math.max(deadline - now(), 0.001)
    local bought
    bought, err = buy_offer(client, pool, operation, found.objects[i],
      { service = options.service, timeout = left, retries = options.retries })
    if bought or NEXT_OFFER_AFTER[err.kind] ~= err.status then
      return bought, err
    end
  end
  return nil, err
end

--- Makes the method `pool:buy_number` from its row of the operation table.
---@param operation table
---@return function
function buy.method(operation)
  return function(pool, options)
    local client = core.pool_client(pool)
    check_names(options, 3)
    local wrong = wrong_together(options)
    if wrong then
      return nil, client:invalid("buy_number", wrong)
    elseif options.number == nil then
      return buy_by_search(client, pool, operation, options)
    end
    local call = { service = options.service, timeout = options.timeout, retries = options.retries }
    return buy_one(client, pool, operation, options.number, call)
  end
end

return buy
