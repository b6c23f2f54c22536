-- A server that caps its pages and gives no meta: a page that is shorter than was asked for isn't the last one. And one
-- that repeats a page of entries that nothing tells apart.
local entries = require "spec.support.entries"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local FIRST = 15125550000

describe("a server of short pages without meta", function()
  local server = fixture.scripted_server()
  local pool, client = fixture.pool(server, "pool")

  local function page(offset, count, format)
    local objects = {}
    for i = 1, count do
      objects[i] = (format or '{"number":"%.0f"}'):format(FIRST + offset + i)
    end
    return http.json('{"objects":[' .. table.concat(objects, ",") .. "]}")
  end

  it("gives every entry once", function()
    server:script(page(0, 10), page(10, 10), page(20, 3), page(23, 0))
    entries.check_unique(entries.collect(pool:numbers()), 23)
  end)

  it("is looked through for a powerpack whose answer was lost", function()
    local named = '{"name":"one","uuid":"%.0f"}'
    server:script({ bytes = "", after = "close" }, page(0, 10), page(10, 1, named))
    local powerpack = assert(client.powerpacks:create { name = "one", retries = 1 })
    assert.equal("one", powerpack.name)
    assert.equal(3, #server:requests())
  end)

  it("is a wrong one where it repeats a page of entries without a number", function()
    for _, format in ipairs { '"%.0f"', '{"phone":"%.0f"}' } do
      server:script(page(0, 20, format))
      local given, next_entry = 0, pool:numbers()
      local ok, err = pcall(function()
        while next_entry() and given < 100 do
          given = given + 1
        end
      end)
      assert.is_false(ok, "it went on")
      assert.equal("protocol", err.kind)
      assert.equal(20, given)
    end
  end)
end)
