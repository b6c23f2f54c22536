--- The command line: finds the command, reads its words, runs it, and returns its exit code.
-- @module numberpool.cli

local unpack = table.unpack or unpack

local cli = {}

local EBADF = 9 -- errno.h

-- Where a standard stream is closed, the next file or connection would get its number, and what is written to the
-- stream. These take their places: reading them gives nothing, writing fails.
local function hold_closed_streams()
  local held = {}
  for _, stream in ipairs { io.stdin, io.stdout, io.stderr } do
    local _, _, code = stream:seek()
    held[#held + 1] = code == EBADF and io.open("/dev/null", "r") or nil
  end
  return held
end

-- The version needs no more than this.
local function print_version()
  local ok, message = io.stdout:write("numberpool ", require "numberpool.version", "\n")
  if ok then
    ok, message = io.stdout:flush()
  end
  if not ok then
    io.stderr:write("standard output: ", message, "\n")
  end
  return ok and 0 or 1
end

-- Whether errors are wanted as JSON: the words that say so couldn't be read with the others.
local function wants_json(words)
  local text = " " .. table.concat(words, " ") .. " "
  return text:find " %-o ?jsonl? " ~= nil or text:find " %-%-output[ =]jsonl? " ~= nil
end

local function usage_error(message, words, path, command)
  local exit = require "numberpool.cli.exit"
  local help = require "numberpool.cli.help"
  local program = require "numberpool.report.program"
  local text = require "numberpool.cli.text"
  if wants_json(words) then
    program.warn(require "numberpool.cli.json".encode({ kind = "usage", message = message, exit_code = exit.USAGE },
      { "kind", "message" }))
    return exit.USAGE
  end
  for line in (message .. "\n"):gmatch "(.-)\n" do
    program.warn(text.one_line(line))
  end
  program.warn("usage: " .. help.usage(path, command))
  if not command or command.commands then
    program.warn(help.below(command) .. "\n")
  end
  program.warn(("`numberpool%s --help` says more"):format(path[1] and " " .. table.concat(path, " ") or ""))
  return exit.USAGE
end

local function print_help(path, command)
  local help = require "numberpool.cli.help"
  local program = require "numberpool.report.program"
  local terminal = require "numberpool.cli.terminal"
  return program.status(function()
    program.write(help.of(path, command, terminal.is "stdout" and terminal.width() or nil))
    return 0
  end, { failure = 1 })
end

-- What everything but the version needs. Its message says in the first line what is missing, and how to get it.
local function find_missing()
  local ok, message = pcall(require, "numberpool.core")
  return not ok and tostring(message):match "^[^\n]*" or nil
end

--- Runs a command line.
---@param words string[] without the program's name
---@return integer exit code
function cli.main(words)
  if #words == 1 and (words[1] == "version" or words[1] == "--version") then
    return print_version()
  end
  cli.held = hold_closed_streams()
  local missing = find_missing()
  if missing then
    io.stderr:write(missing, "\n")
    return 1
  end
  local parser = require "numberpool.cli.parser"
  local path, command, wants_help = parser.route(words)
  if not path[1] and words[1] == "help" then
    path, command = parser.route { unpack(words, 2) }
    wants_help = path[1] ~= nil or #words == 1
  end
  if wants_help then
    return print_help(path, command)
  end
  local ok, args, message = pcall(parser.parse, words, path)
  if not ok then
    io.stderr:write(tostring(args), "\n")
    return 1
  elseif not args then
    return usage_error(message, words, path, command)
  end
  return require "numberpool.cli.context".run(command, args)
end

return cli
