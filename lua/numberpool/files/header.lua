--- Finds the delimiter and the columns of CSV, and refuses records that may be meant in another way.
-- @module numberpool.files.header

local columns = require "numberpool.files.columns"
local csv = require "numberpool.files.csv"
local numbers = require "numberpool.files.numbers"

local header = {}

local DELIMITERS = { ",", ";", "\t", "|" }
local DELIMITER_NAMES = { [","] = "comma", [";"] = "semicolon", ["\t"] = "tab", ["|"] = "bar" }

--- What is known of a file's columns.
---@class numberpool.files.Layout
---@field header string[] the names of the columns
---@field delimiter string
---@field positions table<string, integer> of the columns: number, service, list, type and error
---@field is_bare boolean? the file has numbers alone, and no header

-- The delimiter that a first line such as `sep=;` names, and the position after that line; nil where there is none.
local function find_separator(text)
  local delimiter, after = text:match '^"?[sS][eE][pP]=([^\r\n])"?\r?\n()'
  if not delimiter then
    delimiter, after = text:match '^"?[sS][eE][pP]=([^\r\n])"?\r()'
  end
  return delimiter, after
end

-- Reads the first line with each delimiter. Returns the reading with the most columns that has a column of numbers, and
-- the one with the most columns of all.
local function find_header(text, line, delimiter)
  local found, first
  for _, candidate in ipairs(delimiter and { delimiter } or DELIMITERS) do
    local records = csv.parse(text, candidate, line, 1)
    local names = records and records[1]
    if names then
      local positions, wrong = columns.read(names)
      first = (not first or #names > #first.header) and { header = names, delimiter = candidate } or first
      if positions.number and not (found and #found.header >= #names) then
        found = { header = names, delimiter = candidate, positions = positions, wrong = wrong }
      end
    end
  end
  return found, first
end

-- Whether a first line has a number alone, whatever the delimiter.
local function is_bare(text, line)
  for _, delimiter in ipairs(DELIMITERS) do
    local records = csv.parse(text, delimiter, line, 1)
    local first = records and records[1]
    if not first or #first ~= 1 or not numbers.look_like(first[1]) then
      return false
    end
  end
  return true
end

local function names_in(record)
  local names = {}
  for i = 1, math.min(#record, 12) do
    names[i] = csv.trim(record[i]):gsub("%c", " "):sub(1, 40)
  end
  return table.concat(names, " | ") .. (#record > 12 and " | ..." or "")
end

local function no_header(first)
  local names = first.header
  return ("line %d: expected a first line that names the columns, the column `number` among them (%s), got: %s")
    :format(names.line, columns.NAMES, names_in(names))
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

-- Returns the layout; or nil and what is wrong.
local function understand(text, line, delimiter)
  local found, first = find_header(text, line, delimiter)
  if found then
    local wrong = found.wrong and ("line %d: %s"):format(found.header.line, found.wrong)
      or wrong_quote(found.header, found, 0)
    return not wrong and found or nil, wrong
  elseif not first then
    local _, wrong_line, message = csv.parse(text, delimiter or ",", line, 1)
    return nil, message and ("line %d: %s"):format(wrong_line, message)
      or "is empty: expected a first line that names the columns, the column `number` among them"
  elseif not delimiter and is_bare(text, line) then
    return { header = { "number" }, delimiter = ",", positions = { number = 1 }, is_bare = true }
  end
  return nil, no_header(first)
end

--- Finds the layout of a file, and moves past its header.
---@param from numberpool.files.Buffer
---@return numberpool.files.Layout?
---@return fun(): numberpool.files.Record?, integer?, string?|string records what reads the records, or what is wrong
function header.read(from)
  if from:is_over() then
    return nil, "is empty: expected a first line that names the columns, the column `number` among them"
  end
  local delimiter, after = find_separator(from.text)
  if delimiter then
    if not DELIMITER_NAMES[delimiter] then
      return nil, "line 1: sep: expected a comma, semicolon, tab or bar, got " .. delimiter
    end
    from.at, from.line = after, 2
  end
  if not from.text:find("%S[^\r\n]*[\r\n].", from.at) then
    from:rest() -- the first line goes on past what was read
  end
  local layout, wrong = understand(from.text:sub(from.at), from.line, delimiter)
  if not layout and not from.is_whole then -- it may be one of several lines
    from:rest()
    layout, wrong = understand(from.text:sub(from.at), from.line, delimiter)
  end
  if not layout then
    return nil, wrong
  end
  local records = csv.records(from, layout.delimiter)
  if not layout.is_bare then
    records()
  end
  return layout, records
end

-- What is wrong with a record of a file of numbers alone; nil where nothing is.
local function wrong_bare(record)
  local field = record[1]
  local is_number = #record == 1 and numbers.look_like(field)
  return not is_number and ("line %d: expected a number alone, as the first line has, got %s (a file with more than"
    .. " numbers needs a first line that names its columns)"):format(record.line, names_in(record)) or nil
end

--- What is wrong with a record so that the whole file is refused; nil where nothing is.
---@param record numberpool.files.Record
---@param layout numberpool.files.Layout
---@return string?
function header.wrong_record(record, layout)
  local names, delimiter = layout.header, layout.delimiter
  if layout.is_bare then
    return wrong_quote(record, layout, 1) or wrong_bare(record)
  elseif columns.are_names(names, record) then
    return ("line %d: the names of the columns again: expected them in the first line alone"):format(record.line)
  end
  local message = wrong_quote(record, layout, 1)
  if message then
    return message
  end
  for position = #names + 1, #record do
    if record[position]:find "%S" then
      return ("line %d: expected at most %d fields, as the header has, got %d: %s (a %s in a field needs quotes)")
        :format(record.line, #names, #record, names_in(record), DELIMITER_NAMES[delimiter])
    end
  end
  return nil
end

return header
