--- `PhoneNumber/`: the numbers that can be rented.
local arguments = require "numberpool.sandbox.server.arguments"
local database = require "numberpool.sandbox.server.database"
local json = require "numberpool.sandbox.server.json"
local paging = require "numberpool.sandbox.server.paging"
local phone = require "numberpool.sandbox.server.phone"
local reply = require "numberpool.sandbox.server.reply"

local offers = {}

local types = {
  ["local"] = "fixed", national = "fixed", fixed = "fixed", mobile = "mobile",
  tollfree = "toll-free", ["toll-free"] = "toll-free", any = "any",
}
local abilities = { voice = true, sms = true, mms = true }
local names = { "country_iso", "type", "pattern", "region", "services" }

local function check_services(query)
  local value = arguments.text(query, "services")
  for service in ((value or "") .. ","):gmatch("([^,]*),") do
    service = service:gsub("^ +", ""):gsub(" +$", "")
    if value and not abilities[service] then reply.refuse("services: %s is not a valid choice", service) end
  end
end

local function pattern_of(query)
  local value = arguments.text(query, "pattern")
  if value == nil then return "" end
  if not value:find("^%d+%*?$") or #value > 15 then reply.refuse("pattern: %s is not a pattern of digits", value) end
  return (value:gsub("%*$", ""))
end

-- The conditions of a search as SQL, with their values.
local function conditions(query)
  local country = arguments.country(query, "country_iso") or arguments.country(query, "country_iso2")
  if not country then reply.refuse("country_iso is required") end
  local kind = arguments.choice(query, "type", types)
  check_services(query)
  local code = phone.calling_code(country) or ""
  local prefix = code .. pattern_of(query)
  local sql = " FROM offers WHERE country = ? AND number >= ? AND number < ?"
  local values = { country, prefix, prefix .. ":" }
  if kind and kind ~= "any" then
    sql = sql .. " AND type = ?"
    values[#values + 1] = kind
  end
  local region = arguments.text(query, "region")
  if region then
    sql = sql .. " AND region <> '' AND instr(lower(region), lower(?)) > 0"
    values[#values + 1] = region
  end
  return sql, values
end

local function described(request, row)
  local number, kind, region, country = row[1], row[2], row[3], row[4]
  local prefix = number:sub(#phone.calling_code(country) + 1):sub(1, 3)
  return {
    number = number,
    prefix = prefix,
    city = json.null,
    country = country,
    region = region,
    rate_center = region:upper(),
    lata = prefix,
    type = kind == "toll-free" and "tollfree" or kind,
    sub_type = kind == "fixed" and "local" or kind == "toll-free" and "tollfree" or kind,
    setup_rate = "0.00000",
    monthly_rental_rate = "0.80000",
    sms_rate = "0.00000",
    mms_rate = "0.00000",
    voice_rate = "0.00850",
    sms_enabled = true,
    mms_enabled = true,
    voice_enabled = true,
    restriction = json.null,
    restriction_text = json.null,
    resource_uri = "/v1/Account/" .. request.account.auth_id .. "/PhoneNumber/" .. number .. "/",
  }
end

--- GET PhoneNumber/
function offers.search(request)
  local limit, offset = arguments.paging(request.query)
  local sql, values = conditions(request.query)
  local total = database.value("SELECT count(*)" .. sql, unpack(values))
  values[#values + 1], values[#values + 2] = limit, offset
  local objects = database.rows("SELECT number, type, region, country" .. sql ..
    " ORDER BY number LIMIT ? OFFSET ?", unpack(values))
  for index, row in ipairs(objects) do objects[index] = described(request, row) end
  local page = { objects = objects, limit = limit, offset = offset, total = total, names = names }
  return paging.list(request, page, json.null)
end

return offers
