--- One operation on many numbers or shortcodes: what became of each, and the exit code for all of them.
-- @module numberpool.cli.many

local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local program = require "numberpool.report.program"
local targets = require "numberpool.cli.targets"

local many = {}

-- What is printed for one that succeeded: the API's answer, with what it is about where that doesn't say so.
local function entry_of(value, target, name)
  if value[name] ~= nil then
    return value
  end
  local entry = { [name] = (target:gsub("^%+", "")) }
  for field, content in pairs(value) do
    entry[field] = content
  end
  return entry
end

-- The message of a failure within a job: the operation is the same for all.
local function failure_of(target, err)
  return { target = target, message = errors.text_of(err), err = err }
end

local function summary_of(outcome, words)
  local parts = { ("%d of %d %s"):format(#outcome.entries, outcome.total, words.done) }
  local uncertain = 0
  for _, failure in ipairs(outcome.failures) do
    uncertain = uncertain + (errors.is_error(failure.err) and failure.err.ambiguous and 1 or 0)
  end
  if #outcome.failures > uncertain then
    parts[#parts + 1] = ("%d failed"):format(#outcome.failures - uncertain)
  end
  if uncertain > 0 then
    parts[#parts + 1] = ("%d may be"):format(uncertain)
  end
  local not_begun = outcome.total - #outcome.entries - #outcome.failures
  if not_begun > 0 then
    parts[#parts + 1] = ("%d not begun"):format(not_begun)
  end
  return table.concat(parts, ", ")
end

-- Prints what was done and what failed; with counts, unless others print these. Returns the exit code.
local function report(context, outcome, words, summary)
  if outcome.is_one and outcome.entries[1] then
    context.output:entry(outcome.entries[1], words.columns)
  elseif #outcome.entries > 0 or #outcome.failures == 0 then
    context.output:entries(outcome.entries, words.columns)
  end
  local failed = outcome.total - #outcome.entries
  if failed == 0 then
    return exit.DONE
  end
  local first = outcome.failures[1]
  local code = exit.of_job(#outcome.entries, failed, first and first.err)
  if outcome.total == 1 and first then
    return context.fail(first.err)
  end
  return context.fail_all(outcome.failures, summary, code)
end

-- What became of each: `to_entry(value, target)` is what is printed for one that succeeded.
local function collect(list, results, to_entry)
  local outcome = { entries = {}, failures = {}, total = #list, is_one = #list == 1 }
  for i, target in ipairs(list) do
    local result = results[i]
    if result and result.ok then
      outcome.entries[#outcome.entries + 1] = to_entry(result.value, target)
    elseif result and not result.skipped then
      outcome.failures[#outcome.failures + 1] = failure_of(target, result.error)
    end
  end
  return outcome
end

-- Prints what became of each in a job that ended, or was ended: what ended it is raised again. Returns the exit code.
local function conclude(context, list, words, to_entry, ok, results)
  if ok and context.is_dry then
    return exit.DONE
  elseif ok then
    local outcome = collect(list, results, to_entry)
    return report(context, outcome, words, summary_of(outcome, words))
  end
  if errors.is_error(results) and results.report then
    local outcome = collect(list, results.report.results, to_entry)
    report(context, outcome, words)
    context.done(summary_of(outcome, words))
  end
  error(results, 0)
end

local function as_it_is(value)
  return value
end

--- Makes a call for each one, with many in flight, and prints what became of each. Ctrl-C prints that too and is raised
--- again.
---@param context numberpool.cli.Context
---@param list numberpool.cli.Target[]
---@param call fun(target: string): table?, any
---@param words { done: string, columns: string[], concurrency: integer? } `done` as "found"
---@return integer exit code
function many.each(context, list, call, words)
  local show, finish = context.progress(#list)
  local client, done = context.client, 0
  local ok, results, err = pcall(client.map, client, targets.texts(list), function(target)
    local value, failure = call(target)
    done = done + 1
    show(done, #list)
    return value, failure
  end, { concurrency = words.concurrency })
  finish()
  return conclude(context, list, words, as_it_is, ok, ok and program.must(results, err) or results)
end

-- Gives the texts one by one, until an answer says that no other can succeed.
local function feeder(list)
  local i, is_over = 0, false
  return function()
    i = i + 1
    return not is_over and list[i] and list[i].text or nil
  end, function(result)
    local err = result and result.error
    is_over = is_over or errors.is_error(err) and err.kind == "auth"
  end
end

--- Carries out a bulk call of the pool, and prints what became of each. Ctrl-C prints that too and is raised again.
---@param context numberpool.cli.Context
---@param list numberpool.cli.Target[]
---@param method string of the pool, as "add_numbers"
---@param options table? of the method
---@param words { name: string, done: string, columns: string[] } `done` as "added"
---@return integer exit code
function many.change(context, list, method, options, words)
  local own = { stop_on_error = context.args.stop_on_error }
  for name, value in pairs(options or {}) do
    own[name] = value
  end
  local next_text, note = feeder(list)
  local show, finish = context.progress(#list)
  function own.on_progress(done, _, last)
    note(last)
    show(done, #list)
  end
  local pool = context.pool
  local ok, made, err = pcall(pool[method], pool, next_text, own)
  finish()
  return conclude(context, list, words, function(value, target)
    return entry_of(value, target.text, words.name)
  end, ok, ok and program.must(made, err).results or made)
end

--- Looks up what the arguments name.
---@param context numberpool.cli.Context
---@param args table
---@param words { name: string, noun: string, method: string, options: table?, columns: string[] }
---@return integer exit code
function many.find_named(context, args, words)
  local pool, options = context.pool, words.options
  local list = targets.read(args[words.name], args, words.noun)
  local find = pool[words.method]
  targets.check(context.client, list, find, pool, options)
  return many.each(context, list, function(target)
    return find(pool, target, options)
  end, { done = "found", columns = words.columns })
end

--- Changes what the arguments name.
---@param context numberpool.cli.Context
---@param args table
---@param words table as for `find_named`, with `bulk`, the method for many, and `done`
---@return integer exit code
function many.change_named(context, args, words)
  local list = targets.read(args[words.name], args, words.noun)
  targets.check(context.client, list, context.pool[words.method], context.pool, words.options)
  return many.change(context, list, words.bulk, words.options, words)
end

return many
