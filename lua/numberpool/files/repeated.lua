--- Numbers that stand in a file more than once.
-- @module numberpool.files.repeated

local numbers = require "numberpool.files.numbers"
local records = require "numberpool.files.records"

local repeated = {}

--- The groups of rows that ask for the same number, in the order of the file.
---@param rows numberpool.files.Row[]
---@return numberpool.files.Row[][]
function repeated.find(rows)
  local by_number, groups = {}, {}
  for _, row in ipairs(rows) do
    if row.number then
      local key = row.list .. " " .. numbers.digits_of(row.number)
      local same = by_number[key] or {}
      by_number[key] = same
      same[#same + 1] = row
      groups[#groups + 1] = #same == 2 and same or nil
    end
  end
  return groups
end

local function other_service(row, same)
  for _, other in ipairs(same) do
    local ours, theirs = records.wanted_service(row), records.wanted_service(other)
    if ours and theirs and ours ~= theirs then
      return ("service: expected one for %s, got %s on %s and %s on %s"):format(row.text, ours, row.place, theirs,
        other.place)
    end
  end
  return nil
end

--- Sets the error of rows that ask for one number with two services.
---@param groups numberpool.files.Row[][]
function repeated.refuse_contradictions(groups)
  for _, same in ipairs(groups) do
    local errors = {}
    for i, row in ipairs(same) do
      errors[i] = other_service(row, same)
    end
    for i, row in ipairs(same) do
      row.error = row.error or errors[i]
    end
  end
end

-- How many lines and numbers are named at most.
local MOST_LINES, MOST_NUMBERS = 8, 20

local function lines_of(rows)
  local lines = {}
  for i = 1, math.min(#rows, MOST_LINES) do
    lines[i] = rows[i].line and tostring(rows[i].line) or rows[i].place
  end
  local more = #rows - #lines
  local last = more > 0 and more .. " more" or table.remove(lines)
  return table.concat(lines, ", ") .. " and " .. last
end

--- Describes the numbers that are in a file more than once, each in a line.
---@param contents numberpool.files.Contents
---@return string[]
function repeated.describe(contents)
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

return repeated
