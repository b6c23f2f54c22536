-- The operations of a number pool, as the API's page describes them.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

local uuid = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local timestamp = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%d%d%d%dZ$"

describe("a number pool", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local seeded, pool

  before_each(function()
    assert(server:reset())
    seeded = assert(server:seed {
      numbers = { "15125550001", { number = "14165550002", service = "mms" }, "447400230003", "18885550004" },
      tollfree = { { number = "18005550001", service = "mms" }, "18005550002" },
      shortcodes = { "23456", { shortcode = "34567", country_iso2 = "CA" } },
    })
    pool = "NumberPool/" .. seeded.pool .. "/"
  end)

  local function assert_failure(answer, status, message)
    assert.equal(status, answer.status, answer.text)
    assert.matches(message, answer.json.error)
    assert.matches(uuid, answer.json.api_id)
  end

  it("shows itself", function()
    local answer = account.get(pool)
    assert.equal(200, answer.status)
    assert.matches(uuid, answer.json.api_id)
    answer.json.api_id = nil
    assert.same({
      uuid = seeded.pool, numbers = account.base .. pool .. "Number/",
      shortcodes = account.base .. pool .. "Shortcode/",
    }, answer.json)
    assert_failure(account.get("NumberPool/none/"), 404, "^not found$")
  end)

  describe("Number/", function()
    it("finds a number", function()
      local answer = account.get(pool .. "Number/14165550002/")
      assert.equal(200, answer.status)
      assert.matches(uuid, answer.json.api_id)
      assert.matches(timestamp, answer.json.added_on)
      answer.json.api_id, answer.json.added_on = nil, nil
      assert.same({
        account_phone_number_resource = account.base .. "Number/14165550002/", country_iso2 = "CA",
        number = "14165550002", number_pool_uuid = seeded.pool, service = "mms", type = "fixed",
      }, answer.json)
    end)

    it("answers each time with a fresh api_id", function()
      local first = account.get(pool .. "Number/14165550002/").json.api_id
      assert.not_equal(first, account.get(pool .. "Number/14165550002/").json.api_id)
    end)

    it("adds a number, sms unless told otherwise", function()
      local answer = account.post(pool .. "Number/12125550009/")
      assert.equal(201, answer.status)
      assert.equal("12125550009", answer.json.number)
      assert.equal("sms", answer.json.service)
      assert.equal(seeded.pool, answer.json.number_pool_uuid)
      assert.equal("mms", account.post(pool .. "Number/12125550010/", { service = "mms" }).json.service)
      assert.equal(6, account.get(pool .. "Number/").json.meta.total_count)
    end)

    it("has a number that was added twice once", function()
      local first = account.post(pool .. "Number/12125550009/")
      local second = account.post(pool .. "Number/12125550009/")
      assert.equal(200, second.status)
      assert.equal(first.json.added_on, second.json.added_on)
      assert.equal(5, account.get(pool .. "Number/").json.meta.total_count)
    end)

    it("knows countries and types by the digits", function()
      for number, facts in pairs {
        ["12125550000"] = { "US", "fixed" }, ["16045550000"] = { "CA", "fixed" },
        ["18445550000"] = { "US", "toll-free" }, ["18765550000"] = { "JM", "fixed" },
        ["447912345678"] = { "GB", "mobile" }, ["442079460000"] = { "GB", "fixed" },
        ["448081570000"] = { "GB", "toll-free" }, ["4915123456789"] = { "DE", "mobile" },
        ["493012345678"] = { "DE", "fixed" }, ["919812345678"] = { "IN", "mobile" },
        ["61491570156"] = { "AU", "mobile" }, ["33170180000"] = { "FR", "fixed" },
        ["46701740605"] = { "SE", "mobile" }, ["5511912345678"] = { "BR", "mobile" },
        ["8613812345678"] = { "CN", "mobile" },
      } do
        local added = account.post(pool .. "Number/" .. number .. "/").json
        assert.same({ facts[1], facts[2] }, { added.country_iso2, added.type }, number)
      end
    end)

    it("refuses what isn't a number or a service", function()
      for _, method in ipairs { "get", "post", "delete" } do
        assert_failure(account[method](pool .. "Number/1111111/"), 400, "^'1111111' is not a valid phone number%.$")
        assert_failure(account[method](pool .. "Number/+15125550001/"), 400, "is not a valid phone number")
        assert_failure(account[method](pool .. "Number/abc/"), 400, "is not a valid phone number")
      end
      assert_failure(account.post(pool .. "Number/12125550009/", { service = "fax" }), 400, "service")
      assert_failure(account.get(pool .. "Number/15125550001/?service=fax"), 400, "service")
    end)

    it("finds a number by its service", function()
      assert.equal(200, account.get(pool .. "Number/14165550002/?service=mms").status)
      assert_failure(account.get(pool .. "Number/14165550002/?service=sms"), 404, "not found")
    end)

    it("removes a number", function()
      local answer = account.delete(pool .. "Number/15125550001/")
      assert.equal(200, answer.status)
      assert.equal("success", answer.json.response)
      assert.matches(uuid, answer.json.api_id)
      assert_failure(account.get(pool .. "Number/15125550001/"), 404, "^not found$")
      assert_failure(account.delete(pool .. "Number/15125550001/"), 404, "^not found$")
      assert.equal(3, account.get(pool .. "Number/").json.meta.total_count)
    end)

    it("refuses unrent as anything but a boolean", function()
      for _, body in ipairs { '{"unrent":"true"}', '{"unrent":"false"}', '{"unrent":1}', '{"unrent":[]}' } do
        assert_failure(account.delete(pool .. "Number/15125550001/", body), 400,
          "^invalid powerpack number delete request$")
      end
      assert.equal(4, account.get(pool .. "Number/").json.meta.total_count)
      assert.equal(200, account.delete(pool .. "Number/15125550001/", '{"unrent":null}').status)
    end)
  end)

  describe("Tollfree/", function()
    it("is a list of its own", function()
      local list = account.get(pool .. "Tollfree/").json
      assert.equal(2, list.meta.total_count)
      assert.equal("18005550001", list.objects[1].number)
      assert.equal("tollfree", list.objects[1].type)
      assert.equal("mms", list.objects[1].service)
      assert.equal("US", list.objects[1].country_iso2)
      assert_failure(account.get(pool .. "Number/18005550001/"), 404, "not found")
      assert_failure(account.get(pool .. "Tollfree/18885550004/"), 404, "not found")
      assert.equal("toll-free", account.get(pool .. "Number/18885550004/").json.type)
    end)

    it("adds, finds and removes", function()
      local added = account.post(pool .. "Tollfree/18335550009/")
      assert.equal(201, added.status)
      assert.equal("tollfree", added.json.type)
      assert.equal(added.json.added_on, account.get(pool .. "Tollfree/18335550009/").json.added_on)
      assert.equal("success", account.delete(pool .. "Tollfree/18335550009/", { unrent = true }).json.response)
      assert_failure(account.delete(pool .. "Tollfree/18335550009/"), 404, "not found")
      assert_failure(account.delete(pool .. "Tollfree/18005550001/", { unrent = "true" }), 400, "delete request")
    end)

    it("takes toll-free numbers only", function()
      assert_failure(account.post(pool .. "Tollfree/15125550009/"), 400, "toll%-free")
      assert_failure(account.post(pool .. "Tollfree/1800/"), 400, "not a valid phone number")
    end)
  end)

  describe("Shortcode/", function()
    it("lists and finds", function()
      local list = account.get(pool .. "Shortcode/").json
      assert.equal(2, list.meta.total_count)
      local found = account.get(pool .. "Shortcode/34567/").json
      assert.matches(uuid, found.api_id)
      assert.matches(timestamp, found.added_on)
      found.api_id, found.added_on = nil, nil
      assert.same({ country_iso2 = "CA", number_pool_uuid = seeded.pool, shortcode = "34567" }, found)
      assert_failure(account.get(pool .. "Shortcode/99999/"), 404, "not found")
      assert_failure(account.get(pool .. "Shortcode/12/"), 400, "not a valid shortcode")
    end)

    it("unlinks, so that another powerpack can have it", function()
      assert.is_nil((server:seed { shortcodes = { "23456" } }))
      assert.equal("success", account.delete(pool .. "Shortcode/23456/").json.response)
      assert_failure(account.delete(pool .. "Shortcode/23456/"), 404, "not found")
      assert(server:seed { shortcodes = { "23456" } })
    end)

    it("pages", function()
      local list = account.get(pool .. "Shortcode/?limit=1&offset=1").json
      assert.equal("34567", list.objects[1].shortcode)
      assert.equal(account.base .. pool .. "Shortcode/?limit=1&offset=0", list.meta.previous)
      assert.equal("", list.meta.next)
    end)
  end)

  it("answers 405 for a method that a resource hasn't", function()
    for path, method in pairs {
      [pool] = "POST", [pool .. "Number/"] = "POST", [pool .. "Shortcode/23456/"] = "PUT", ["Powerpack/"] = "DELETE",
      ["PhoneNumber/"] = "PATCH",
    } do
      local answer = sandbox_http.request(server, method, account.base .. path)
      assert_failure(answer, 405, "method not allowed")
      assert.matches("GET", answer.headers.allow)
    end
  end)

  it("answers 404 in JSON for what doesn't exist", function()
    for _, path in ipairs { "/", "/v1/", "/v1/Account/", "/v2/Account/x/", "/v1/account/x/Powerpack/" } do
      assert_failure(sandbox_http.request(server, "GET", path), 404, "not found")
    end
    for _, path in ipairs { "Nothing/", pool .. "Numbers/", pool .. "Number/15125550001/more/", "NumberPool/" } do
      assert_failure(account.get(path), 404, "not found")
    end
  end)
end)
