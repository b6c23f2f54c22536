--- Reads a file of numbers: finds its delimiter and its columns, and makes a row of each record. A file that can be
--- understood in two ways is refused.
-- @module numberpool.files.reader

local columns = require "numberpool.files.columns"
local csv = require "numberpool.files.csv"
local encoding = require "numberpool.files.encoding"
local numbers = require "numberpool.files.numbers"

local reader = {}

--- A record, and what it asks for.
---@class numberpool.files.Row
---@field line integer
---@field fields string[] as the file has them, one for each column
---@field list "numbers"|"tollfree"|"shortcodes"
---@field number string? the one to send; nil for a shortcode, and where `error` says why
---@field text string the number as the file has it
---@field service string? as the file has it, in small letters
---@field error string? why it can't be added

--- A file that was read.
---@class numberpool.files.Contents
---@field path string
---@field columns string[] their names, as the file has them
---@field positions table<string, integer> of the columns: number, service, list, type and error
---@field delimiter string
---@field rows numberpool.files.Row[]
---@field repeated numberpool.files.Row[][] rows that ask for the same number

local DELIMITERS = { ",", ";", "\t", "|" }
local DELIMITER_NAMES = { [","] = "comma", [";"] = "semicolon", ["\t"] = "tab", ["|"] = "bar" }

-- By list, the service of a row that names none.
local DEFAULT_SERVICE = { numbers = "sms" }

--- The service that a row asks for; nil where it asks for none.
---@param row numberpool.files.Row
---@return string?
function reader.wanted_service(row)
  return row.service or DEFAULT_SERVICE[row.list]
end

local function read_bytes(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local bytes
  bytes, message = file:read "*a"
  file:close()
  if not bytes then
    return nil, path .. ": " .. message
  end
  return bytes
end

-- Returns the delimiter that a first line such as `sep=;` names, and the text after that line; a message comes third.
local function take_separator(text)
  local delimiter, rest = text:match '^"?[sS][eE][pP]=([^\r\n])"?\r?\n(.*)$'
  if not delimiter then
    delimiter, rest = text:match '^"?[sS][eE][pP]=([^\r\n])"?\r(.*)$'
  end
  if delimiter and not DELIMITER_NAMES[delimiter] then
    return nil, nil, "line 1: sep: expected a comma, semicolon, tab or bar, got " .. delimiter
  end
  return delimiter, rest
end

-- Reads the first line with each delimiter. Returns the reading with the most columns that has a column of numbers, and
-- the one with the most columns of all.
local function find_header(text, line, delimiter)
  local found, first
  for _, candidate in ipairs(delimiter and { delimiter } or DELIMITERS) do
    local records = csv.parse(text, candidate, line, 1)
    local header = records and records[1]
    if header then
      local positions, doubled = columns.read(header)
      first = (not first or #header > #first.header) and { header = header, delimiter = candidate } or first
      if positions.number and not (found and #found.header >= #header) then
        found = { header = header, delimiter = candidate, positions = positions, doubled = doubled }
      end
    end
  end
  return found, first
end

-- Whether a text has numbers alone, one per line.
local function has_numbers_alone(text)
  for _, delimiter in ipairs(DELIMITERS) do
    local records = csv.parse(text, delimiter)
    for _, record in ipairs(records or { {} }) do
      if #record ~= 1 or not numbers.look_like(record[1]) then
        return false
      end
    end
  end
  return true
end

local function names_in(header)
  local names = {}
  for i = 1, math.min(#header, 12) do
    names[i] = csv.trim(header[i]):gsub("%c", " "):sub(1, 40)
  end
  return table.concat(names, " | ") .. (#header > 12 and " | ..." or "")
end

local function no_header(first)
  local header = first.header
  return ("line %d: expected a first line that names the columns, the column `number` among them (%s), got: %s")
    :format(header.line, columns.NAMES, names_in(header))
end

-- The line at which a quote too many has joined a record with the next one: more than `most` of its lines have a number
-- in the column of numbers. Nil where there is no such line.
local function find_joined(record, delimiter, position, most)
  if not record.source then
    return nil
  end
  local source = record.source:gsub("\r\n", "\n"):gsub("\r", "\n") .. "\n"
  local line, with_number = record.line - 1, 0
  for text in source:gmatch "(.-)\n" do
    line = line + 1
    local at = 0
    for field in (text .. delimiter):gmatch("(.-)%" .. delimiter) do
      at = at + 1
      if at == position and numbers.look_like((field:gsub('"', ""))) then
        with_number = with_number + 1
      end
    end
    if with_number > most then
      return line
    end
  end
  return nil
end

local function wrong_quote(record, layout, most)
  local line = find_joined(record, layout.delimiter, layout.positions.number, most)
  return line and ("line %d: a quoted field goes on into line %d, which looks like a record of its own:"
    .. " a quote too many?"):format(record.line, line) or nil
end

-- Returns `{ header, delimiter, positions }`, and whether the file has the header. What is wrong comes third.
local function understand_header(text, line, delimiter)
  local found, first = find_header(text, line, delimiter)
  if found then
    local wrong = found.doubled and ("line %d: %s: expected one"):format(found.header.line, found.doubled)
      or wrong_quote(found.header, found, 0)
    return not wrong and found or nil, true, wrong
  elseif not first then
    local _, wrong_line, message = csv.parse(text, ",", line, 1)
    return nil, nil, message and ("line %d: %s"):format(wrong_line, message)
      or "is empty: expected a first line that names the columns, the column `number` among them"
  elseif not delimiter and has_numbers_alone(text) then
    return { header = { "number" }, delimiter = ",", positions = { number = 1 } }, false
  end
  local records, wrong_line, message = csv.parse(text, first.delimiter, line)
  if not records and numbers.look_like(first.header[1]) then -- numbers alone, with a quote too many
    return nil, nil, ("line %d: %s"):format(wrong_line, message)
  end
  return nil, nil, no_header(first)
end

-- What is wrong with a record so that the whole file is refused; nil where nothing is.
local function wrong_record(record, layout)
  local header, delimiter = layout.header, layout.delimiter
  if columns.are_names(header, record) then
    return ("line %d: the names of the columns again: expected them in the first line alone"):format(record.line)
  end
  local message = wrong_quote(record, layout, 1)
  if message then
    return message
  end
  for position = #header + 1, #record do
    if record[position]:find "%S" then
      return ("line %d: expected at most %d fields, as the header has, got %d: %s (a %s in a field needs quotes)")
        :format(record.line, #header, #record, names_in(record), DELIMITER_NAMES[delimiter])
    end
  end
  return nil
end

-- The list of a row: the one in its column `list`, else its type, else a service that is in fact the name of a list.
local function list_of(row, named, type_name)
  if named:find "%S" then
    local list = columns.list_of(named)
    if not list then
      row.error = "list: expected numbers, tollfree or shortcodes, got " .. named
    end
    return list or "numbers"
  end
  local list = columns.list_of(type_name)
  if row.service and columns.list_of(row.service) == "tollfree" then
    row.service = nil
    list = list == "shortcodes" and list or "tollfree"
  end
  return list or "numbers"
end

local function new_row(record, layout, code)
  local positions = layout.positions
  local function field(name)
    return positions[name] and record[positions[name]] or ""
  end
  local row = { line = record.line, fields = {}, text = csv.trim(field "number") }
  for position = 1, #layout.header do
    row.fields[position] = record[position] or ""
  end
  row.service = columns.service_of(field "service")
  row.list = list_of(row, field "list", field "type")
  if row.list ~= "shortcodes" and not row.error then
    row.number, row.error = numbers.read(field "number", code)
  end
  return row
end

-- The groups of rows that ask for the same number, in the order of the file.
local function find_repeated(rows)
  local by_number, repeated = {}, {}
  for _, row in ipairs(rows) do
    if row.number then
      local key = row.list .. " " .. numbers.digits_of(row.number)
      local same = by_number[key] or {}
      by_number[key] = same
      same[#same + 1] = row
      repeated[#repeated + 1] = #same == 2 and same or nil
    end
  end
  return repeated
end

local function other_service(row, same)
  for _, other in ipairs(same) do
    local ours, theirs = reader.wanted_service(row), reader.wanted_service(other)
    if ours and theirs and ours ~= theirs then
      return ("service: expected one for %s, got %s on line %d and %s on line %d"):format(row.text, ours, row.line,
        theirs, other.line)
    end
  end
  return nil
end

-- Sets the error of rows that ask for one number with two services.
local function refuse_contradictions(repeated)
  for _, same in ipairs(repeated) do
    local errors = {}
    for i, row in ipairs(same) do
      errors[i] = other_service(row, same)
    end
    for i, row in ipairs(same) do
      row.error = row.error or errors[i]
    end
  end
end

local function understand(text, code)
  local delimiter, rest, message = take_separator(text)
  if message then
    return nil, message
  end
  local line = rest and 2 or 1
  text = rest or text
  local layout, has_header, wrong = understand_header(text, line, delimiter)
  if not layout then
    return nil, wrong
  end
  local records, wrong_line, why = csv.parse(text, layout.delimiter, line)
  if not records then
    return nil, ("line %d: %s"):format(wrong_line, why)
  end
  local rows = {}
  for i = has_header and 2 or 1, #records do
    wrong = wrong_record(records[i], layout)
    if wrong then
      return nil, wrong
    end
    rows[#rows + 1] = new_row(records[i], layout, code)
  end
  local repeated = find_repeated(rows)
  refuse_contradictions(repeated)
  return { columns = layout.header, positions = layout.positions, delimiter = layout.delimiter, rows = rows,
    repeated = repeated }
end

--- Reads a file. A row that can't be added has an `error`. A file that can't be understood has no rows at all.
---@param path string
---@param options { calling_code: string? }? the country code of numbers that have none
---@return numberpool.files.Contents?
---@return string? message with the file and the line
function reader.read(path, options)
  local bytes, message = read_bytes(path)
  if not bytes then
    return nil, message
  end
  local text
  text, message = encoding.decode(bytes)
  if not text then
    return nil, path .. ": " .. message
  end
  local contents
  contents, message = understand(text, options and options.calling_code)
  if not contents then
    return nil, path .. ": " .. message
  end
  contents.path = path
  return contents
end

-- How many lines and numbers are named at most.
local MOST_LINES, MOST_NUMBERS = 8, 20

local function lines_of(rows)
  local lines = {}
  for i = 1, math.min(#rows, MOST_LINES) do
    lines[i] = tostring(rows[i].line)
  end
  local more = #rows - #lines
  local last = more > 0 and more .. " more" or table.remove(lines)
  return table.concat(lines, ", ") .. " and " .. last
end

--- Describes the numbers that are in a file more than once, each in a line.
---@param contents numberpool.files.Contents
---@return string[]
function reader.describe_repeated(contents)
  local lines = {}
  for i, rows in ipairs(contents.repeated) do
    if i > MOST_NUMBERS then
      lines[i] = ("%s: %d more numbers are there more than once"):format(contents.path,
        #contents.repeated - MOST_NUMBERS)
      break
    end
    local digits = numbers.digits_of(rows[1].number)
    local hint = digits:find "00000$" and ": what a spreadsheet program leaves of others that it shows as 1.51256E+10?"
      or ""
    lines[i] = ("%s: %s is there %d times, on lines %s%s"):format(contents.path, digits, #rows, lines_of(rows), hint)
  end
  return lines
end

return reader
