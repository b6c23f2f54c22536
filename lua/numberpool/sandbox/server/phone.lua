--- What the digits of a phone number tell: whether it can be one, its country and its type.
local countries = require "numberpool.sandbox.server.countries"
local plan = require "numberpool.sandbox.server.numbering_plan"

local phone = {}

local MIN_DIGITS, MAX_DIGITS = 7, 15
local MAX_KNOWN = 10000

-- What `examine` found, by number; false for what can't be a number.
local known = {}
local known_count = 0

local function north_american(number)
  local area = number:sub(2, 4)
  if #number ~= 11 or not area:find "^[2-9]%d%d$" then
    return nil
  end
  if plan.north_american_tollfree[area] then
    return { country = "US", type = "toll-free" }
  end
  return { country = plan.north_american_areas[area] or "US", type = "fixed" }
end

local function starts_with_any(text, prefixes)
  for _, prefix in ipairs(prefixes or {}) do
    if text:sub(1, #prefix) == prefix then
      return true
    end
  end
  return false
end

local function owner_within(code, national)
  for prefix, country in pairs(plan.shared_codes[code] or {}) do
    if national:sub(1, #prefix) == prefix then
      return country
    end
  end
end

local function elsewhere(number)
  for length = 3, 1, -1 do
    local code, national = number:sub(1, length), number:sub(length + 1)
    local main = plan.calling_codes[code]
    if main then
      local country = owner_within(code, national) or main
      local kind = "fixed"
      if starts_with_any(national, plan.tollfree[country] or plan.tollfree[main]) then
        kind = "toll-free"
      elseif starts_with_any(national, plan.mobile[country] or plan.mobile[main]) then
        kind = "mobile"
      end
      return { country = country, type = kind }
    end
  end
end

local function examine(number)
  if not number:find "^[1-9]%d+$" or #number < MIN_DIGITS or #number > MAX_DIGITS then
    return nil
  end
  if number:sub(1, 1) == "1" then
    return north_american(number)
  end
  return elsewhere(number)
end

--- The country and type of a number.
---@param number string international digits
---@return { country: string, type: string }? facts nil where it can't be a number
function phone.examine(number)
  local facts = known[number]
  if facts == nil then
    if known_count == MAX_KNOWN then
      known, known_count = {}, 0
    end
    facts = examine(number) or false
    known[number] = facts
    known_count = known_count + 1
  end
  return facts or nil
end

--- What can be done with numbers of a country and a type. Only those of North America take picture messages, and
--- toll-free numbers elsewhere take calls alone.
---@param country string
---@param kind string
---@return { voice: boolean, sms: boolean, mms: boolean }
function phone.capabilities(country, kind)
  local home = country == "US" or country == "CA"
  return { voice = true, sms = home or kind ~= "toll-free", mms = home }
end

--- A type as the API has it in `sub_type`.
---@param kind string
---@return string
function phone.sub_type(kind)
  return kind == "fixed" and "local" or kind == "toll-free" and "tollfree" or kind
end

--- The calling code of a country.
---@param country string
---@return string?
function phone.calling_code(country)
  return countries[country] and countries[country].calling_code
end

return phone
