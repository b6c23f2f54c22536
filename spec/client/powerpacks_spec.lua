-- Powerpacks, end to end, against a server that keeps them.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local client = fixture.client(server)
local powerpacks = client.powerpacks

before_each(function()
  assert(server:reset())
end)

local function last_request()
  local requests = assert(server:requests())
  return requests[#requests]
end

describe("powerpacks:create", function()
  it("makes a powerpack with a pool of its own", function()
    local powerpack = assert(powerpacks:create { name = "first" })
    assert.equal("first", powerpack.name)
    assert.is_string(powerpack.uuid)
    assert.is_true(powerpack.sticky_sender)
    assert.is_true(powerpack.local_connect)
    local pool = assert(client:pool { powerpack = powerpack.uuid })
    assert.matches("/NumberPool/" .. pool.uuid:gsub("%p", "%%%0") .. "/$", powerpack.number_pool)
    assert.equal(pool.uuid, assert(pool:get()).uuid)
    assert.equal(0, pool:count_numbers())
  end)

  it("can say no to sticky_sender and local_connect", function()
    local powerpack = assert(powerpacks:create { name = "first", sticky_sender = false, local_connect = false })
    assert.is_false(powerpack.sticky_sender)
    assert.is_false(powerpack.local_connect)
  end)

  it("keeps every digit of an application's id", function()
    local powerpack = assert(powerpacks:create {
      name = "first", application_type = "xml", application_id = "33660394121755210",
    })
    assert.equal("33660394121755210", powerpack.application_id)
    assert.equal("xml", powerpack.application_type)
    assert.equal("33660394121755210", assert(powerpacks:get(powerpack.uuid)).application_id)
  end)

  it("takes number_priority", function()
    local priority = { {
      country_iso = "US", service_type = "SMS",
      priority = { priority1 = "longcode", priority2 = "tollfree", priority3 = "shortcode" },
    } }
    local powerpack = assert(powerpacks:create { name = "first", number_priority = priority })
    local found
    for _, entry in ipairs(powerpack.number_priority) do
      if entry.country_iso == "US" and entry.service_type == "SMS" then
        found = entry
      end
    end
    assert.same(priority[1], found)
  end)

  it("takes any name in UTF-8", function()
    local name = "B\195\188ro \"1\" / \240\159\147\158 \\ %41"
    local powerpack = assert(powerpacks:create { name = name })
    assert.equal(name, assert(powerpacks:get(powerpack.uuid)).name)
  end)

  it("refuses what can't be right, and sends nothing", function()
    for _, fields in ipairs {
      { name = "" }, { name = "\255" }, { name = ("x"):rep(10 * 1024 * 1024) }, { name = "x", application_id = "1" },
      { name = "x", application_type = "voice" },
      { name = "x", application_type = "xml", application_id = "../1" },
      { name = "x", number_priority = { { country_iso = "", service_type = "SMS", priority = {} } } },
    } do
      local value, err = powerpacks:create(fields)
      assert.is_nil(value)
      assert.equal("invalid", err.kind)
      assert.equal("create", err.operation)
      assert.is_true(#tostring(err) < 500)
    end
    assert.same({}, server:requests())
  end)

  it("gives the API's words for a name that is taken", function()
    assert(powerpacks:create { name = "first" })
    local value, err = powerpacks:create { name = "first" }
    assert.is_nil(value)
    assert.is_true(err.kind == "rejected" or err.kind == "conflict", tostring(err))
    assert.is_nil(err.ambiguous)
  end)
end)

describe("powerpacks:get", function()
  it("is not_found for one that isn't there", function()
    local value, err = powerpacks:get "no-such-powerpack"
    assert.is_nil(value)
    assert.equal("not_found", err.kind)
    assert.equal("no-such-powerpack", err.target)
    assert.equal("get", err.operation)
  end)

  it("refuses a malformed uuid, and sends nothing", function()
    for _, uuid in ipairs { "", "../Account", "a/b", "a\0", ("x"):rep(65), "a b" } do
      for _, operation in ipairs { "get", "update", "delete" } do
        local value, err = powerpacks[operation](powerpacks, uuid, operation == "update" and { name = "x" } or nil)
        assert.is_nil(value)
        assert.equal("invalid", err.kind)
      end
    end
    assert.same({}, server:requests())
  end)
end)

describe("powerpacks:list", function()
  it("returns a page, with nulls left out of its meta", function()
    for i = 1, 3 do
      assert(powerpacks:create { name = "powerpack " .. i })
    end
    local page = assert(powerpacks:list { limit = 2 })
    assert.equal(2, #page.objects)
    assert.equal(3, page.meta.total_count)
    assert.equal("3", tostring(page.meta.total_count))
    assert.is_nil(page.meta.previous)
    assert.equal(1, #assert(powerpacks:list { limit = 2, offset = 2 }).objects)
  end)

  it("refuses limits that can't be right, and sends nothing", function()
    for _, options in ipairs { { limit = 0 }, { limit = 21 }, { limit = 1.5 }, { offset = -1 } } do
      local value, err = powerpacks:list(options)
      assert.is_nil(value)
      assert.equal("invalid", err.kind)
    end
    assert.same({}, server:requests())
  end)
end)

describe("powerpacks:each", function()
  it("iterates over every one, page by page", function()
    local expected, names = {}, {}
    for i = 1, 45 do
      expected[i] = ("powerpack %02d"):format(i)
      assert(powerpacks:create { name = expected[i] })
    end
    local before = #server:requests()
    for powerpack in powerpacks:each() do
      assert.is_string(powerpack.uuid)
      names[#names + 1] = powerpack.name
    end
    table.sort(names)
    assert.same(expected, names)
    assert.equal(3, #server:requests() - before)
  end)

  it("iterates over none", function()
    for _ in powerpacks:each() do
      error "there is none"
    end
    assert.equal(1, #server:requests())
  end)

  it("raises the error where a page can't be had", function()
    local stranger = fixture.client(server, { auth_token = "not-the-token" })
    local ok, err = pcall(function()
      for _ in stranger.powerpacks:each() do
        error "there is none"
      end
    end)
    assert.is_false(ok)
    assert.equal("auth", type(err) == "table" and err.kind or err)
  end)
end)

describe("powerpacks:update", function()
  it("changes what is given and leaves the rest", function()
    local uuid = assert(powerpacks:create { name = "first", sticky_sender = false }).uuid
    local powerpack = assert(powerpacks:update(uuid, { name = "second" }))
    assert.equal("second", powerpack.name)
    assert.equal('{"name":"second"}', last_request().body)
    powerpack = assert(powerpacks:get(uuid))
    assert.equal("second", powerpack.name)
    assert.is_false(powerpack.sticky_sender)
  end)

  it("can say no", function()
    local uuid = assert(powerpacks:create { name = "first" }).uuid
    assert(powerpacks:update(uuid, { local_connect = false }))
    assert.is_false(assert(powerpacks:get(uuid)).local_connect)
  end)

  it("is not_found for one that isn't there", function()
    local _, err = powerpacks:update("no-such-powerpack", { name = "x" })
    assert.equal("not_found", err.kind)
  end)
end)

describe("powerpacks:delete", function()
  local function rented()
    return assert(server:state()).accounts[1].rented
  end

  it("deletes it and leaves its numbers rented", function()
    local seeded = assert(server:seed { numbers = 2 })
    assert.equal("success", assert(powerpacks:delete(seeded.powerpack)).response)
    assert.is_nil(assert(powerpacks:list()).objects[1])
    local _, err = assert(client:pool(seeded.pool)):get()
    assert.equal("not_found", err.kind)
    assert.equal(2, #rented())
  end)

  it("unrents its numbers where asked to", function()
    local seeded = assert(server:seed { numbers = 2 })
    assert(powerpacks:delete(seeded.powerpack, { unrent_numbers = true }))
    assert.equal('{"unrent_numbers":true}', last_request().body)
    assert.equal(0, #rented())
  end)

  it("is not_found the second time", function()
    local seeded = assert(server:seed())
    assert(powerpacks:delete(seeded.powerpack))
    local _, err = powerpacks:delete(seeded.powerpack)
    assert.equal("not_found", err.kind)
  end)
end)
