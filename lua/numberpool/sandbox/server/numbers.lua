--- `Number/` and `Tollfree/` of a pool: finds, lists, adds, rents, removes and unrents numbers.
local arguments = require "numberpool.sandbox.server.arguments"
local database = require "numberpool.sandbox.server.database"
local entries = require "numberpool.sandbox.server.entries"
local paging = require "numberpool.sandbox.server.paging"
local phone = require "numberpool.sandbox.server.phone"
local pools = require "numberpool.sandbox.server.pools"
local renting = require "numberpool.sandbox.server.renting"
local reply = require "numberpool.sandbox.server.reply"
local settings = require "numberpool.sandbox.server.settings"

local numbers = {}

local SERVICES = { sms = "sms", mms = "mms" }
local TYPES = { fixed = "fixed", mobile = "mobile", ["toll-free"] = "toll-free", tollfree = "toll-free" }
-- Filters that links to other pages keep.
local FILTERS = { "starts_with", "type", "service", "country_iso2" }

local function described(request, pool, list, entry)
  local object = {
    account_phone_number_resource = "/v1/Account/" .. request.account.auth_id .. "/Number/" .. entry.number .. "/",
    added_on = entry.added_on,
    country_iso2 = entry.country,
    number = entry.number,
    service = entry.service,
    type = list == entries.tollfree and "tollfree" or entry.type,
  }
  object[settings.quirk.numberpool_uuid and "numberpool_uuid" or "number_pool_uuid"] = pool.uuid
  return object
end

local function facts_of(number, list)
  local facts = arguments.number(number)
  if list == entries.tollfree and facts.type ~= "toll-free" then
    reply.refuse("'%s' is not a toll-free number.", number)
  end
  return facts
end

local function find(list)
  return function(request)
    local pool = pools.of(request)
    local number = request.segments[4]
    local service = arguments.choice(request.query, "service", SERVICES)
    facts_of(number, list)
    local entry = entries.find(pool.id, list, number)
    if not entry or service and service ~= entry.service then
      return reply.not_found()
    end
    local object = described(request, pool, list, entry)
    if settings.quirk.no_service then
      object.service = nil
    end
    return reply.ok(object)
  end
end

local function filter_of(query)
  local filter = {
    country = arguments.country(query, "country_iso2"),
    type = arguments.choice(query, "type", TYPES),
    service = arguments.choice(query, "service", SERVICES),
  }
  local prefixes = arguments.prefixes(query, "starts_with")
  if not prefixes then
    return filter
  end
  if not filter.country then
    reply.refuse "country_iso2 is required with starts_with"
  end
  local code = phone.calling_code(filter.country)
  for index, prefix in ipairs(prefixes) do
    prefixes[index] = code .. prefix
  end
  filter.prefixes = prefixes
  return filter
end

local function list_of(list)
  return function(request)
    local pool = pools.of(request)
    local limit, offset = arguments.paging(request.query)
    local filter = list == entries.numbers and filter_of(request.query) or {}
    local found, total = entries.list(pool.id, list, filter, limit, offset)
    for index, entry in ipairs(found) do
      found[index] = described(request, pool, list, entry)
    end
    local names = list == entries.numbers and FILTERS or {}
    return paging.list(request, { objects = found, limit = limit, offset = offset, total = total, names = names }, "")
  end
end

-- Makes a number the account's, where that is asked for or allowed; refuses it otherwise.
local function take(request, number, rent)
  if rent then
    renting.rent(request.account, number)
  elseif not renting.has(request.account, number) then
    if settings.strict then
      error(reply.failure(404, "'" .. number .. "' is not a number of this account"), 0)
    end
    renting.assume(request.account, number)
  end
end

local function add(list)
  return function(request)
    local body = arguments.body(request)
    local number = request.segments[4]
    local facts = facts_of(number, list)
    local service = arguments.field(body, "service")
    if service ~= nil and not SERVICES[service] then
      reply.refuse("service: %s is not a valid choice", tostring(service))
    end
    local rent = arguments.loose_boolean(body, "rent")
    return database.transaction(function()
      local pool = pools.of(request)
      local entry = not rent and entries.find(pool.id, list, number)
      if entry then
        return reply.ok(described(request, pool, list, entry))
      end
      take(request, number, rent)
      entry = { number = number, country = facts.country, type = facts.type, service = service or "sms" }
      entries.insert(pool.id, list, entry)
      return reply.ok(described(request, pool, list, entry), 201)
    end)
  end
end

local function remove(list)
  return function(request)
    local unrent = arguments.field(arguments.body(request), "unrent")
    if unrent ~= nil and type(unrent) ~= "boolean" then
      reply.refuse "invalid powerpack number delete request"
    end
    unrent = arguments.also_in_query(request.query, "unrent", unrent)
    local number = request.segments[4]
    facts_of(number, list)
    return database.transaction(function()
      local pool = pools.of(request)
      local entry = entries.find(pool.id, list, number)
      if not entry then
        return reply.not_found()
      end
      entries.remove(pool.id, list, entry)
      if unrent then
        renting.unrent(request.account, number)
      end
      return reply.deleted()
    end)
  end
end

local function resource(list)
  return { find = find(list), list = list_of(list), add = add(list), remove = remove(list) }
end

numbers.numbers = resource(entries.numbers)
numbers.tollfree = resource(entries.tollfree)

return numbers
