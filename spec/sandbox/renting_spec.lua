-- Numbers to rent, renting them, giving them back, and the strict mode.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("PhoneNumber/", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local pool

  before_each(function()
    assert(server:reset())
    pool = "NumberPool/" .. assert(server:seed {}).pool .. "/"
  end)

  local function offered(query)
    local answer = account.get("PhoneNumber/?" .. query)
    assert.equal(200, answer.status, answer.text)
    return answer.json.objects, answer.json.meta, answer.text
  end

  it("offers numbers with all that is to be known of them", function()
    local objects, meta, text = offered("country_iso=US&type=local&limit=3")
    assert.equal(3, #objects)
    assert.is_true(meta.total_count > 1000)
    local first = objects[1]
    assert.matches("^1%d%d%d%d%d%d%d%d%d%d$", first.number)
    assert.equal(first.number:sub(2, 4), first.prefix)
    assert.equal("UNITED STATES", first.country)
    assert.equal("fixed", first.type)
    assert.equal("local", first.sub_type)
    assert.is_true(first.sms_enabled and first.mms_enabled and first.voice_enabled)
    for _, name in ipairs { "setup_rate", "monthly_rental_rate", "sms_rate", "mms_rate", "voice_rate" } do
      assert.matches("^%d+%.%d+$", first[name])
    end
    for _, name in ipairs { "restriction", "restriction_text", "compliance_requirement" } do
      assert.matches('"' .. name .. '":null', text)
    end
    assert.equal(account.base .. "PhoneNumber/" .. first.number .. "/", first.resource_uri)
    for _, name in ipairs { "region", "city", "rate_center" } do assert.matches("%a", first[name]) end
    assert.equal("number", type(first.lata))
  end)

  it("searches by type, pattern, region and country", function()
    assert.matches("^1512", offered("country_iso=US&pattern=512")[1].number)
    assert.matches("^18[34567]", offered("country_iso=US&type=tollfree")[1].number)
    assert.equal("tollfree", offered("country_iso=US&type=tollfree")[1].type)
    assert.equal("Texas", offered("country_iso=US&region=texas")[1].region)
    assert.matches("^447", offered("country_iso=GB&type=mobile")[1].number)
    assert.matches("^1416", offered("country_iso=ca&pattern=416&services=sms,mms")[1].number)
    assert.equal(0, #offered("country_iso=US&pattern=9999999"))
    assert.equal(0, #offered("country_iso=AQ"))
  end)

  it("refuses what can't be searched for", function()
    for _, query in ipairs {
      "", "country_iso=", "country_iso=USA", "country_iso=ZZ", "country_iso=US&type=landline",
      "country_iso=US&pattern=abc", "country_iso=US&services=fax", "country_iso=US&limit=21",
    } do
      assert.equal(400, account.get("PhoneNumber/?" .. query).status, query)
    end
  end)

  it("no longer offers a number that was rented, until it is given back", function()
    local number = offered("country_iso=US&pattern=512")[1].number
    local query = "country_iso=US&pattern=" .. number:sub(2)
    local bought = account.post(pool .. "Number/" .. number .. "/", { rent = true, service = "mms" })
    assert.equal(201, bought.status)
    assert.equal("mms", bought.json.service)
    assert.equal(0, #offered(query))
    assert.equal(400, account.post(pool .. "Number/" .. number .. "/", { rent = true }).status)
    assert.equal(200, account.delete(pool .. "Number/" .. number .. "/").status)
    assert.equal(0, #offered(query))
    assert.equal(201, account.post(pool .. "Number/" .. number .. "/").status)
    assert.equal(200, account.delete(pool .. "Number/" .. number .. "/", { unrent = true }).status)
    assert.equal(1, #offered(query))
  end)

  it("offers the same numbers again after a reset, whatever was rented, seeded or given back", function()
    local function all_offered()
      local numbers = {}
      for offset = 0, 100, 20 do
        for _, offer in ipairs(offered("country_iso=US&pattern=212&limit=20&offset=" .. offset)) do
          numbers[#numbers + 1] = offer.number
        end
      end
      return numbers
    end
    local before = all_offered()
    for name, change in pairs {
      rented = function(number, there)
        account.post(there .. "Number/" .. number .. "/", { rent = true })
      end,
      seeded = function(number)
        assert(server:seed { numbers = { number } })
      end,
      ["given back"] = function(_, there)
        account.post(there .. "Number/12125550001/")
        account.delete(there .. "Number/12125550001/", { unrent = true })
      end,
    } do
      change(before[1], "NumberPool/" .. assert(server:seed {}).pool .. "/")
      assert.not_same(before, all_offered(), name)
      assert(server:reset())
      assert.same(before, all_offered(), name)
    end
  end)

  it("takes rent as a boolean or its word", function()
    for index, rent in ipairs { "true", "false", '"true"', '"false"', "null" } do
      local number = ("1310555%04d"):format(index)
      assert.equal(201, account.post(pool .. "Number/" .. number .. "/", '{"rent":' .. rent .. "}").status)
    end
    local ledger = assert(server:state()).accounts[1].ledger
    assert.same({ "13105550001", "13105550003" }, { ledger[1].number, ledger[2].number })
    assert.equal(2, #ledger)
    assert.equal(400, account.post(pool .. "Number/13105550009/", '{"rent":"maybe"}').status)
  end)

  it("can't be rented by two accounts", function()
    local other = assert(server:account())
    other.port = server.port
    local theirs = sandbox_http.account(other)
    local their_pool = theirs.post("Powerpack/", { name = "theirs" }).json.number_pool:match("NumberPool/.*")
    assert.equal(201, theirs.post(their_pool .. "Number/13105550001/", { rent = true }).status)
    assert.equal(400, account.post(pool .. "Number/13105550001/", { rent = true }).status)
  end)

  it("takes a number that is given back out of every pool of the account", function()
    local second = "NumberPool/" .. assert(server:seed { numbers = { "13105550001" } }).pool .. "/"
    assert.equal(201, account.post(pool .. "Number/13105550001/").status)
    account.delete(pool .. "Number/13105550001/", { unrent = true })
    assert.equal(0, account.get(second .. "Number/").json.meta.total_count)
  end)

  it("counts in the ledger how often a number was rented and given back", function()
    for _ = 1, 2 do
      account.post(pool .. "Number/13105550001/", { rent = true })
      account.delete(pool .. "Number/13105550001/", { unrent = true })
    end
    local first = assert(server:state()).accounts[1]
    assert.same({ { number = "13105550001", rents = 2, unrents = 2 } }, first.ledger)
    assert.same({}, first.rented)
  end)
end)

describe("sandbox.start with strict", function()
  local server = fixture.sandbox { strict = true }
  local account = sandbox_http.account(server)

  it("adds only numbers that the account has rented", function()
    local seeded = assert(server:seed { numbers = { "15125550001" }, tollfree = { "18005550001" } })
    local pool = "NumberPool/" .. seeded.pool .. "/"
    assert.equal(404, account.post(pool .. "Number/13105550001/").status)
    assert.equal(404, account.post(pool .. "Tollfree/18335550001/").status)
    assert.equal(201, account.post(pool .. "Number/13105550001/", { rent = true }).status)
    account.delete(pool .. "Number/13105550001/")
    assert.equal(201, account.post(pool .. "Number/13105550001/").status)
    account.delete(pool .. "Number/13105550001/", { unrent = true })
    assert.equal(404, account.post(pool .. "Number/13105550001/").status)
    account.delete(pool .. "Number/15125550001/")
    assert.equal(201, account.post(pool .. "Number/15125550001/").status)
    account.delete(pool .. "Tollfree/18005550001/")
    assert.equal(201, account.post(pool .. "Tollfree/18005550001/").status)
  end)
end)
