--- The numbers in pools: one place that adds and removes them, so that totals always agree.
local database = require "numberpool.sandbox.server.database"
local identity = require "numberpool.sandbox.server.identity"

local entries = { numbers = 0, tollfree = 1 }

local add_total = [[
  INSERT INTO totals (pool, list, country, type, service, count) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (pool, list, country, type, service) DO UPDATE SET count = count + excluded.count]]

--- Corrects the number of entries of one sort by `change`.
function entries.count_in(pool, list, sort, change)
  database.run(add_total, pool, list, sort.country, sort.type, sort.service, change)
end

function entries.next_id(pool, list)
  return database.value("SELECT coalesce(max(id), 0) + 1 FROM numbers WHERE pool = ? AND list = ?", pool, list)
end

--- An entry, or nil: `{ number, country, type, service, added_on }`.
function entries.find(pool, list, number)
  local row = database.row([[SELECT number, country, type, service, added_on FROM numbers
    WHERE pool = ? AND list = ? AND number = ?]], pool, list, number)
  return row and { number = row[1], country = row[2], type = row[3], service = row[4], added_on = row[5] }
end

--- Adds an entry that isn't there yet.
function entries.insert(pool, list, entry)
  entry.added_on = identity.timestamp()
  database.run([[INSERT INTO numbers (pool, list, number, id, country, type, service, added_on)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)]], pool, list, entry.number, entries.next_id(pool, list),
    entry.country, entry.type, entry.service, entry.added_on)
  entries.count_in(pool, list, entry, 1)
end

--- Removes an entry that `find` gave.
function entries.remove(pool, list, entry)
  database.run("DELETE FROM numbers WHERE pool = ? AND list = ? AND number = ?", pool, list, entry.number)
  entries.count_in(pool, list, entry, -1)
end

--- Removes a number from every pool of an account, as when it's given back.
function entries.remove_everywhere(account, number)
  local places = database.rows([[SELECT n.pool, n.list, n.country, n.type, n.service
    FROM powerpacks p JOIN numbers n ON n.pool = p.id AND n.list IN (0, 1) AND n.number = ?
    WHERE p.account = ?]], number, account.id)
  for _, place in ipairs(places) do
    entries.remove(place[1], place[2],
      { number = number, country = place[3], type = place[4], service = place[5] })
  end
end

local columns = { "country", "type", "service" }

-- SQL that narrows to a filter, and the values for it.
local function narrowed(sql, values, filter)
  for _, column in ipairs(columns) do
    if filter[column] then
      sql = sql .. " AND " .. column .. " = ?"
      values[#values + 1] = filter[column]
    end
  end
  return sql, values
end

local page_sql = [[SELECT n.number, n.country, n.type, n.service, n.added_on
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
  return database.rows(page_sql:format(selection, order), unpack(all))
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

-- Sorted, without those that another one covers: what is left are ranges that don't overlap.
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

-- By number, so that each prefix is one range of the table: any page is found by counting ranges.
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

--- A page of entries and how many there are in all. `filter` has country, type, service and
-- prefixes (in international digits), each optional.
function entries.list(pool, list, filter, limit, offset)
  local read = filter.prefixes and list_by_prefix or list_in_order
  local rows, total = read(pool, list, filter, limit, offset)
  local found = {}
  for index, row in ipairs(rows) do
    found[index] = { number = row[1], country = row[2], type = row[3], service = row[4], added_on = row[5] }
  end
  return found, total
end

return entries
