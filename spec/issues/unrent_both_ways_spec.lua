-- unrent went in the body alone, where the reference has it in the query.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local client = fixture.client(server)
local pool, seeded

before_each(function()
  assert(server:reset())
  seeded = assert(server:seed { numbers = { "15125550100" }, tollfree = { "18005550100" } })
  pool = assert(client:pool(seeded.pool))
end)

local CALLS = {
  unrent = function(value)
    assert(pool:remove_number("15125550100", { unrent = value }))
    assert(pool:remove_tollfree("18005550100", { unrent = value }))
  end,
  unrent_numbers = function(value)
    assert(client.powerpacks:delete(seeded.powerpack, { unrent_numbers = value }))
  end,
}

for name, call in pairs(CALLS) do
  describe(name, function()
    it("that is true goes in the query and in the body", function()
      call(true)
      for _, request in ipairs(assert(server:requests())) do
        assert.equal(name .. "=true", request.query)
        assert.equal('{"' .. name .. '":true}', request.body)
      end
    end)

    it("that is false doesn't go in the query", function()
      call(false)
      for _, request in ipairs(assert(server:requests())) do
        assert.is_true(request.query == nil or request.query == "")
      end
    end)
  end)
end

it("a look after a lost answer carries no query", function()
  assert(server:fault { method = "DELETE", kind = "reset", when = "after", times = 1 })
  assert(pool:remove_number("15125550100", { unrent = true, retries = 2 }))
  local requests = assert(server:requests())
  assert.equal("GET", requests[2].method)
  assert.is_true(requests[2].query == nil or requests[2].query == "")
  assert.equal(requests[1].path, requests[2].path)
end)
