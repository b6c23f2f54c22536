-- The links that the sandbox gives, `resource_uri` and `account_phone_number_resource`, led nowhere.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("a number of the account", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local seeded, pool

  before_each(function()
    assert(server:reset())
    seeded = assert(server:seed { numbers = { "15125550001", "447400230003" }, tollfree = { "18005550001" } })
    pool = "NumberPool/" .. seeded.pool .. "/"
  end)

  local function follow(method, link)
    return sandbox_http.request(server, method, link)
  end

  it("is rented by a POST to the link of its offer", function()
    local offer = account.get("PhoneNumber/?country_iso=US&pattern=415&limit=1").json.objects[1]
    local answer = follow("POST", offer.resource_uri)
    assert.equal(201, answer.status)
    assert.equal("string", type(answer.json.api_id))
    answer.json.api_id = nil
    assert.same({
      message = "created", status = "fulfilled", numbers = { { number = offer.number, status = "Success" } },
    }, answer.json)
    local state = assert(server:state()).accounts[1]
    assert.same({ "14152320011", "15125550001", "18005550001", "447400230003" }, state.rented)
    assert.same({ { number = offer.number, rents = 1, unrents = 0 } }, state.ledger)
    assert.equal(0, account.get("PhoneNumber/?country_iso=US&pattern=" .. offer.number:sub(2)).json.meta.total_count)
    assert.equal(201, account.post(pool .. "Number/" .. offer.number .. "/").status)
  end)

  it("isn't rented twice, nor if it isn't a number", function()
    assert.equal(201, account.post("PhoneNumber/13105550001/").status)
    local again = account.post("PhoneNumber/13105550001/", "{}")
    assert.equal(400, again.status)
    assert.equal("'13105550001' is not available for rent.", again.json.error)
    local other = assert(server:account())
    other.port = server.port
    assert.equal(400, sandbox_http.account(other).post("PhoneNumber/13105550001/").status)
    local answer = account.post("PhoneNumber/1111111/")
    assert.equal(400, answer.status)
    assert.equal("'1111111' is not a valid phone number.", answer.json.error)
    assert.equal(405, account.get("PhoneNumber/13105550001/").status)
    assert.same({ { number = "13105550001", rents = 1, unrents = 0 } }, assert(server:state()).accounts[1].ledger)
  end)

  it("is shown where the entry of a pool says", function()
    local link = account.get(pool .. "Number/15125550001/").json.account_phone_number_resource
    local answer = follow("GET", link)
    assert.equal(200, answer.status)
    local number = answer.json
    assert.same({ "15125550001", "local", "United States", "Texas", "Austin", true, true, true, link }, {
      number.number, number.number_type, number.country, number.region, number.city, number.active,
      number.sms_enabled, number.voice_enabled, number.resource_uri,
    })
    assert.matches("^%d%d%d%d%-%d%d%-%d%d$", number.added_on)
    assert.matches("^%d%d%d%d%-%d%d%-%d%d$", number.renewal_date)
    assert.is_true(number.renewal_date > number.added_on)
    for _, name in ipairs {
      "alias", "application", "carrier", "monthly_rental_rate", "sms_rate", "mms_enabled", "mms_rate", "voice_rate",
      "sub_account", "compliance_status", "compliance_application_id", "tendlc_campaign_id",
      "tendlc_registration_status", "toll_free_sms_verification", "api_id",
    } do
      assert.is_not_nil(number[name], name)
    end
    assert.equal(404, account.get("Number/12125550000/").status)
    assert.equal(400, account.get("Number/x/").status)
  end)

  it("is in the account's list, whether in a pool or not", function()
    account.delete(pool .. "Number/15125550001/")
    local answer = account.get("Number/")
    assert.equal(200, answer.status)
    assert.equal(3, answer.json.meta.total_count)
    assert.matches('"next":null', answer.text)
    local numbers = {}
    for index, object in ipairs(answer.json.objects) do
      numbers[index] = object.number .. " " .. object.number_type
      assert.equal(account.base .. "Number/" .. object.number .. "/", object.resource_uri)
      assert.is_nil(object.api_id)
    end
    assert.same({ "15125550001 local", "18005550001 tollfree", "447400230003 mobile" }, numbers)
    local page = account.get("Number/?limit=1&offset=1").json
    assert.equal("18005550001", page.objects[1].number)
    assert.equal("447400230003", follow("GET", page.meta.next).json.objects[1].number)
  end)

  it("is found by the list's filters, or the filter is refused", function()
    for query, total in pairs {
      ["type=local"] = 1, ["type=fixed"] = 1, ["type=mobile"] = 1, ["type=tollfree"] = 1, ["type=national"] = 0,
      ["services=voice,sms"] = 3, ["services=mms"] = 2, ["number_startswith=1"] = 2, ["number_startswith=44"] = 1,
      ["number_startswith=1&type=local"] = 1, ["alias=x"] = 0, ["subaccount=SA"] = 0, ["?search=hack"] = 3,
    } do
      assert.equal(total, account.get("Number/?" .. query).json.meta.total_count, query)
    end
    for _, query in ipairs {
      "type=x", "services=fax", "number_startswith=x", "limit=21", "tendlc_campaign_id=C", "renewal_date=2024-01-01",
    } do
      assert.equal(400, account.get("Number/?" .. query).status, query)
    end
    assert.matches('"objects":%[%]', account.get("Number/?type=national").text)
  end)

  it("is given back by a DELETE, out of every pool", function()
    local other_pool = "NumberPool/" .. assert(server:seed { numbers = { "15125550001" } }).pool .. "/"
    local link = account.get(pool .. "Number/15125550001/").json.account_phone_number_resource
    local answer = follow("DELETE", link)
    assert.equal(204, answer.status)
    assert.equal("", answer.text)
    assert.equal(404, follow("GET", link).status)
    assert.equal(404, follow("DELETE", link).status)
    assert.equal(404, account.get(pool .. "Number/15125550001/").status)
    assert.equal(0, account.get(other_pool .. "Number/").json.meta.total_count)
    local state = assert(server:state()).accounts[1]
    assert.same({ "18005550001", "447400230003" }, state.rented)
    assert.same({ { number = "15125550001", rents = 0, unrents = 1 } }, state.ledger)
    assert.equal(1, account.get("PhoneNumber/?country_iso=US&pattern=5125550001").json.meta.total_count)
  end)

  it("is nobody else's to see or to give back", function()
    local other = assert(server:account())
    other.port = server.port
    local theirs = sandbox_http.account(other)
    assert.equal(404, theirs.get("Number/15125550001/").status)
    assert.equal(404, theirs.delete("Number/15125550001/").status)
    assert.equal(0, theirs.get("Number/").json.meta.total_count)
    assert.equal(200, account.get("Number/15125550001/").status)
  end)
end)
