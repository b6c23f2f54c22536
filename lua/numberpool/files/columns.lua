--- Tells from the names of a file's columns what they have, and which list or service a word means.
-- @module numberpool.files.columns

local csv = require "numberpool.files.csv"

local columns = {}

-- By `normal` of a column's name.
local MEANINGS = {
  number = "number", phone = "number", phonenumber = "number", msisdn = "number", did = "number", e164 = "number",
  service = "service",
  list = "list",
  type = "type",
  error = "error",
}

--- The names of the number's column, for messages.
columns.NAMES = "number, phone, phone_number, msisdn, did or e164"

-- By `normal` of a word.
local LISTS = {
  number = "numbers", numbers = "numbers", longcode = "numbers", longcodes = "numbers",
  tollfree = "tollfree", tollfreenumber = "tollfree", tollfreenumbers = "tollfree",
  shortcode = "shortcodes", shortcodes = "shortcodes",
}

-- A text in small letters, without spaces (also those that don't break a line), underscores, hyphens and dots.
local function normal(text)
  return (text:gsub("\194\160", ""):gsub("[%s_%-%.]", ""):lower())
end

--- The list of a pool that a word means.
---@param word string
---@return "numbers"|"tollfree"|"shortcodes"|nil
function columns.list_of(word)
  return LISTS[normal(word)]
end

--- The service in a cell, in small letters. It may be any word.
---@param cell string
---@return string? service nil where the cell is empty
function columns.service_of(cell)
  local service = csv.trim(cell):lower()
  return service ~= "" and service or nil
end

--- What a column or a field has: "number", "service", "list", "type" or "error"; nil for others.
---@param name string
---@return string?
function columns.meaning(name)
  return MEANINGS[normal(name)]
end

--- The positions of the columns: `{ number, service, list, type, error }`, each nil where there is no such column.
---@param header string[]
---@return table<string, integer>
---@return string? doubled which two columns mean the same
function columns.read(header)
  local positions, doubled = {}, nil
  for position, name in ipairs(header) do
    local meaning = MEANINGS[normal(name)]
    if meaning and meaning ~= "error" and positions[meaning] then
      doubled = doubled or ("columns %d (%s) and %d (%s) are both the %s"):format(positions[meaning],
        header[positions[meaning]], position, name, meaning)
    elseif meaning then
      positions[meaning] = position
    end
  end
  return positions, doubled
end

--- Whether a record repeats the header.
---@param header string[]
---@param record string[]
---@return boolean
function columns.are_names(header, record)
  for position, name in ipairs(header) do
    if normal(name) ~= normal(record[position] or "") then
      return false
    end
  end
  return #record >= #header
end

return columns
