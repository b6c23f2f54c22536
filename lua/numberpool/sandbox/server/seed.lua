--- Makes a powerpack and fills its pool, from lists or from counts. A count takes numbers that no earlier seed had. The
--- same calls after a start or a reset give the same numbers.
local arguments = require "numberpool.sandbox.server.arguments"
local clock = require "numberpool.sandbox.server.clock"
local database = require "numberpool.sandbox.server.database"
local entries = require "numberpool.sandbox.server.entries"
local identifiers = require "numberpool.sandbox.server.identifiers"
local json = require "numberpool.sandbox.json"
local messages = require "numberpool.sandbox.messages"
local phone = require "numberpool.sandbox.server.phone"
local powerpacks = require "numberpool.sandbox.server.powerpacks"
local renting = require "numberpool.sandbox.server.renting"
local reply = require "numberpool.sandbox.server.reply"

local seed = {}

local MOST = 2000000 -- numbers of one list
local MAX_NAME = 255 -- bytes
local FIRST_SHORTCODE = 20000
local SERVICES = { sms = true, mms = true }

-- Runs of consecutive numbers, one in each area. A count takes its numbers from the first, then from the next.
local function runs_of(areas, first, size)
  local runs = {}
  for area in areas:gmatch "%d+" do
    runs[#runs + 1] = { base = tonumber("1" .. area .. first), size = size }
  end
  return runs
end

local SERIES = {
  numbers = { list = entries.numbers, type = "fixed",
    runs = runs_of("512 713 214 415 212 312 206 617 404 303", "5550000", 4450000) },
  tollfree = { list = entries.tollfree, type = "toll-free", runs = runs_of("800", "5550000", 4450000) },
}

local function counter(name)
  return database.value("SELECT value FROM counters WHERE name = ?", name) or 0
end

local function set_counter(name, value)
  database.run("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)", name, value)
end

-- LuaDBI passes numbers as doubles, which hold these exactly.
local FILL_NUMBERS = [[
  INSERT INTO numbers (pool, list, number, id, country, type, service, added_on)
  WITH RECURSIVE series (step) AS (SELECT 0 UNION ALL SELECT step + 1 FROM series WHERE step < ?)
  SELECT ?, ?, CAST(CAST(? AS INTEGER) + step AS TEXT), ? + step, 'US', ?, 'sms', ? FROM series
  WHERE NOT ? OR CAST(CAST(? AS INTEGER) + step AS TEXT) NOT IN (SELECT number FROM rented)]]

local COPY_RENTED = [[
  INSERT INTO rented (number, account, added_on)
  SELECT number, ?, added_on FROM numbers WHERE pool = ? AND list = ? AND number BETWEEN ? AND ?]]

-- Adds consecutive numbers, without those that somebody has. Returns how many it added.
local function fill_stretch(pool, account, kind, first, size)
  local from, to = string.format("%d", first), string.format("%d", first + size - 1)
  local taken = database.value("SELECT count(*) FROM rented WHERE number BETWEEN ? AND ?", from, to)
  local made = database.run(FILL_NUMBERS, size - 1, pool.id, kind.list, first, entries.next_id(pool.id, kind.list),
    kind.type, clock.timestamp(), taken > 0, first)
  database.run(COPY_RENTED, account.id, pool.id, kind.list, from, to)
  return made
end

local function fill_count(pool, account, name, wanted)
  local kind = SERIES[name]
  local position, made = counter(name), 0
  while made < wanted do
    local before, stretch = 0, nil
    for _, run in ipairs(kind.runs) do
      if position < before + run.size then
        stretch = { first = run.base + position - before, left = before + run.size - position }
        break
      end
      before = before + run.size
    end
    if not stretch then
      reply.refuse("%s: no numbers are left to seed", name)
    end
    local size = math.min(wanted - made, stretch.left)
    made = made + fill_stretch(pool, account, kind, stretch.first, size)
    position = position + size
  end
  set_counter(name, position)
  if made > 0 then
    entries.add_to_total(pool.id, kind.list, { country = "US", type = kind.type, service = "sms" }, made)
  end
end

local function text_of(value)
  if type(value) == "number" then
    return string.format("%.0f", value)
  end
  return value
end

local function fill_list(pool, account, name, items)
  local kind = SERIES[name]
  for index, item in ipairs(items) do
    local fields = type(item) == "table" and item or { number = item }
    local number = text_of(fields.number)
    local service = arguments.field(fields, "service") or "sms"
    local facts = type(number) == "string" and phone.examine(number)
    if not facts or kind.list == entries.tollfree and facts.type ~= "toll-free" then
      reply.refuse("%s[%d]: '%s' is not a valid phone number.", name, index, tostring(number))
    end
    if not SERVICES[service] then
      reply.refuse("%s[%d]: unknown service %s", name, index, tostring(service))
    end
    if not entries.find(pool.id, kind.list, number) then
      renting.assume(account, number)
      entries.insert(pool.id, kind.list,
        { number = number, country = facts.country, type = facts.type, service = service })
    end
  end
end

local COUNTRIES = { "US", "CA" }

local function codes_from_count(count)
  if count > #COUNTRIES then
    reply.refuse("shortcodes: at most one US and one CA shortcode, got %d", count)
  end
  local position, codes = counter "shortcodes", {}
  while #codes < count do
    local code = string.format("%d", FIRST_SHORTCODE + position)
    position = position + 1
    if not database.value("SELECT 1 FROM shortcodes WHERE shortcode = ?", code) then
      codes[#codes + 1] = { shortcode = code, country_iso2 = COUNTRIES[#codes + 1] }
    end
  end
  set_counter("shortcodes", position)
  return codes
end

-- Shortcodes with a country: where one is missing, the first that no other shortcode has.
local function with_countries(items)
  local used, codes = {}, {}
  for _, item in ipairs(items) do
    if type(item) == "table" and type(item.country_iso2) == "string" then
      used[item.country_iso2] = true
    end
  end
  for index, item in ipairs(items) do
    local code = type(item) == "table" and { shortcode = item.shortcode, country_iso2 = item.country_iso2 }
      or { shortcode = item }
    code.shortcode = text_of(code.shortcode)
    for _, country in ipairs(COUNTRIES) do
      if not code.country_iso2 and not used[country] then
        code.country_iso2, used[country] = country, true
      end
    end
    codes[index] = code
  end
  return codes
end

local function link_shortcode(pool, account, code)
  local digits, country = code.shortcode, code.country_iso2
  if type(digits) ~= "string" or not digits:find "^%d%d%d+$" or #digits > 8 then
    reply.refuse("'%s' is not a valid shortcode.", tostring(digits))
  end
  if country ~= "US" and country ~= "CA"
    or database.value("SELECT 1 FROM shortcodes WHERE pool = ? AND country = ?", pool.id, country) then
    reply.refuse "shortcodes: at most one US and one CA shortcode"
  end
  if database.value("SELECT 1 FROM shortcodes WHERE account = ? AND shortcode = ?", account.id, digits) then
    reply.refuse("shortcode %s is in another powerpack", digits)
  end
  database.run("INSERT INTO shortcodes (account, shortcode, pool, country, added_on) VALUES (?, ?, ?, ?, ?)",
    account.id, digits, pool.id, country, clock.timestamp())
end

local function is_count(value)
  return type(value) == "number" and value >= 0 and value == math.floor(value) and value <= MOST
end

local KNOWN = { numbers = true, tollfree = true, shortcodes = true, name = true }

local function check(body)
  for name, value in pairs(body) do
    if not KNOWN[name] then
      reply.refuse("seed: unknown field %s, expected one of %s", messages.shown(name), messages.names_of(KNOWN))
    end
    if name == "name" then
      if value ~= json.null and not (arguments.printable(value, MAX_NAME) and value ~= "") then
        reply.refuse("name: expected 1 to %d printable characters", MAX_NAME)
      end
    elseif value ~= json.null and type(value) ~= "table" and not is_count(value) then
      reply.refuse("%s: expected a list or a count from 0 to %d, got %s", name, MOST, messages.shown(value))
    end
  end
end

local function fill(body, account)
  local position = counter "seeds" + 1
  set_counter("seeds", position)
  local name = arguments.field(body, "name") or "seed " .. position
  local powerpack = powerpacks.insert(account, {
    name = name,
    uuid = identifiers.uuid_for("powerpack " .. position),
    pool_uuid = identifiers.uuid_for("pool " .. position),
  })
  for _, kind in ipairs { "numbers", "tollfree" } do
    local value = arguments.field(body, kind) or 0
    if type(value) == "number" then
      fill_count(powerpack, account, kind, value)
    else
      fill_list(powerpack, account, kind, value)
    end
  end
  local codes = arguments.field(body, "shortcodes") or 0
  codes = type(codes) == "number" and codes_from_count(codes) or with_countries(codes)
  for _, code in ipairs(codes) do
    link_shortcode(powerpack, account, code)
  end
  return { powerpack = powerpack.uuid, pool = powerpack.pool_uuid }
end

--- Makes a powerpack of an account and fills its pool.
---@param body table what was asked for
---@param account { id: integer }
---@return { powerpack: string, pool: string } uuids
function seed.plant(body, account)
  check(body)
  return database.transaction(fill, body, account)
end

return seed
