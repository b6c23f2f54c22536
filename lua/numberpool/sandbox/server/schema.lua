--- The database's tables, and what a new or an emptied database has in them.
local catalogue = require "numberpool.sandbox.server.catalogue"
local clock = require "numberpool.sandbox.server.clock"
local database = require "numberpool.sandbox.server.database"

local schema = {}

local VERSION = 2

local OFFERS = [[CREATE TABLE offers (
  country TEXT NOT NULL, number TEXT NOT NULL, type TEXT NOT NULL, region TEXT NOT NULL,
  city TEXT, rate_center TEXT, lata INTEGER, PRIMARY KEY (country, number)) WITHOUT ROWID]]

-- `numbers` is sorted by number, for single numbers and prefixes. Its index has the order of pages, and the columns of
-- filters. `totals` makes counts fast at any size.
local TABLES = {
  [[CREATE TABLE accounts (
      id INTEGER PRIMARY KEY, auth_id TEXT NOT NULL UNIQUE, auth_token TEXT NOT NULL)]],
  [[CREATE TABLE powerpacks (
      id INTEGER PRIMARY KEY, account INTEGER NOT NULL, uuid TEXT NOT NULL UNIQUE,
      pool_uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sticky_sender INTEGER NOT NULL,
      local_connect INTEGER NOT NULL, application_type TEXT NOT NULL, application_id TEXT NOT NULL,
      number_priority TEXT NOT NULL, created_on TEXT NOT NULL, UNIQUE (account, name))]],
  [[CREATE TABLE numbers (
      pool INTEGER NOT NULL, list INTEGER NOT NULL, number TEXT NOT NULL, id INTEGER NOT NULL,
      country TEXT NOT NULL, type TEXT NOT NULL, service TEXT NOT NULL, added_on TEXT NOT NULL,
      PRIMARY KEY (pool, list, number)) WITHOUT ROWID]],
  [[CREATE UNIQUE INDEX numbers_by_order ON numbers (pool, list, id, country, type, service)]],
  [[CREATE TABLE totals (
      pool INTEGER NOT NULL, list INTEGER NOT NULL, country TEXT NOT NULL, type TEXT NOT NULL,
      service TEXT NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (pool, list, country, type, service)) WITHOUT ROWID]],
  [[CREATE TABLE shortcodes (
      account INTEGER NOT NULL, shortcode TEXT NOT NULL, pool INTEGER NOT NULL,
      country TEXT NOT NULL, added_on TEXT NOT NULL, PRIMARY KEY (account, shortcode),
      UNIQUE (pool, country)) WITHOUT ROWID]],
  [[CREATE TABLE rented (
      number TEXT NOT NULL, account INTEGER NOT NULL, added_on TEXT NOT NULL,
      PRIMARY KEY (number, account)) WITHOUT ROWID]],
  [[CREATE TABLE ledger (
      account INTEGER NOT NULL, number TEXT NOT NULL, rents INTEGER NOT NULL,
      unrents INTEGER NOT NULL, PRIMARY KEY (account, number)) WITHOUT ROWID]],
  OFFERS,
  [[CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID]],
}

-- Tables that `reset` empties.
local EMPTIED = { "powerpacks", "numbers", "totals", "shortcodes", "rented", "ledger" }

local function create()
  for _, statement in ipairs(TABLES) do
    database.run(statement)
  end
  catalogue.restore()
  database.run("PRAGMA user_version = " .. VERSION)
end

-- Version 1 has no `added_on` of rented numbers, and no places of numbers on offer.
local function upgrade()
  database.run(("ALTER TABLE rented ADD COLUMN added_on TEXT NOT NULL DEFAULT '%s'"):format(clock.timestamp()))
  local before = database.rows "SELECT country, number, type FROM offers"
  database.run "DROP TABLE offers"
  database.run(OFFERS)
  for _, row in ipairs(before) do
    catalogue.offer(row[2], row[1], row[3])
  end
  database.run("PRAGMA user_version = " .. VERSION)
end

--- Makes the tables in a new file, or brings those of an earlier version up to date. Raises where the file has
--- something else in it.
function schema.prepare()
  local found = database.value "PRAGMA user_version"
  if found == VERSION then
    return
  end
  if found == 1 then
    return database.transaction(upgrade)
  end
  local others = database.value "SELECT count(*) FROM sqlite_master"
  if found ~= 0 or others ~= 0 then
    error("the database holds something other than this sandbox's tables", 0)
  end
  database.transaction(create)
end

local function empty()
  for _, name in ipairs(EMPTIED) do
    database.run("DELETE FROM " .. name)
  end
  database.run "DELETE FROM counters WHERE name <> 'offers_whole'"
  catalogue.restore()
end

--- Makes everything as it was at first. Accounts stay.
function schema.reset()
  database.transaction(empty)
end

return schema
