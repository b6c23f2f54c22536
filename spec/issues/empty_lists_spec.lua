-- An empty list may come as null, as Go writes a slice that is nil: nothing is lost where the count is 0.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool, client = fixture.pool(server, "p")

local LISTS = {
  ["pool:list_numbers"] = function(options)
    return pool:list_numbers(options)
  end,
  ["pool:list_shortcodes"] = function(options)
    return pool:list_shortcodes(options)
  end,
  ["pool:list_tollfree"] = function(options)
    return pool:list_tollfree(options)
  end,
  ["powerpacks:list"] = function(options)
    return client.powerpacks:list(options)
  end,
  ["client:search_numbers"] = function()
    return client:search_numbers { country_iso2 = "US" }
  end,
}

describe("a list whose objects are null", function()
  for name, list in pairs(LISTS) do
    it("is empty where the count is 0: " .. name, function()
      server:script(http.json '{"meta":{"limit":20,"offset":0,"total_count":0,"next":null},"objects":null}')
      local page = assert(list())
      assert.same({}, page.objects)
      assert.equal(0, page.meta.total_count)
    end)

    it("is no list where the count is another, or none: " .. name, function()
      for _, meta in ipairs { '{"total_count":1}', '{"total_count":"0"}', '{"total_count":0.5}', "{}", "null", "0" } do
        server:script(http.json('{"meta":' .. meta .. ',"objects":null}'))
        local page, err = list()
        assert.is_nil(page, meta)
        assert.equal("protocol", err.kind)
      end
    end)
  end

  it("has nothing for an iterator or a snapshot, and counts 0", function()
    server:script(http.json '{"meta":{"total_count":0},"objects":null}')
    for number in pool:numbers() do
      error("got " .. tostring(number))
    end
    assert.same({}, assert(pool:snapshot()).numbers)
    assert.equal(0, pool:count_numbers())
  end)
end)

describe("a list with an entry that is null", function()
  it("is no list, and never a shorter one", function()
    server:script(http.json '{"meta":{"limit":20,"total_count":2},"objects":[null,{"number":"15125550000"}]}')
    for name, list in pairs(LISTS) do
      local page, err = list()
      assert.is_nil(page, name)
      assert.equal("protocol", err.kind)
      assert.matches("null", err.message)
    end
    local ok, err = pcall(function()
      for _ in pool:numbers() do
        error "there is none"
      end
    end)
    assert.is_false(ok)
    assert.equal("protocol", err.kind)
  end)
end)
