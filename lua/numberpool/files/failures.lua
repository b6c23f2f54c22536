--- The file of rows that failed or weren't begun. It has the columns of the file that was read, and `error`, and can be
--- imported again as it is.
-- @module numberpool.files.failures

local csv = require "numberpool.files.csv"
local numbers = require "numberpool.files.numbers"
local reader = require "numberpool.files.reader"
local writer = require "numberpool.files.writer"

local failures = {}

--- What the column `error` has for a row that wasn't begun.
failures.NOT_BEGUN = "not begun"

--- An open file of failures.
---@class numberpool.files.Failures
---@field path string
local Failures = {}
Failures.__index = Failures

-- The fields of a record, with that of the column `error` at their end.
local function with_error(fields, contents, error_field)
  local list = {}
  for position, field in ipairs(fields) do
    if position ~= contents.positions.error then
      list[#list + 1] = field
    end
  end
  list[#list + 1] = error_field
  return list
end

local function columns_of(contents)
  return with_error(contents.columns, contents, "error")
end

local function fields_of(row, contents)
  return with_error(row.fields, contents, row.error or failures.NOT_BEGUN)
end

--- Writes the names of the columns, then rows.
---@param to table has `write(fields)`, which returns nil and a message if it fails
---@param contents numberpool.files.Contents
---@param rows numberpool.files.Row[]
---@return true?
---@return string? message
function failures.write(to, contents, rows)
  local ok, message = to:write(columns_of(contents))
  for _, row in ipairs(rows) do
    if not ok then
      break
    end
    ok, message = to:write(fields_of(row, contents))
  end
  return ok, message
end

-- Whether a file has numbers and no column `error`. It is no file of failures then, and must not be overwritten.
local function is_list_of_numbers(path)
  local contents = reader.read(path)
  for _, row in ipairs(contents and not contents.positions.error and contents.rows or {}) do
    if numbers.look_like(row.text) then
      return true
    end
  end
  return false
end

--- The default path: FILE.failed.csv for FILE.csv; for others, with their endings, so that no two files share one.
---@param path string
---@return string
function failures.default_path(path)
  return (path:gsub("%.[cC][sS][vV]$", "")) .. ".failed.csv"
end

-- A writer, as `writer.open` returns one, for standard error.
local function standard_error(delimiter)
  local function nothing()
    return true
  end
  return {
    write = function(_, fields)
      io.stderr:write(csv.format(fields, delimiter))
      return true
    end,
    restart = nothing,
    commit = nothing,
    discard = nothing,
  }
end

-- Writes all rows as not begun; to a device or a pipe, which can't be rewritten, only the names of the columns.
local function write_first(file, contents)
  local ok, message
  if file.temporary then
    ok, message = failures.write(file, contents, contents.rows)
  else
    ok, message = file:write(columns_of(contents))
  end
  if not ok then
    return nil, message
  end
  return file:flush()
end

--- Opens the file and writes all rows as not begun, so that a wrong path or a full disk is known before the job.
---@param path string `-` is standard error
---@param contents numberpool.files.Contents what was read
---@return numberpool.files.Failures?
---@return string? message
function failures.open(path, contents)
  local self = setmetatable({ path = path, contents = contents }, Failures)
  if path == "-" then
    self.file = standard_error(contents.delimiter)
    return self
  end
  local target = writer.real_path(path)
  if target and target == writer.real_path(contents.path) then
    return nil, path .. ": is the file that is read: expected another one for what fails"
  elseif target and path ~= failures.default_path(contents.path) and is_list_of_numbers(target) then
    return nil, path .. ": has numbers in it and no column `error`: expected another file for what fails"
  end
  local message
  self.file, message = writer.open(path, contents.delimiter)
  if not self.file then
    return nil, message
  end
  local ok
  ok, message = write_first(self.file, contents)
  if not ok then
    self.file:discard()
    return nil, message
  end
  return self
end

-- Writes the rows anew, or appends them where the file can't be rewritten.
local function rewrite(self, rows)
  local is_empty, message = self.file:restart()
  if message then
    return nil, message
  elseif is_empty then
    return failures.write(self.file, self.contents, rows)
  end
  for _, row in ipairs(rows) do
    local ok
    ok, message = self.file:write(fields_of(row, self.contents))
    if not ok then
      return nil, message
    end
  end
  return true
end

--- Writes the rows that aren't done, and closes the file. Where there are none, no file is left at its path.
---@param rows numberpool.files.Row[]
---@return true?
---@return string? message
function Failures:save(rows)
  if #rows == 0 then
    local target = self.file.target
    self.file:discard()
    if target then
      os.remove(target)
    end
    return true
  end
  local ok, message = rewrite(self, rows)
  if not ok then
    self.file:discard()
    return nil, message
  end
  return self.file:commit()
end

--- Closes the file. What was at its path before is still there.
function Failures:discard()
  self.file:discard()
end

return failures
