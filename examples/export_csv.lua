-- Writes a whole pool as CSV: its numbers, toll-free numbers and shortcodes, sorted, so that the same pool gives the
-- same file. import_csv.lua adds them again, but not the shortcodes, which the API can't add. `--help` prints its
-- arguments.
local numberpool = require "numberpool"
local csv = require "numberpool.files.csv"
local export = require "numberpool.files.export"
local program = require "numberpool.report.program"
local progress = require "numberpool.report.progress"
local writer = require "numberpool.files.writer"

local must = program.must

local USAGE = [=[
usage: export_csv.lua [POWERPACK [FILE.csv]] [--added-on]

Writes the numbers, toll-free numbers and shortcodes of a powerpack's pool as CSV, with PLIVO_AUTH_ID and
PLIVO_AUTH_TOKEN in the environment. Without arguments: of a sandbox's pool. The columns: number, service, type,
country_iso2, and list (numbers, tollfree or shortcodes), as import_csv.lua reads them.

  FILE.csv     written as a whole or not at all; default, and -: standard output
  --added-on   with a column of when each was added, which an import ignores
  --help       print this

Exit status: 0 written, 1 not, 2 wrong arguments, 130 Ctrl-C.
]=]

-- Has the methods of a file from `writer.open` that are used here.
local STANDARD_OUTPUT = {
  write = function(_, fields)
    program.write(csv.format(fields))
    return true
  end,
  commit = function()
    return true
  end,
}

local function open(path, run)
  if not path or path == "-" then
    return STANDARD_OUTPUT
  end
  local file = must(writer.open(path))
  run.at_exit[#run.at_exit + 1] = function()
    file:discard()
  end
  return file
end

local function write(file, records, with_dates)
  must(file:write(export.columns(with_dates)))
  for _, record in ipairs(records) do
    must(file:write(record))
  end
  must(file:commit())
end

local function start_sandbox(run)
  local server = must(require "numberpool.sandbox".start())
  run.at_exit[#run.at_exit + 1] = function()
    server:stop()
  end
  return server, must(server:seed { numbers = 145, tollfree = 3, shortcodes = 2 }).powerpack
end

-- Options of a client that show how many pages have come.
local function counting_pages(line)
  local pages = 0
  return {
    on_event = function(event)
      if event.type == "response" and event.status == 200 and event.operation:find "^list_" then
        pages = pages + 1
        line:show(("%d pages read"):format(pages), 0)
      end
    end,
  }
end

local function read(pool, line, with_dates)
  local ok, records, err = pcall(export.read, pool, with_dates)
  line:clear()
  if not ok then
    error(records, 0)
  end
  return must(records, err)
end

local function main(arguments, options, run)
  local powerpack, path = arguments[1], arguments[2]
  local file = open(path, run)
  local line, server = progress.new(), nil
  if not powerpack then
    server, powerpack = start_sandbox(run)
  end
  local client = must(numberpool.new(server or counting_pages(line)))
  local pool = must(client:pool { powerpack = powerpack })
  local with_dates = options["added-on"]
  local records = read(pool, line, with_dates)
  write(file, records, with_dates)
  program.warn(#records .. " entries")
  client:close()
  return 0
end

program.run({ usage = USAGE, options = { ["added-on"] = "flag" }, most = 2, main = main, failure = 1,
  done = "nothing was written" }, arg)
