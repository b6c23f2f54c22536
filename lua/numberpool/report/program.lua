--- What programs for the terminal have in common: arguments, usage, output and exit status.
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

local function read_option(word, following, known, options)
  local name, value = word:match "^%-%-([^=]+)=?(.*)$"
  local kind = name and known[name]
  local has_value = word:find("=", 1, true) ~= nil
  if not kind then
    return nil, "unknown option " .. word
  elseif kind == "flag" then
    options[name] = true
    return not has_value and 0 or nil, word .. ": expected no value"
  elseif has_value then
    options[name] = value
    return 0
  elseif not following then
    return nil, word .. ": expected a value"
  end
  options[name] = following
  return 1
end

--- Splits the words of a command line into arguments and options. After `--` everything is an argument.
---@param words string[]
---@param known table<string, "flag"|"value"> options by name, without their hyphens
---@return string[]? arguments
---@return table|string options, or what is wrong
function program.parse(words, known)
  local arguments, options = {}, {}
  local i, is_over = 1, false
  while i <= #words do
    local word = words[i]
    if is_over or word == "-" or word:sub(1, 1) ~= "-" then
      arguments[#arguments + 1] = word
    elseif word == "--" then
      is_over = true
    elseif word == "--help" or word == "-h" then
      options.help = true
    else
      local taken, message = read_option(word, words[i + 1], known, options)
      if not taken then
        return nil, options.help and options or message
      end
      i = i + taken
    end
    i = i + 1
  end
  return arguments, options
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
--- and returns the status for that: see `program.run`.
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

local function run_main(spec, words)
  local arguments, options = program.parse(words, spec.options or {})
  if type(options) == "table" and options.help then
    program.write(spec.usage)
    return 0
  end
  local message = not arguments and options
    or #arguments > spec.most and "unexpected argument " .. arguments[spec.most + 1]
    or spec.check and spec.check(arguments, options)
  if message then
    program.warn(message .. "\n\n" .. spec.usage:gsub("\n$", ""))
    return 2
  end
  return spec.main(arguments, options, spec)
end

--- What `run` is told of a program.
---@class numberpool.report.Program
---@field usage string
---@field options table<string, "flag"|"value">? by name, without their hyphens
---@field most integer arguments
---@field check (fun(arguments: string[], options: table): string?)? what is wrong with them
---@field main fun(arguments: string[], options: table, spec: numberpool.report.Program): integer the exit status
---@field failure integer the exit status for what is raised
---@field done string? what a message for Ctrl-C says was done
---@field at_exit function[] made by `run`: `main` adds what is to be called at the end

--- Runs a program and exits: with what `main` returns, 0 for `--help`, 2 for wrong arguments (and the usage on standard
--- error), 130 for Ctrl-C, 141 where nobody reads standard output any more, or `failure` for anything else that is
--- raised.
---@param spec numberpool.report.Program
---@param words string[]
function program.run(spec, words)
  spec.at_exit = {}
  local status = program.status(function()
    return run_main(spec, words)
  end, spec)
  for _, work in ipairs(spec.at_exit) do
    pcall(work)
  end
  os.exit(status)
end

return program
