--- What the columns of a file are, by their names, and what words stand for a list or a service.
-- @module numberpool.files.columns

local columns = {}

-- By the name without case, spaces and punctuation.
local MEANINGS = {
  number = "number", phone = "number", phonenumber = "number", msisdn = "number", did = "number", e164 = "number",
  service = "service",
  list = "list",
  type = "type",
  error = "error",
}

columns.NAMES = "number, phone, phone_number, msisdn, did or e164"

local LISTS = {
  number = "numbers", numbers = "numbers", longcode = "numbers", longcodes = "numbers",
  tollfree = "tollfree", tollfreenumber = "tollfree", tollfreenumbers = "tollfree",
  shortcode = "shortcodes", shortcodes = "shortcodes",
}

-- A name or a word without case, spaces (those that don't break included), underscores, hyphens and dots.
local function normal(text)
  return (text:gsub("\194\160", ""):gsub("[%s_%-%.]", ""):lower())
end

--- The list of a pool that a word stands for: numbers, tollfree or shortcodes.
---@param word string
---@return string?
function columns.list_of(word)
  return LISTS[normal(word)]
end

--- A service as the API calls it, or what stands there instead; nil where nothing does.
---@param word string
---@return string?
function columns.service_of(word)
  local service = word:gsub("^%s+", ""):gsub("%s+$", ""):lower()
  return service ~= "" and service or nil
end

--- Which column has what: `{ number, service, list, type, error }`, each a position or nil.
---@param header string[]
---@return table<string, integer>
---@return string? doubled what stands there twice
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

--- Whether a record is a header once more.
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
