-- Makes pages of reports and looks at them in headless Chromium: lua run.lua FOLDER, which has the installed
-- `playwright-core` and `axe-core`. The counts are the driver's.
local numberpool = require "numberpool"
local page = require "numberpool.report.page"
local sandbox = require "numberpool.sandbox"
local summary = require "numberpool.report.summary"

local packages = assert(arg[1], "expected the folder that playwright-core and axe-core are installed in")
local here = arg[0]:match("^(.*)/") or "."

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function read_command(command)
  local process = assert(io.popen(command))
  local output = process:read "*a"
  process:close()
  return (output:gsub("%s+$", ""))
end

local folder = read_command "mktemp -d"

local function write(name, of_page, result)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  assert(of_page:write(file, result, { made_at = 1700000000 }))
  assert(file:close())
end

-- A page of entries that are made here: what no sandbox has.
local function write_entries(name, lists, most)
  local of_page = page.new(most)
  local result = summary.of_snapshot(lists, "5e1f0a52-0000-4000-8000-000000000001", function(known)
    of_page:add(known)
  end)
  write(name, of_page, result)
end

-- 160 entries, as a client reads them.
local function write_pool(server)
  local numbers = {}
  for i = 1, 120 do
    numbers[i] = { number = "151255" .. 50000 + i, service = i % 3 == 0 and "mms" or "sms" }
  end
  for i = 1, 20 do
    numbers[#numbers + 1] = { number = "141655" .. 50000 + i, service = "sms" }
  end
  for i = 1, 9 do
    numbers[#numbers + 1] = { number = "4479460" .. 10000 + i, service = "sms" }
  end
  local seeded = assert(server:seed { numbers = numbers, tollfree = 9, shortcodes = 2 })
  local client = assert(numberpool.new(server))
  local of_page = page.new()
  local result = summary.of_pool(assert(client:pool(seeded.pool)), function(known)
    of_page:add(known)
  end)
  write("pool.html", of_page, result)
  client:close()
end

local function write_hostile()
  local markup = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"
  local numbers = {
    { number = "15125550001", country_iso2 = '"><b id=taken>US</b>', type = markup,
      service = "sms\226\128\168\0\27[31m", added_on = "<i id=taken>yesterday</i>" },
    { number = "<!--<script>", country_iso2 = "U'S", type = "\226\128\174dexif", service = "\255\254" },
    { number = 15125550003, country_iso2 = "US", type = "tollfree", added_on = "2023-03-18T16:07:39.379739Z" },
  }
  write_entries("hostile.html", { numbers = numbers, tollfree = { {} }, shortcodes = { { shortcode = "12345" } } })
end

local function write_large()
  local numbers = {}
  for i = 1, 100000 do
    local at = 1500000000 + i * 2000
    numbers[i] = {
      number = ("1%03d555%04d"):format(201 + i % 700, i % 10000), country_iso2 = i % 5 == 0 and "CA" or "US",
      type = "fixed", service = i % 3 == 0 and "mms" or "sms", added_on = os.date("!%Y-%m-%dT%H:%M:%S.123456Z", at),
    }
  end
  local started = os.clock()
  write_entries("large.html", { numbers = numbers, tollfree = {}, shortcodes = {} })
  local seconds = os.clock() - started
  write_entries("cut.html", { numbers = numbers, tollfree = {}, shortcodes = {} }, 500)
  return seconds
end

local server = assert(sandbox.start())
write_pool(server)
server:stop()
write_hostile()
write_entries("empty.html", { numbers = {}, tollfree = {}, shortcodes = {} })
print(("a page of 100,000 entries is made in %.1f s of CPU"):format(write_large()))

local chromium = read_command "command -v chromium || command -v chromium-browser || true"
local command = ("NODE_PATH=%s node %s %s %s"):format(quote(packages .. "/node_modules"), quote(here .. "/look.js"),
  quote(folder), quote(chromium))
local ok, _, code = os.execute(command)
os.execute("rm -rf " .. quote(folder))
if ok == true or ok == 0 then
  os.exit(0)
end
os.exit(type(code) == "number" and code or 1)
