--- The numbers in pools. Only here are they added and removed one by one, so that `totals` agrees with them.
local clock = require "numberpool.sandbox.server.clock"
local database = require "numberpool.sandbox.server.database"

--- `numbers` and `tollfree` are what the table has as `list`.
local entries = { numbers = 0, tollfree = 1 }

--- A number in a pool.
---@class numberpool.sandbox.Entry
---@field number string
---@field country string
---@field type string
---@field service string
---@field added_on string

local ADD_TOTAL = [[
  INSERT INTO totals (pool, list, country, type, service, count) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (pool, list, country, type, service) DO UPDATE SET count = count + excluded.count]]

--- Adds to the total of entries that have the same country, type and service.
---@param pool integer
---@param list integer
---@param kind { country: string, type: string, service: string }
---@param change integer
function entries.add_to_total(pool, list, kind, change)
  database.run(ADD_TOTAL, pool, list, kind.country, kind.type, kind.service, change)
end

--- The id of the next entry of a list. Pages are in the order of ids.
---@param pool integer
---@param list integer
---@return integer
function entries.next_id(pool, list)
  return database.value("SELECT coalesce(max(id), 0) + 1 FROM numbers WHERE pool = ? AND list = ?", pool, list)
end

local function from_row(row)
  return row and { number = row[1], country = row[2], type = row[3], service = row[4], added_on = row[5] }
end

--- Finds an entry.
---@param pool integer
---@param list integer
---@param number string
---@return numberpool.sandbox.Entry?
function entries.find(pool, list, number)
  return from_row(database.row([[SELECT number, country, type, service, added_on FROM numbers
    WHERE pool = ? AND list = ? AND number = ?]], pool, list, number))
end

--- Adds an entry that isn't there yet, and sets its `added_on`.
---@param pool integer
---@param list integer
---@param entry numberpool.sandbox.Entry
function entries.insert(pool, list, entry)
  entry.added_on = clock.timestamp()
  database.run([[INSERT INTO numbers (pool, list, number, id, country, type, service, added_on)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)]], pool, list, entry.number, entries.next_id(pool, list),
    entry.country, entry.type, entry.service, entry.added_on)
  entries.add_to_total(pool, list, entry, 1)
end

--- Removes an entry that is there.
---@param pool integer
---@param list integer
---@param entry numberpool.sandbox.Entry
function entries.remove(pool, list, entry)
  database.run("DELETE FROM numbers WHERE pool = ? AND list = ? AND number = ?", pool, list, entry.number)
  entries.add_to_total(pool, list, entry, -1)
end

--- Removes a number from every pool of an account.
---@param account { id: integer }
---@param number string
function entries.remove_everywhere(account, number)
  local places = database.rows([[SELECT n.pool, n.list, n.country, n.type, n.service
    FROM powerpacks p JOIN numbers n ON n.pool = p.id AND n.list IN (0, 1) AND n.number = ?
    WHERE p.account = ?]], number, account.id)
  for _, place in ipairs(places) do
    entries.remove(place[1], place[2],
      { number = number, country = place[3], type = place[4], service = place[5] })
  end
end

local COLUMNS = { "country", "type", "service" }

-- Adds the conditions of a filter to SQL, and their values to a list.
local function narrowed(sql, values, filter)
  for _, column in ipairs(COLUMNS) do
    if filter[column] then
      sql = sql .. " AND " .. column .. " = ?"
      values[#values + 1] = filter[column]
    end
  end
  return sql, values
end

local PAGE = [[SELECT n.number, n.country, n.type, n.service, n.added_on
  FROM (%s LIMIT ? OFFSET ?) page CROSS JOIN numbers n
  ON n.pool = ? AND n.list = ? AND n.number = page.number ORDER BY %s]]

local function read_page(selection, order, values, page)
  local all = {}
  for index, value in ipairs(values) do
    all[index] = value
  end
  for _, value in ipairs { page.limit, page.offset, page.pool, page.list } do
    all[#all + 1] = value
  end
  return database.rows(PAGE:format(selection, order), unpack(all))
end

local function list_in_order(pool, list, filter, limit, offset)
  local count_sql, count_values = narrowed("SELECT coalesce(sum(count), 0) FROM totals WHERE pool = ? AND list = ?",
    { pool, list }, filter)
  local total = database.value(count_sql, unpack(count_values))
  if offset >= total then
    return {}, total
  end
  local sql, values = narrowed("SELECT number, id FROM numbers INDEXED BY numbers_by_order WHERE pool = ? AND list = ?",
    { pool, list }, filter)
  local page = { limit = limit, offset = offset, pool = pool, list = list }
  return read_page(sql .. " ORDER BY id", "n.id", values, page), total
end

-- The prefixes in order, without those that begin with another one, so that no number has two of them.
local function disjoint(prefixes)
  table.sort(prefixes)
  local kept = {}
  for _, prefix in ipairs(prefixes) do
    local last = kept[#kept]
    if not last or prefix:sub(1, #last) ~= last then
      kept[#kept + 1] = prefix
    end
  end
  return kept
end

-- By number, so that each prefix is one range of the table. Counting the ranges finds any page.
local function list_by_prefix(pool, list, filter, limit, offset)
  local rows, total = {}, 0
  for _, prefix in ipairs(disjoint(filter.prefixes)) do
    local condition, values = narrowed(" FROM numbers WHERE pool = ? AND list = ? AND number >= ? AND number < ?",
      { pool, list, prefix, prefix .. ":" }, filter)
    local count = database.value("SELECT count(*)" .. condition, unpack(values))
    local skip = math.max(0, offset - total)
    if #rows < limit and skip < count then
      local page = { limit = limit - #rows, offset = skip, pool = pool, list = list }
      local found = read_page("SELECT number" .. condition .. " ORDER BY number", "n.number", values, page)
      for _, row in ipairs(found) do
        rows[#rows + 1] = row
      end
    end
    total = total + count
  end
  return rows, total
end

--- A page of a list.
---@param pool integer
---@param list integer
---@param filter { country: string?, type: string?, service: string?, prefixes: string[]? } prefixes with calling codes
---@param limit integer
---@param offset integer
---@return numberpool.sandbox.Entry[] found
---@return integer total how many pass the filter in all
function entries.list(pool, list, filter, limit, offset)
  local read = filter.prefixes and list_by_prefix or list_in_order
  local rows, total = read(pool, list, filter, limit, offset)
  local found = {}
  for index, row in ipairs(rows) do
    found[index] = from_row(row)
  end
  return found, total
end

return entries
