--- Writes entries in the format that was asked for: as a table, JSON, JSON lines, CSV or TSV.
-- @module numberpool.cli.output

local csv = require "numberpool.files.csv"
local json = require "numberpool.cli.json"
local program = require "numberpool.report.program"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.cli.text"
local tables = require "numberpool.cli.table"

local unpack = table.unpack or unpack

local output = {}

output.FORMATS = { "table", "json", "jsonl", "csv", "tsv" }

--- Where a command writes what it finds.
---@class numberpool.cli.Output
---@field format "table"|"json"|"jsonl"|"csv"|"tsv"
---@field fields string[]? those that are wanted, in this order
local Output = {}
Output.__index = Output

-- What iterates: a list's entries, or an iterator's. A server may send something that has no fields.
local function each(entries)
  local next_entry = entries
  if type(entries) == "table" then
    local i = 0
    function next_entry()
      i = i + 1
      return entries[i]
    end
  end
  return function()
    local entry = next_entry()
    return type(entry) ~= "table" and entry ~= nil and { value = entry } or entry
  end
end

local function with_fields(entry, fields)
  if not fields then
    return next(entry) == nil and json.object(entry) or entry
  end
  local part = json.object {}
  for _, name in ipairs(fields) do
    part[name] = entry[name]
  end
  return part
end

-- A field as a cell.
local function cell_of(value)
  if value == nil then
    return ""
  elseif type(value) == "string" then
    return value
  end
  return json.encode(value)
end

-- The columns of entries: those that are asked for, else the command's and whatever else the first entry has.
local function columns_of(self, first, columns)
  return self.fields or json.names(first, columns)
end

local function write_json(self, source, columns)
  local is_first = true
  for entry in source do
    local line = json.encode(with_fields(entry, self.fields), self.fields or columns)
    program.write((is_first and "[\n  " or ",\n  ") .. line)
    is_first = false
  end
  program.write(is_first and "[]\n" or "\n]\n")
end

local function write_json_lines(self, source, columns)
  local order = self.fields or columns
  for entry in source do
    program.write(json.encode(with_fields(entry, self.fields), order) .. "\n")
  end
end

-- RFC 4180 has CR LF; what reads lines in a shell wants LF.
local function csv_line(cells)
  return (csv.format(cells):gsub("\r\n$", "\n"))
end

local ESCAPES_OF_TSV = { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\" }

local function tsv_line(cells)
  for i, cell in ipairs(cells) do
    cells[i] = cell:gsub("[\t\n\r\\]", ESCAPES_OF_TSV)
  end
  return table.concat(cells, "\t") .. "\n"
end

-- CSV and TSV. The first line names the columns, even where there are no entries.
local function write_lines(self, source, columns, line_of)
  local is_seen = terminal.is "stdout"
  local names
  local function write(cells)
    for i, cell in ipairs(cells) do
      cells[i] = is_seen and text.one_line(cell) or cell
    end
    program.write(line_of(cells))
  end
  for entry in source do
    if not names then
      names = columns_of(self, entry, columns)
      write { unpack(names) }
    end
    local cells = {}
    for i, name in ipairs(names) do
      cells[i] = cell_of(entry[name])
    end
    write(cells)
  end
  local default = self.fields or columns
  if not names and default then
    write { unpack(default) }
  end
end

local function write_table(self, source, columns)
  local is_seen = terminal.is "stdout"
  local has_some = tables.write(source, {
    columns = function(first)
      return self.fields or columns or json.names(first)
    end,
    cell = function(entry, name)
      return text.one_line(cell_of(entry[name]))
    end,
    width = is_seen and terminal.width() or nil,
    has_colours = terminal.has_colours "stdout",
    write = program.write,
  })
  if not has_some and is_seen then
    self:message "none"
  end
end

local WRITERS = {
  table = write_table,
  json = write_json,
  jsonl = write_json_lines,
  csv = function(self, source, columns)
    write_lines(self, source, columns, csv_line)
  end,
  tsv = function(self, source, columns)
    write_lines(self, source, columns, tsv_line)
  end,
}

-- Passes entries on. The second function says which of the fields that are asked for none of them has.
local function noting_fields(self, source)
  local missing, first = {}, nil
  for _, name in ipairs(self.fields or {}) do
    missing[name] = true
  end
  return function()
    local entry = source()
    first = first or entry
    for name in pairs(entry and missing or {}) do
      missing[name] = entry[name] == nil or nil
    end
    return entry
  end, function()
    if first and next(missing) then
      self:message(("--fields: no entry has %s; the first has %s"):format(table.concat(json.names(missing), ", "),
        table.concat(json.names(first), ", ")))
    end
  end
end

--- Writes a list, each entry as soon as it is there.
---@param entries table[]|fun(): table?
---@param columns string[]? the columns of a table; in other formats these fields come first
function Output:entries(entries, columns)
  local source, say_what_is_missing = noting_fields(self, each(entries))
  WRITERS[self.format](self, source, columns)
  say_what_is_missing()
end

-- One entry on a terminal: a line for each field.
local function write_fields(self, entry, columns)
  local rows = {}
  for i, name in ipairs(self.fields or json.names(entry, columns)) do
    rows[i] = { name, entry[name] }
  end
  tables.write(each(rows), {
    columns = function()
      return { 1, 2 }
    end,
    cell = function(row, position)
      return text.one_line(cell_of(row[position]))
    end,
    width = terminal.is "stdout" and terminal.width() or nil,
    has_colours = terminal.has_colours "stdout",
    write = program.write,
    has_no_header = true,
  })
end

--- Writes one thing.
---@param entry table
---@param columns string[]? these fields come first
function Output:entry(entry, columns)
  if self.format ~= "table" and self.format ~= "json" then
    return self:entries({ entry }, columns)
  end
  local source, say_what_is_missing = noting_fields(self, each { entry })
  source()
  if self.format == "table" then
    write_fields(self, entry, columns)
  else
    program.write(json.encode(with_fields(entry, self.fields), self.fields or columns, "  ") .. "\n")
  end
  say_what_is_missing()
end

--- Writes a value that is one word, as a count is: it is the same in every format.
---@param value string|number
function Output:value(value)
  program.write(text.one_line(cell_of(value)) .. "\n")
end

--- Writes a text that is the same in every format.
---@param value string
function Output:text(value)
  program.write(value)
end

--- Writes a line for people on standard error, unless they want none.
---@param line string
function Output:message(line)
  if not self.is_quiet then
    program.warn(text.one_line(line))
  end
end

--- Makes an output.
---@param format string? default: a table on a terminal, JSON lines elsewhere
---@param fields string[]?
---@param is_quiet boolean?
---@return numberpool.cli.Output
function output.new(format, fields, is_quiet)
  io.stdout:setvbuf "line" -- who reads a pipe gets each entry at once
  format = format or (terminal.is "stdout" and "table" or "jsonl")
  return setmetatable({ format = format, fields = fields, is_quiet = is_quiet }, Output)
end

return output
