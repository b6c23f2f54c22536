-- Adds the numbers of a CSV file to a pool, many at a time. What fails, or isn't begun before Ctrl-C, goes to a second
-- CSV, which can be imported again.
--
--   lua5.4 examples/import_csv.lua                                  a sandbox, and a file with some mistakes in it
--   lua5.4 examples/import_csv.lua POWERPACK FILE.csv [FAILED.csv]  with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN
--
-- The first line names the columns. Read are those that export_csv.lua writes: `number`; `service`, sms or mms, sms
-- where it is empty; `type`, which tells toll-free numbers (tollfree or toll-free: the API takes no service for them)
-- and shortcodes (shortcode: the API can't add them, so that they are left out). What fails goes to FILE.failed.csv
-- where no other name is given. Exit status: 0 where every number is in the pool, 1 where some aren't, 2 where nothing
-- could be done; 0 for the sample, whose mistakes are meant.
local numberpool = require "numberpool"

local CONCURRENCY = 16

-- CSV, as RFC 4180 has it ---------------------------------------------------------------

-- A field's text and the position after it.
local function read_field(text, at)
  if text:sub(at, at) ~= '"' then
    local field = text:match('^[^,\r\n]*', at)
    return field, at + #field
  end
  local parts = {}
  at = at + 1
  while true do
    local stop = assert(text:find('"', at, true), "a quote isn't closed")
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:sub(stop + 1, stop + 1) ~= '"' then
      return table.concat(parts), stop + 1
    end
    parts[#parts + 1] = '"' -- two in a row stand for one
    at = stop + 2
  end
end

-- The records of a text: lists of fields. Lines that are empty aren't records.
local function parse_csv(text)
  local records, record, at = {}, {}, 1
  text = text:gsub("^\239\187\191", "") -- some programs begin with a byte order mark
  while at <= #text do
    record[#record + 1], at = read_field(text, at)
    if text:sub(at, at) == "," then
      at = at + 1
      if at > #text then
        record[#record + 1] = ""
      end
    else
      at = select(2, text:find("^\r?\n?", at)) + 1
      if #record > 1 or record[1] ~= "" then
        records[#records + 1] = record
      end
      record = {}
    end
  end
  if #record > 0 then
    records[#records + 1] = record
  end
  return records
end

local function quote(value)
  local field = tostring(value or "")
  return field:find '[,"\r\n]' and '"' .. field:gsub('"', '""') .. '"' or field
end

local function write_record(file, ...)
  local fields = { ... }
  for i = 1, select("#", ...) do
    fields[i] = quote(fields[i])
  end
  assert(file:write(table.concat(fields, ","), "\r\n"))
end

-- Types that aren't those of ordinary numbers.
local KINDS = { tollfree = "tollfree", ["toll-free"] = "tollfree", shortcode = "shortcode" }

-- { number, service, type, kind } for each record; what is empty is nil, but for the number.
local function read_rows(path)
  local file = assert(io.open(path, "rb"))
  local records = parse_csv(file:read "*a")
  file:close()
  local header, rows = {}, {}
  for i, name in ipairs(table.remove(records, 1) or {}) do
    header[name:lower():match "^%s*(.-)%s*$"] = i
  end
  assert(header.number, path .. ": expected a first line with a column `number`")
  for i, record in ipairs(records) do
    local row = {}
    for _, name in ipairs { "number", "service", "type" } do
      local value = record[header[name]]
      row[name] = value ~= "" and value or nil
    end
    row.number = row.number or ""
    row.kind = KINDS[(row.type or ""):lower():match "^%s*(.-)%s*$"]
    rows[i] = row
  end
  return rows
end

-- Importing -----------------------------------------------------------------------------

local has_terminal = os.execute "test -t 2"
has_terminal = has_terminal == true or has_terminal == 0

local function show_progress(done, total, failed)
  if has_terminal then
    io.stderr:write(string.format("\r%d of %d, %d failed\27[K", done, total, failed), done == total and "\n" or "")
  end
end

-- The numbers that one bulk call adds: toll-free ones, or those of a service, since all get the same.
local function new_group(row)
  local is_tollfree = row.kind == "tollfree"
  return {
    method = is_tollfree and "add_tollfrees" or "add_numbers",
    service = not is_tollfree and (row.service or "sms") or nil,
    rows = {},
    numbers = {},
  }
end

local function group_rows(rows)
  local groups, by_name = {}, {}
  for _, row in ipairs(rows) do
    local name = row.kind or "service " .. (row.service or "sms")
    local group = by_name[name]
    if not group then
      group = new_group(row)
      by_name[name] = group
      groups[#groups + 1] = group
    end
    table.insert(group.rows, row)
    table.insert(group.numbers, row.number)
  end
  return groups
end

-- A report, or nil and what is wrong with the whole group. Ctrl-C raises an error that has a report too.
local function add_group(pool, group, on_progress)
  local ok, report, err = pcall(pool[group.method], pool, group.numbers, {
    service = group.service,
    concurrency = CONCURRENCY,
    on_progress = on_progress,
  })
  if ok then
    return report, err
  elseif type(report) == "table" and report.report then
    return report.report, report
  end
  error(report, 0)
end

-- Returns the rows that failed.
local function import(pool, rows)
  local done, failed, failures, stopped = 0, {}, 0, nil
  for _, group in ipairs(group_rows(rows)) do
    local report, err
    if not stopped then
      report, err = add_group(pool, group, function(so_far, _, last)
        failures = failures + (last.ok and 0 or 1)
        show_progress(done + so_far, #rows, failures)
      end)
      stopped = report and err
    end
    for i, row in ipairs(group.rows) do
      local result = report and report.results[i]
      if not (result and result.ok) then
        row.error = tostring(result and result.error or err or "not begun")
        failed[#failed + 1] = row
      end
    end
    done = done + #group.rows
    failures = #failed
  end
  show_progress(#rows, #rows, #failed)
  return failed
end

-- The rows that can be added, and how many are shortcodes.
local function without_shortcodes(rows)
  local numbers = {}
  for _, row in ipairs(rows) do
    if row.kind ~= "shortcode" then
      numbers[#numbers + 1] = row
    end
  end
  return numbers, #rows - #numbers
end

local function write_failed(file, rows)
  write_record(file, "number", "service", "type", "error")
  for _, row in ipairs(rows) do
    write_record(file, row.number, row.service, row.type, row.error)
  end
end

local function keep_failed(path, rows)
  local file = assert(io.open(path, "wb"))
  write_failed(file, rows)
  file:close()
  print("what failed, and why: " .. path)
  for i = 1, math.min(#rows, 5) do
    print("  " .. rows[i].number .. ": " .. rows[i].error)
  end
end

-- Without arguments ----------------------------------------------------------------------

local function write_sample(path)
  local file = assert(io.open(path, "wb"))
  write_record(file, "number", "service", "type")
  for i = 0, 249 do
    write_record(file, "141555" .. 50000 + i, i % 5 == 0 and "mms" or nil)
  end
  write_record(file, "18005550100", nil, "tollfree")
  write_record(file, "20000", nil, "shortcode") -- left out
  write_record(file, "+1 (415) 555-0000", "mms") -- there already: one call, and no failure
  write_record(file, "(415) 555-0999") -- lacks its country code
  write_record(file, 'no "number", really', "sms")
  write_record(file, "14155559999", "fax")
  file:close()
end

local powerpack, path, failed_path = ...
local server, sample
if not powerpack then
  server = assert(require "numberpool.sandbox".start())
  powerpack = assert(server:seed {}).powerpack
  path, sample = os.tmpname(), true
  write_sample(path)
end

local function main()
  assert(path, "expected a powerpack's uuid and a CSV file")
  local rows, shortcodes = without_shortcodes(read_rows(path))
  local client = assert(numberpool.new(server))
  local pool = assert(client:pool { powerpack = powerpack })
  local failed = import(pool, rows)
  print(string.format("%d of %d numbers are in the pool, %d failed", #rows - #failed, #rows, #failed))
  if shortcodes > 0 then
    print("shortcodes left out, since the API can't add them: " .. shortcodes)
  end
  if sample then -- whose files don't stay
    print "what failed, and why, as the second CSV would have it:"
    write_failed(io.stdout, failed)
    assert(pool:count_numbers() == 250)
  elseif #failed > 0 then
    keep_failed(failed_path or path:gsub("%.csv$", "") .. ".failed.csv", failed)
  end
  client:close()
  return #failed == 0
end

local ok, is_complete = pcall(main)
if server then
  server:stop()
end
if sample then
  os.remove(path)
end
if not ok then
  io.stderr:write(tostring(is_complete), "\n")
end
os.exit(not ok and 2 or (is_complete or sample) and 0 or 1)
