--- What an entry of a file asks for, whatever the format of the file.
-- @module numberpool.files.records

local columns = require "numberpool.files.columns"
local csv = require "numberpool.files.csv"
local numbers = require "numberpool.files.numbers"

local records = {}

--- An entry of a file, and what it asks for.
---@class numberpool.files.Row
---@field line integer? nil where an evaluated Lua file has it
---@field place string where it stands, for messages: "line 12"
---@field fields string[]? of CSV, as the file has them, one for each column
---@field list "numbers"|"tollfree"|"shortcodes"
---@field number string? the one to send; nil for a shortcode, and where `error` says why
---@field text string the number or shortcode as the file has it
---@field service string? as the file has it, in small letters
---@field error string? why it can't be had

-- By list, the service of a row that names none.
local DEFAULT_SERVICE = { numbers = "sms" }

local SERVICES = { sms = true, mms = true }

--- The service that a row asks for when it is added; nil where it asks for none.
---@param row numberpool.files.Row
---@return string?
function records.wanted_service(row)
  return row.service or DEFAULT_SERVICE[row.list]
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

-- Reads the cells of a row.
local function complete(row, cells, options)
  row.text = csv.trim(cells.number)
  row.service = columns.service_of(cells.service)
  row.list = list_of(row, cells.list, cells.type)
  if row.error then
    return row
  elseif row.list ~= "shortcodes" then
    row.number, row.error = numbers.read(cells.number, options.calling_code)
  elseif row.text == "" then
    row.error = "expected a shortcode, got none"
  end
  if row.service and not SERVICES[row.service] then
    row.error = row.error or "service: expected sms or mms, got " .. row.service
  end
  if not row.error and options.check then
    local _, message = options.check(row.list, row.number or row.text)
    row.error = message
  end
  return row
end

--- A row of a record of CSV.
---@param record numberpool.files.Record
---@param layout numberpool.files.Layout
---@param options { calling_code: string?, check: function?, keeps_fields: boolean? }
---@return numberpool.files.Row
function records.of_record(record, layout, options)
  local positions = layout.positions
  local function cell(name)
    return positions[name] and record[positions[name]] or ""
  end
  local row = { line = record.line, place = "line " .. record.line }
  if options.keeps_fields then
    row.fields = {}
    for position = 1, #layout.header do
      row.fields[position] = record[position] or ""
    end
  end
  return complete(row, { number = cell "number", service = cell "service", list = cell "list", type = cell "type" },
    options)
end

-- A number is text in what is parsed, and may be one in what is evaluated.
local function text_of(value)
  if type(value) == "number" then
    return math.floor(value) == value and ("%.0f"):format(value) or tostring(value)
  end
  return type(value) == "string" and value or nil
end

-- The cells of an entry with fields; or nil and what is wrong.
local function cells_of(value, list)
  local cells = { list = list or "" }
  for name, field in pairs(value) do
    local is_shortcode = type(name) == "string" and name:lower() == "shortcode"
    local meaning = is_shortcode and "number" or type(name) == "string" and columns.meaning(name)
    if type(name) ~= "string" then
      return nil, "expected a number or an entry with the field `number`, got a list"
    elseif meaning and cells[meaning] and meaning ~= "list" then
      return nil, "two fields are both the " .. meaning
    elseif meaning and meaning ~= "error" then
      cells[meaning] = text_of(field)
      if not cells[meaning] then
        return nil, ("%s: expected a string%s, got a %s"):format(name, meaning == "number" and " or a number" or "",
          type(field))
      end
    end
    local wrong = not meaning and columns.wrong_name(name)
    if wrong then
      return nil, wrong
    end
    if is_shortcode and cells.list == "" then
      cells.list = "shortcodes"
    end
  end
  if not cells.number then
    return nil, "expected an entry with the field `number`"
  end
  return cells
end

--- A row of an entry of JSON or Lua: a number, or a table with fields.
---@param value any
---@param place { line: integer?, place: string, list: string? }
---@param options { calling_code: string?, check: function?, keeps_fields: boolean? }
---@return numberpool.files.Row
function records.of_value(value, place, options)
  local row = { line = place.line, place = place.place }
  local cells, message
  if type(value) == "table" then
    cells, message = cells_of(value, place.list)
  else
    cells = { number = text_of(value), list = place.list }
    message = not cells.number and "expected a number or an entry with fields, got a " .. type(value) or nil
  end
  if message then
    row.list, row.text, row.error = place.list or "numbers", "", message
    cells = {}
  end
  for _, name in ipairs { "number", "service", "list", "type" } do
    cells[name] = cells[name] or ""
  end
  if not message then
    complete(row, cells, options)
  end
  if options.keeps_fields then
    row.fields = { cells.number, cells.service, row.list }
  end
  return row
end

return records
