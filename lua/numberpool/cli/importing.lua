--- Imports files of numbers, and keeps what isn't done in a file.
-- @module numberpool.cli.importing

local exit = require "numberpool.cli.exit"
local failures = require "numberpool.files.failures"
local import = require "numberpool.files.import"
local pool_files = require "numberpool.cli.pool_files"
local program = require "numberpool.report.program"
local reader = require "numberpool.files.reader"
local repeated = require "numberpool.files.repeated"
local text = require "numberpool.cli.text"

local importing = {}

local MOST_NAMED = 20 -- mistakes of a file
local MOST_SHOWN = 5 -- of what failed

local function warn(line)
  program.warn(text.one_line(line))
end

-- The mistakes of files, a line for each.
local function mistakes_in(files)
  local lines = {}
  for _, contents in ipairs(files) do
    local count = 0
    for _, row in ipairs(contents.rows) do
      count = count + (row.error and 1 or 0)
      if row.error and count <= MOST_NAMED then
        lines[#lines + 1] = ("%s: %s: %s"):format(contents.path, row.place, row.error)
      end
    end
    if count > MOST_NAMED then
      lines[#lines + 1] = ("%s: %d more mistakes"):format(contents.path, count - MOST_NAMED)
    end
  end
  return lines
end

-- Reads all files before anything is sent.
local function read_all(context, args)
  local files, options = {}, pool_files.read_options(context)
  for i, path in ipairs(args.file) do
    local contents, message = reader.read(path, options)
    if not contents then
      pool_files.refuse(message)
    end
    files[i] = contents
  end
  local lines = mistakes_in(files)
  if #lines > 0 and not args.skip_malformed then
    lines[#lines + 1] = "--skip-malformed imports the rest"
    pool_files.refuse(table.concat(lines, "\n"))
  end
  return files
end

local function failures_path(args, contents, path)
  return args.failures or path == "-" and "-" or failures.default_path(contents.path)
end

-- Opens the files of failures, so that a wrong path or a full disk is known before anything is sent.
local function open_all(context, args, files)
  local opened = {}
  if #files > 1 and args.failures and args.failures ~= "-" then
    exit.raise "--failures: expected one file to import, or - for standard error"
  end
  local is_taken = {}
  for i, contents in ipairs(files) do
    local path = failures_path(args, contents, args.file[i])
    if is_taken[path] and path ~= "-" then
      exit.raise(path .. ": would be written for two files: expected each file once")
    end
    is_taken[path] = true
    local file, message = failures.open(path, contents)
    if not file then
      exit.raise(message .. (args.failures and "" or ": name another file with --failures, or - for standard error"))
    end
    context.at_exit(function()
      file:discard()
    end)
    opened[i] = file
  end
  return opened
end

-- Writes the rows that aren't done, to standard error if the file can't be written: nothing else has them. Returns
-- whether they are in the file.
local function keep(file, contents, rows)
  local ok, message = file:save(rows)
  if not ok then
    warn(message .. ": what failed, and why:")
    program.must(program.must(failures.open("-", contents)):save(rows))
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

local function show_left(path, rows)
  local failed = {}
  for _, row in ipairs(rows) do
    failed[#failed + 1] = row.state == "failed" and row or nil
  end
  warn((failed[1] and "what failed, and why: " or "what is left to do: ") .. path)
  for i = 1, math.min(#failed, MOST_SHOWN) do
    local message = failed[i].error
    local number = message:find(failed[i].text, 1, true) and "" or failed[i].text .. ": "
    warn(("  %s: %s%s"):format(failed[i].place, number, message))
  end
  if #failed > MOST_SHOWN then
    warn(("  and %d more"):format(#failed - MOST_SHOWN))
  end
end

local function report(context, job, contents)
  local counts = job:count()
  context.output:message(job:summary())
  if job.shortcodes > 0 then
    context.output:message("shortcodes left out, since the API can't add them: " .. job.shortcodes)
  end
  if context.args.output then
    counts.file, counts.shortcodes = contents.path, job.shortcodes
    context.output:entry(counts, { "file", "total", "done", "failed", "uncertain", "not_begun", "shortcodes" })
  end
  return counts
end

-- Imports one file. Returns the counts, and the first error.
local function run_one(context, job, contents, file)
  local show, clear = context.progress(#job.rows)
  local ok, raised = pcall(job.run, job, show)
  clear()
  local rows = job:left()
  local is_kept = file and finish(keep, file, contents, rows)
  if context.is_dry and ok then
    return job:count()
  end
  context.done(job:summary())
  local counts = report(context, job, contents)
  if is_kept then
    show_left(file.path, rows)
  end
  if not ok then
    error(raised, 0)
  end
  return counts, job.first_error
end

--- Runs the command.
---@param context numberpool.cli.Context
---@param args table
---@return integer exit code
function importing.run(context, args)
  local files = read_all(context, args)
  local opened = context.is_dry and {} or open_all(context, args, files)
  local pool = context.pool
  context.done "nothing was sent"
  local done, left, first_error = 0, 0, nil
  for i, contents in ipairs(files) do
    for _, line in ipairs(repeated.describe(contents)) do
      context.output:message(line)
    end
    local job = import.new(pool, contents, { stop_on_error = args.stop_on_error, concurrency = args.concurrency })
    local counts, err = run_one(context, job, contents, opened[i])
    done, left = done + counts.done, left + counts.total - counts.done
    first_error = first_error or err
    if args.stop_on_error and left > 0 then
      break
    end
  end
  return exit.of_job(done, left, first_error)
end

return importing
