--- `PhoneNumber/`: searches the numbers on offer, and rents one.
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

local offers = {}

-- Types in the query, as the database has them. No number on offer is a national one.
local TYPES = {
  ["local"] = "fixed", fixed = "fixed", national = "national", mobile = "mobile",
  tollfree = "toll-free", ["toll-free"] = "toll-free", any = "any",
}
-- Filters that links to other pages keep.
local NAMES = {
  "country_iso", "country_iso2", "type", "pattern", "region", "services", "lata", "rate_center", "npanxx", "city",
  "local_calling_area",
}

-- The SQL of a search, to which conditions are added, and the values for it.
local Conditions = {}
Conditions.__index = Conditions

function Conditions:add(sql, ...)
  self.sql = self.sql .. " AND " .. sql
  for index = 1, select("#", ...) do
    self.values[#self.values + 1] = (select(index, ...))
  end
end

function Conditions:begins_with(prefix)
  self:add("number >= ? AND number < ?", prefix, prefix .. ":")
end

local function digits_of(query, name, pattern, expected)
  local value = arguments.text(query, name)
  if value ~= nil and not (value:find(pattern) and #value <= 15) then
    reply.refuse("%s: %s is not %s", name, value, expected)
  end
  return value
end

local function add_type(found, query, country)
  local kind = arguments.choice(query, "type", TYPES)
  if kind and kind ~= "any" then
    found:add("type = ?", kind)
  end
  local services = arguments.services(query, "services")
  for kind_of_number in pairs { fixed = true, mobile = true, ["toll-free"] = true } do
    local has = phone.capabilities(country, kind_of_number)
    for service in pairs(services) do
      if not has[service] then
        found:add("type <> ?", kind_of_number)
      end
    end
  end
end

local function add_digits(found, query, code)
  local pattern = digits_of(query, "pattern", "^%d+%*?$", "a pattern of digits") or ""
  found:begins_with(code .. pattern:gsub("%*$", ""))
  local npanxx = digits_of(query, "npanxx", "^%d%d%d%d%d%d$", "an area code and an exchange, 6 digits")
  if npanxx then
    found:begins_with("1" .. npanxx)
  end
end

-- With `local_calling_area` a rate centre stands for all around it: those from which a call there is a local one.
local function add_rate_center(found, query, country)
  local rate_center = arguments.text(query, "rate_center")
  local around = arguments.query_boolean(query, "local_calling_area")
  if around and not rate_center then
    reply.refuse "rate_center is required with local_calling_area"
  end
  if not rate_center then
    return
  end
  if not around then
    return found:add("upper(rate_center) = upper(?)", rate_center)
  end
  local choices, values = { "0" }, {}
  for _, area in ipairs(places.around(country, rate_center)) do
    choices[#choices + 1] = "lata = ? AND region = ?"
    values[#values + 1], values[#values + 2] = area.lata, area.region
  end
  found:add("(" .. table.concat(choices, " OR ") .. ")", unpack(values))
end

local function add_place(found, query, country)
  local region = arguments.text(query, "region")
  if region then
    found:add("(instr(lower(region), lower(?)) > 0 OR instr(lower(coalesce(city, '')), lower(?)) > 0)", region, region)
  end
  local city = arguments.text(query, "city")
  if city then
    found:add("upper(city) = upper(?)", city)
  end
  local lata = digits_of(query, "lata", "^%d%d?%d?%d?%d?$", "a LATA's number")
  if lata then
    found:add("lata = ?", tonumber(lata))
  end
  add_rate_center(found, query, country)
end

local function conditions(query)
  local country = arguments.country(query, "country_iso") or arguments.country(query, "country_iso2")
  if not country then
    reply.refuse "country_iso is required"
  end
  local found = setmetatable({ sql = " FROM offers WHERE country = ?", values = { country } }, Conditions)
  add_type(found, query, country)
  add_digits(found, query, phone.calling_code(country))
  add_place(found, query, country)
  return found
end

local function described(request, row)
  local number, kind, country = row.number, row.type, row.country
  local can = phone.capabilities(country, kind)
  return {
    number = number,
    prefix = number:sub(#phone.calling_code(country) + 1):sub(1, 3),
    city = row.city or json.null,
    country = countries[country].name:upper(),
    region = row.region,
    rate_center = row.rate_center or "",
    lata = row.lata or json.null,
    type = kind == "toll-free" and "tollfree" or kind,
    sub_type = phone.sub_type(kind),
    setup_rate = catalogue.rates.setup,
    monthly_rental_rate = catalogue.rates.monthly,
    sms_rate = catalogue.rates.sms,
    mms_rate = catalogue.rates.mms,
    voice_rate = catalogue.rates.voice,
    sms_enabled = can.sms,
    mms_enabled = can.mms,
    voice_enabled = can.voice,
    restriction = json.null,
    restriction_text = json.null,
    compliance_requirement = json.null,
    resource_uri = "/v1/Account/" .. request.account.auth_id .. "/PhoneNumber/" .. number .. "/",
  }
end

--- GET PhoneNumber/
function offers.search(request)
  local limit, offset = arguments.paging(request.query)
  local found = conditions(request.query)
  local total = database.value("SELECT count(*)" .. found.sql, unpack(found.values))
  local values = found.values
  values[#values + 1], values[#values + 2] = limit, offset
  local objects = database.rows("SELECT country, number, type, region, city, rate_center, lata" .. found.sql
    .. " ORDER BY number LIMIT ? OFFSET ?", unpack(values))
  for index, row in ipairs(objects) do
    objects[index] = described(request, {
      country = row[1], number = row[2], type = row[3], region = row[4], city = row[5], rate_center = row[6],
      lata = row[7],
    })
  end
  local page = { objects = objects, limit = limit, offset = offset, total = total, names = NAMES }
  return paging.list(request, page, json.null)
end

--- POST PhoneNumber/{number}/
function offers.rent(request)
  arguments.body(request)
  local number = request.segments[2]
  arguments.number(number)
  return database.transaction(function()
    renting.rent(request.account, number)
    return reply.ok({ message = "created", numbers = json.list { { number = number, status = "Success" } },
      status = "fulfilled" }, 201)
  end)
end

return offers
