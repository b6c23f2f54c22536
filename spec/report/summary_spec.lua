-- A pool's totals: they are the server's, and what isn't known isn't guessed.
local facts = require "numberpool.report.facts"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local summary = require "numberpool.report.summary"

local function counts(values)
  local list = {}
  for i, of_value in ipairs(values) do
    list[i] = of_value.value .. "=" .. of_value.count
  end
  return table.concat(list, " ")
end

describe("an area code", function()
  it("is three digits in the North American plan, and elsewhere the country code", function()
    for number, expected in pairs {
      ["15125550001"] = "+1 512", ["18005550001"] = "+1 800", ["+15125550001"] = "+1 512", ["447946010001"] = "+44",
      ["79261234567"] = "+7", ["3531234567"] = "+353", ["4915112345678"] = "+49", ["59171234567"] = "+591",
    } do
      assert.equal(expected, facts.area_code(number), number)
    end
  end)

  it("isn't known of what is no such number", function()
    for _, number in ipairs { "1512555000", "151255500011", "0044794601", "44", "abc", "", "1-512-555-0001" } do
      assert.is_nil(facts.area_code(number), number)
    end
    assert.is_nil(facts.area_code(nil))
  end)
end)

describe("a summary of a pool", function()
  local server = fixture.sandbox()

  it("counts everything that is in it", function()
    local numbers = { { number = "447946010001", service = "mms" }, "14165550001" }
    for i = 1, 45 do
      numbers[#numbers + 1] = { number = "151255" .. 50000 + i, service = i % 3 == 0 and "mms" or "sms" }
    end
    local pool = fixture.pool(server, { numbers = numbers, tollfree = { "18005550001" },
      shortcodes = { "12345", { shortcode = "54321", country_iso2 = "CA" } } })
    local seen, last = 0, nil
    local result = summary.of_pool(pool, function(_, done, total)
      seen, last = seen + 1, done .. " of " .. total
    end)
    assert.equal(50, seen)
    assert.equal("50 of 50", last)
    assert.equal(50, result.total)
    assert.same({ numbers = 47, tollfree = 1, shortcodes = 2 }, result.kinds)
    assert.same(result.kinds, result.listed)
    assert.is_true(result.agrees)
    assert.equal("US=47 CA=2 GB=1", counts(result.country))
    assert.equal("+1 512=45 +1 416=1 +1 800=1 +44=1", counts(result.area_code))
    assert.equal("fixed=46 mobile=1 toll-free=1", counts(result.type))
    assert.equal("sms=32 mms=16", counts(result.service))
    assert.same({}, result.notes)
    assert.same({ country = 0, area_code = 0, type = 0, service = 0, added_on = 0 }, result.unknown)
    assert.equal(pool.uuid, result.pool)
    assert.is_true(result.oldest.added_on <= result.newest.added_on)
    assert.equal("numbers", result.oldest.kind)
    assert.equal("shortcodes", result.newest.kind)
  end)

  it("is the same from a snapshot", function()
    local pool = fixture.pool(server, { numbers = 45, tollfree = 3, shortcodes = 2 })
    local streamed = summary.of_pool(pool)
    local taken = summary.of_snapshot(pool:snapshot(), pool.uuid)
    streamed.listed, taken.listed = nil, nil
    assert.same(streamed, taken)
  end)

  it("of nothing is empty", function()
    local result = summary.of_pool((fixture.pool(server, { numbers = 0 })))
    assert.equal(0, result.total)
    assert.is_true(result.agrees)
    assert.same({}, result.notes)
    assert.is_nil(result.oldest)
  end)

  it("raises what keeps it from being read", function()
    local pool = fixture.client(server):pool "00000000-0000-4000-8000-000000000000"
    local ok, raised = pcall(summary.of_pool, pool)
    assert.is_false(ok)
    assert.equal("not_found", raised.kind)
  end)
end)

describe("a summary", function()
  local function of(numbers, shortcodes)
    return summary.of_snapshot { numbers = numbers, tollfree = {}, shortcodes = shortcodes or {} }
  end

  it("says what isn't known, and guesses nothing", function()
    local result = of({
      { number = "15125550001", country_iso2 = "US", type = "fixed", service = "sms",
        added_on = "2022-10-09T11:10:59Z" },
      { number = "15125550002", country_iso2 = "US", type = "fixed", added_on = "never" },
      { number = "15125", type = "tollfree" },
      { number = 15125550004, country_iso2 = "", service = false, type = {} },
    }, { { shortcode = "12345" } })
    assert.same({ country = 3, area_code = 1, type = 1, service = 3, added_on = 4 }, result.unknown)
    assert.same({
      "country: not known of 3 of 5 entries", "area code: not known of 1 of 4 entries",
      "type: not known of 1 of 4 entries", "service: not known of 3 of 4 entries",
      "added on: not known of 4 of 5 entries",
    }, result.notes)
    assert.equal("fixed=2 toll-free=1", counts(result.type))
    assert.equal("15125550001", result.oldest.number)
    assert.equal("15125550001", result.newest.number)
    assert.equal("2022-10=1", counts(result.months))
  end)

  it("finds the oldest and the newest by time, whatever the spelling", function()
    local result = of {
      { number = "15125550001", added_on = "2022-10-09T11:10:59.51Z" },
      { number = "15125550002", added_on = "2022-10-09T13:10:59.509999+02:00" },
      { number = "15125550003", added_on = "2022-10-09T11:10:59Z" },
      { number = "15125550004", added_on = "2022-10-09T11:10:59.5101Z" },
    }
    assert.equal("15125550003", result.oldest.number)
    assert.equal("15125550004", result.newest.number)
  end)

  it("keeps values short, and so many of them only", function()
    local numbers = {}
    for i = 1, 1500 do
      numbers[i] = { number = "15125550001", type = ("t%04d"):format(i) }
    end
    numbers[1501] = { number = "15125550001", type = "t0001", country_iso2 = ("x"):rep(100000) }
    local result = of(numbers)
    assert.equal(1000, #result.type)
    assert.equal(500, result.others.type)
    assert.equal("t0001=2", counts { result.type[1] })
    assert.is_true(#result.country[1].value < 100)
    assert.equal("type: more than 1,000 values; 500 entries are not told apart", result.notes[2])
  end)

  it("takes no more memory for more entries", function()
    local total = summary.new()
    local function add(first, last)
      for i = first, last do
        total:add(facts.of("numbers", { number = ("1%03d555%04d"):format(201 + i % 700, i % 10000), country_iso2 = "US",
          type = "fixed", service = "sms", added_on = ("2022-%02d-09T11:10:59.%06dZ"):format(1 + i % 12, i) }))
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = add(1, 10000)
    assert.is_true(add(10001, 50000) - before < 200, "KiB")
    assert.equal(50000, total:result().total)
  end)
end)

describe("a summary of a server that doesn't tell the truth", function()
  local liar = fixture.scripted_server()

  local function list(total, ...)
    local meta = total and ('"meta":{"limit":20,"offset":0,"total_count":%s,"next":"","previous":""},'):format(total)
    return http.json(('{"api_id":"x",%s"objects":[%s]}'):format(meta or "", table.concat({ ... }, ",")))
  end

  local function number(digits)
    return ('{"number":"%s"}'):format(digits)
  end

  it("says that the counts don't agree", function()
    local pool = fixture.pool(liar, "5a11")
    liar:script(list(3, number "15125550001"), list(0), list(0), list(3, number "15125550001", number "15125550002"),
      list(3), list(3, number "15125550001"), list(0))
    local result = summary.of_pool(pool)
    assert.equal(2, result.kinds.numbers)
    assert.equal(3, result.listed.numbers)
    assert.is_false(result.agrees)
    assert.equal("2 numbers were read, but the list says 3: the pool changed meanwhile, or the list is wrong",
      result.notes[1])
  end)

  it("takes a total that has changed meanwhile", function()
    local pool = fixture.pool(liar, "5a12")
    liar:script(list(1, number "15125550001"), list(0), list(0), list(2, number "15125550001", number "15125550002"),
      list(2, number "15125550001"), list(0))
    local result = summary.of_pool(pool)
    assert.is_true(result.agrees)
    assert.equal(2, result.listed.numbers)
  end)

  for _, total in ipairs { "-7", "12.5", "1e308", '"many"', "null" } do
    it("says that there is no total, where it is " .. total, function()
      local pool = fixture.pool(liar, "5a13")
      liar:script(list(total, number "15125550001"), list(0), list(0), list(1, number "15125550001"),
        list(total, number "15125550001"), list(0))
      local result = summary.of_pool(pool)
      assert.is_nil(result.listed.numbers)
      assert.equal("the list of numbers gives no total to compare with", result.notes[1])
    end)
  end
end)
