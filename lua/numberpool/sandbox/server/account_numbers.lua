--- `Number/` of an account: lists and finds the numbers that it has rented, in pools or not, and gives one back.
local arguments = require "numberpool.sandbox.server.arguments"
local catalogue = require "numberpool.sandbox.server.catalogue"
local countries = require "numberpool.sandbox.server.countries"
local database = require "numberpool.sandbox.server.database"
local json = require "numberpool.sandbox.json"
local paging = require "numberpool.sandbox.server.paging"
local phone = require "numberpool.sandbox.server.phone"
local places = require "numberpool.sandbox.server.places"
local renting = require "numberpool.sandbox.server.renting"
local reply = require "numberpool.sandbox.server.reply"

local account_numbers = {}

local BATCH = 1000 -- rows read at once

local TYPES = {
  ["local"] = "fixed", fixed = "fixed", national = "national", mobile = "mobile",
  tollfree = "toll-free", ["toll-free"] = "toll-free",
}
-- Filters that links to other pages keep.
local NAMES = { "type", "services", "number_startswith" }

-- Filters for what no number has here: they find none.
local EMPTY_FIELDS = { "alias", "subaccount" }

-- Filters of the vendor's clients that are refused.
local UNSERVED = {
  "cnam_lookup", "renewal_date", "renewal_date__lt", "renewal_date__lte", "renewal_date__gt", "renewal_date__gte",
  "tendlc_campaign_id", "tendlc_registration_status", "toll_free_sms_verification", "compliance_application_id",
  "country_iso",
}

-- The same day of the next month, or that month's last day.
local function month_after(date)
  local year, month, day = date:match "^(%d+)-(%d+)-(%d+)$"
  local last = os.date("*t", os.time { year = tonumber(year), month = month + 2, day = 0, hour = 12 })
  return ("%04d-%02d-%02d"):format(last.year, last.month, math.min(last.day, tonumber(day)))
end

local function described(request, row)
  local number, added_on = row[1], row[2]:sub(1, 10)
  local facts = phone.examine(number)
  local can, place = phone.capabilities(facts.country, facts.type), places.of(number, facts.country, facts.type)
  return {
    number = number,
    number_type = phone.sub_type(facts.type),
    country = countries[facts.country].name,
    region = place.region,
    city = place.city or json.null,
    added_on = added_on,
    renewal_date = month_after(added_on),
    active = true,
    alias = json.null,
    application = json.null,
    carrier = "Plivo",
    sub_account = json.null,
    compliance_status = json.null,
    compliance_application_id = json.null,
    tendlc_campaign_id = json.null,
    tendlc_registration_status = "UNREGISTERED",
    toll_free_sms_verification = json.null,
    monthly_rental_rate = catalogue.rates.monthly,
    sms_enabled = can.sms,
    sms_rate = catalogue.rates.sms,
    mms_enabled = can.mms,
    mms_rate = catalogue.rates.mms,
    voice_enabled = can.voice,
    voice_rate = catalogue.rates.voice,
    resource_uri = "/v1/Account/" .. request.account.auth_id .. "/Number/" .. number .. "/",
  }
end

local function filter_of(query)
  for _, name in ipairs(UNSERVED) do
    if arguments.text(query, name) then
      reply.refuse("%s: the sandbox has no such filter", name)
    end
  end
  local filter = { type = arguments.choice(query, "type", TYPES), services = arguments.services(query, "services") }
  local prefix = arguments.text(query, "number_startswith") or ""
  if not prefix:find "^%d*$" or #prefix > 15 then
    reply.refuse("number_startswith: %s is not the beginning of a number", prefix)
  end
  filter.prefix = prefix
  for _, name in ipairs(EMPTY_FIELDS) do
    if arguments.text(query, name) then
      filter.none = true
    end
  end
  return filter
end

local function passes(filter, number)
  if filter.none then
    return false
  end
  local facts = phone.examine(number)
  if filter.type and filter.type ~= facts.type then
    return false
  end
  local can = phone.capabilities(facts.country, facts.type)
  for service in pairs(filter.services) do
    if not can[service] then
      return false
    end
  end
  return true
end

local RANGE = " FROM rented WHERE number >= ? AND number < ? AND account = ?"

local function page_of(account, filter, limit, offset)
  local first, past, id = filter.prefix, filter.prefix .. ":", account.id
  return database.rows("SELECT number, added_on" .. RANGE .. " ORDER BY number LIMIT ? OFFSET ?",
    first, past, id, limit, offset), database.value("SELECT count(*)" .. RANGE, first, past, id)
end

-- Types and capabilities aren't in the table. They follow from the digits, so every number is looked at.
local function filtered_page_of(account, filter, limit, offset)
  local found, total = {}, 0
  local after = filter.prefix
  repeat
    local rows = database.rows("SELECT number, added_on" .. RANGE .. " ORDER BY number LIMIT ?",
      after, filter.prefix .. ":", account.id, BATCH)
    for _, row in ipairs(rows) do
      if passes(filter, row[1]) then
        total = total + 1
        if total > offset and #found < limit then
          found[#found + 1] = row
        end
      end
      after = row[1] .. " "
    end
  until #rows < BATCH
  return found, total
end

--- GET Number/
function account_numbers.list(request)
  local limit, offset = arguments.paging(request.query)
  local filter = filter_of(request.query)
  local plain = not filter.none and not filter.type and next(filter.services) == nil
  local objects, total = (plain and page_of or filtered_page_of)(request.account, filter, limit, offset)
  for index, row in ipairs(objects) do
    objects[index] = described(request, row)
  end
  return paging.list(request, { objects = objects, limit = limit, offset = offset, total = total, names = NAMES },
    json.null)
end

--- GET Number/{number}/
function account_numbers.find(request)
  local number = request.segments[2]
  arguments.number(number)
  local row = database.row("SELECT number, added_on FROM rented WHERE number = ? AND account = ?", number,
    request.account.id)
  return row and reply.ok(described(request, row)) or reply.not_found()
end

--- DELETE Number/{number}/
function account_numbers.give_back(request)
  arguments.body(request)
  local number = request.segments[2]
  arguments.number(number)
  return database.transaction(function()
    if not renting.has(request.account, number) then
      return reply.not_found()
    end
    renting.unrent(request.account, number)
    return { status = 204 }
  end)
end

return account_numbers
