--- Writes entries of a pool as CSV, JSON, JSON lines or Lua, each as soon as it is given.
-- @module numberpool.files.entries

local csv = require "numberpool.files.csv"
local json = require "numberpool.files.json"

local entries = {}

local COLUMNS = { "number", "service", "type", "country_iso2", "list" }

--- The names of the columns of CSV, and of the fields of other formats, where a shortcode has its own field.
---@param with_dates boolean? with `added_on`, which is ignored when the file is read
---@return string[]
function entries.columns(with_dates)
  local names = {}
  for i, name in ipairs(COLUMNS) do
    names[i] = name
  end
  names[#names + 1] = with_dates and "added_on" or nil
  return names
end

-- The fields of a record that aren't empty, as a format has them.
local function fields_of(record, columns, format_of)
  local fields = {}
  for i, name in ipairs(columns) do
    local value = record[i]
    if value ~= "" then
      local of_shortcode = name == "number" and record.list == "shortcodes"
      fields[#fields + 1] = format_of(of_shortcode and "shortcode" or name, value)
    end
  end
  return table.concat(fields, ", ")
end

local function json_field(name, value)
  return json.quote(name) .. ": " .. json.quote(value)
end

-- As a string of Lua. A line end that follows the backslash of %q would be read as two lines.
local function lua_field(name, value)
  return name .. " = " .. ("%q"):format(value):gsub("\\?\n", "\\n"):gsub("\r", "\\r"):gsub("%z", "\\0")
end

-- By format: what stands first, an entry (`is_first` tells), what stands last, and what an empty list is.
local FORMATS = {
  csv = {
    first = csv.format,
    entry = function(record)
      return csv.format(record)
    end,
    last = "",
  },
  json = {
    entry = function(record, columns, is_first)
      return (is_first and "[\n  {" or ",\n  {") .. fields_of(record, columns, json_field) .. "}"
    end,
    last = "\n]\n",
    empty = "[]\n",
  },
  jsonl = {
    entry = function(record, columns)
      return "{" .. fields_of(record, columns, json_field) .. "}\n"
    end,
    last = "",
  },
  lua = {
    first = function()
      return "return {\n"
    end,
    entry = function(record, columns)
      return "  { " .. fields_of(record, columns, lua_field) .. " },\n"
    end,
    last = "}\n",
  },
}

local Writer = {}
Writer.__index = Writer

local function begin(self)
  if self.has_begun then
    return true
  end
  self.has_begun = true
  local first = FORMATS[self.format].first
  if not first then
    return true
  end
  return self.write(first(self.columns))
end

--- Writes an entry.
---@param record string[] the fields, in the order of the columns, and `list`
---@return true?
---@return string? message
function Writer:entry(record)
  local is_first = not self.has_begun
  local ok, message = begin(self)
  if not ok then
    return nil, message
  end
  self.count = self.count + 1
  return self.write(FORMATS[self.format].entry(record, self.columns, is_first))
end

--- Writes what stands after the last entry.
---@return true?
---@return string? message
function Writer:finish()
  local of_format = FORMATS[self.format]
  local ok, message = begin(self)
  if not ok then
    return nil, message
  end
  local last = self.count == 0 and of_format.empty or of_format.last
  if last == "" then
    return true
  end
  return self.write(last)
end

--- Makes a writer.
---@param format "csv"|"json"|"jsonl"|"lua"
---@param columns string[]
---@param write fun(text: string): true?, string? nil and a message where it fails
---@return { entry: function, finish: function, count: integer }
function entries.writer(format, columns, write)
  return setmetatable({ format = format, columns = columns, write = write, count = 0 }, Writer)
end

return entries
