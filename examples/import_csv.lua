-- Adds the numbers of a CSV file to a pool, many at a time. What fails, or isn't begun before Ctrl-C, goes to a second
-- CSV, which can be imported again.
--
--   lua5.4 examples/import_csv.lua                                  a sandbox, and a file with some mistakes in it
--   lua5.4 examples/import_csv.lua POWERPACK FILE.csv [FAILED.csv]  with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN
--
-- The file has columns `number` and, if need be, `service` (sms or mms); its first line names them. Exit status: 0
-- where every number is in the pool, 1 where some aren't, 2 where nothing could be done. The sample's files don't stay.
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

-- { number, service } for each record.
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
    local service = header.service and record[header.service] or ""
    rows[i] = { number = record[header.number] or "", service = service ~= "" and service or nil }
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

local function group_by_service(rows)
  local groups, by_service = {}, {}
  for _, row in ipairs(rows) do
    local service = row.service or "sms"
    local group = by_service[service]
    if not group then
      group = { service = service, rows = {}, numbers = {} }
      by_service[service] = group
      groups[#groups + 1] = group
    end
    table.insert(group.rows, row)
    table.insert(group.numbers, row.number)
  end
  return groups
end

-- A report, or nil and what is wrong with the whole group. Ctrl-C raises an error that has a report too.
local function add_group(pool, group, on_progress)
  local ok, report, err = pcall(pool.add_numbers, pool, group.numbers, {
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

-- One bulk call for each service, since all of its numbers get the same. Returns the rows that failed.
local function import(pool, rows)
  local done, failed, failures, stopped = 0, {}, 0, nil
  for _, group in ipairs(group_by_service(rows)) do
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

local function write_failed(path, rows)
  local file = assert(io.open(path, "wb"))
  write_record(file, "number", "service", "error")
  for _, row in ipairs(rows) do
    write_record(file, row.number, row.service, row.error)
  end
  file:close()
end

-- Without arguments ----------------------------------------------------------------------

local function write_sample(path)
  local file = assert(io.open(path, "wb"))
  write_record(file, "number", "service")
  for i = 0, 249 do
    write_record(file, "141555" .. 50000 + i, i % 5 == 0 and "mms" or nil)
  end
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
  failed_path = failed_path or path:gsub("%.csv$", "") .. ".failed.csv"
  local rows = read_rows(path)
  local client = assert(numberpool.new(server))
  local pool = assert(client:pool { powerpack = powerpack })
  local failed = import(pool, rows)
  print(string.format("%d of %d numbers are in the pool, %d failed", #rows - #failed, #rows, #failed))
  if #failed > 0 then
    write_failed(failed_path, failed)
    print("what failed, and why: " .. failed_path)
    for i = 1, math.min(#failed, 5) do
      print("  " .. failed[i].number .. ": " .. failed[i].error)
    end
  end
  if sample then
    assert(pool:count_numbers() == #rows - #failed - 1) -- one number is in the sample twice
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
  os.remove(failed_path or "")
end
if not ok then
  io.stderr:write(tostring(is_complete), "\n")
end
os.exit(not ok and 2 or (is_complete or sample) and 0 or 1)
