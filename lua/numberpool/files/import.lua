--- Adds the numbers of a file to a pool, many at a time, and tells what became of each row.
-- @module numberpool.files.import

local records = require "numberpool.files.records"

local import = {}

local CONCURRENCY = 16

-- What one bulk call adds: the toll-free numbers, or the numbers of one service, since it takes one for all.
local function new_group(row)
  local is_tollfree = row.list == "tollfree"
  return {
    method = is_tollfree and "add_tollfrees" or "add_numbers",
    service = not is_tollfree and records.wanted_service(row) or nil,
    rows = {},
    numbers = {},
  }
end

local function group_rows(rows)
  local groups, by_name = {}, {}
  for _, row in ipairs(rows) do
    local name = row.list .. " " .. (row.list == "numbers" and records.wanted_service(row) or "")
    local group = by_name[name]
    if not group then
      group = new_group(row)
      by_name[name] = group
      groups[#groups + 1] = group
    end
    group.rows[#group.rows + 1] = row
    group.numbers[#group.numbers + 1] = row.number
  end
  return groups
end

-- What is wrong with a row whose call succeeded: the number is in the pool with another service. Nil where nothing is.
local function contradiction(row, entry)
  local wanted, service = records.wanted_service(row), type(entry) == "table" and entry.service
  if not wanted or type(service) ~= "string" or service:lower() == wanted then
    return nil
  elseif row.list == "tollfree" then
    return ("is in the pool with service %s, not %s: the API takes no service for toll-free numbers"):format(service,
      wanted)
  end
  return ("is in the pool already, with service %s and not %s: it has to be removed first"):format(service, wanted)
end

-- Sets what became of a row. A call that Ctrl-C ended hasn't begun if nothing was sent, else it is uncertain.
-- Returns the error, if the row failed.
local function set_state(row, result)
  local err = result.error
  if result.ok then
    row.error = contradiction(row, result.value)
    row.state = row.error and "failed" or "done"
  elseif result.skipped or type(err) == "table" and err.kind == "interrupted" and not err.ambiguous then
    row.state = nil
  else
    row.error = tostring(err)
    row.state = type(err) == "table" and err.kind == "interrupted" and "uncertain" or "failed"
    return err
  end
  return nil
end

--- The rows of a file on their way into a pool. Each row gets a `state`: "done", "failed", "uncertain", or nil where it
--- isn't begun.
---@class numberpool.files.Import
---@field rows numberpool.files.Row[] without shortcodes
---@field shortcodes integer how many shortcodes were left out
---@field first_error any the first that a call gave
local Import = {}
Import.__index = Import

-- Returns what the call raised, as for Ctrl-C; nil where it raised nothing.
local function add_group(self, group, on_progress)
  local ok, report, err = pcall(self.pool[group.method], self.pool, group.numbers, {
    service = group.service,
    concurrency = self.concurrency,
    stop_on_error = self.stop_on_error,
    on_progress = on_progress,
  })
  local raised = not ok and report or nil
  if raised then
    report = type(raised) == "table" and raised.report
  end
  for i, row in ipairs(group.rows) do
    local result = report and report.results and report.results[i]
    if result or err then
      local failed = set_state(row, result or { ok = false, error = err })
      self.first_error = self.first_error or failed
    end
  end
  return raised
end

--- How many rows are done, failed, uncertain or not begun.
---@return { total: integer, done: integer, failed: integer, uncertain: integer, not_begun: integer }
function Import:count()
  local counts = { total = #self.rows, done = 0, failed = 0, uncertain = 0, not_begun = 0 }
  for _, row in ipairs(self.rows) do
    local state = row.state or "not_begun"
    counts[state] = counts[state] + 1
  end
  return counts
end

--- The rows that aren't done, in the order of the file.
---@return numberpool.files.Row[]
function Import:left()
  local rows = {}
  for _, row in ipairs(self.rows) do
    if row.state ~= "done" then
      rows[#rows + 1] = row
    end
  end
  return rows
end

local function has_failed(counts)
  return counts.failed + counts.uncertain > 0
end

--- Adds all numbers. For Ctrl-C it raises, after each row has its state.
---@param on_progress fun(done: integer, total: integer, failed: integer)?
function Import:run(on_progress)
  local counts = self:count()
  for _, group in ipairs(group_rows(self.to_add)) do
    if self.stop_on_error and has_failed(counts) then
      break
    end
    local before, failed = counts.total - counts.not_begun, counts.failed
    local raised = add_group(self, group, on_progress and function(done, _, last)
      failed = failed + (last.ok and 0 or 1)
      on_progress(before + done, #self.rows, failed)
    end)
    if raised then
      error(raised, 0)
    end
    counts = self:count()
  end
end

--- What became of the rows, in a line.
---@return string
function Import:summary()
  local counts = self:count()
  local text = ("%d of %d numbers are in the pool, %d failed"):format(counts.done, counts.total, counts.failed)
  if counts.uncertain > 0 then
    text = text .. (", %d may be in it"):format(counts.uncertain)
  end
  if counts.not_begun > 0 then
    text = text .. (", %d not begun"):format(counts.not_begun)
  end
  return text
end

--- Makes an import of what was read from a file.
---@param pool numberpool.Pool
---@param contents numberpool.files.Contents
---@param options { stop_on_error: boolean?, concurrency: integer? }?
---@return numberpool.files.Import
function import.new(pool, contents, options)
  local self = setmetatable({ pool = pool, rows = {}, to_add = {}, shortcodes = 0,
    stop_on_error = options and options.stop_on_error or nil,
    concurrency = options and options.concurrency or CONCURRENCY }, Import)
  for _, row in ipairs(contents.rows) do
    if row.list == "shortcodes" and not row.error then
      self.shortcodes = self.shortcodes + 1
    else
      self.rows[#self.rows + 1] = row
      row.state = row.error and "failed" or nil
      self.to_add[#self.to_add + 1] = not row.error and row or nil
    end
  end
  return self
end

return import
