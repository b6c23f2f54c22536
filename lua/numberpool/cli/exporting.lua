--- Writes a pool to a file or to standard output.
-- @module numberpool.cli.exporting

local entries = require "numberpool.files.entries"
local exit = require "numberpool.cli.exit"
local export = require "numberpool.files.export"
local program = require "numberpool.report.program"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.cli.text"
local writer = require "numberpool.files.writer"

local exporting = {}

local BY_ENDING = { csv = "csv", json = "json", jsonl = "jsonl", ndjson = "jsonl", lua = "lua" }

local function format_of(args)
  local ending = args.file and args.file:match "%.(%w+)$"
  return args.output or ending and BY_ENDING[ending:lower()] or "csv"
end

-- What a terminal gets of a text: nothing from the server acts on it.
local function visible(value)
  return (value:gsub("\r\n", "\n"):gsub("[^\n]+", text.one_line))
end

local function is_standard_output(path)
  return not path or path == "-"
end

-- Returns a function that writes a text, and one that ends the file.
local function open(context, path)
  if is_standard_output(path) then
    local is_seen = terminal.is "stdout"
    return function(value)
      program.write(is_seen and visible(value) or value)
      return true
    end, function()
      return true
    end
  end
  local file = program.must(writer.open(path))
  context.at_exit(function()
    file:discard()
  end)
  return function(value)
    return file:write_text(value)
  end, function()
    return file:commit()
  end
end

--- Runs the command.
---@param context numberpool.cli.Context
---@param args table
---@return integer exit code
function exporting.run(context, args)
  if args.fields then
    exit.raise "--fields: an export has all of them"
  end
  local format, with_dates = format_of(args), args.added_on
  local write, finish = open(context, args.file)
  local to = entries.writer(format, entries.columns(with_dates), write)
  local show, clear = context.progress()
  if is_standard_output(args.file) and terminal.is "stdout" then
    show = function() end -- the entries are on the terminal, and would run into it
  end
  local function take(record)
    program.must(to:entry(record))
    show(to.count)
  end
  local ok, raised = pcall(function()
    if not args.sort then
      export.each(context.pool, with_dates, take)
    else
      for _, record in ipairs(program.must(export.read(context.pool, with_dates))) do
        take(record)
      end
    end
    program.must(to:finish())
    program.must(finish())
  end)
  clear()
  if not ok then
    context.done(args.file and "nothing was written" or ("%d entries were written"):format(to.count))
    error(raised, 0)
  end
  context.output:message(("%d entries"):format(to.count))
  return exit.DONE
end

return exporting
