--- Everything in the database as JSON. It is written in pieces, since a pool may be large.
local database = require "numberpool.sandbox.server.database"
local entries = require "numberpool.sandbox.server.entries"
local json = require "numberpool.sandbox.json"
local powerpacks = require "numberpool.sandbox.server.powerpacks"

local state = {}

local BATCH = 1000 -- rows read at once

-- Writes a name and a JSON list. `read(after)` returns a batch of items and the key of its last one, which is `after`
-- the next time.
local function write_list(write, name, read)
  write(json.quote(name) .. ":[")
  local separator, after = "", nil
  repeat
    local items
    items, after = read(after)
    local texts = {}
    for index, item in ipairs(items) do
      texts[index] = json.encode(item)
    end
    if #texts > 0 then
      write(separator .. table.concat(texts, ","))
      separator = ","
    end
  until #items < BATCH
  write "]"
end

local function rented(account)
  return function(after)
    local rows = database.rows("SELECT number FROM rented WHERE number > ? AND account = ? ORDER BY number LIMIT ?",
      after or "", account.id, BATCH)
    local last = rows[#rows] and rows[#rows][1]
    for index, row in ipairs(rows) do
      rows[index] = row[1]
    end
    return rows, last
  end
end

local function ledger(account)
  return function(after)
    local rows = database.rows([[SELECT number, rents, unrents FROM ledger
      WHERE account = ? AND number > ? ORDER BY number LIMIT ?]], account.id, after or "", BATCH)
    local last = rows[#rows] and rows[#rows][1]
    for index, row in ipairs(rows) do
      rows[index] = { number = row[1], rents = row[2], unrents = row[3] }
    end
    return rows, last
  end
end

local function numbers(pool, list)
  return function(after)
    local rows = database.rows([[SELECT number, country, type, service, added_on, id FROM numbers
      WHERE pool = ? AND list = ? AND id > ? ORDER BY id LIMIT ?]], pool, list, after or 0, BATCH)
    local last = rows[#rows] and rows[#rows][6]
    for index, row in ipairs(rows) do
      rows[index] = { number = row[1], country_iso2 = row[2], service = row[4], added_on = row[5],
        type = list == entries.tollfree and "tollfree" or row[3] }
    end
    return rows, last
  end
end

local function shortcodes(pool)
  return function()
    local rows = database.rows([[SELECT shortcode, country, added_on FROM shortcodes WHERE pool = ?
      ORDER BY shortcode]], pool)
    for index, row in ipairs(rows) do
      rows[index] = { shortcode = row[1], country_iso2 = row[2], added_on = row[3] }
    end
    return rows
  end
end

local function write_pool(write, account, powerpack)
  write('{"auth_id":' .. json.quote(account.auth_id) .. ',"powerpack":' .. json.quote(powerpack.uuid)
    .. ',"uuid":' .. json.quote(powerpack.pool_uuid) .. ",")
  write_list(write, "numbers", numbers(powerpack.id, entries.numbers))
  write ","
  write_list(write, "tollfree", numbers(powerpack.id, entries.tollfree))
  write ","
  write_list(write, "shortcodes", shortcodes(powerpack.id))
  write "}"
end

local function write_all(write)
  local all = database.rows "SELECT id, auth_id FROM accounts ORDER BY id"
  local packs = {}
  write '{"accounts":['
  for index, row in ipairs(all) do
    local account = { id = row[1], auth_id = row[2] }
    write((index > 1 and "," or "") .. '{"auth_id":' .. json.quote(account.auth_id) .. ",")
    write_list(write, "rented", rented(account))
    write ","
    write_list(write, "ledger", ledger(account))
    write "}"
    for _, powerpack in ipairs(powerpacks.all(account, -1, 0)) do
      packs[#packs + 1] = { account = account, powerpack = powerpack }
    end
  end
  write '],"powerpacks":['
  for index, item in ipairs(packs) do
    local object = powerpacks.described(item.account.auth_id, item.powerpack)
    object.auth_id, object.pool = item.account.auth_id, item.powerpack.pool_uuid
    write((index > 1 and "," or "") .. json.encode(object))
  end
  write '],"pools":['
  for index, item in ipairs(packs) do
    if index > 1 then
      write ","
    end
    write_pool(write, item.account, item.powerpack)
  end
  write "]}"
end

--- Writes everything as it is at one moment.
---@param write fun(text: string) is called with one piece after another
function state.write(write)
  database.snapshot(write_all, write)
end

return state
