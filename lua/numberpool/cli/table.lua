--- A table of text: columns that line up, cut to the terminal's width, written while the entries come.
-- @module numberpool.cli.table

local text = require "numberpool.cli.text"

local tables = {}

local GAP = "  "

-- The widths of columns are those of the first entries. What comes later and is wider is cut, where there is no room.
local ENTRIES_MEASURED = 100

local LEAST_WIDTH = 12 -- of a column that is made narrower

local BOLD, PLAIN = "\27[1m", "\27[0m"

local function row_of(entry, columns, options)
  local row = {}
  for i, name in ipairs(columns) do
    row[i] = options.cell(entry, name)
  end
  return row
end

local function total_of(widths)
  local total = #GAP * (#widths - 1)
  for _, width in ipairs(widths) do
    total = total + width
  end
  return total
end

-- The widest column but the first, which names the entry, if it can be made narrower.
local function widest(widths, first)
  local found
  for i = first, #widths do
    if widths[i] > LEAST_WIDTH and (not found or widths[i] >= widths[found]) then
      found = i
    end
  end
  return found
end

-- What columns take if all are as narrow as can be.
local function least_of(widths)
  local least = {}
  for i, width in ipairs(widths) do
    least[i] = i == 1 and width or math.min(width, LEAST_WIDTH)
  end
  return total_of(least)
end

-- Leaves out the last columns where they can't fit, and makes the others narrower until they do.
local function fit(widths, most)
  while #widths > 1 and least_of(widths) > most do
    widths[#widths] = nil
  end
  while total_of(widths) > most do
    local found = widest(widths, 2) or 1
    widths[found] = widths[found] - 1
  end
end

local function measure(rows, count)
  local widths = {}
  for i = 1, count do
    widths[i] = 1
  end
  for _, row in ipairs(rows) do
    for i = 1, count do
      widths[i] = math.max(widths[i], text.width(row[i]))
    end
  end
  return widths
end

local function write_row(row, widths, options, is_header)
  local cells = {}
  for i, width in ipairs(widths) do
    local cell = row[i]
    if options.width then
      cell = text.cut(cell, width)
    end
    cells[i] = i < #widths and text.pad(cell, width) or cell
  end
  local line = table.concat(cells, GAP):gsub("%s+$", "")
  if is_header and options.has_colours then
    line = BOLD .. line .. PLAIN
  end
  options.write(line .. "\n")
end

--- Writes a table. False where there are no entries: then it writes nothing.
---@param source fun(): any entries
---@param options table
---@return boolean
-- `columns(first_entry)` gives the names of columns, `cell(entry, name)` a cell as one line, `write(text)` writes;
-- `width` is that of the terminal, or nil; `has_colours`, `has_no_header`.
function tables.write(source, options)
  local first = source()
  if first == nil then
    return false
  end
  local columns = options.columns(first)
  local rows, entry = {}, first
  if not options.has_no_header then
    rows[1] = {}
    for i, name in ipairs(columns) do
      rows[1][i] = text.one_line(name)
    end
  end
  while entry ~= nil do
    rows[#rows + 1] = row_of(entry, columns, options)
    if #rows == ENTRIES_MEASURED then
      break
    end
    entry = source()
  end
  local widths = measure(rows, #columns)
  if options.width then
    fit(widths, options.width)
  end
  for i, row in ipairs(rows) do
    write_row(row, widths, options, i == 1 and not options.has_no_header)
  end
  while entry ~= nil do
    entry = source()
    if entry ~= nil then
      write_row(row_of(entry, columns, options), widths, options)
    end
  end
  return true
end

return tables
