--- Who has rented which number. A ledger counts how often each number was rented and given back, so that a test sees
--- what happened twice.
local catalogue = require "numberpool.sandbox.server.catalogue"
local clock = require "numberpool.sandbox.server.clock"
local database = require "numberpool.sandbox.server.database"
local entries = require "numberpool.sandbox.server.entries"
local phone = require "numberpool.sandbox.server.phone"
local reply = require "numberpool.sandbox.server.reply"

local renting = {}

local NOTE_RENT = [[
  INSERT INTO ledger (account, number, rents, unrents) VALUES (?, ?, 1, 0)
  ON CONFLICT (account, number) DO UPDATE SET rents = rents + 1]]
local NOTE_UNRENT = [[
  INSERT INTO ledger (account, number, rents, unrents) VALUES (?, ?, 0, 1)
  ON CONFLICT (account, number) DO UPDATE SET unrents = unrents + 1]]

--- Whether an account has a number.
---@param account { id: integer }
---@param number string
---@return boolean
function renting.has(account, number)
  return database.value("SELECT 1 FROM rented WHERE number = ? AND account = ?", number, account.id) ~= nil
end

--- Whether any account has a number.
---@param number string
---@return boolean
function renting.is_taken(number)
  return database.value("SELECT 1 FROM rented WHERE number = ? LIMIT 1", number) ~= nil
end

--- Makes a number the account's without renting it: for seeds, and for numbers that are added when `strict` is false.
---@param account { id: integer }
---@param number string
function renting.assume(account, number)
  database.run("INSERT OR IGNORE INTO rented (number, account, added_on) VALUES (?, ?, ?)", number, account.id,
    clock.timestamp())
  local facts = phone.examine(number)
  catalogue.withdraw(number, facts.country)
end

--- Rents a number. Raises a 400 where somebody has it.
---@param account { id: integer }
---@param number string
function renting.rent(account, number)
  if renting.is_taken(number) then
    reply.refuse("'%s' is not available for rent.", number)
  end
  renting.assume(account, number)
  database.run(NOTE_RENT, account.id, number)
end

--- Gives a number back: it leaves the account's pools and is on offer again.
---@param account { id: integer }
---@param number string
function renting.unrent(account, number)
  entries.remove_everywhere(account, number)
  database.run("DELETE FROM rented WHERE number = ? AND account = ?", number, account.id)
  database.run(NOTE_UNRENT, account.id, number)
  if renting.is_taken(number) then
    return
  end
  local facts = phone.examine(number)
  catalogue.offer(number, facts.country, facts.type)
end

return renting
