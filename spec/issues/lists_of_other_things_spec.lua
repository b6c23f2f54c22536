-- The entries of a list are objects: an answer with others used to end in an error of Lua's own wherever they were
-- first looked into.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool, client = fixture.pool(server, "p")

describe("a list with an entry that is no object", function()
  it("is no answer of the API's", function()
    for _, other in ipairs { "5", '"15125550000"', "true" } do
      server:script(http.json(('{"meta":{"total_count":2},"objects":[{"number":"15125550000"},%s]}'):format(other)))
      for _, list in ipairs { pool.list_numbers, pool.list_shortcodes, pool.list_tollfree, pool.snapshot } do
        local value, err = list(pool)
        assert.is_nil(value, other)
        assert.equal("protocol", err.kind)
        assert.matches("an entry of the list is no object", err.message, 1, true)
      end
      local value, err = client.powerpacks:list()
      assert.same({ nil, "protocol" }, { value, err.kind })
    end
  end)

  it("ends an iterator", function()
    server:script(http.json '{"meta":{"total_count":2},"objects":[{"number":"15125550000"},5]}')
    local ok, err = pcall(function()
      for entry in pool:numbers() do
        assert.is_table(entry)
      end
    end)
    assert.same({ false, "protocol" }, { ok, err.kind })
  end)
end)
