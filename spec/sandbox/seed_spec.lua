-- server:seed, and the control calls over HTTP.
local fixture = require "spec.support.fixture"
local raised = require "spec.support.raised"
local sandbox_http = require "spec.support.sandbox_http"

describe("server:seed", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)

  before_each(function() assert(server:reset()) end)

  -- What is in a pool, as strings of "number service".
  local function contents(seeded)
    for _, pool in ipairs(assert(server:state()).pools) do
      if pool.uuid == seeded.pool then
        local list = {}
        for _, name in ipairs { "numbers", "tollfree" } do
          for _, entry in ipairs(pool[name]) do list[#list + 1] = entry.number .. " " .. entry.service end
        end
        for _, entry in ipairs(pool.shortcodes) do list[#list + 1] = entry.shortcode .. " " .. entry.country_iso2 end
        return list
      end
    end
  end

  it("makes a powerpack and fills its pool from counts", function()
    local seeded = assert(server:seed { numbers = 45, tollfree = 3, shortcodes = 2, name = "filled" })
    local powerpack = account.get("Powerpack/" .. seeded.powerpack .. "/").json
    assert.equal("filled", powerpack.name)
    assert.equal(account.base .. "NumberPool/" .. seeded.pool .. "/", powerpack.number_pool)
    local pool = "NumberPool/" .. seeded.pool .. "/"
    assert.equal(45, account.get(pool .. "Number/").json.meta.total_count)
    assert.equal(45, account.get(pool .. "Number/?type=fixed&country_iso2=US&starts_with=512").json.meta.total_count)
    assert.equal(3, account.get(pool .. "Tollfree/").json.meta.total_count)
    assert.matches("^1800", account.get(pool .. "Tollfree/").json.objects[1].number)
    local codes = account.get(pool .. "Shortcode/").json.objects
    assert.same({ "US", "CA" }, { codes[1].country_iso2, codes[2].country_iso2 })
  end)

  it("fills it from lists", function()
    local seeded = assert(server:seed {
      numbers = { "15125550001", { number = "14165550002", service = "mms" }, 447400230003 },
      tollfree = { { number = "18005550001", service = "mms" } },
      shortcodes = { { shortcode = "34567", country_iso2 = "CA" }, "23456" },
    })
    assert.same({ "15125550001 sms", "14165550002 mms", "447400230003 sms", "18005550001 mms", "23456 US", "34567 CA" },
      contents(seeded))
  end)

  it("fills nothing where nothing is asked for", function()
    assert.same({}, contents(assert(server:seed())))
    assert.same({}, contents(assert(server:seed { numbers = {}, tollfree = 0, shortcodes = {} })))
  end)

  it("makes the same things again after a reset", function()
    local first = contents(assert(server:seed { numbers = 5, tollfree = 2, shortcodes = 1 }))
    assert(server:reset())
    local seeded = assert(server:seed { numbers = 5, tollfree = 2, shortcodes = 1 })
    assert.same(first, contents(seeded))
  end)

  it("never uses a number of an earlier seed again", function()
    local seen = {}
    local seeds = { { numbers = { "15125550002", "15125550004" } }, { numbers = 5 }, { numbers = { "15125550009" } },
      { numbers = 5, tollfree = 2 }, { tollfree = 2 }, { shortcodes = 2 }, { shortcodes = 2 } }
    local counts = { 2, 5, 1, 7, 2, 2, 2 }
    for index, what in ipairs(seeds) do
      local list = contents(assert(server:seed(what)))
      assert.equal(counts[index], #list)
      for _, entry in ipairs(list) do
        assert.is_nil(seen[entry], entry)
        seen[entry] = true
      end
    end
  end)

  it("gives nil and why for what can't be, and changes nothing", function()
    for _, case in ipairs {
      { { shortcodes = 3 }, "at most one US and one CA" },
      { { shortcodes = { "23456", "34567", "45678" } }, "at most one" },
      { { shortcodes = { { shortcode = "23456", country_iso2 = "US" }, { shortcode = "3456", country_iso2 = "US" } } },
        "at most one US" },
      { { shortcodes = { "12" } }, "not a valid shortcode" },
      { { numbers = { "1111111" } }, "'1111111' is not a valid phone number" },
      { { numbers = { "15125550000", "x" } }, "x" },
      { { numbers = { { number = "15125550000", service = "fax" } } }, "service fax" },
      { { numbers = -1 }, "numbers" },
      { { numbers = 1.5 }, "numbers" }, { { numbers = "45" }, "numbers" },
      { { tollfree = { "15125550000" } }, "valid" },
      { { name = 5 }, "name" },
      { { pools = 1 }, 'seed: unknown field "pools", expected one of name, numbers, shortcodes, tollfree' },
    } do
      local seeded, problem = server:seed(case[1])
      assert.is_nil(seeded)
      assert.matches(case[2], problem)
    end
    assert(server:seed { name = "taken" })
    local seeded, problem = server:seed { name = "taken", numbers = 4 }
    assert.is_nil(seeded)
    assert.matches("already exists", problem)
    assert.equal(1, #assert(server:state()).powerpacks)
    assert.equal(0, #assert(server:state()).accounts[1].rented)
  end)
end)

describe("a sandbox's handle", function()
  it("raises for the wrong type", function()
    local server = fixture.sandbox()
    assert.matches("seed: table expected, got string", raised(function() local _ = server:seed "x" end))
    assert.matches("fault: table expected, got no value", raised(function() local _ = server:fault() end))
    assert.matches("requests_after: integer expected, got no value",
      raised(function() local _ = server:requests_after() end))
    assert.same({ nil, "after: expected a whole number from 0, got 1.5" }, { server:requests_after(1.5) })
    assert.matches("requests: sandbox expected, got no value", select(2, pcall(server.requests)))
    assert.matches("stop: sandbox expected, got table", select(2, pcall(server.stop, {})))
  end)
end)

describe("/_sandbox/", function()
  local server = fixture.sandbox()

  before_each(function() assert(server:reset()) end)

  local function call(method, path, body)
    return sandbox_http.request(server, method, "/_sandbox/" .. path,
      { body = body, headers = { Authorization = false } })
  end

  it("does over HTTP what the handle does, without credentials", function()
    local seeded = call("POST", "seed", { numbers = 2, name = "by HTTP" })
    assert.equal(201, seeded.status)
    assert.equal("string", type(seeded.json.powerpack))
    assert.equal("string", type(seeded.json.pool))
    assert.equal(400, call("POST", "seed", { shortcodes = 3 }).status)
    local added = call("POST", "accounts").json
    assert.matches("^MA", added.auth_id)
    assert.equal("string", type(added.auth_token))
    local state = call("GET", "state").json
    assert.equal("by HTTP", state.powerpacks[1].name)
    assert.equal(server.auth_id, state.powerpacks[1].auth_id)
    assert.equal(seeded.json.pool, state.powerpacks[1].pool)
    assert.equal(2, #state.pools[1].numbers)
    assert.equal(2, #state.accounts)
    assert.is_nil(call("GET", "state").text:find(server.auth_token, 1, true))
    assert.equal(201, call("POST", "faults", { kind = "status", status = 503 }).status)
    assert.equal(503, call("GET", "faults").json[1].status)
    assert.equal(503, sandbox_http.account(server).get("Powerpack/").status)
    assert.equal(200, call("DELETE", "faults").status)
    assert.equal("[]", call("GET", "faults").text)
    assert.equal(1, #call("GET", "requests").json)
    assert.equal(200, call("DELETE", "requests").status)
    assert.equal("[]", call("GET", "requests").text)
    assert.equal(200, call("POST", "reset").status)
    assert.equal('"powerpacks":[]', call("GET", "state").text:match('"powerpacks":%[%]'))
  end)

  it("takes more at once than the API does, and journals nothing of it", function()
    local numbers = {}
    for i = 1, 20000 do
      numbers[i] = { number = ("1512%07d"):format(i), service = ("x"):rep(250) }
    end
    local answer = call("POST", "seed", { numbers = numbers }) -- more than 5 MB, and a service that isn't one
    assert.equal(400, answer.status)
    assert.equal("[]", call("GET", "requests").text)
  end)

  it("says what is wrong", function()
    assert.equal(404, call("GET", "nothing").status)
    assert.equal(405, call("GET", "seed").status)
    assert.equal(400, call("POST", "seed", "{").status)
    for _, fault in ipairs {
      { kind = "explode" }, { status = 500 }, { kind = "status", status = 99 }, { kind = "status", path = "[" },
      { kind = "reset", times = -1 }, { kind = "reset", probability = 2 }, { kind = "reset", when = "during" },
      { kind = "reset", often = 1 }, { kind = "delay", seconds = "1" }, { kind = "status", headers = { "x" } },
    } do
      assert.equal(400, call("POST", "faults", fault).status)
      assert.is_nil((server:fault(fault)))
    end
  end)

  it("is never journaled, faulted or limited", function()
    assert(server:fault { kind = "reset" })
    for _ = 1, 3 do assert.equal(200, call("GET", "state").status) end
    assert.equal(0, #assert(server:requests()))
  end)
end)
