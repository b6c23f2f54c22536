-- The page of a pool, as text. What a browser makes of it: spec/pages.
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local hashes = require "numberpool.report.page.hashes"
local interpreter = require "spec.support.interpreter"
local page = require "numberpool.report.page"
local script = require "numberpool.report.page.script"
local style = require "numberpool.report.page.style"
local summary = require "numberpool.report.summary"

local function entry(number, fields)
  local made = { number = number, country_iso2 = "US", type = "fixed", service = "sms",
    added_on = "2022-10-09T11:10:59.741978Z" }
  for name, value in pairs(fields or {}) do
    made[name] = value
  end
  return made
end

local function page_of(numbers, most, options)
  local of_page = page.new(most)
  local result = summary.of_snapshot({ numbers = numbers, tollfree = {}, shortcodes = {} }, "5e1f0a52", function(known)
    of_page:add(known)
  end)
  local pieces = {}
  assert(of_page:write({
    write = function(self, piece)
      pieces[#pieces + 1] = piece
      return self
    end,
  }, result, options))
  return table.concat(pieces)
end

local function data_of(html)
  local json = html:match '<script type="application/json" id="data">(.-)</script>'
  return cjson.decode(json)
end

describe("a page of a pool", function()
  local folder = fixture.folder()

  it("is let to use its own style and script alone", function()
    for name, source in pairs { style = style, script = script } do
      local path = folder .. "/" .. name
      local file = assert(io.open(path, "wb"))
      file:write(source)
      file:close()
      local hash = interpreter.shell("openssl dgst -sha256 -binary " .. interpreter.quote(path) .. " | openssl base64")
      assert.equal(hash:gsub("%s", ""), hashes[name], "page/hashes.lua: the hash of the page's " .. name)
    end
    local html = page_of { entry "15125550001" }
    local policy = html:match '"Content%-Security%-Policy" content="(.-)"'
    assert.matches("^default%-src 'none'; ", policy)
    assert.truthy(policy:find("script-src 'sha256-" .. hashes.script .. "';", 1, true))
    assert.truthy(policy:find("style-src 'sha256-" .. hashes.style .. "';", 1, true))
    assert.truthy(html:find("<style>" .. style .. "</style>", 1, true))
    assert.truthy(html:find("<script>" .. script .. "</script>", 1, true))
  end)

  it("names nothing that is elsewhere", function()
    local html = page_of { entry "15125550001" }
    assert.is_nil(html:gsub("xmlns='http://www.w3.org/2000/svg'", ""):find "https?:")
    for _, attribute in ipairs { "src", "srcset", "action", "style", "onclick", "onload" } do
      assert.is_nil(html:find("<[^>]*%s" .. attribute .. "="), attribute)
    end
    for address in html:gmatch 'href="([^"]*)"' do
      assert.truthy(address:match "^#" or address:match "^data:", address)
    end
    assert.is_nil(style:find "url%(")
    assert.is_nil(style:find "@import")
  end)

  it("has every entry, in order", function()
    local numbers = {}
    for i = 1, 1234 do
      numbers[i] = entry("1512" .. 5550000 + i, { service = i % 2 == 0 and "mms" or nil })
    end
    numbers[7].service = nil
    local data = data_of(page_of(numbers))
    assert.equal(1234, #data.rows)
    for i, row in ipairs(data.rows) do
      assert.equal(numbers[i].number, row[1])
      assert.equal(numbers[i].service or "", data.words[row[6] + 1])
    end
    assert.equal("US", data.words[data.rows[1][3] + 1])
    assert.equal("+1 512", data.words[data.rows[1][4] + 1])
    assert.equal("2022-10-09T11:10:59Z", data.rows[1][7])
  end)

  it("has as many entries as it may, and says what it left out", function()
    local numbers = {}
    for i = 1, 120 do
      numbers[i] = entry("1512" .. 5550000 + i)
    end
    local html = page_of(numbers, 100)
    assert.equal(100, #data_of(html).rows)
    assert.matches("The table has the first 100 of 120 entries", html)
    assert.matches('<dd id="total">120</dd>', html)
    assert.is_nil(page_of(numbers, 120):find "The table has the first")
  end)

  it("shows text of the server as text", function()
    local bad = "</script><script>alert(1)</script><!--"
    local html = page_of({ entry("15125550001", { type = bad, country_iso2 = "\226\128\168" }) }, nil,
      { title = '<b title="x">' })
    local _, scripts = html:gsub("<script", "")
    assert.equal(2, scripts)
    assert.is_nil(html:find("<!--", 1, true))
    assert.is_nil(html:find("\226\128\168", 1, true))
    assert.is_nil(html:find("<b title", 1, true))
    local data = data_of(html)
    assert.equal(bad, data.words[data.rows[1][5] + 1])
    assert.equal("\\u{2028}", data.words[data.rows[1][3] + 1])
  end)

  it("says when it was made, and names the pool", function()
    local html = page_of({}, nil, { made_at = 1700000000 })
    assert.matches("<title>Number pool 5e1f0a52</title>", html)
    assert.matches("as of 2023%-11%-14 22:13:20 UTC", html)
  end)

  it("has a bar for the first values, and the others to open; what isn't known is seen at once", function()
    local numbers = { { number = "15125550001" } }
    for i = 1, 20 do
      for _ = i, 20 do
        numbers[#numbers + 1] = entry("15125550001", { country_iso2 = ("A%s"):format(string.char(64 + i)) })
      end
    end
    local chart = page_of(numbers):match '<section [^>]*"chart%-country">(.-)</section>'
    local before, details = chart:match "^(.*)(<details>.*)$"
    assert.matches(">AL</th>", before)
    assert.is_nil(before:find(">AM</th>", 1, true))
    assert.matches(">not known</th>", before)
    assert.matches("<summary>8 more countries</summary>", details)
    assert.matches(">AM</th>.*>AT</th>", details)
  end)

  it("has a column for every month, with none left out, or for every year", function()
    local function columns(first, last)
      local html = page_of { entry("15125550001", { added_on = first }), entry("15125550002", { added_on = last }) }
      local chart = html:match '<svg class="columns".-</svg>'
      if not chart then
        return 0
      end
      local _, count = chart:gsub("<rect", "")
      return count, chart:match "by (%a+)"
    end
    assert.same({ 3, "month" }, { columns("2022-12-09T11:10:59Z", "2023-02-01T00:00:00Z") })
    assert.same({ 60, "month" }, { columns("2018-01-09T11:10:59Z", "2022-12-01T00:00:00Z") })
    assert.same({ 6, "year" }, { columns("2018-01-09T11:10:59Z", "2023-01-01T00:00:00Z") })
    assert.same({ 0 }, { columns("2018-01-09T11:10:59Z", "2018-01-10T11:10:59Z") })
    assert.same({ 0 }, { columns("0001-01-09T11:10:59Z", "9999-01-10T11:10:59Z") })
  end)

  it("says what is wrong where it can't be written", function()
    local ok, message = page.new():write(assert(io.open("/dev/full", "w")), summary.of_snapshot {
      numbers = {}, tollfree = {}, shortcodes = {},
    })
    assert.is_nil(ok)
    assert.matches("No space left on device", message)
  end)
end)
