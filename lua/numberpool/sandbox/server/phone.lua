--- What a phone number's digits tell: whether it can be one, its country and its type.
local plan = require "numberpool.sandbox.server.numbering_plan"

local phone = {}

local known = {}
local known_count = 0

local function north_american(number)
  local area = number:sub(2, 4)
  if #number ~= 11 or not area:find("^[2-9]%d%d$") then return nil end
  if plan.north_american_tollfree[area] then return { country = "US", type = "toll-free" } end
  return { country = plan.north_american_areas[area] or "US", type = "fixed" }
end

local function starts_with_any(text, prefixes)
  for _, prefix in ipairs(prefixes or {}) do
    if text:sub(1, #prefix) == prefix then return true end
  end
  return false
end

local function elsewhere(number)
  for length = 3, 1, -1 do
    local country = plan.calling_codes[number:sub(1, length)]
    if country then
      local national = number:sub(length + 1)
      local kind = "fixed"
      if starts_with_any(national, plan.tollfree[country]) then
        kind = "toll-free"
      elseif starts_with_any(national, plan.mobile[country]) then
        kind = "mobile"
      end
      return { country = country, type = kind }
    end
  end
end

local function examine(number)
  if not number:find("^[1-9]%d+$") or #number < 7 or #number > 15 then return nil end
  if number:sub(1, 1) == "1" then return north_american(number) end
  return elsewhere(number)
end

--- `{ country, type }` of a number in international digits, or nil where it can't be one.
function phone.examine(number)
  local facts = known[number]
  if facts == nil then
    if known_count == 10000 then known, known_count = {}, 0 end
    facts = examine(number) or false
    known[number] = facts
    known_count = known_count + 1
  end
  return facts or nil
end

--- The calling code of a country, or nil.
function phone.calling_code(country)
  return plan.codes_by_country[country]
end

return phone
