-- Adds the numbers of a CSV file to a pool, many at a time. What fails, or isn't begun before Ctrl-C, goes to a second
-- CSV, which can be imported again. `--help` prints its arguments; without any it imports a file with some mistakes
-- into a sandbox.
local numberpool = require "numberpool"
local csv = require "numberpool.files.csv"
local failures = require "numberpool.files.failures"
local import = require "numberpool.files.import"
local numbers = require "numberpool.files.numbers"
local program = require "numberpool.report.program"
local progress = require "numberpool.report.progress"
local reader = require "numberpool.files.reader"
local repeated = require "numberpool.files.repeated"

local must, print = program.must, program.print

local USAGE = [=[
usage: import_csv.lua [POWERPACK FILE.csv [FAILED.csv]]
                      [--calling-code DIGITS] [--stop-on-error]

Adds the numbers of FILE.csv to a powerpack's pool, with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in the environment. Without
arguments: to a sandbox's pool, from a file with some mistakes in it.

The first line names the columns, in any case, with commas, semicolons, tabs or bars between them:
  number    also phone, phone_number, msisdn, did, e164; with the country code
  service   sms or mms; sms where it is empty
  list      numbers, tollfree or shortcodes; where it is empty, the type tells
  type      tollfree makes it a toll-free number, shortcode a shortcode, which the API can't add
A file of numbers alone, one a line, needs no first line.

  FAILED.csv             the file for what fails; default: FILE.failed.csv; - is standard error
  --calling-code DIGITS  the country code of numbers of at most 10 digits; without it they are refused
  --stop-on-error        begin no more numbers after one has failed
  --help                 print this

Exit status: 0 all numbers are in the pool, 1 some aren't, 2 nothing could be done, 130 Ctrl-C.
]=]

local SAMPLE_SIZE = 250

local function write_sample(path)
  local file = must(io.open(path, "wb"))
  local function write(...)
    must(file:write(csv.format { ... }))
  end
  write("number", "service", "type")
  for i = 0, SAMPLE_SIZE - 1 do
    write("141555" .. 50000 + i, i % 5 == 0 and "mms" or "")
  end
  write("18005550100", "", "tollfree")
  write("20000", "", "shortcode") -- left out
  write("+1 (415) 555-0000", "mms") -- there already: one call, and no failure
  write "(415) 555-0999" -- lacks its country code
  write('no "number", really', "sms")
  write("14155559999", "fax")
  must(file:close())
end

local function read_sample()
  local path = os.tmpname()
  write_sample(path)
  local contents, message = reader.read(path)
  os.remove(path)
  contents = must(contents, message)
  contents.path = "the sample"
  return contents
end

local function show_progress(job)
  local line = progress.new()
  local ok, raised = pcall(job.run, job, function(done, total, failed)
    line:show(("%d of %d, %d failed"):format(done, total, failed), done / total)
  end)
  line:clear()
  return not ok and raised or nil
end

local function show_left(path, rows)
  local failed = {}
  for _, row in ipairs(rows) do
    failed[#failed + 1] = row.state == "failed" and row or nil
  end
  print((failed[1] and "what failed, and why: " or "what is left to do: ") .. path)
  for i = 1, math.min(#failed, 5) do
    local message = failed[i].error
    local number = message:find(failed[i].text, 1, true) and "" or failed[i].text .. ": "
    print(("  line %d: %s%s"):format(failed[i].line, number, message))
  end
  if #failed > 5 then
    print(("  and %d more"):format(#failed - 5))
  end
end

-- Writes the rows that aren't done, to standard error if the file can't be written: nothing else has them. Returns
-- whether they are in the file.
local function keep(file, contents, rows)
  local ok, message = file:save(rows)
  if not ok then
    program.warn(message .. ": what failed, and why:")
    must(must(failures.open("-", contents)):save(rows))
  end
  return ok and #rows > 0 and file.path ~= "-"
end

-- Calls a function, and calls it again if Ctrl-C ends it. A second Ctrl-C ends the program.
local function finish(work, ...)
  local ok, result = pcall(work, ...)
  if not ok and program.is_interrupt(result) then
    return work(...)
  elseif not ok then
    error(result, 0)
  end
  return result
end

local function show_sample(contents, rows)
  print "what failed, and why, as the second CSV would have it:"
  failures.write({
    write = function(_, fields)
      program.write(csv.format(fields))
      return true
    end,
  }, contents, rows)
end

local function open_failures(path, contents)
  local file, message = failures.open(path or failures.default_path(contents.path), contents)
  if message and not path then
    message = message .. ": name another file for what fails, or - for standard error"
  end
  return must(file, message)
end

-- Runs the import, writes the rows that aren't done, and prints what became of all. At the end it raises what the
-- import raised.
local function carry_out(job, contents, file, run)
  for _, line in ipairs(repeated.describe(contents)) do
    program.warn(line)
  end
  local raised = show_progress(job)
  run.failure, run.done = 1, nil -- the summary says what was done
  local rows = job:left()
  local is_kept = file and finish(keep, file, contents, rows)
  print(job:summary())
  if job.shortcodes > 0 then
    print("shortcodes left out, since the API can't add them: " .. job.shortcodes)
  end
  if is_kept then
    show_left(file.path, rows)
  end
  if raised then
    error(raised, 0)
  end
  return rows
end

local function main(arguments, options, run)
  local powerpack, path, failed_path = arguments[1], arguments[2], arguments[3]
  local code = options["calling-code"] and must(numbers.calling_code(options["calling-code"]))
  local contents = path and must(reader.read(path, { calling_code = code })) or read_sample()
  local file = path and open_failures(failed_path, contents)
  run.at_exit[1] = file and function()
    file:discard()
  end
  local server
  if not powerpack then
    server = must(require "numberpool.sandbox".start())
    run.at_exit[#run.at_exit + 1] = function()
      server:stop()
    end
    powerpack = must(server:seed {}).powerpack
  end
  local client = must(numberpool.new(server))
  local pool = must(client:pool { powerpack = powerpack })
  local job = import.new(pool, contents, { stop_on_error = options["stop-on-error"] })
  local rows = carry_out(job, contents, file, run)
  if not file then
    show_sample(contents, rows)
    must(pool:count_numbers() == SAMPLE_SIZE, "the sandbox's pool isn't as it should be")
  end
  client:close()
  return #rows > 0 and file and 1 or 0
end

program.run({
  usage = USAGE,
  options = { ["calling-code"] = "value", ["stop-on-error"] = "flag" },
  most = 3,
  check = function(arguments, options)
    if #arguments == 1 then
      return "expected a powerpack's uuid and a CSV file"
    end
    local code = options["calling-code"]
    return code and select(2, numbers.calling_code(code)) or nil
  end,
  main = main,
  failure = 2,
  done = "nothing was sent",
}, arg)
