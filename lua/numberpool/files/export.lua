--- Everything in a pool as the records of a file. The same pool gives the same records.
-- @module numberpool.files.export

local export = {}

local LISTS = { "numbers", "tollfree", "shortcodes" }

-- By list, what the column `type` has in place of the API's type. Programs that know no column `list` read it there.
local TYPES = { tollfree = "tollfree", shortcodes = "shortcode" }

local COLUMNS = { "number", "service", "type", "country_iso2", "list" }

local function text_of(value)
  return value == nil and "" or tostring(value)
end

local function record_of(list, entry, with_dates)
  local record = { text_of(entry.number or entry.shortcode), text_of(entry.service), TYPES[list] or text_of(entry.type),
    text_of(entry.country_iso2), list }
  record[#record + 1] = with_dates and text_of(entry.added_on) or nil
  return record
end

-- Sorts by number, and by the other fields where a server sends a number twice.
local function is_before(a, b)
  for position = 1, #a do
    if a[position] ~= b[position] then
      return a[position] < b[position]
    end
  end
  return false
end

--- The names of the columns.
---@param with_dates boolean? with `added_on`, which an import ignores
---@return string[]
function export.columns(with_dates)
  local names = {}
  for i, name in ipairs(COLUMNS) do
    names[i] = name
  end
  names[#names + 1] = with_dates and "added_on" or nil
  return names
end

--- The records of a pool: its numbers, its toll-free numbers, then its shortcodes, each list sorted.
---@param pool numberpool.Pool
---@param with_dates boolean? with `added_on`
---@return string[][]? records
---@return numberpool.Error?
function export.read(pool, with_dates)
  local everything, err = pool:snapshot()
  if not everything then
    return nil, err
  end
  local records = {}
  for _, list in ipairs(LISTS) do
    local own = {}
    for i, entry in ipairs(everything[list]) do
      own[i] = record_of(list, entry, with_dates)
    end
    table.sort(own, is_before)
    for _, record in ipairs(own) do
      records[#records + 1] = record
    end
  end
  return records
end

return export
