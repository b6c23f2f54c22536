--- The tables, and what a new or an emptied database holds.
local catalogue = require "numberpool.sandbox.server.catalogue"
local database = require "numberpool.sandbox.server.database"
local identity = require "numberpool.sandbox.server.identity"

local schema = {}

local version = 2

local offers = [[CREATE TABLE offers (
  country TEXT NOT NULL, number TEXT NOT NULL, type TEXT NOT NULL, region TEXT NOT NULL,
  city TEXT, rate_center TEXT, lata INTEGER, PRIMARY KEY (country, number)) WITHOUT ROWID]]

-- `numbers` is clustered by number, which serves single look-ups and prefixes; by_order serves
-- pages, with what filters need in it. `totals` makes counts instant at any size.
local tables = {
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
  offers,
  [[CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID]],
}

local emptied = { "powerpacks", "numbers", "totals", "shortcodes", "rented", "ledger", "offers", "counters" }

local function create()
  for _, statement in ipairs(tables) do
    database.run(statement)
  end
  catalogue.fill()
  database.run("PRAGMA user_version = " .. version)
end

-- Version 1 had neither the day on which a number was rented nor the place of one on offer.
local function upgrade()
  database.run(("ALTER TABLE rented ADD COLUMN added_on TEXT NOT NULL DEFAULT '%s'"):format(identity.timestamp()))
  local before = database.rows "SELECT country, number, type FROM offers"
  database.run "DROP TABLE offers"
  database.run(offers)
  for _, row in ipairs(before) do
    catalogue.offer(row[2], row[1], row[3])
  end
  database.run("PRAGMA user_version = " .. version)
end

--- Makes the tables in a new file, and brings those of an earlier version up to date; refuses a
-- file that holds something else.
function schema.prepare()
  local found = database.value "PRAGMA user_version"
  if found == version then
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
  for _, name in ipairs(emptied) do
    database.run("DELETE FROM " .. name)
  end
  catalogue.fill()
end

--- Back to how it began; accounts and their credentials stay.
function schema.reset()
  database.transaction(empty)
end

return schema
