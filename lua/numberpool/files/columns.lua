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

-- Whether a word is another one with a character too many, too few or wrong, or with two in the wrong order.
local function is_misspelt(word, wanted)
  local at = 1
  while at <= #word and word:byte(at) == wanted:byte(at) do
    at = at + 1
  end
  local rest, expected = word:sub(at), wanted:sub(at)
  return rest ~= expected and (rest:sub(2) == expected or rest == expected:sub(2) or rest:sub(2) == expected:sub(2)
    or rest:sub(1, 2):reverse() == expected:sub(1, 2) and rest:sub(3) == expected:sub(3))
end

--- What is wrong with the name of a column or a field; nil where nothing is. Names that mean nothing here are left
--- aside, but one that is meant as `service` would give numbers another service unnoticed.
---@param name string
---@return string?
function columns.wrong_name(name)
  return is_misspelt(normal(name), "service") and name .. ": expected another name, or service" or nil
end

--- The positions of the columns: `{ number, service, list, type, error }`, each nil where there is no such column.
---@param header string[]
---@return table<string, integer>
---@return string? wrong what is wrong with their names
function columns.read(header)
  local positions, wrong = {}, nil
  for position, name in ipairs(header) do
    local meaning = MEANINGS[normal(name)]
    if meaning and meaning ~= "error" and positions[meaning] then
      wrong = wrong or ("columns %d (%s) and %d (%s) are both the %s: expected one"):format(positions[meaning],
        header[positions[meaning]], position, name, meaning)
    elseif meaning then
      positions[meaning] = position
    end
    wrong = wrong or columns.wrong_name(csv.trim(name))
  end
  return positions, wrong
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
