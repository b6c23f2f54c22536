-- Lists: pages, filters, and what is refused.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("a list of numbers", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local list

  setup(function()
    local numbers = {}
    for index = 0, 24 do
      numbers[#numbers + 1] = { number = ("1512555%04d"):format(index), service = index % 2 == 0 and "mms" or "sms" }
    end
    for _, number in ipairs {
      "12135550000", "12135550001", "14155550000", "14165550000", "16045550000", "447400230000", "442079460000",
      "18885550000", "18335550000",
    } do
      numbers[#numbers + 1] = number
    end
    local seeded = assert(server:seed { numbers = numbers })
    list = "NumberPool/" .. seeded.pool .. "/Number/"
  end)

  local function read(query)
    local answer = account.get(list .. query)
    assert.equal(200, answer.status, answer.text)
    local numbers = {}
    for index, object in ipairs(answer.json.objects) do numbers[index] = object.number end
    return numbers, answer.json.meta, answer.text
  end

  local function count(query)
    local _, meta = read(query)
    return meta.total_count
  end

  it("has 20 on a page unless told otherwise, and says what there is", function()
    local numbers, meta, text = read("")
    assert.equal(20, #numbers)
    assert.same({ limit = 20, offset = 0, total_count = 34, previous = "",
      next = account.base .. list .. "?limit=20&offset=20" }, meta)
    assert.matches('"total_count":34[,}]', text)
  end)

  it("gives every number once over its pages, in one order", function()
    local seen, total = {}, 0
    for offset = 0, 33, 7 do
      for _, number in ipairs((read("?limit=7&offset=" .. offset))) do
        assert.is_nil(seen[number])
        seen[number], total = true, total + 1
      end
    end
    assert.equal(34, total)
  end)

  it("links to the pages before and after, with the filters", function()
    local _, meta = read("?type=fixed&service=mms&limit=5&offset=5")
    assert.equal(account.base .. list .. "?limit=5&offset=10&type=fixed&service=mms", meta.next)
    assert.equal(account.base .. list .. "?limit=5&offset=0&type=fixed&service=mms", meta.previous)
    local page = sandbox_http.request(server, "GET", meta.next)
    assert.equal(3, #page.json.objects)
    assert.equal("", page.json.meta.next)
  end)

  it("is empty past its end, and still a list", function()
    local numbers, meta, text = read("?offset=1000")
    assert.same({}, numbers)
    assert.equal(34, meta.total_count)
    assert.matches('"objects":%[%]', text)
  end)

  it("filters by each argument, and by all together", function()
    assert.equal(3, count("?type=toll-free") + count("?type=mobile"))
    assert.equal(2, count("?type=tollfree"))
    assert.equal(31, count("?type=fixed"))
    assert.equal(13, count("?service=mms"))
    assert.equal(2, count("?country_iso2=CA"))
    assert.equal(2, count("?country_iso2=gb"))
    assert.equal(1, count("?country_iso2=GB&type=mobile"))
    assert.equal(0, count("?country_iso2=FR"))
    assert.equal(25, count("?starts_with=512&country_iso2=US"))
    assert.equal(27, count("?starts_with=512,213&country_iso2=US"))
    assert.equal(27, count("?starts_with=512,213,5125,51255500&country_iso2=US"))
    assert.equal(1, count("?starts_with=740&country_iso2=GB"))
    assert.equal(0, count("?starts_with=512&country_iso2=CA"))
    assert.equal(13, count("?starts_with=512&country_iso2=US&service=mms&type=fixed"))
    assert.equal(0, count("?starts_with=512&country_iso2=US&type=mobile"))
    assert.same({ "12135550001", "15125550000" }, (read("?starts_with=512,213&country_iso2=US&limit=2&offset=1")))
  end)

  it("refuses what the API refuses", function()
    for query, message in pairs {
      ["?limit=21"] = "limit", ["?limit=0"] = "limit", ["?limit=-1"] = "limit", ["?limit=five"] = "limit",
      ["?limit=1.5"] = "limit", ["?offset=-1"] = "offset", ["?offset=x"] = "offset",
      ["?offset=99999999999999999999"] = "offset", ["?type=landline"] = "type", ["?type=local"] = "type",
      ["?service=voice"] = "service", ["?country_iso2=USA"] = "country_iso2", ["?country_iso2=1"] = "country_iso2",
      ["?starts_with=512"] = "country_iso2 is required", ["?starts_with=abc&country_iso2=US"] = "starts_with",
      ["?starts_with=1,2,3,4,5,6,7,8,9,10,11&country_iso2=US"] = "at most 10 prefixes, got 11",
      ["?starts_with=512&country_iso2=ZZ"] = "country_iso2",
    } do
      local answer = account.get(list .. query)
      assert.equal(400, answer.status, query)
      assert.matches(message, answer.json.error)
    end
    assert.equal(200, account.get(list .. "?starts_with=1,2,3,4,5,6,7,8,9,10&country_iso2=US").status)
  end)
end)
