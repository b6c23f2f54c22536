-- Shortcodes of a pool, end to end, against a server that keeps them.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local pool

before_each(function()
  pool = fixture.pool(server, {
    shortcodes = { { shortcode = "77777", country_iso2 = "US" }, { shortcode = "20202", country_iso2 = "CA" } },
  })
end)

local function last_request()
  local requests = assert(server:requests())
  return requests[#requests]
end

local function shortcodes_of(page)
  local list = {}
  for _, object in ipairs(page.objects) do
    list[#list + 1] = object.shortcode
  end
  table.sort(list)
  return list
end

describe("pool:list_shortcodes", function()
  it("returns them all", function()
    local page = assert(pool:list_shortcodes())
    assert.same({ "20202", "77777" }, shortcodes_of(page))
    assert.equal(2, page.meta.total_count)
    assert.equal("0", tostring(page.meta.offset))
    for _, object in ipairs(page.objects) do
      assert.equal(pool.uuid, object.number_pool_uuid)
      assert.is_string(object.added_on)
    end
  end)

  it("returns a page of them", function()
    local first = assert(pool:list_shortcodes { limit = 1 })
    local second = assert(pool:list_shortcodes { limit = 1, offset = 1 })
    assert.equal(1, #first.objects)
    assert.equal(1, #second.objects)
    assert.are_not.equal(first.objects[1].shortcode, second.objects[1].shortcode)
    assert.equal(2, second.meta.total_count)
  end)
end)

describe("pool:find_shortcode", function()
  it("returns one that is there", function()
    local object = assert(pool:find_shortcode(77777))
    assert.equal("77777", object.shortcode)
    assert.equal("US", object.country_iso2)
    assert.equal(pool.uuid, object.number_pool_uuid)
  end)

  it("is not_found for one that isn't", function()
    local object, err = pool:find_shortcode "12345"
    assert.is_nil(object)
    assert.equal("not_found", err.kind)
    assert.equal("12345", err.target)
  end)
end)

describe("pool:remove_shortcode", function()
  it("removes it", function()
    assert.equal("success", assert(pool:remove_shortcode "77777").response)
    assert.equal("DELETE", last_request().method)
    assert.same({ "20202" }, shortcodes_of(assert(pool:list_shortcodes())))
  end)

  it("is not_found the second time", function()
    assert(pool:remove_shortcode "77777")
    local _, err = pool:remove_shortcode "77777"
    assert.equal("not_found", err.kind)
  end)
end)
