-- Toll-free numbers of a pool, end to end, against a server that keeps them.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local pool

before_each(function()
  pool = fixture.pool(server, { tollfree = { "18005550000", "18885550001", "18335550002" } })
end)

local function last_request()
  local requests = assert(server:requests())
  return requests[#requests]
end

local function numbers_of(page)
  local list = {}
  for _, object in ipairs(page.objects) do
    list[#list + 1] = object.number
  end
  table.sort(list)
  return list
end

describe("pool:add_tollfree", function()
  it("adds one and returns it", function()
    local object = assert(pool:add_tollfree "+1 (877) 555-0003")
    assert.equal("18775550003", object.number)
    assert.equal("tollfree", object.type)
    assert.equal(pool.uuid, object.number_pool_uuid)
    assert.is_string(object.service)
    assert.is_string(object.api_id)
    assert.equal(4, assert(pool:list_tollfree()).meta.total_count)
  end)
end)

describe("pool:find_tollfree", function()
  it("returns one that is there", function()
    assert.equal("18005550000", assert(pool:find_tollfree(18005550000)).number)
  end)

  it("is not_found for one that isn't", function()
    local _, err = pool:find_tollfree "18775550003"
    assert.equal("not_found", err.kind)
    assert.equal("18775550003", err.target)
  end)
end)

describe("pool:list_tollfree", function()
  it("returns them all, and none of the other lists", function()
    assert(pool:add_number "15125550000")
    local page = assert(pool:list_tollfree())
    assert.same({ "18005550000", "18335550002", "18885550001" }, numbers_of(page))
    assert.equal(3, page.meta.total_count)
    assert.same({ "15125550000" }, numbers_of(assert(pool:list_numbers())))
  end)

  it("returns a page of them", function()
    local page = assert(pool:list_tollfree { limit = 2, offset = 2 })
    assert.equal(1, #page.objects)
    assert.equal(3, page.meta.total_count)
    assert.equal(2, page.meta.limit)
  end)
end)

describe("pool:remove_tollfree", function()
  local function is_rented(number)
    for _, rented in ipairs(assert(server:state()).accounts[1].rented) do
      if rented == number then
        return true
      end
    end
    return false
  end

  it("removes it and leaves it rented", function()
    assert.equal("success", assert(pool:remove_tollfree "18005550000").response)
    assert.same({ "18335550002", "18885550001" }, numbers_of(assert(pool:list_tollfree())))
    assert.is_true(is_rented "18005550000")
  end)

  it("unrents it where asked to", function()
    assert(pool:remove_tollfree("18005550000", { unrent = true }))
    assert.equal('{"unrent":true}', last_request().body)
    assert.is_false(is_rented "18005550000")
  end)

  it("is not_found the second time", function()
    assert(pool:remove_tollfree "18005550000")
    local _, err = pool:remove_tollfree "18005550000"
    assert.equal("not_found", err.kind)
  end)
end)
