--- Reads files of numbers: CSV, JSON, JSON lines and Lua. A file that can be understood in two ways is refused.
-- @module numberpool.files.reader

local buffer = require "numberpool.files.buffer"
local columns = require "numberpool.files.columns"
local header = require "numberpool.files.header"
local json = require "numberpool.files.json"
local lua_literal = require "numberpool.files.lua_literal"
local lua_table = require "numberpool.files.lua_table"
local records = require "numberpool.files.records"
local repeated = require "numberpool.files.repeated"
local source = require "numberpool.files.source"

local reader = {}

--- How a file is read.
---@class numberpool.files.ReadOptions
---@field format "csv"|"json"|"jsonl"|"lua"|nil default: by the name's ending, else by what stands in the file
---@field calling_code string? the country code of numbers that have none
---@field check (fun(list: string, number: string): any, string?)? what is wrong with a number comes second
---@field keeps_fields boolean? rows have their `fields`

--- A file that was read.
---@class numberpool.files.Contents
---@field path string
---@field format "csv"|"json"|"jsonl"|"lua"
---@field columns string[] their names, as a file of CSV has them
---@field positions table<string, integer> of the columns: number, service, list, type and error
---@field delimiter string
---@field lists table<string, true> the lists that are named, even where nothing is in them, or that have an entry
---@field rows numberpool.files.Row[] of `read`
---@field repeated numberpool.files.Row[][] of `read`: rows that ask for the same number

reader.FORMATS = { "csv", "json", "jsonl", "lua" }

local BY_ENDING = { csv = "csv", tsv = "csv", txt = "csv", json = "json", jsonl = "jsonl", ndjson = "jsonl",
  lua = "lua" }

-- The columns of what has none.
local COLUMNS = { "number", "service", "list" }
local POSITIONS = { number = 1, service = 2, list = 3 }

local function format_of(path, text)
  local by_ending = BY_ENDING[(path:match "%.(%w+)$" or ""):lower()]
  if by_ending then
    return by_ending
  elseif text:find "^%s*[%[{]" then
    return "json"
  elseif text:find "^%s*return[%s{]" or text:find "^%s*%-%-" or text:find "^%s*local%s" then
    return "lua"
  end
  return "csv"
end

local function at_line(line, message)
  return ("line %d: %s"):format(line, message)
end

local function read_csv(from, contents, options, on_row)
  local layout, next_record = header.read(from)
  if not layout then
    return next_record
  end
  contents.columns, contents.positions, contents.delimiter = layout.header, layout.positions, layout.delimiter
  while true do
    local record, line, message = next_record()
    if message then
      return at_line(line, message)
    elseif not record then
      return nil
    end
    message = header.wrong_record(record, layout)
    if message then
      return message
    end
    on_row(records.of_record(record, layout, options))
  end
end

local function new_sink(contents, options, on_row)
  return {
    list = function(list)
      contents.lists[list] = true
    end,
    entry = function(value, line, list)
      on_row(records.of_value(value, { line = line, place = "line " .. line, list = list }, options))
    end,
  }
end

local function read_json(from, contents, options, on_row)
  local is_read, line, message = json.read(from, new_sink(contents, options, on_row))
  return not is_read and at_line(line, message) or nil
end

-- Whether a table is a list without gaps and without fields.
local function is_list(value)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value
end

-- Gives the entries of an evaluated list. Returns what is wrong with it.
local function each_of_list(list, of, emit)
  if type(list) ~= "table" or not is_list(list) then
    return ("%s: expected a list, got %s"):format(of or "the table", type(list) == "table"
      and "one with gaps, or with fields among its entries" or "a " .. type(list))
  end
  for i, entry in ipairs(list) do
    emit(entry, of, ("%s[%d]"):format(of or "entry ", i))
  end
  return nil
end

local function has_lists(value)
  for name, list in pairs(value) do
    if type(name) == "string" and columns.list_of(name) and type(list) == "table" then
      return true
    end
  end
  return false
end

-- Gives the entries of an evaluated table: a list, or a table with lists, or one entry.
local function each_of_table(value, contents, emit)
  if value[1] ~= nil or next(value) == nil then
    return each_of_list(value, nil, emit)
  elseif not has_lists(value) then
    return emit(value, nil, "the entry")
  end
  for name, list in pairs(value) do
    local of = type(name) == "string" and columns.list_of(name)
    if not of then
      return "expected lists of entries alone (numbers, tollfree, shortcodes), got the field " .. tostring(name)
    end
    contents.lists[of] = true
    local message = each_of_list(list, of, emit)
    if message then
      return message
    end
  end
  return nil
end

-- Reads a table of plain values as it stands there. Any other file is evaluated.
local function read_lua(from, contents, options, on_row)
  local text = from:rest()
  if from.message then
    return nil
  end
  local values, lines, lists = {}, {}, {}
  local sink = new_sink(contents, options, on_row)
  local is_read = lua_literal.read(buffer.of(text), {
    list = sink.list,
    entry = function(value, line, list)
      local i = #values + 1
      values[i], lines[i], lists[i] = value, line, list or false
    end,
  })
  if is_read then
    for i, value in ipairs(values) do
      sink.entry(value, lines[i], lists[i] or nil)
    end
    return nil
  end
  local value, message = lua_table.evaluate(text)
  if not value then
    return message
  end
  return each_of_table(value, contents, function(entry, list, place)
    on_row(records.of_value(entry, { place = place, list = list }, options))
  end)
end

local READERS = { csv = read_csv, json = read_json, jsonl = read_json, lua = read_lua }

--- Reads a file, and gives its rows one after another, without keeping them. A row that can't be right has an `error`.
--- Where the file can't be understood, some rows may have been given before that is known.
---@param path string `-` is standard input
---@param options numberpool.files.ReadOptions?
---@param on_row fun(row: numberpool.files.Row)
---@return numberpool.files.Contents? contents without rows
---@return string? message with the file and the line
function reader.each(path, options, on_row)
  options = options or {}
  local file, message = source.open(path)
  if not file then
    return nil, message
  end
  local from = buffer.new(function()
    return file:read()
  end)
  local is_empty = from:is_over() or not from.text:find "%S" and not from:rest():find "%S"
  local contents = { path = file.path, columns = COLUMNS, positions = POSITIONS, delimiter = ",", lists = {} }
  contents.format = options.format or format_of(path, from.text)
  if not from.message and is_empty then
    message = "is empty: expected numbers"
  elseif not from.message then
    message = READERS[contents.format](from, contents, options, function(row)
      contents.lists[row.list] = true
      on_row(row)
    end)
  end
  file:close()
  if from.message then -- it has the path
    return nil, from.message
  elseif message then
    return nil, file.path .. ": " .. message
  end
  return contents
end

--- Reads a file. A row that can't be had has an `error`. A file that can't be understood has no rows at all.
---@param path string `-` is standard input
---@param options numberpool.files.ReadOptions?
---@return numberpool.files.Contents?
---@return string? message with the file and the line
function reader.read(path, options)
  options = options or {}
  local rows = {}
  local contents, message = reader.each(path, {
    format = options.format,
    calling_code = options.calling_code,
    check = options.check,
    keeps_fields = true,
  }, function(row)
    rows[#rows + 1] = row
  end)
  if not contents then
    return nil, message
  end
  contents.rows, contents.repeated = rows, repeated.find(rows)
  repeated.refuse_contradictions(contents.repeated)
  return contents
end

return reader
