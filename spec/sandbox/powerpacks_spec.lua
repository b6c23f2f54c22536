-- Powerpacks, accounts, and numbers to rent.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("Powerpack/", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)

  before_each(function() assert(server:reset()) end)

  it("creates one with an empty pool", function()
    local answer = account.post("Powerpack/", { name = "one" })
    assert.equal(201, answer.status)
    local powerpack = answer.json
    assert.equal("one", powerpack.name)
    assert.is_true(powerpack.sticky_sender)
    assert.is_true(powerpack.local_connect)
    assert.equal("", powerpack.application_type)
    assert.equal("", powerpack.application_id)
    assert.same({ priority1 = "shortcode", priority2 = "tollfree", priority3 = "longcode" },
      powerpack.number_priority[1].priority)
    assert.matches("^%d+%-%d+%-%d+T%d+:%d+:%d+%.%d+Z$", powerpack.created_on)
    local path = powerpack.number_pool:match("^" .. account.base .. "(NumberPool/.+/)$")
    local list = account.get(path .. "Number/")
    assert.equal(0, list.json.meta.total_count)
    assert.matches('"objects":%[%]', list.text)
    powerpack.api_id = nil
    local found = account.get("Powerpack/" .. powerpack.uuid .. "/").json
    found.api_id = nil
    assert.same(powerpack, found)
  end)

  it("keeps every field it is given", function()
    local priority = { { country_iso = "US", service_type = "SMS", priority = { priority1 = "longcode" } } }
    local powerpack = account.post("Powerpack/", {
      name = "ünï ©ode", sticky_sender = false, local_connect = false, application_type = "xml",
      application_id = "33660394121755210", number_priority = priority,
    }).json
    assert.equal("ünï ©ode", powerpack.name)
    assert.is_false(powerpack.sticky_sender)
    assert.is_false(powerpack.local_connect)
    assert.equal("xml", powerpack.application_type)
    assert.equal("33660394121755210", powerpack.application_id)
    assert.same(priority, powerpack.number_priority)
  end)

  it("refuses what can't be right", function()
    account.post("Powerpack/", { name = "taken" })
    for _, case in ipairs {
      { "{}", "name is required" },
      { '{"name":""}', "name" }, { '{"name":5}', "name" },
      { '{"name":"taken"}', "already exists" },
      { '{"name":"x","sticky_sender":"yes"}', "sticky_sender" },
      { '{"name":"x","application_id":"1"}', "application_type" },
      { '{"name":"x","application_type":"other"}', "application_type" },
      { '{"name":"x","number_priority":{"a":1}}', "number_priority" },
      { '{"name":"x","number_priority":[1]}', "number_priority" }, { '{"name":', "invalid JSON" },
      { '["name"]', "invalid JSON" },
      { '"name"', "invalid JSON" }, { '{"name":"\255"}', "name" },
      { '{"name":"a\\u0000b"}', "name" },
    } do
      local answer = account.post("Powerpack/", case[1])
      assert.equal(400, answer.status, case[1])
      assert.matches(case[2], answer.json.error)
    end
    assert.equal(1, account.get("Powerpack/").json.meta.total_count)
  end)

  it("lists them, with null where there is no other page", function()
    for index = 1, 3 do account.post("Powerpack/", { name = "p" .. index }) end
    local answer = account.get("Powerpack/?limit=2")
    assert.equal(2, #answer.json.objects)
    assert.is_nil(answer.json.objects[1].api_id)
    assert.equal(account.base .. "Powerpack/?limit=2&offset=2", answer.json.meta.next)
    assert.matches('"previous":null', answer.text)
    assert.equal(400, account.get("Powerpack/?limit=21").status)
  end)

  it("updates what is given and nothing else", function()
    local uuid = account.post("Powerpack/", { name = "before", sticky_sender = false }).json.uuid
    account.post("Powerpack/", { name = "other" })
    local answer = account.post("Powerpack/" .. uuid .. "/", { name = "after" })
    assert.equal(202, answer.status)
    assert.equal("after", answer.json.name)
    assert.is_false(account.get("Powerpack/" .. uuid .. "/").json.sticky_sender)
    assert.equal(400, account.post("Powerpack/" .. uuid .. "/", { name = "other" }).status)
    assert.equal(202, account.post("Powerpack/" .. uuid .. "/", { name = "after" }).status)
    assert.equal(404, account.post("Powerpack/none/", { name = "x" }).status)
  end)

  it("deletes one with its pool, and gives its numbers back if asked to", function()
    local seeded = assert(server:seed { numbers = 2, tollfree = 1, shortcodes = 1 })
    assert.equal(400, account.delete("Powerpack/" .. seeded.powerpack .. "/", { unrent_numbers = "true" }).status)
    local answer = account.delete("Powerpack/" .. seeded.powerpack .. "/")
    assert.equal(200, answer.status)
    assert.equal("success", answer.json.response)
    assert.equal(404, account.get("Powerpack/" .. seeded.powerpack .. "/").status)
    assert.equal(404, account.get("NumberPool/" .. seeded.pool .. "/").status)
    assert.equal(404, account.delete("Powerpack/" .. seeded.powerpack .. "/").status)
    assert.equal(3, #assert(server:state()).accounts[1].rented)
    seeded = assert(server:seed { numbers = 2 })
    account.delete("Powerpack/" .. seeded.powerpack .. "/", { unrent_numbers = true })
    assert.equal(3, #assert(server:state()).accounts[1].rented)
  end)
end)

describe("accounts", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local seeded = assert(server:seed { numbers = 3, name = "mine" })

  local function assert_unauthenticated(answer)
    assert.equal(401, answer.status)
    assert.same({ error = "authentication credentials were not provided" }, answer.json)
  end

  it("need the right credentials", function()
    for _, header in ipairs {
      false, "Basic", "Basic x", "Bearer " .. server.auth_token, sandbox_http.basic(server.auth_id, "wrong"),
      sandbox_http.basic("MAWRONG", server.auth_token), sandbox_http.basic(server.auth_id, ""),
    } do
      assert_unauthenticated(account.get("Powerpack/", { headers = { Authorization = header } }))
    end
    assert.equal(200, account.get("Powerpack/").status)
  end)

  it("see nothing of each other", function()
    local other = assert(server:account())
    other.port = server.port
    local theirs = sandbox_http.account(other)
    assert.equal(0, theirs.get("Powerpack/").json.meta.total_count)
    assert.equal(404, theirs.get("Powerpack/" .. seeded.powerpack .. "/").status)
    assert.equal(404, theirs.get("NumberPool/" .. seeded.pool .. "/Number/").status)
    assert.equal(404, theirs.post("NumberPool/" .. seeded.pool .. "/Number/14155550000/").status)
    assert.equal(404, theirs.delete("Powerpack/" .. seeded.powerpack .. "/").status)
    assert_unauthenticated(sandbox_http.request(other, "GET", account.base .. "Powerpack/"))
    assert.equal(201, theirs.post("Powerpack/", { name = "mine" }).status)
    assert.equal(1, account.get("Powerpack/").json.meta.total_count)
  end)

  it("stay when the sandbox is reset", function()
    local other = assert(server:account())
    other.port = server.port
    assert(server:reset())
    assert.equal(200, account.get("Powerpack/").status)
    assert.equal(200, sandbox_http.account(other).get("Powerpack/").status)
  end)
end)
