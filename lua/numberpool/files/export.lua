--- Everything in a pool as the records of a file.
-- @module numberpool.files.export

local errors = require "numberpool.errors"

local export = {}

local LISTS = { "numbers", "tollfree", "shortcodes" }

-- By list, what the column `type` has in place of the API's type. Programs that know no column `list` read it there.
local TYPES = { tollfree = "tollfree", shortcodes = "shortcode" }

local function text_of(value)
  if type(value) == "number" and value % 1 == 0 then
    return ("%.0f"):format(value)
  end
  return (value == nil or type(value) == "table") and "" or tostring(value)
end

-- The number or shortcode of an entry. Raises where it can't be one: a file with it would be refused.
local function number_of(entry)
  local value = entry
  if type(entry) == "table" then
    value = entry.number or entry.shortcode
  end
  local number = type(entry) == "table" and text_of(value) or ""
  if not number:find "^%+?%d+$" then
    error(errors.new {
      kind = "protocol",
      message = "the list has an entry whose number can't be one: "
        .. (type(value) == "string" and ("%q"):format(value) or type(value) == "table" and "table" or tostring(value)),
    }, 0)
  end
  return number
end

local function record_of(list, entry, with_dates)
  local record = { number_of(entry), text_of(entry.service), TYPES[list] or text_of(entry.type),
    text_of(entry.country_iso2), list }
  record[#record + 1] = with_dates and text_of(entry.added_on) or nil
  record.list = list
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

--- Gives the records of a pool one after another: its numbers, its toll-free numbers, then its shortcodes, as the API
--- has them. They are read page by page and not kept; what others add or remove meanwhile may be missing. Raises the
--- error where a page can't be had.
---@param pool numberpool.Pool
---@param with_dates boolean? with `added_on`
---@param on_record fun(record: string[])
function export.each(pool, with_dates, on_record)
  for _, list in ipairs(LISTS) do
    for entry in pool[list](pool) do
      on_record(record_of(list, entry, with_dates))
    end
  end
end

--- The records of a pool at one time, in the same order of lists, each list sorted: the same pool gives the same
--- records.
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
