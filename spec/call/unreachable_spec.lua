-- Servers that no answer comes from: what is tried again, and what is in doubt.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"
local numberpool = require "numberpool"
local socket = require "socket"

local NUMBER, NEW_NUMBER = "15125550000", "14155550123"
local ADD = "POST Number/" .. NEW_NUMBER .. "/"

describe("a server that isn't there", function()
  local function free_port()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    listener:close()
    return tonumber(port)
  end

  it("may be asked anything again, and is in doubt about nothing", function()
    local nowhere = { base_url = "http://127.0.0.1:" .. free_port(), auth_id = "MA", auth_token = "t" }
    local pool, client = fixture.pool(nowhere, "4c4a1b4e", { impatient = true })
    for _, err in ipairs {
      select(2, pool:find_number(NUMBER)), select(2, pool:add_number(NUMBER)),
      select(2, pool:remove_number(NUMBER, { unrent = true })), select(2, pool:buy_number { number = NUMBER }),
      select(2, client.powerpacks:create { name = "mine" }),
    } do
      assert.equal("network", err.kind)
      assert.equal(3, err.attempts)
      assert.is_nil(err.ambiguous)
    end
  end)

  it("may come up in between", function()
    local database = fixture.folder() .. "/kept.sqlite"
    local first = fixture.sandbox { db = database }
    local seeded = assert(first:seed { numbers = 1 })
    local gone = { base_url = first.base_url, auth_id = first.auth_id, auth_token = first.auth_token }
    first:stop()

    local second
    local pool = fixture.pool(gone, seeded.pool, {
      impatient = true,
      on_event = function(event)
        if event.type == "retry" and not second then
          second = fixture.sandbox { db = database, port = first.port }
        end
      end,
    })
    local added, err = pool:add_number(NEW_NUMBER)
    assert.equal(NEW_NUMBER, assert(added, err).number)
    assert.same({ [ADD] = 1 }, arrivals.count(second))
  end)
end)

describe("a certificate that isn't trusted", function()
  it("is no reason to try again", function()
    local server = fixture.sandbox { tls = true }
    local seeded = assert(server:seed { numbers = 1 })
    local client = fixture.until_end(assert(numberpool.new {
      base_url = server.base_url, auth_id = server.auth_id, auth_token = server.auth_token, retries = 4,
    }))
    local pool = assert(client:pool(seeded.pool))
    for _, err in ipairs { select(2, pool:find_number(NUMBER)), select(2, pool:add_number(NEW_NUMBER)) } do
      assert.equal("tls", err.kind)
      assert.equal(1, err.attempts)
      assert.is_nil(err.ambiguous)
    end
    assert.equal(0, #assert(server:requests()))
  end)
end)

describe("a server that hangs up without an answer", function()
  it("gets a change once, and then a look", function()
    local server = fixture.scripted_server()
    local pool = fixture.pool(server, "4c4a1b4e", { impatient = true, retries = 1 })
    server:script { bytes = "", after = "close" }
    local _, err = pool:add_number(NEW_NUMBER)
    assert.equal("network", err.kind)
    assert.is_true(err.ambiguous)
    local methods = {}
    for i, request in ipairs(server:requests()) do
      methods[i] = request.method
    end
    assert.same({ "POST", "GET", "GET" }, methods)
  end)
end)
