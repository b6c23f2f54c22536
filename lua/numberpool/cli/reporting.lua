--- What the command report does: reads a pool, and writes a picture, a page, or the figures.
-- @module numberpool.cli.reporting

local exit = require "numberpool.cli.exit"
local json = require "numberpool.cli.json"
local page = require "numberpool.report.page"
local picture = require "numberpool.report.picture"
local summary = require "numberpool.report.summary"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.report.text"
local writer = require "numberpool.files.writer"

local reporting = {}

local FIELDS = {
  "pool", "total", "kinds", "listed", "agrees", "country", "area_code", "type", "service", "months", "unknown",
  "others", "oldest", "newest", "notes",
}

local COLUMNS = { "group", "value", "count" }

-- Opens the file of the page before anything is read, so that a path that can't be written to is known at once.
local function open_page(context, path)
  local file = context.must(writer.open(path))
  context.at_exit(function()
    file:discard()
  end)
  return file
end

-- Where the page is written to, as `page:write` wants it.
local function sink_of(context, file)
  return {
    write = function(_, piece)
      if file then
        return file:write_text(piece)
      end
      context.output:text(piece)
      return true
    end,
  }
end

local function write_page(context, of_page, result, file)
  context.must(of_page:write(sink_of(context, file), result))
  if file then
    context.must(file:commit())
  end
  for _, note in ipairs(result.notes) do
    context.output:message(note)
  end
  if file then
    context.output:message(("%s: a page of %s"):format(file.path, text.counted(result.total, "entry", "entries")))
  end
end

local function read(context, of_page)
  local show, finish = context.progress()
  local ok, result = pcall(summary.of_pool, context.pool, function(known, done, total)
    if of_page then
      of_page:add(known)
    end
    show(done, total)
  end)
  finish()
  if not ok then
    error(result, 0)
  end
  return result
end

-- The counts as lines, for CSV and TSV.
local function rows_of(result)
  local rows = {}
  for _, kind in ipairs(summary.KINDS) do
    rows[#rows + 1] = { group = "kind", value = kind, count = result.kinds[kind] }
  end
  for _, group in ipairs { "country", "area_code", "type", "service", "months" } do
    for _, of_value in ipairs(result[group]) do
      rows[#rows + 1] = { group = group == "months" and "month" or group, value = of_value.value,
        count = of_value.count }
    end
  end
  return rows
end

local function print_summary(context, result)
  local output = context.output
  local is_seen = terminal.is "stdout"
  if output.format == "csv" or output.format == "tsv" then
    output:entries(rows_of(result), COLUMNS)
  elseif output.format == "table" and not output.fields then
    output:text(picture.draw(result, { width = is_seen and terminal.width() or nil,
      is_utf8 = picture.is_utf8(context.env), has_colours = terminal.has_colours "stdout" }))
  else
    json.object(result.listed)
    output:entry(result, FIELDS)
  end
end

--- Runs the command.
---@param context numberpool.cli.Context
---@param args table
function reporting.run(context, args)
  local to_stdout = args.html == "-"
  if to_stdout and args.output then
    exit.raise "--html -: expected no --output beside it"
  end
  local file = args.html and not to_stdout and open_page(context, args.html) or nil
  local of_page = args.html and page.new()
  local result = read(context, of_page)
  if of_page then
    write_page(context, of_page, result, file)
  end
  if not of_page or args.output then
    print_summary(context, result)
  end
end

return reporting
