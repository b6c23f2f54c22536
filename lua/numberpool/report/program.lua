--- What programs for the terminal have in common: output, and an exit status for what is raised.
-- @module numberpool.report.program

local errors = require "numberpool.errors"

local program = {}

-- Exit statuses, as shells have them: 128 and the signal's number.
local INTERRUPTED, BROKEN_PIPE = 130, 141

local EPIPE = 32 -- errno.h: nobody reads the pipe

-- The metatable of what is raised if standard output can't be written to.
local OutputError = {}

local function check_output(ok, message, code)
  if not ok then
    local text = "standard output: " .. tostring(message)
    error(setmetatable({ message = text, is_pipe = code == EPIPE }, OutputError), 0)
  end
end

--- Writes to standard output, or raises.
---@param text string
function program.write(text)
  check_output(io.stdout:write(text))
end

--- Writes a line to standard output, or raises.
---@param text string
function program.print(text)
  program.write(text .. "\n")
end

--- Writes a line to standard error.
---@param text string
function program.warn(text)
  io.stderr:write(text, "\n")
end

--- Returns a value, or raises the error where it is nil or false. The `assert` of Lua 5.1 and 5.2 raises strings only.
---@generic T
---@param value T?
---@param err any
---@return T
function program.must(value, err)
  if value == nil or value == false then
    error(errors.is_error(err) and err or tostring(err), 0)
  end
  return value
end

--- Whether something that was raised is Ctrl-C, within a job or outside of one.
---@param raised any
---@return boolean
function program.is_interrupt(raised)
  return errors.is_interrupt(raised) or errors.is_error(raised) and raised.kind == "interrupted" and raised.cause == nil
end

-- Prints what was raised. Returns the exit status for it.
local function explain(raised, spec)
  if getmetatable(raised) == OutputError then
    if raised.is_pipe then -- the reader has read enough, and needs no message
      return BROKEN_PIPE
    end
    program.warn(raised.message)
    return spec.failure
  elseif program.is_interrupt(raised) then
    program.warn("interrupted" .. (spec.done and ": " .. spec.done or ""))
    return INTERRUPTED
  elseif spec.explain then
    return spec.explain(raised)
  end
  program.warn(tostring(raised))
  return spec.failure
end

--- Runs a function that returns an exit status, and flushes standard output. Where one of these raises, it prints why
--- and returns the status for that: 130 for Ctrl-C, 141 where nobody reads standard output any more, or `failure`.
---@param work fun(): integer
---@param spec { failure: integer, done: string?, explain: (fun(raised: any): integer)? } `explain` prints other errors
---@return integer
function program.status(work, spec)
  local ok, status = pcall(function()
    local result = work()
    check_output(io.stdout:flush())
    return result
  end)
  return ok and status or explain(status, spec)
end

return program
