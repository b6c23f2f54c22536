--- The file of what failed and of what wasn't begun: the columns of the file that was read, and `error`. It can be read
--- again as it is.
-- @module numberpool.files.failures

local csv = require "numberpool.files.csv"
local numbers = require "numberpool.files.numbers"
local reader = require "numberpool.files.reader"
local writer = require "numberpool.files.writer"

local failures = {}

failures.NOT_BEGUN = "not begun"

---@class numberpool.files.Failures
---@field path string
local Failures = {}
Failures.__index = Failures

-- The columns of a file, with `error` at the end.
local function columns_of(contents)
  local names = {}
  for position, name in ipairs(contents.columns) do
    if position ~= contents.positions.error then
      names[#names + 1] = name
    end
  end
  names[#names + 1] = "error"
  return names
end

local function fields_of(row, contents)
  local fields = {}
  for position, field in ipairs(row.fields) do
    if position ~= contents.positions.error then
      fields[#fields + 1] = field
    end
  end
  fields[#fields + 1] = row.error or failures.NOT_BEGUN
  return fields
end

--- Writes rows, with the names of the columns first. `to` has `write(fields)`, which returns nil and a message if it
--- fails.
---@param to table
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

-- Somebody who names two files of numbers doesn't want the second to be overwritten.
local function is_other_list(path)
  local contents = reader.read(path)
  for _, row in ipairs(contents and not contents.positions.error and contents.rows or {}) do
    if numbers.look_like(row.text) then
      return true
    end
  end
  return false
end

--- Where failures go if nothing else is said: FILE.failed.csv for FILE.csv.
---@param path string
---@return string
function failures.default_path(path)
  return (path:gsub("%.[cC][sS][vV]$", "")) .. ".failed.csv"
end

-- What `writer.open` gives, for standard error.
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

-- The first words into a file: all that may come, where they can be taken back.
local function write_ahead(file, contents)
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

--- Opens the file before the job, with everything in it as not begun: a wrong path or a full disk is known then, not
--- when failures have come. `-` is standard error.
---@param path string
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
  elseif target and path ~= failures.default_path(contents.path) and is_other_list(target) then
    return nil, path .. ": has numbers in it and no column `error`: expected another file for what fails"
  end
  local message
  self.file, message = writer.open(path, contents.delimiter)
  if not self.file then
    return nil, message
  end
  local ok
  ok, message = write_ahead(self.file, contents)
  if not ok then
    self.file:discard()
    return nil, message
  end
  return self
end

-- What others have read already isn't written again.
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

--- Keeps the rows that aren't done; where there are none, takes away what an earlier run has left.
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

--- Leaves everything as it was before.
function Failures:discard()
  self.file:discard()
end

return failures
