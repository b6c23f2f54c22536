--- Exit codes of the command line, and which one an error has.
-- @module numberpool.cli.exit

local exit = {
  DONE = 0,
  FAILED = 1,
  USAGE = 2,
  AUTHENTICATION = 3,
  NOT_FOUND = 4,
  PARTLY = 5,
  TO_DO = 6,
  INTERRUPTED = 130,
}

--- Each code and what it means, for `--help` and the manual.
exit.LIST = {
  { 0, "done" },
  { 1, "failed" },
  { 2, "wrong usage: nothing was sent" },
  { 3, "credentials missing or refused" },
  { 4, "not found" },
  { 5, "partly done" },
  { 6, "something to do (plan --detailed-exitcode)" },
  { 130, "interrupted by Ctrl-C" },
}

-- By kind of error. All others are failures.
local OF_KIND = {
  auth = exit.AUTHENTICATION,
  config = exit.USAGE,
  forbidden = exit.AUTHENTICATION,
  interrupted = exit.INTERRUPTED,
  invalid = exit.USAGE,
  not_found = exit.NOT_FOUND,
}

--- The exit code of an error.
---@param err any an error object, or anything else that was raised
---@return integer
function exit.of(err)
  if type(err) ~= "table" then
    return exit.FAILED
  end
  return err.exit_code or OF_KIND[err.kind] or exit.FAILED
end

--- The exit code of a job that was done for some and not for others.
---@param succeeded integer
---@param failed integer those that weren't begun too
---@param first any the first error
---@return integer
function exit.of_job(succeeded, failed, first)
  if failed == 0 then
    return exit.DONE
  end
  return succeeded > 0 and exit.PARTLY or exit.of(first)
end

local Failure = {
  __tostring = function(self)
    return self.message
  end,
}

--- Raises an error of the command line's own.
---@param message string
---@param code integer? the exit code; default 2, wrong usage
function exit.raise(message, code)
  error(setmetatable({ kind = code == exit.AUTHENTICATION and "auth" or code == exit.FAILED and "failed" or "usage",
    message = message, exit_code = code or exit.USAGE }, Failure), 0)
end

return exit
