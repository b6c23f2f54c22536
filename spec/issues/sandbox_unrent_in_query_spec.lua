-- What the vendor's page gives as a query field of a deletion was taken no notice of: the answer said
-- success, and the number stayed rented.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("a deletion in the sandbox", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local seeded, pool

  before_each(function()
    assert(server:reset())
    seeded = assert(server:seed { numbers = { "15125550001", "15125550002" }, tollfree = { "18005550001" } })
    pool = "NumberPool/" .. seeded.pool .. "/"
  end)

  local function rented()
    return #assert(server:state()).accounts[1].rented
  end

  it("gives the number back for unrent in the query, as each language writes it", function()
    for _, value in ipairs { "true", "True", "TRUE", "1" } do
      assert(server:reset())
      seeded = assert(server:seed { numbers = { "15125550001", "15125550002" }, tollfree = { "18005550001" } })
      pool = "NumberPool/" .. seeded.pool .. "/"
      assert.equal(200, account.delete(pool .. "Tollfree/18005550001/?unrent=" .. value).status)
      assert.equal(2, rented(), value)
      assert.equal(200, account.delete(pool .. "Number/15125550001?unrent=" .. value, "{}").status)
      assert.equal(1, rented(), value)
    end
    assert.same({
      { number = "15125550001", rents = 0, unrents = 1 }, { number = "18005550001", rents = 0, unrents = 1 },
    }, assert(server:state()).accounts[1].ledger)
  end)

  it("keeps it for unrent=false, 0 or nothing", function()
    for _, query in ipairs { "?unrent=false", "?unrent=False", "?unrent=0", "?unrent=", "?unrent", "" } do
      assert.equal(200, account.delete(pool .. "Number/15125550001/" .. query).status, query)
      assert.equal(3, rented(), query)
      account.post(pool .. "Number/15125550001/")
    end
  end)

  it("takes both at once where they agree", function()
    assert.equal(200, account.delete(pool .. "Number/15125550001/?unrent=true", { unrent = true }).status)
    assert.equal(200, account.delete(pool .. "Number/15125550002/?unrent=0", { unrent = false }).status)
    assert.equal(2, rented())
  end)

  it("refuses what contradicts itself and what isn't a boolean, and does nothing", function()
    for _, case in ipairs {
      { "?unrent=true", '{"unrent":false}', "unrent is true in the query and false in the body" },
      { "?unrent=false", '{"unrent":true}', "unrent is false in the query and true in the body" },
      { "?unrent=true&unrent=false", nil, "unrent is both true and false" },
      { "?unrent=maybe", nil, "unrent: expected true or false, got maybe" },
      { "?unrent=true", '{"unrent":"true"}', "invalid powerpack number delete request" },
      { "", '{"unrent":"true"}', "invalid powerpack number delete request" },
    } do
      for _, path in ipairs { "Number/15125550001/", "Tollfree/18005550001/" } do
        local answer = account.delete(pool .. path .. case[1], case[2])
        assert.equal(400, answer.status, case[1])
        assert.equal(case[3], answer.json.error)
        assert.equal("string", type(answer.json.api_id))
        assert.equal(200, account.get(pool .. path).status)
      end
    end
    assert.equal(3, rented())
  end)

  it("does the same for unrent_numbers of a powerpack", function()
    local path = "Powerpack/" .. seeded.powerpack .. "/"
    for _, case in ipairs {
      { "?unrent_numbers=true", '{"unrent_numbers":false}' }, { "?unrent_numbers=both" },
      { "?unrent_numbers=1", '{"unrent_numbers":"true"}' },
    } do
      assert.equal(400, account.delete(path .. case[1], case[2]).status)
    end
    assert.equal(3, rented())
    assert.equal(200, account.delete(path .. "?unrent_numbers=True").status)
    assert.equal(0, rented())
    assert.equal(404, account.get(path).status)
    path = "Powerpack/" .. assert(server:seed { numbers = 2 }).powerpack .. "/"
    assert.equal(200, account.delete(path .. "?unrent_numbers=false").status)
    assert.equal(2, rented())
  end)
end)
