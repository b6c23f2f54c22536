--- What a step says: how it went, a line about it, and what to do.
-- @module numberpool.cli.doctor.verdict

local exit = require "numberpool.cli.exit"

local verdict = {}

local function new(status, message, remedy, fields)
  local result = { status = status, message = message, remedy = remedy }
  for name, value in pairs(fields or {}) do
    result[name] = value
  end
  return result
end

---@param message string
---@param fields table? others, for programs
---@return table
function verdict.ok(message, fields)
  return new("ok", message, nil, fields)
end

---@param message string
---@param remedy string
---@param fields table?
---@return table
function verdict.warning(message, remedy, fields)
  return new("warning", message, remedy, fields)
end

---@param message string
---@param remedy string
---@param fields table? `exit_code`: default 1
---@return table
function verdict.failed(message, remedy, fields)
  local result = new("failed", message, remedy, fields)
  result.exit_code = result.exit_code or exit.FAILED
  return result
end

--- There is nothing to look at.
---@param message string
---@param fields table?
---@return table
function verdict.skipped(message, fields)
  return new("skipped", message, nil, fields)
end

return verdict
