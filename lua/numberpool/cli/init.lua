--- The command line: finds the command, reads its words, runs it, and returns its exit code.
-- @module numberpool.cli

local cli = {}

-- The version needs no more than this.
local function print_version()
  local ok = io.stdout:write("numberpool ", require "numberpool.version", "\n") and io.stdout:flush()
  return ok and 0 or 1
end

local function usage_error(message, path, command)
  local help = require "numberpool.cli.help"
  local exit = require "numberpool.cli.exit"
  local words = { "numberpool" }
  for _, name in ipairs(path) do
    words[#words + 1] = name
  end
  local program = require "numberpool.report.program"
  local text = require "numberpool.cli.text"
  for line in (message .. "\n"):gmatch "(.-)\n" do
    program.warn(text.one_line(line))
  end
  program.warn("usage: " .. help.usage(path, command) .. "\n`" .. table.concat(words, " ") .. " --help` says more")
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

--- Runs a command line.
---@param words string[] without the program's name
---@return integer exit code
function cli.main(words)
  if #words == 1 and (words[1] == "version" or words[1] == "--version") then
    return print_version()
  end
  local parser = require "numberpool.cli.parser"
  local path, command, wants_help = parser.route(words)
  if wants_help then
    return print_help(path, command)
  end
  local args, message = parser.parse(words, path)
  if not args then
    return usage_error(message, path, command)
  end
  return require "numberpool.cli.context".run(command, args)
end

return cli
