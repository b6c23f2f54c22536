--- Plans from files, and how they are carried out.
-- @module numberpool.cli.planning

local desired = require "numberpool.files.desired"
local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local plans = require "numberpool.jobs.plan"
local pool_files = require "numberpool.cli.pool_files"
local program = require "numberpool.report.program"
local report_text = require "numberpool.report.text"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.cli.text"
local writer = require "numberpool.files.writer"

local planning = {}

local ACTIONS = { "add", "remove", "replace", "impossible" }
local COLUMNS = { "action", "kind", "number", "shortcode", "service", "from", "reason" }
local ALL_LISTS = { "numbers", "tollfree", "shortcodes" }
local MOST_FAILURES = 20 -- that are shown

local function read_file(context, args)
  local found, message = desired.read(args.file, pool_files.read_options(context))
  if not found and args.allow_empty and args.prune and message:find(": is empty: ", 1, true) then
    found = { lists = {}, count = 0, repeated = {} }
  elseif not found then
    pool_files.refuse(message)
  end
  for _, line in ipairs(found.repeated) do
    context.output:message(line)
  end
  if args.prune and found.count == 0 then
    if not args.allow_empty then
      pool_files.refuse(args.file .. ": has no numbers, and --prune would empty the pool: --allow-empty does that")
    end
    for _, list in ipairs(ALL_LISTS) do
      found.lists[list] = found.lists[list] or {}
    end
  end
  return found
end

local function say_what_is_left_alone(context, found)
  local names = {}
  for _, list in ipairs(ALL_LISTS) do
    names[#names + 1] = not found.lists[list] and list or nil
  end
  if context.args.prune and #names > 0 then
    context.output:message("not in the file, and left alone: " .. table.concat(names, ", "))
  end
end

local function make(context, args)
  if args.unrent and not args.prune then
    exit.raise "--unrent: only what --prune removes can be given up"
  end
  local found = read_file(context, args)
  say_what_is_left_alone(context, found)
  collectgarbage() -- reading leaves much behind
  return program.must(context.pool:plan(found.lists, {
    prune = args.prune,
    unrent = args.unrent,
    max_removals = args.max_removals,
  }))
end

-- Gives the entries of a plan one by one, each with what is to be done with it: there may be very many.
local function entries_of(plan)
  local action, position = 1, 0
  return function()
    position = position + 1
    local entry = plan[ACTIONS[action]][position]
    while not entry and ACTIONS[action + 1] do
      action, position = action + 1, 1
      entry = plan[ACTIONS[action]][position]
    end
    if not entry then
      return nil
    end
    local copy = { action = ACTIONS[action] }
    for name, value in pairs(entry) do
      copy[name] = value
    end
    return copy
  end
end

local function write_text(plan)
  for line in (tostring(plan) .. "\n"):gmatch "(.-)\n" do
    program.print(text.one_line(line))
  end
end

-- Prints a plan: for people, unless a format is asked for.
local function show(context, plan)
  local format = context.args.output
  if not format or format == "table" then
    write_text(plan)
  elseif format == "json" then
    context.output:entry({ add = plan.add, remove = plan.remove, replace = plan.replace, impossible = plan.impossible,
      keep = #plan.keep, changes = plan:count() }, { "changes", "keep", "add", "remove", "replace", "impossible" })
  else
    context.output:entries(entries_of(plan), COLUMNS)
  end
end

--- Runs the command `plan`.
---@param context numberpool.cli.Context
---@param args table
---@return integer exit code
function planning.plan(context, args)
  local target = args.out and writer.real_path(args.out)
  if target and target == writer.real_path(args.file) then
    exit.raise("--out: expected another file than the one that is read, got " .. args.out)
  end
  local plan = make(context, args)
  if args.out then
    program.must(plan:save(args.out))
  end
  show(context, plan)
  return args.detailed_exitcode and plan:count() > 0 and exit.TO_DO or exit.DONE
end

-- Whether a file begins as a saved plan does.
local function is_plan(path)
  local file = path ~= "-" and io.open(path, "rb")
  local head = file and file:read(200) or ""
  if file then
    file:close()
  end
  return head:find '^%s*{%s*"format"%s*:%s*"numberpool plan"' ~= nil
end

local OF_FILES = { "prune", "unrent", "max_removals", "allow_empty", "format", "default_calling_code" }

local function load(context, args)
  for _, name in ipairs(OF_FILES) do
    if args[name] then
      exit.raise(("--%s: a saved plan knows already what it is to do"):format((name:gsub("_", "-"))))
    end
  end
  return program.must(context.pool:load_plan(args.file))
end

local function counted(count, words)
  return count > 0 and ("%d to %s"):format(count, words) or nil
end

-- How many numbers the plan gives up for good: a saved plan has that in its text alone.
local function count_lost(plan)
  local count = 0
  if tostring(plan):find "^[^\n]* release for good" then
    for _, entry in ipairs(plan.remove) do
      count = count + (entry.kind ~= "shortcode" and 1 or 0)
    end
  end
  return count
end

local function question_of(context, plan)
  local parts = {}
  for _, part in ipairs { counted(#plan.add, "add") or "", counted(#plan.remove, "remove") or "",
    counted(#plan.replace, "remove and add again with another service") or "" } do
    parts[#parts + 1] = part ~= "" and part or nil
  end
  local lost = count_lost(plan)
  return ("%sChange the number pool %s: %s?"):format(lost > 0
    and report_text.counted(lost, "number", "numbers") .. " will be lost for good. " or "",
    context.pool.uuid, table.concat(parts, ", "))
end

local function is_confirmed(context, plan)
  local removes = #plan.remove + #plan.replace > 0
  if removes or terminal.is "stdin" and terminal.is "stderr" then
    return context.confirm(question_of(context, plan))
  end
  return true
end

local function name_of(entry)
  return entry.number or entry.shortcode
end

-- What became of the changes. Some that count as failed may have been done: nobody knows where an answer never came.
local function summary_of(counts, uncertain)
  local parts = { ("%d of %d changes done"):format(counts.succeeded, counts.total) }
  local failed = counts.failed - uncertain
  if failed > 0 then
    parts[#parts + 1] = ("%d failed"):format(failed)
  end
  if uncertain > 0 then
    parts[#parts + 1] = ("%d may be"):format(uncertain)
  end
  if counts.skipped > 0 then
    parts[#parts + 1] = ("%d not begun"):format(counts.skipped)
  end
  return table.concat(parts, ", ")
end

-- The brake's message, in the words of the command line.
local function explain(err)
  if errors.is_error(err) and err.kind == "conflict" and err.message:find("max_removals", 1, true) then
    exit.raise((err.message:gsub("max_removals is", "--max-removals is"):gsub("force = true", "--force")), exit.FAILED)
  end
  error(err, 0)
end

-- Carries a plan out. Returns the report, and the failures that are shown.
local function carry_out(context, plan, args)
  local failures = { first = nil, uncertain = 0 }
  local show_progress, clear = context.progress(plan:count())
  local ok, report, err = pcall(plan.apply, plan, {
    concurrency = args.concurrency,
    stop_on_error = args.stop_on_error,
    force = args.force,
    on_progress = show_progress,
    on_result = function(result)
      local has_failed = not result.ok and not result.skipped
      local is_uncertain = has_failed and errors.is_error(result.error) and result.error.ambiguous
      failures.uncertain = failures.uncertain + (is_uncertain and 1 or 0)
      if has_failed and #failures < MOST_FAILURES then
        failures.first = failures.first or result.error
        local name = name_of(result.input)
        failures[#failures + 1] = { target = { text = name, place = name }, message = errors.text_of(result.error),
          err = result.error }
      end
    end,
  })
  clear()
  if not ok then
    if errors.is_error(report) and report.report then
      context.done(summary_of(report.report, failures.uncertain) .. "; run it again to do the rest")
    end
    error(report, 0)
  elseif not report then
    explain(err)
  end
  return report, failures
end

-- Prints what became of it. Returns the exit code.
local function finish(context, plan, report, failures)
  local summary = report.total > 0 and summary_of(report, failures.uncertain) or "nothing to do"
  local left = report.failed + report.skipped
  if #plan.impossible > 0 then
    summary = ("%s, %d impossible"):format(summary, #plan.impossible)
  end
  if left == 0 then
    context.output:message(summary)
    return #plan.impossible > 0 and exit.PARTLY or exit.DONE
  end
  return context.fail_all(failures, summary, exit.of_job(report.succeeded, left, failures.first))
end

--- Runs the command `apply`.
---@param context numberpool.cli.Context
---@param args table
---@return integer exit code
function planning.apply(context, args)
  local plan = is_plan(args.file) and load(context, args) or make(context, args)
  if not context.is_dry then
    show(context, plan)
  end
  local refusal = not args.force and plans.brake(plan)
  if refusal then -- before somebody is asked for what isn't done then
    explain(refusal)
  end
  if plan:count() > 0 and not is_confirmed(context, plan) then
    context.output:message "nothing was changed"
    return exit.FAILED
  end
  context.done "nothing was changed"
  local report, failures = carry_out(context, plan, args)
  if context.is_dry then
    return exit.DONE
  end
  return finish(context, plan, report, failures)
end

return planning
