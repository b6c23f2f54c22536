-- Writes a whole pool as CSV: its numbers, toll-free numbers and shortcodes, page by page as they come.
--
--   lua5.4 examples/export_csv.lua                        a sandbox's pool, to standard output
--   lua5.4 examples/export_csv.lua POWERPACK [FILE.csv]   with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in the environment
--
-- import_csv.lua reads it again, but for shortcodes, which the API can't add.
local numberpool = require "numberpool"

local COLUMNS = { "number", "service", "type", "country_iso2", "added_on" }

local powerpack, path = ...
local server
if not powerpack then
  server = assert(require "numberpool.sandbox".start())
  powerpack = assert(server:seed { numbers = 145, tollfree = 3, shortcodes = 2 }).powerpack
end

-- As RFC 4180 has it.
local function quote(value)
  local field = tostring(value or "")
  return field:find '[,"\r\n]' and '"' .. field:gsub('"', '""') .. '"' or field
end

local function write_record(file, values)
  local fields = {}
  for i, value in ipairs(values) do
    fields[i] = quote(value)
  end
  assert(file:write(table.concat(fields, ","), "\r\n"))
end

-- Where an entry belongs is told by its type, whatever the API calls that.
local TYPES = { tollfree = "tollfree", shortcodes = "shortcode" }

local function write_entry(file, list, entry)
  write_record(file, { entry.number or entry.shortcode, entry.service or "", TYPES[list] or entry.type or "",
    entry.country_iso2 or "", entry.added_on or "" })
end

local function export(pool, file)
  local count = 0
  write_record(file, COLUMNS)
  for _, list in ipairs { "numbers", "tollfree", "shortcodes" } do
    for entry in pool[list](pool) do
      write_entry(file, list, entry)
      count = count + 1
    end
  end
  return count
end

local function main()
  local client = assert(numberpool.new(server))
  local pool = assert(client:pool { powerpack = powerpack })
  local file = path and assert(io.open(path, "wb")) or io.stdout
  local count = export(pool, file)
  assert(file:flush())
  if path then
    file:close()
  end
  io.stderr:write(count, " entries\n")
  client:close()
end

local ok, err = pcall(main)
if server then
  server:stop()
end
if not ok then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
