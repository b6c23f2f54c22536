--- Whether everything works from here to the account's numbers.

local doctor = require "numberpool.cli.doctor"
local exit = require "numberpool.cli.exit"
local program = require "numberpool.report.program"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.cli.text"

local COLUMNS = { "step", "status", "message", "remedy" }

local COLOURS = { ok = "\27[32m", warning = "\27[33m", failed = "\27[31m", skipped = "\27[2m" }
local PLAIN = "\27[0m"

local INDENT = #"warning  "
local REMEDY = "> " -- before it
local DEFAULT_COLUMNS, LEAST_COLUMNS = 100, 20

-- What is looked at. Having no credentials is one of its findings.
local function patient_of(context)
  local patient = {
    open = function()
      return context.client
    end,
  }
  local ok, account = pcall(function()
    return context.account
  end)
  if ok then
    patient.account, patient.found_in = account, context.found_in
  elseif program.is_interrupt(account) or context.args.sandbox then
    error(account, 0)
  else
    patient.err = account
  end
  patient.pool, patient.powerpack = context.find_pool()
  return patient
end

-- Writes a text in lines of so many columns, all but the first of them indented.
local function write_lines(value, columns, first, indent)
  for i, line in ipairs(text.wrap(text.one_line(value), math.max(columns, LEAST_COLUMNS))) do
    program.print((i == 1 and first or (" "):rep(indent)) .. line)
  end
end

-- A result for people: how it went, the step and what it found; and below it what to do.
local function write_result(result, columns, has_colours)
  local status = text.pad(result.status, INDENT)
  program.write(has_colours and COLOURS[result.status] .. status .. PLAIN or status)
  write_lines(doctor.title(result.step) .. ": " .. result.message, columns - INDENT, "", INDENT)
  if result.remedy then
    write_lines(result.remedy, columns - INDENT - #REMEDY, (" "):rep(INDENT) .. REMEDY, INDENT + #REMEDY)
  end
end

local function counted(count, word)
  return count > 0 and ("%d %s"):format(count, word) or nil
end

local function summary_of(counts)
  if counts.failed + counts.warning == 0 then
    return "everything works"
  end
  local words = { counted(counts.failed, "failed") }
  words[#words + 1] = counted(counts.warning, counts.warning == 1 and "warning" or "warnings")
  words[#words + 1] = counted(counts.skipped, "skipped")
  return table.concat(words, ", ")
end

-- Every step is shown as soon as it is done.
local function write_for_people(context, steps, counts)
  local columns = terminal.is "stdout" and terminal.width() or DEFAULT_COLUMNS
  local has_colours = terminal.has_colours "stdout"
  local show, finish = context.progress(doctor.COUNT)
  for done = 0, doctor.COUNT - 1 do
    show(done)
    local ok, result = pcall(steps)
    finish()
    if not ok then
      error(result, 0)
    end
    write_result(result, columns, has_colours)
  end
  program.print("\n" .. summary_of(counts))
end

-- In tables of text each row has the same columns.
local function without_details(steps)
  return function()
    local result = steps()
    return result
      and { step = result.step, status = result.status, message = result.message, remedy = result.remedy or "" }
  end
end

local function write(context, steps, counts)
  local output = context.output
  if output.format == "table" and not output.fields then
    write_for_people(context, steps, counts)
  elseif output.format == "json" or output.format == "jsonl" then
    output:entries(steps, COLUMNS)
  else
    output:entries(without_details(steps), COLUMNS)
  end
end

return {
  name = "doctor",
  summary = "say step by step what works, what doesn't, and what to do about it",
  description = "Looks at what is installed, the credentials, the proxy, the way to the server, TLS, the clock, the"
    .. " account, a pool and the limit. It changes nothing, and prints no credentials. The first failure decides the"
    .. " exit code.",
  examples = {
    { "numberpool doctor", "" },
    { "numberpool doctor --pool UUID", "looks at a pool, too" },
    { "numberpool doctor -o json", "a list for programs" },
  },
  run = function(context)
    local steps = doctor.steps(patient_of(context))
    local counts, code = { ok = 0, warning = 0, failed = 0, skipped = 0 }, exit.DONE
    local function count()
      local result = steps()
      if result then
        counts[result.status] = counts[result.status] + 1
        code = code == exit.DONE and result.exit_code or code
      end
      return result
    end
    write(context, count, counts)
    return code
  end,
}
