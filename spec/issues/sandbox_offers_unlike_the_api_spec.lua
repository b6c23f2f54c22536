-- Numbers on offer weren't as the API shows them: lata was a string, country a code. Filters that the
-- vendor documents were dropped without a word, so that a search found what nobody had asked for.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("a search for numbers to rent", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)

  local function offered(query)
    local answer = account.get("PhoneNumber/?" .. query)
    assert.equal(200, answer.status, answer.text)
    return answer.json.objects, answer.json.meta.total_count, answer.text, answer.json.meta
  end

  local function count(query)
    local _, total = offered(query)
    return total
  end

  it("shows each as the API does", function()
    local objects, _, text = offered("country_iso=US&pattern=415&limit=1")
    local number = objects[1]
    assert.same({ "UNITED STATES", "California", "San Francisco", "SNFC CNTRL", 722, "415", "fixed", "local" }, {
      number.country, number.region, number.city, number.rate_center, number.lata, number.prefix, number.type,
      number.sub_type,
    })
    assert.matches('"lata":722,', text)
    for _, name in ipairs { "restriction", "restriction_text", "compliance_requirement" } do
      assert.matches('"' .. name .. '":null', text)
    end
  end)

  it("knows the place of every fixed number of the United States, and a name for every country", function()
    for offset = 0, 5000, 20 do
      local objects = offered("country_iso=US&type=fixed&offset=" .. offset)
      for _, number in ipairs(objects) do
        assert.equal("number number.string string", ("%s %s.%s %s"):format(type(number.lata), type(number.lata),
          type(number.city), type(number.rate_center)))
      end
    end
    local objects, _, text = offered("country_iso=GB&type=mobile&limit=1")
    assert.equal("UNITED KINGDOM", objects[1].country)
    assert.equal("United Kingdom", objects[1].region)
    assert.matches('"lata":null', text)
    assert.matches('"city":null', text)
    assert.equal("United States", offered("country_iso=US&type=tollfree&limit=1")[1].region)
    assert.equal("London", offered("country_iso=GB&type=fixed&limit=1")[1].city)
  end)

  it("finds by each filter, and by all together", function()
    assert.equal(250, count("country_iso=US&lata=722"))
    assert.equal(50, count("country_iso=US&rate_center=SNFC%20CNTRL"))
    assert.equal(50, count("country_iso=US&rate_center=snfc+cntrl"))
    assert.equal(250, count("country_iso=US&rate_center=SNFC%20CNTRL&local_calling_area=true"))
    assert.equal(50, count("country_iso=US&rate_center=SNFC%20CNTRL&local_calling_area=false"))
    assert.equal(100, count("country_iso=US&rate_center=NEWARK")) -- in New Jersey and in Ohio
    assert.equal(50, count("country_iso=US&rate_center=NEWARK&region=ohio"))
    assert.equal(50, count("country_iso=US&npanxx=512232"))
    assert.equal(50, count("country_iso=US&city=San%20Francisco"))
    assert.equal(150, count("country_iso=US&city=houston"))
    assert.equal(500, count("country_iso=US&region=Texas"))
    assert.equal(150, count("country_iso=US&region=houston"))
    assert.equal(50, count("country_iso=US&region=texas&lata=558&rate_center=austin&city=Austin&npanxx=512232" ..
      "&type=local"))
    assert.equal(0, count("country_iso=GB&services=mms"))
    assert.equal(0, count("country_iso=GB&type=tollfree&services=sms"))
    assert.equal(50, count("country_iso=GB&type=mobile&services=sms,voice"))
    assert.equal(count("country_iso=CA"), count("country_iso=CA&services=mms,sms"))
  end)

  it("finds nothing where nothing is so", function()
    for _, query in ipairs {
      "rate_center=NOPE", "rate_center=NOPE&local_calling_area=true", "city=Nowhere", "region=Atlantis", "lata=999",
      "npanxx=512999", "npanxx=512232&pattern=713", "type=national", "city=%27%20OR%201=1%20--",
      "rate_center=%27%20OR%201=1%20--",
    } do
      assert.equal(0, count("country_iso=US&" .. query), query)
    end
    assert.equal(0, count("country_iso=GB&lata=722"))
    assert.equal(0, count("country_iso=GB&npanxx=415232"))
  end)

  it("refuses what a filter can't be", function()
    for query, message in pairs {
      ["lata=x"] = "lata: x is not a LATA's number", ["lata=1.5"] = "lata", ["lata=123456"] = "lata",
      ["npanxx=512"] = "npanxx", ["npanxx=512abc"] = "npanxx",
      ["local_calling_area=true"] = "rate_center is required with local_calling_area",
      ["rate_center=AUSTIN&local_calling_area=perhaps"] = "local_calling_area: expected true or false, got perhaps",
      ["services=fax"] = "services", ["services=sms,,mms"] = "services", ["type=landline"] = "type",
      ["pattern=x"] = "pattern",
    } do
      local answer = account.get("PhoneNumber/?country_iso=US&" .. query)
      assert.equal(400, answer.status, query)
      assert.matches(message, answer.json.error)
    end
  end)

  it("keeps every filter in its links", function()
    local _, _, _, meta = offered("country_iso2=US&lata=722&city=San%20Jose&limit=20")
    assert.matches("country_iso2=US", meta.next)
    local answer = sandbox_http.request(server, "GET", meta.next)
    assert.equal(50, answer.json.meta.total_count)
    assert.equal("San Jose", answer.json.objects[1].city)
  end)

  it("offers a number that was given back at its place again", function()
    local pool = "NumberPool/" .. assert(server:seed()).pool .. "/"
    local path = pool .. "Number/12125550123/"
    assert.equal(201, account.post(path, { rent = true }).status)
    assert.equal(200, account.delete(path, { unrent = true }).status)
    local number = offered("country_iso=US&city=New%20York&pattern=2125550123")[1]
    assert.same({ "12125550123", "New York", 132 }, { number.number, number.region, number.lata })
  end)
end)
