-- Which spellings of numbers, shortcodes and options are taken, which are refused, and that nothing is sent
-- for the refused ones.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local NAN = 0 / 0
local HUGE = 10 * 1024 * 1024
local HUGE_REPEATS = 3 * 1024 * 1024
local ANSWER = http.json '{"uuid":"x","meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}'

local server = fixture.scripted_server()
local pool = fixture.pool(server, "p")

-- A value as a title, short and printable.
local function show(value)
  if type(value) == "table" then
    local items = {}
    for key, item in pairs(value) do
      items[#items + 1] = type(key) == "number" and show(item) or key .. " = " .. show(item)
    end
    table.sort(items)
    return "{ " .. table.concat(items, ", ") .. " }"
  elseif type(value) == "string" then
    local text = value:gsub("[%c\128-\255]", function(byte)
      return ("\\x%02x"):format(byte:byte())
    end)
    return '"' .. (#text > 60 and text:sub(1, 60) .. "..." or text) .. '"'
  elseif type(value) == "number" then
    return ("%.17g"):format(value)
  end
  return tostring(value)
end

local function sent_request(call)
  server:script(ANSWER)
  assert(call())
  local requests = server:requests()
  assert.equal(1, #requests)
  return requests[1]
end

local function assert_refused(operation, call)
  server:script(ANSWER)
  local before = server:counts().accepted
  local value, err = call()
  assert.is_nil(value)
  assert.equal("invalid", err.kind)
  assert.equal(operation, err.operation)
  assert.is_nil(err.ambiguous)
  assert.is_true(#err.message < 400, "a long message")
  assert.is_nil(err.message:find "%c", err.message)
  assert.is_true(#tostring(err) < 500, "a long text")
  local counts = server:counts()
  assert.equal(0, counts.received)
  assert.equal(before, counts.accepted)
  return err
end

local GOOD_NUMBERS = {
  { "15125550000", "15125550000" },
  { 15125550000, "15125550000" },
  { 15125550000.0, "15125550000" },
  { "+15125550000", "15125550000" },
  { "+1 (512) 555-0000", "15125550000" },
  { "+1 512 555 0000", "15125550000" },
  { "+1-512-555-0000", "15125550000" },
  { "+44 20 7946 0000", "442079460000" },
  { " 15125550000", "15125550000" },
  { "15125550000 ", "15125550000" },
  { "12", "12" },
  { 12, "12" },
  { "999999999999999", "999999999999999" },
  { 999999999999999, "999999999999999" },
  { "+999999999999999", "999999999999999" },
}

local BAD_NUMBERS = {
  "", " ", "+", "1", "+1", 1, 0, "0", "00",
  "(512) 555-0000", "1 (512) 555-0000", "1 512 555 0000", "1-512-555-0000",
  "+44 (0)20 7946 0000", "+44 (0) 20 7946 0000", "+44(0)2079460000",
  "015125550000", "0015125550000", "+015125550000", "+(0)15125550000",
  "1234567890123456", "+1234567890123456", 1234567890123456, 1e15, 1e300,
  "++15125550000", "15125550000+", "1+5125550000", "-15125550000", -15125550000,
  "15125550000a", "tel:+15125550000", "+1512555CALL", "+1 512 555 0000 x5", "number",
  "0x12345", "1e10", "15125550000.0", "1.5e10", "15125550000.5", 15125550000.5, 1.5,
  NAN, math.huge, -math.huge, 2 ^ 53 + 1, 2 ^ 53, 2 ^ 63, -1,
  "..", ".", "../", "../Shortcode/77777", "15125550000/../1", "15125550000/", "/15125550000", "..%2f", "%2e%2e%2f",
  "15125550000%2f", "%31%35", "15125550000?unrent=true", "15125550000#", "15125550000&a=b", "15125550000;", "*", "\\",
  "15125550000\n", "15125550000\r\nX-Header: 1", "\n15125550000", "1512\n5550000", "+1512\n5550000", "+15125550000\n",
  "15125550000\0", "\000015125550000", "1512\0005550000", "+1512\0005550000", "+15125550000\0/../",
  "+1\t5125550000",
  "\239\188\145\239\188\149\239\188\145\239\188\146", -- full-width digits
  "+\239\188\145\239\188\149\239\188\145\239\188\146",
  "\217\161\217\165\217\161\217\162", -- Arabic-Indic digits
  "1512555000\194\178", "\255\254", "1\194\1605125550000",
}

describe("a number", function()
  for _, case in ipairs(GOOD_NUMBERS) do
    local input, digits = case[1], case[2]
    it("may be " .. show(input), function()
      local request = sent_request(function()
        return pool:find_number(input)
      end)
      assert.matches("/NumberPool/p/Number/" .. digits .. "/$", request.target)
    end)
  end

  for _, input in ipairs(BAD_NUMBERS) do
    it("may not be " .. show(input), function()
      for _, operation in ipairs { "find_number", "add_number", "remove_number" } do
        local err = assert_refused(operation, function()
          return pool[operation](pool, input)
        end)
        assert.matches("number", err.message)
      end
    end)
  end

  it("means the same to every operation", function()
    for operation, path in pairs {
      add_number = "Number", find_number = "Number", remove_number = "Number",
      add_tollfree = "Tollfree", find_tollfree = "Tollfree", remove_tollfree = "Tollfree",
    } do
      local request = sent_request(function()
        return pool[operation](pool, "+1 (800) 555-0000")
      end)
      assert.matches("/" .. path .. "/18005550000/$", request.target)
      for _, input in ipairs { "../Shortcode/77777", "(800) 555-0000", "+44 (0)20 7946 0000", NAN, "1800\0" } do
        assert_refused(operation, function()
          return pool[operation](pool, input)
        end)
      end
    end
  end)

  it("that is wrong is named in the message", function()
    local err = assert_refused("find_number", function()
      return pool:find_number "(512) 555-0000"
    end)
    assert.matches("(512) 555-0000", err.message, 1, true)
    err = assert_refused("find_number", function()
      return pool:find_number(1.5)
    end)
    assert.matches("1.5", err.message, 1, true)
  end)
end)

describe("a shortcode", function()
  for _, case in ipairs {
    { "777", "777" }, { "77777", "77777" }, { "12345678", "12345678" }, { 777, "777" }, { 77777, "77777" },
    { 77777.0, "77777" }, { 12345678, "12345678" },
  } do
    it("may be " .. show(case[1]), function()
      for _, operation in ipairs { "find_shortcode", "remove_shortcode" } do
        local request = sent_request(function()
          return pool[operation](pool, case[1])
        end)
        assert.matches("/NumberPool/p/Shortcode/" .. case[2] .. "/$", request.target)
      end
    end)
  end

  for _, input in ipairs {
    "", "77", "123456789", 77, 123456789, 0, -777, "-777", "+77777", "77 777", "77-777", " 77777", "77777 ", "abc",
    "7777a", 777.5, NAN, math.huge, -math.huge, 2 ^ 53 + 1, 1e300, "77777\0", "777\00077", "77777\n", "../Number",
    "77777/", "777%32", "77777?a=b", "0x777", "1e5", "\239\188\151\239\188\151\239\188\151",
  } do
    it("may not be " .. show(input), function()
      for _, operation in ipairs { "find_shortcode", "remove_shortcode" } do
        local err = assert_refused(operation, function()
          return pool[operation](pool, input)
        end)
        assert.matches("shortcode", err.message)
      end
    end)
  end
end)

describe("a huge string", function()
  local digits, letters, dots = ("1"):rep(HUGE), ("a"):rep(HUGE), ("../"):rep(HUGE_REPEATS)
  local plus, commas = "+1" .. (" "):rep(HUGE), ("512,"):rep(HUGE_REPEATS)

  it("is refused where a number or shortcode is wanted", function()
    for _, input in ipairs { digits, letters, dots, plus } do
      for _, operation in ipairs { "find_number", "add_tollfree", "find_shortcode", "remove_shortcode" } do
        assert_refused(operation, function()
          return pool[operation](pool, input)
        end)
      end
    end
  end)

  it("is refused in every option", function()
    for _, name in ipairs { "starts_with", "type", "service", "country_iso2" } do
      for _, input in ipairs { digits, letters, commas } do
        assert_refused("list_numbers", function()
          local options = { country_iso2 = "US" }
          options[name] = input
          return pool:list_numbers(options)
        end)
      end
    end
    assert_refused("list_numbers", function()
      return pool:list_numbers { country_iso2 = "US", starts_with = { digits } }
    end)
  end)
end)

-- What list_numbers sends for a filter, and which filters it refuses.
local GOOD_OPTIONS = {
  { { starts_with = "512", country_iso2 = "US" }, { starts_with = "512", country_iso2 = "US" } },
  { { starts_with = "512,415", country_iso2 = "US" }, { starts_with = "512,415", country_iso2 = "US" } },
  { { starts_with = { "512" }, country_iso2 = "US" }, { starts_with = "512", country_iso2 = "US" } },
  { { starts_with = { "512", "415" }, country_iso2 = "US" }, { starts_with = "512,415", country_iso2 = "US" } },
  { { starts_with = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "0" }, country_iso2 = "US" },
    { starts_with = "1,2,3,4,5,6,7,8,9,0", country_iso2 = "US" } },
  { { starts_with = "1,2,3,4,5,6,7,8,9,0", country_iso2 = "US" },
    { starts_with = "1,2,3,4,5,6,7,8,9,0", country_iso2 = "US" } },
  { { starts_with = "12345678901234", country_iso2 = "US" },
    { starts_with = "12345678901234", country_iso2 = "US" } },
  { { type = "fixed" }, { type = "fixed" } },
  { { type = "mobile" }, { type = "mobile" } },
  { { type = "toll-free" }, { type = "toll-free" } },
  { { type = "tollfree" }, { type = "toll-free" } },
  { { service = "sms" }, { service = "sms" } },
  { { service = "mms" }, { service = "mms" } },
  { { country_iso2 = "CA" }, { country_iso2 = "CA" } },
  { { limit = 1 }, { limit = "1" } },
  { { limit = 20 }, { limit = "20" } },
  { { limit = 5.0 }, { limit = "5" } },
  { { offset = 0 }, { offset = "0" } },
  { { offset = 20.0 }, { offset = "20" } },
  { { offset = 1000000 }, { offset = "1000000" } },
  { { retries = 0 }, {} },
  { { timeout = 1.5 }, {} },
}

local BAD_OPTIONS = {
  { starts_with = "", country_iso2 = "US" }, { starts_with = ",", country_iso2 = "US" },
  { starts_with = "512,", country_iso2 = "US" }, { starts_with = ",512", country_iso2 = "US" },
  { starts_with = "512,,415", country_iso2 = "US" }, { starts_with = "abc", country_iso2 = "US" },
  { starts_with = "+512", country_iso2 = "US" }, { starts_with = "512;415", country_iso2 = "US" },
  { starts_with = "512&type=fixed", country_iso2 = "US" }, { starts_with = "512\0", country_iso2 = "US" },
  { starts_with = "512\n", country_iso2 = "US" }, { starts_with = "%32", country_iso2 = "US" },
  { starts_with = "123456789012345", country_iso2 = "US" },
  { starts_with = "1,2,3,4,5,6,7,8,9,0,1", country_iso2 = "US" },
  { starts_with = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1" }, country_iso2 = "US" },
  { starts_with = {}, country_iso2 = "US" }, { starts_with = { "" }, country_iso2 = "US" },
  { starts_with = { "abc" }, country_iso2 = "US" }, { starts_with = { "512", "x" }, country_iso2 = "US" },
  { starts_with = { "512,415" }, country_iso2 = "US" },
  { starts_with = { "123456789012345" }, country_iso2 = "US" },
  { starts_with = "512" }, { starts_with = { "512" } },
  { type = "" }, { type = "Fixed" }, { type = "local" }, { type = "fixed " }, { type = "fixed\0" },
  { type = "toll free" }, { type = "fixed&limit=1" },
  { service = "" }, { service = "SMS" }, { service = "voice" }, { service = "sms,mms" }, { service = "sms\0" },
  { country_iso2 = "" }, { country_iso2 = "U" }, { country_iso2 = "USA" }, { country_iso2 = "U1" },
  { country_iso2 = "U\0" }, { country_iso2 = "US&a=b" }, { country_iso2 = "\195\156" },
  { limit = 0 }, { limit = 21 }, { limit = 50 }, { limit = -1 }, { limit = 1.5 }, { limit = NAN },
  { limit = math.huge }, { limit = -math.huge }, { limit = 2 ^ 53 + 1 }, { limit = 1e300 }, { limit = 2 ^ 32 + 5 },
  { offset = -1 }, { offset = 1.5 }, { offset = NAN }, { offset = math.huge }, { offset = -math.huge },
  { offset = 1e300 },
  { retries = -1 }, { retries = 1.5 }, { retries = NAN }, { retries = math.huge },
  { timeout = 0 }, { timeout = -1 }, { timeout = NAN },
}

describe("a filter", function()
  for _, case in ipairs(GOOD_OPTIONS) do
    it("may be " .. show(case[1]), function()
      local request = sent_request(function()
        return pool:list_numbers(case[1])
      end)
      assert.same(case[2], request.query)
    end)
  end

  for _, options in ipairs(BAD_OPTIONS) do
    it("may not be " .. show(options), function()
      local err = assert_refused("list_numbers", function()
        return pool:list_numbers(options)
      end)
      local names = {}
      for name in pairs(options) do
        names[#names + 1] = err.message:find(name, 1, true) and name
      end
      assert.is_true(#names > 0, "the message names no option: " .. err.message)
    end)
  end

  it("that is wrong is wrong for a count too", function()
    for _, options in ipairs { { starts_with = "512" }, { type = "local" }, { service = "fax" } } do
      assert_refused("count_numbers", function()
        return pool:count_numbers(options)
      end)
    end
  end)

  it("isn't changed by the call", function()
    local options = { starts_with = { "512", "415" }, country_iso2 = "US", limit = 5 }
    sent_request(function()
      return pool:list_numbers(options)
    end)
    assert.same({ starts_with = { "512", "415" }, country_iso2 = "US", limit = 5 }, options)
  end)
end)

describe("a page", function()
  for _, operation in ipairs { "list_shortcodes", "list_tollfree" } do
    it("of " .. operation .. " has the same limits", function()
      for _, options in ipairs { { limit = 0 }, { limit = 21 }, { offset = -1 }, { offset = 0.5 } } do
        assert_refused(operation, function()
          return pool[operation](pool, options)
        end)
      end
    end)
  end
end)

describe("the service of a number", function()
  for _, operation in ipairs { "add_number", "find_number" } do
    it("is checked by " .. operation, function()
      assert_refused(operation, function()
        return pool[operation](pool, "15125550000", { service = "fax" })
      end)
    end)
  end
end)

describe("a message about a wrong value", function()
  it("says what was expected and what came", function()
    local err = assert_refused("list_numbers", function()
      return pool:list_numbers { limit = 50 }
    end)
    assert.equal("limit: expected 1 to 20, got 50", err.message)
  end)
end)
