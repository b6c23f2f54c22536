--- The numbers on offer in an empty sandbox: the same ones for each area every time. None of them is a number that
--- `seed` makes from a count.
local database = require "numberpool.sandbox.server.database"
local places = require "numberpool.sandbox.server.places"

local catalogue = {}

--- What every number costs, as the API writes it.
catalogue.rates = { setup = "0.00000", monthly = "0.80000", sms = "0.00000", mms = "0.00000", voice = "0.00850" }

local NUMBERS_PER_BLOCK = 50

-- Each block: { country, type, prefix, place }. Four digits follow the prefix.
local BLOCKS = {}

local function add(country, kind, prefixes)
  for prefix in prefixes:gmatch "%d+" do
    BLOCKS[#BLOCKS + 1] = { country = country, type = kind, prefix = prefix, place = places.of(prefix, country, kind) }
  end
end

for code, area in pairs(places.areas) do
  add(area.country, "fixed", "1" .. code .. "232")
end
add("US", "toll-free", "1833232 1844232 1855232 1866232 1877232 1888232")
add("GB", "fixed", "44207946")
add("GB", "mobile", "44740023")
add("GB", "toll-free", "44808157")
add("AU", "fixed", "6129555")
add("AU", "mobile", "6149157")
add("DE", "fixed", "49302312")
add("DE", "mobile", "4915123456")
add("FR", "fixed", "3317018")
add("FR", "mobile", "3363998")
add("IN", "fixed", "91112345")
add("IN", "mobile", "91982345")
add("SE", "mobile", "4674606")

local COLUMNS = "country, number, type, region, city, rate_center, lata"

-- The last four digits go on by 37. That has no factor in common with 10,000, so they repeat only after 10,000 steps.
local FILL = [[
  INSERT INTO offers (%s)
  WITH RECURSIVE series (step) AS (SELECT 0 UNION ALL SELECT step + 1 FROM series WHERE step < %d),
    blocks (country, prefix, type, region, city, rate_center, lata) AS (VALUES %s)
  SELECT country, prefix || substr('000' || ((step * 37 + 11) %% 10000), -4), type, region, city, rate_center, lata
  FROM blocks CROSS JOIN series]]

local function quoted(value)
  return value and "'" .. value .. "'" or "NULL"
end

-- A row that is there as long as the offers are what `fill` made of them.
local IS_WHOLE = "SELECT 1 FROM counters WHERE name = 'offers_whole'"
local SET_WHOLE = "INSERT OR REPLACE INTO counters (name, value) VALUES ('offers_whole', 1)"
local UNSET_WHOLE = "DELETE FROM counters WHERE name = 'offers_whole'"

-- One statement, since every start waits for it.
local function fill()
  local values = {}
  for index, block in ipairs(BLOCKS) do
    local place = block.place
    values[index] = ("('%s', '%s', '%s', %s, %s, %s, %s)"):format(block.country, block.prefix, block.type,
      quoted(place.region), quoted(place.city), quoted(place.rate_center), place.lata or "NULL")
  end
  database.run("DELETE FROM offers")
  database.run(FILL:format(COLUMNS, NUMBERS_PER_BLOCK - 1, table.concat(values, ", ")))
end

--- Puts every number on offer, and no other one. Filling the table takes longer than all else of a reset.
function catalogue.restore()
  if not database.value(IS_WHOLE) then
    fill()
    database.run(SET_WHOLE)
  end
end

--- Takes a number off offer, if it is on.
---@param number string
---@param country string
function catalogue.withdraw(number, country)
  if database.run("DELETE FROM offers WHERE country = ? AND number = ?", country, number) > 0 then
    database.run(UNSET_WHOLE)
  end
end

--- Puts a number on offer, if it isn't yet.
---@param number string
---@param country string
---@param kind string
function catalogue.offer(number, country, kind)
  local place = places.of(number, country, kind)
  database.run(UNSET_WHOLE)
  database.run("INSERT OR IGNORE INTO offers (" .. COLUMNS .. ") VALUES (?, ?, ?, ?, ?, ?, ?)",
    country, number, kind, place.region, place.city, place.rate_center, place.lata)
end

return catalogue
