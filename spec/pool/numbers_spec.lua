-- Numbers of a pool, end to end, against a server that keeps them.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local pool, client

before_each(function()
  pool, client = fixture.pool(server, {})
end)

local function numbers_of_server()
  local numbers = {}
  for _, entry in ipairs(assert(server:state()).pools[1].numbers) do
    numbers[#numbers + 1] = entry.number
  end
  table.sort(numbers)
  return numbers
end

local function last_request()
  local requests = assert(server:requests())
  return requests[#requests]
end

local function assert_number(object, number)
  assert.equal(number, object.number)
  assert.equal(pool.uuid, object.number_pool_uuid)
  assert.equal("/v1/Account/" .. server.auth_id .. "/Number/" .. number .. "/", object.account_phone_number_resource)
  assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$", object.added_on)
  assert.is_string(object.type)
  assert.matches("^%u%u$", object.country_iso2)
end

describe("pool:get", function()
  it("returns the pool and where its parts are", function()
    local object = assert(pool:get())
    assert.equal(pool.uuid, object.uuid)
    local path = "/v1/Account/" .. server.auth_id .. "/NumberPool/" .. pool.uuid
    assert.equal(path .. "/Number/", object.numbers)
    assert.equal(path .. "/Shortcode/", object.shortcodes)
    assert.is_string(object.api_id)
  end)

  it("is not_found for a pool that isn't there", function()
    local object, err = assert(client:pool "no-such-pool"):get()
    assert.is_nil(object)
    assert.equal("not_found", err.kind)
    assert.equal(404, err.status)
  end)
end)

describe("pool:add_number", function()
  it("adds a number and returns it", function()
    local object = assert(pool:add_number "15125550000")
    assert_number(object, "15125550000")
    assert.equal("sms", object.service)
    assert.equal("US", object.country_iso2)
    assert.equal("fixed", object.type)
    assert.is_string(object.api_id)
    assert.same({ "15125550000" }, numbers_of_server())
  end)

  it("accepts a number with a plus sign, and as a Lua number", function()
    assert(pool:add_number "+1 (512) 555-0000")
    assert(pool:add_number(442079460000))
    assert.same({ "15125550000", "442079460000" }, numbers_of_server())
  end)

  it("takes the service", function()
    assert.equal("mms", assert(pool:add_number("15125550000", { service = "mms" })).service)
    assert.equal('{"service":"mms"}', last_request().body)
  end)

  it("twice is one number", function()
    assert(pool:add_number "15125550000")
    pool:add_number "15125550000"
    assert.same({ "15125550000" }, numbers_of_server())
  end)

  it("gives the API's words where it refuses", function()
    local value, err = pool:add_number "11"
    assert.is_nil(value)
    assert.equal("rejected", err.kind)
    assert.equal(400, err.status)
    assert.is_string(err.api_id)
    assert.equal("11", err.target)
    assert.is_nil(err.ambiguous)
    assert.matches("11", err.message)
  end)
end)

describe("pool:find_number", function()
  it("returns one that is there", function()
    assert(pool:add_number("15125550000", { service = "mms" }))
    local object = assert(pool:find_number(15125550000))
    assert_number(object, "15125550000")
    assert.is_string(object.api_id)
  end)

  it("is not_found for one that isn't", function()
    local object, err = pool:find_number "+1 512 555 0000"
    assert.is_nil(object)
    assert.equal("not_found", err.kind)
    assert.equal("15125550000", err.target)
  end)
end)

describe("pool:list_numbers", function()
  before_each(function()
    pool, client = fixture.pool(server, { numbers = 45 })
  end)

  it("returns a page of 20 and its meta", function()
    local page = assert(pool:list_numbers())
    assert.equal(20, #page.objects)
    assert.equal(45, page.meta.total_count)
    assert.equal(20, page.meta.limit)
    assert.equal(0, page.meta.offset)
    assert.equal("20", tostring(page.meta.limit))
    for _, object in ipairs(page.objects) do
      assert_number(object, object.number)
    end
  end)

  it("returns every entry once over pages", function()
    local seen, count = {}, 0
    for offset = 0, 40, 10 do
      local page = assert(pool:list_numbers { limit = 10, offset = offset })
      assert.equal(offset, page.meta.offset)
      for _, object in ipairs(page.objects) do
        assert.is_nil(seen[object.number])
        seen[object.number] = true
        count = count + 1
      end
    end
    assert.equal(45, count)
  end)

  it("is empty past the end", function()
    local page = assert(pool:list_numbers { offset = 100 })
    assert.same({}, page.objects)
    assert.equal(45, page.meta.total_count)
  end)
end)

describe("a filter", function()
  before_each(function()
    for _, case in ipairs {
      { "15125550000", "sms" }, { "15125550001", "mms" }, { "14155550000", "sms" }, { "16045550000", "mms" },
      { "18005550000", "sms" },
    } do
      assert(pool:add_number(case[1], { service = case[2] }))
    end
  end)

  for _, case in ipairs {
    { { starts_with = "512", country_iso2 = "US" }, { "15125550000", "15125550001" } },
    { { starts_with = { "512", "415" }, country_iso2 = "US" }, { "14155550000", "15125550000", "15125550001" } },
    { { starts_with = "512,415", country_iso2 = "US", service = "sms" }, { "14155550000", "15125550000" } },
    { { country_iso2 = "CA" }, { "16045550000" } },
    { { service = "mms" }, { "15125550001", "16045550000" } },
    { { type = "tollfree" }, { "18005550000" } },
    { { type = "toll-free" }, { "18005550000" } },
    { { type = "fixed", service = "mms", country_iso2 = "US" }, { "15125550001" } },
    { { type = "mobile" }, {} },
  } do
    local filter, expected = case[1], case[2]
    it("finds and counts " .. (#expected == 0 and "nothing" or table.concat(expected, ", ")), function()
      local page = assert(pool:list_numbers(filter))
      local numbers = {}
      for _, object in ipairs(page.objects) do
        numbers[#numbers + 1] = object.number
      end
      table.sort(numbers)
      assert.same(expected, numbers)
      assert.equal(#expected, page.meta.total_count)
      assert.equal(#expected, pool:count_numbers(filter))
    end)
  end
end)

describe("pool:count_numbers", function()
  it("is 0 for an empty pool, and follows what is added and removed", function()
    assert.equal(0, pool:count_numbers())
    assert(pool:add_number "15125550000")
    assert.equal(1, pool:count_numbers())
    assert(pool:remove_number "15125550000")
    assert.equal(0, pool:count_numbers())
  end)

  it("asks for one entry, however many there are", function()
    local of_many = assert(client:pool(assert(server:seed { numbers = 45 }).pool))
    assert.equal(45, of_many:count_numbers())
    assert.equal("limit=1", last_request().query)
  end)
end)

describe("pool:remove_number", function()
  before_each(function()
    assert(pool:add_number "15125550000")
  end)

  local function is_rented()
    for _, number in ipairs(assert(server:state()).accounts[1].rented) do
      if number == "15125550000" then
        return true
      end
    end
    return false
  end

  it("removes it and leaves it rented", function()
    local object = assert(pool:remove_number "15125550000")
    assert.equal("success", object.response)
    assert.same({}, numbers_of_server())
    assert.is_true(is_rented())
    assert.equal("DELETE", last_request().method)
  end)

  it("unrents it where asked to", function()
    assert(pool:remove_number("15125550000", { unrent = true }))
    assert.equal('{"unrent":true}', last_request().body)
    assert.same({}, numbers_of_server())
    assert.is_false(is_rented())
  end)

  it("is not_found the second time", function()
    assert(pool:remove_number "15125550000")
    local object, err = pool:remove_number "15125550000"
    assert.is_nil(object)
    assert.equal("not_found", err.kind)
    assert.is_nil(err.ambiguous)
  end)
end)

describe("an account", function()
  it("with the wrong token is auth", function()
    local stranger = fixture.client(server, { auth_token = "not-the-token" })
    local _, err = assert(stranger:pool(pool.uuid)):get()
    assert.equal("auth", err.kind)
    assert.equal(401, err.status)
    assert.equal("Basic ***", last_request().headers.authorization)
  end)

  it("sees nothing of another's", function()
    local other = assert(server:account())
    local stranger = fixture.client(server, other)
    local _, err = assert(stranger:pool(pool.uuid)):get()
    assert.equal("not_found", err.kind)
  end)
end)

describe("arguments that try to get elsewhere", function()
  it("leave the server's journal empty", function()
    assert(server:reset())
    for _, number in ipairs {
      "../Shortcode/77777", "..%2fShortcode", "15125550000/../../", "1512\0", "15125550000\r\nX: y", 2 ^ 53 + 1, 0 / 0,
    } do
      for _, operation in ipairs { "add_number", "find_number", "remove_number", "add_tollfree", "remove_tollfree" } do
        local _, err = pool[operation](pool, number)
        assert.equal("invalid", err.kind)
      end
    end
    assert.same({}, server:requests())
  end)
end)
