-- Servers that no answer comes from: what is tried again, and what is in doubt.
local arrivals = require "spec.support.arrivals"
local impatient_client = require "spec.support.impatient_client"
local numberpool = require "numberpool"
local sandbox = require "numberpool.sandbox"
local scripted_server = require "spec.support.scripted_server"
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
    local client = impatient_client(nowhere)
    local pool = assert(client:pool "4c4a1b4e")
    for _, err in ipairs {
      select(2, pool:find_number(NUMBER)), select(2, pool:add_number(NUMBER)),
      select(2, pool:remove_number(NUMBER, { unrent = true })), select(2, pool:buy_number { number = NUMBER }),
      select(2, client.powerpacks:create { name = "mine" }),
    } do
      assert.equal("network", err.kind)
      assert.equal(3, err.attempts)
      assert.is_nil(err.ambiguous)
    end
    client:close()
  end)

  it("may come up in between", function()
    local database = os.tmpname()
    os.remove(database)
    local first = assert(sandbox.start { db = database })
    local seeded = assert(first:seed { numbers = 1 })
    local gone = { base_url = first.base_url, auth_id = first.auth_id, auth_token = first.auth_token }
    first:stop()

    local second
    local client = impatient_client(gone, {
      on_event = function(event)
        if event.type == "retry" and not second then
          second = assert(sandbox.start { db = database, port = first.port })
        end
      end,
    })
    local added, err = assert(client:pool(seeded.pool)):add_number(NEW_NUMBER)
    local count = second and arrivals.count(second)
    client:close()
    if second then
      second:stop()
    end
    for _, name in ipairs { "", "-shm", "-wal", ".lock", "-lock" } do
      os.remove(database .. name)
    end
    assert.equal(NEW_NUMBER, assert(added, err).number)
    assert.same({ [ADD] = 1 }, count)
  end)
end)

describe("a certificate that isn't trusted", function()
  it("is no reason to try again", function()
    local server = assert(sandbox.start { tls = true })
    local seeded = assert(server:seed { numbers = 1 })
    local client = assert(numberpool.new {
      base_url = server.base_url, auth_id = server.auth_id, auth_token = server.auth_token, retries = 4,
    })
    local pool = assert(client:pool(seeded.pool))
    for _, err in ipairs { select(2, pool:find_number(NUMBER)), select(2, pool:add_number(NEW_NUMBER)) } do
      assert.equal("tls", err.kind)
      assert.equal(1, err.attempts)
      assert.is_nil(err.ambiguous)
    end
    assert.equal(0, #assert(server:requests()))
    client:close()
    server:stop()
  end)
end)

describe("a server that hangs up without an answer", function()
  it("gets a change once, and then a look", function()
    local server = scripted_server.start()
    local client = impatient_client(server, { retries = 1 })
    server:script { bytes = "", after = "close" }
    local _, err = assert(client:pool "4c4a1b4e"):add_number(NEW_NUMBER)
    assert.equal("network", err.kind)
    assert.is_true(err.ambiguous)
    local methods = {}
    for i, request in ipairs(server:requests()) do
      methods[i] = request.method
    end
    assert.same({ "POST", "GET", "GET" }, methods)
    client:close()
    server:stop()
  end)
end)
