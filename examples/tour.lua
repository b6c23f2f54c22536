-- Runs every operation on a number pool against a sandbox. Each step prints its Lua and what that returned. A wrong
-- outcome ends the tour with an error.
--
--   make demo
local numberpool = require "numberpool"
local sandbox = require "numberpool.sandbox"

local ADDED, TOLLFREE = 45, 3

local is_plain = os.getenv "NO_COLOR" or not os.getenv "TERM" or os.getenv "TERM" == "dumb"

local function paint(code, text)
  return is_plain and text or "\27[" .. code .. "m" .. text .. "\27[0m"
end

local function heading(text)
  print("\n" .. paint("1", text))
end

-- Showing --------------------------------------------------------------------------

local SHOWN = { "name", "number", "shortcode", "country_iso2", "type", "service", "uuid", "response", "pool" }

local function describe_entry(entry)
  local words = {}
  for _, name in ipairs(SHOWN) do
    if entry[name] then
      words[#words + 1] = entry[name]
    end
  end
  return table.concat(words, " · ")
end

local function describe_list(list)
  local first, last = list.objects[1], list.objects[#list.objects]
  local text = string.format("%d of %d", #list.objects, list.meta.total_count)
  if first then
    local name = first.number and "number" or first.shortcode and "shortcode" or "name"
    text = text .. ": " .. first[name] .. (first == last and "" or " … " .. last[name])
  end
  return text
end

local function describe(value, err)
  local metatable = type(value) == "table" and getmetatable(value)
  if value == nil then
    return paint("33", "nil, " .. tostring(err))
  elseif type(value) ~= "table" or metatable and metatable.__tostring then
    return paint("32", tostring(value))
  end
  return paint("32", value.objects and describe_list(value) or describe_entry(value))
end

-- Running: what is shown is what is run ----------------------------------------------

local names = setmetatable({ numberpool = numberpool, sandbox = sandbox }, { __index = _G })

local function compile(text)
  if _VERSION == "Lua 5.1" then
    local chunk = assert(loadstring(text, "=tour")) -- luacheck: ignore 113
    return setfenv(chunk, names) -- luacheck: ignore 113
  end
  return assert(load(text, "=tour", "t", names))
end

local function check(is_right, text, value, err)
  if not is_right then
    error(string.format("the tour met a wrong outcome\n  %s\n  %s", text, describe(value, err)), 0)
  end
end

local steps = 0

-- Runs an expression, prints it and what it returned, and checks that with `is_right(value, err)`.
local function show(text, is_right)
  local value, err = compile("return " .. text)()
  steps = steps + 1
  print("  " .. paint("36", text))
  print("    → " .. describe(value, err))
  check(is_right(value, err), text, value, err)
  return value
end

-- The same for an expression whose value gets a name that later ones use.
local function let(name, text, is_right)
  names[name] = compile("return assert(" .. text .. ")")()
  steps = steps + 1
  print("  " .. paint("36", "local " .. name .. " = assert(" .. text .. ")"))
  print("    → " .. describe(names[name]))
  check(is_right(names[name]), text, names[name])
end

local function is_success(value)
  return type(value) == "table" and value.response == "success"
end

local function is_count(count)
  return function(value)
    return value == count
  end
end

local function is_page(objects, total)
  return function(value)
    return value and #value.objects == objects and value.meta.total_count == total
  end
end

local function is_error(kind, status)
  return function(value, err)
    return value == nil and err.kind == kind and err.status == status
  end
end

local function is_number(digits)
  return function(value)
    return value and value.number == digits
  end
end

local function has_uuid(value)
  return type(value.uuid) == "string" and #value.uuid > 0
end

-- The tour -------------------------------------------------------------------------

local function begin()
  heading "A sandbox instead of an account, and a client for it"
  let("server", "sandbox.start()", function(server)
    return server.port > 0
  end)
  let("client", "numberpool.new(server)", function(client)
    return client.auth_id == names.server.auth_id
  end)
end

local function make_powerpack()
  heading "A powerpack, and the number pool that comes with it"
  let("powerpack", [[client.powerpacks:create { name = "Tour", sticky_sender = false }]], has_uuid)
  show("client.powerpacks:get(powerpack.uuid)", function(value)
    return value.name == "Tour" and value.sticky_sender == false
  end)
  show([[client.powerpacks:update(powerpack.uuid, { name = "The grand tour" })]], function(value)
    return value.name == "The grand tour"
  end)
  show("client.powerpacks:list { limit = 5 }", is_page(1, 1))
  let("pool", "client:pool { powerpack = powerpack.uuid }", has_uuid)
  show("pool:get()", function(value)
    return value.uuid == names.pool.uuid
  end)
  show("pool:count_numbers()", is_count(0))
end

local function add_numbers()
  heading(string.format("%d numbers, some of them for pictures, and %d toll-free ones", ADDED, TOLLFREE))
  show([[pool:add_number("+1 (512) 555-0100", { service = "mms" })]], function(value)
    return value.number == "15125550100" and value.service == "mms"
  end)
  print("  " .. paint("36", "for i = 1, 44 do pool:add_number(15125550100 + i) end"))
  for i = 1, ADDED - 1 do
    local added, err = names.pool:add_number(15125550100 + i)
    check(added and added.number == string.format("%.0f", 15125550100 + i), "pool:add_number", added, err)
  end
  show("pool:count_numbers()", is_count(ADDED))
  for i = 1, TOLLFREE do
    show("pool:add_tollfree(1800555010" .. i .. ")", function(value)
      return value.type == "tollfree"
    end)
  end
end

local function find_and_list()
  heading "Finding, counting, listing"
  show("pool:find_number(15125550120)", is_number "15125550120")
  show([[pool:find_tollfree "18005550102"]], is_number "18005550102")
  show("pool:list_numbers()", is_page(20, 45))
  show("pool:list_numbers { limit = 20, offset = 40 }", is_page(5, 45))
  show([[pool:list_numbers { starts_with = "51255501", country_iso2 = "US", limit = 3 }]], is_page(3, 45))
  show([[pool:list_numbers { starts_with = { "512555014", "999" }, country_iso2 = "US" }]], is_page(5, 5))
  show([[pool:list_numbers { service = "mms" }]], is_page(1, 1))
  show([[pool:list_numbers { type = "fixed", limit = 1 }]], is_page(1, 45))
  show([[pool:list_numbers { country_iso2 = "CA" }]], is_page(0, 0))
  show([[pool:count_numbers { type = "mobile" }]], is_count(0))
  show([[pool:count_numbers { country_iso2 = "US", service = "sms" }]], is_count(44))
  show("pool:list_tollfree { limit = 2 }", is_page(2, 3))
end

local function read_shortcodes()
  heading "Shortcodes, which are linked in the vendor's console; the sandbox has a pool with two"
  let("seeded", [[server:seed { shortcodes = 2, name = "Shortcodes" }]], function(seeded)
    return seeded.pool ~= nil
  end)
  let("short", "client:pool(seeded.pool)", has_uuid)
  local listed = show("short:list_shortcodes()", is_page(2, 2))
  names.code = listed.objects[1].shortcode
  show("short:find_shortcode(code)", function(value)
    return value.shortcode == names.code
  end)
  show("short:remove_shortcode(code)", is_success)
  show("short:find_shortcode(code)", is_error("not_found", 404))
end

local function buy_and_remove()
  heading "Buying a number, and giving it back"
  local bought = show([[pool:buy_number { country_iso2 = "US", type = "fixed" }]], function(value)
    return value and value.number
  end)
  names.bought = bought.number
  show("pool:find_number(bought)", is_number(names.bought))
  show("pool:remove_number(bought, { unrent = true })", is_success)
  show("pool:remove_number(15125550144)", is_success)
  show("pool:remove_tollfree(18005550103, { unrent = true })", is_success)
  show("pool:count_numbers()", is_count(ADDED - 1))
end

local function meet_errors()
  heading "What goes wrong is an error one can act on"
  show("pool:find_number(15125550144)", is_error("not_found", 404))
  show([[pool:add_number "+44 (0)20 7946 0958"]], is_error("invalid", nil))
  show("pool:list_numbers { limit = 50 }", is_error("invalid", nil))
end

local function finish()
  heading "Cleaning up"
  show("client.powerpacks:delete(powerpack.uuid)", function(value)
    return value ~= nil
  end)
  show("client.powerpacks:get(powerpack.uuid)", is_error("not_found", 404))
  show("pool:count_numbers()", is_error("not_found", 404))
  local stats = names.client:stats()
  names.client:close()
  show("pool:get()", is_error("closed", nil))
  print(string.format("\n%s  %d steps, %d requests over %d connection, %.1f ms at the median",
    paint("1;32", "All as it should be."), steps, stats.attempts, stats.connections, stats.latency.p50 * 1000))
end

local function tour()
  begin()
  make_powerpack()
  add_numbers()
  find_and_list()
  read_shortcodes()
  buy_and_remove()
  meet_errors()
  finish()
end

local ok, err = pcall(tour)
if names.server then
  names.server:stop()
end
if not ok then
  io.stderr:write(paint("31", tostring(err)), "\n")
  os.exit(1)
end
