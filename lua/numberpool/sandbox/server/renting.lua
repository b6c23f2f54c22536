--- Which account has rented which number, and the numbers left on offer. A ledger counts how often
-- each was rented and given back, so that a test can see what happened twice.
local catalogue = require "numberpool.sandbox.server.catalogue"
local database = require "numberpool.sandbox.server.database"
local entries = require "numberpool.sandbox.server.entries"
local identity = require "numberpool.sandbox.server.identity"
local phone = require "numberpool.sandbox.server.phone"
local reply = require "numberpool.sandbox.server.reply"

local renting = {}

local note_rent = [[
  INSERT INTO ledger (account, number, rents, unrents) VALUES (?, ?, 1, 0)
  ON CONFLICT (account, number) DO UPDATE SET rents = rents + 1]]
local note_unrent = [[
  INSERT INTO ledger (account, number, rents, unrents) VALUES (?, ?, 0, 1)
  ON CONFLICT (account, number) DO UPDATE SET unrents = unrents + 1]]

function renting.has(account, number)
  return database.value("SELECT 1 FROM rented WHERE number = ? AND account = ?", number, account.id) ~= nil
end

function renting.taken(number)
  return database.value("SELECT 1 FROM rented WHERE number = ? LIMIT 1", number) ~= nil
end

--- Counts as rented without having been bought here: a seed, or any number where that's allowed.
function renting.assume(account, number)
  database.run("INSERT OR IGNORE INTO rented (number, account, added_on) VALUES (?, ?, ?)", number, account.id,
    identity.timestamp())
  local facts = phone.examine(number)
  database.run("DELETE FROM offers WHERE country = ? AND number = ?", facts.country, number)
end

--- Rents a number that is nobody's; raises a 400 where it's somebody's.
function renting.rent(account, number)
  if renting.taken(number) then
    reply.refuse("'%s' is not available for rent.", number)
  end
  renting.assume(account, number)
  database.run(note_rent, account.id, number)
end

--- Gives a number back: out of the account's pools, nobody's, and on offer again.
function renting.unrent(account, number)
  entries.remove_everywhere(account, number)
  database.run("DELETE FROM rented WHERE number = ? AND account = ?", number, account.id)
  database.run(note_unrent, account.id, number)
  if renting.taken(number) then
    return
  end
  local facts = phone.examine(number)
  catalogue.offer(number, facts.country, facts.type)
end

return renting
