--- CSV as RFC 4180 describes it, and as programs write it: with other delimiters and line ends, and with spaces around
--- quotes.
-- @module numberpool.files.csv

local buffer = require "numberpool.files.buffer"

local csv = {}

--- A record: its fields.
---@class numberpool.files.Record: string[]
---@field line integer its first line
---@field source string? the text of a record of several lines

--- A text without the spaces around it.
---@param text string
---@return string
function csv.trim(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

local function count_breaks(text)
  local plain = text:gsub("\r\n", "\n"):gsub("\r", "\n")
  return select(2, plain:gsub("\n", ""))
end

-- In what follows `self` is a buffer, and `dialect` has the patterns for a delimiter.

-- Reads a quoted field, from the character after its quote. Returns it; or nil, a line, and what is wrong there.
local function read_quoted(self, dialect, at)
  local parts, line, text = {}, self.line, self.text
  while true do
    local stop = text:find('"', at, true)
    if not stop then
      self.at = #text + 1
      return nil, line, "a quote is never closed: a quote too many?"
    end
    local part = text:sub(at, stop - 1)
    parts[#parts + 1] = part
    self.line = self.line + count_breaks(part)
    if text:sub(stop + 1, stop + 1) ~= '"' then
      self.at = stop + 1
      break
    end
    parts[#parts + 1] = '"' -- two quotes in a row are one quote of the field
    at = stop + 2
  end
  self.at = text:match(dialect.blanks, self.at)
  local after = text:match(dialect.plain, self.at)
  if after ~= "" then
    local where = self.line > line and (" (of the field that begins on line %d)"):format(line) or ""
    return nil, self.line, ("text after a closing quote%s: %s"):format(where, after:sub(1, 40))
  end
  return table.concat(parts)
end

local function read_field(self, dialect)
  local quoted = self.text:match(dialect.quote, self.at)
  if quoted then
    return read_quoted(self, dialect, quoted)
  end
  local field = self.text:match(dialect.plain, self.at)
  self.at = self.at + #field
  return field
end

local function read_record(self, dialect)
  local record = { line = self.line }
  local first = self.at
  while true do
    local field, line, message = read_field(self, dialect)
    if not field then
      return nil, line, message
    end
    record[#record + 1] = field
    if self.text:sub(self.at, self.at) ~= dialect.delimiter then
      break
    end
    self.at = self.at + 1
  end
  record.source = self.line > record.line and self.text:sub(first, self.at - 1) or nil
  local break_length = self.text:find("^\r\n", self.at) and 2 or 1
  self.at = self.at + break_length
  self.line = self.line + 1
  return record
end

local function is_empty(record)
  for _, field in ipairs(record) do
    if field:find "%S" then
      return false
    end
  end
  return true
end

--- Reads the records of a text one after another, without those whose fields are all empty.
---@param from numberpool.files.Buffer
---@param delimiter string
---@return fun(): numberpool.files.Record?, integer?, string? next nil at the end; or nil, a line and what is wrong
function csv.records(from, delimiter)
  local blank = delimiter == "\t" and " " or " \t"
  local dialect = {
    delimiter = delimiter,
    plain = "^[^" .. delimiter .. "\r\n]*",
    quote = "^[" .. blank .. ']*"()',
    blanks = "^[" .. blank .. "]*()",
  }
  return function()
    while not from:is_over() do
      local record, line, message = from:parse(read_record, dialect)
      if not record or not is_empty(record) then
        return record, line, message
      end
    end
    return nil
  end
end

--- Reads the records of a text, without those whose fields are all empty.
---@param text string
---@param delimiter string
---@param line integer? the number of the text's first line; default 1
---@param most integer? how many records to read; default: all
---@return numberpool.files.Record[]? records
---@return integer? line where something is wrong
---@return string? message
function csv.parse(text, delimiter, line, most)
  local from = buffer.of(text, line)
  local records, next_record = {}, csv.records(from, delimiter)
  while #records < (most or math.huge) do
    local record, wrong_line, message = next_record()
    if message then
      return nil, wrong_line, message
    elseif not record then
      break
    end
    records[#records + 1] = record
  end
  return records
end

local function quote(field, delimiter)
  local needs_it = field:find '["\r\n]' or field:find(delimiter, 1, true) or field:find "^%s" or field:find "%s$"
  return needs_it and '"' .. field:gsub('"', '""') .. '"' or field
end

--- The line of a record, with its line end.
---@param fields string[]
---@param delimiter string? default: a comma
---@return string
function csv.format(fields, delimiter)
  delimiter = delimiter or ","
  local quoted = {}
  for i, field in ipairs(fields) do
    quoted[i] = quote(field, delimiter)
  end
  return table.concat(quoted, delimiter) .. "\r\n"
end

return csv
