-- A client: pools by uuid and by powerpack, several at once, closing, and where calls may be made from.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local mime = require "mime"
local new_client = require "spec.support.new_client"
local numberpool = require "numberpool"
local raised = require "spec.support.raised"
local socket = require "socket"

local OK = http.json '{"uuid":"p","meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}'
local POOL = "4c4a1b4e-5f1e-4c0e-9d2b-2f2a5d1f0a11"

local server = fixture.scripted_server()

local function wait_until(condition, what)
  local deadline = socket.gettime() + 60
  repeat
    if condition() then
      return
    end
    socket.sleep(0.005)
  until socket.gettime() > deadline
  error("waited in vain until " .. what, 2)
end

local function wait_for_no_connection()
  wait_until(function()
    return server:counts().open == 0
  end, "every connection is closed")
end

describe("client:pool with a uuid", function()
  local client = fixture.client(server)

  it("makes a pool without a request", function()
    server:script(OK)
    for _, uuid in ipairs { POOL, "p", "0", "A_b-9", ("x"):rep(64) } do
      local pool = assert(client:pool(uuid))
      assert.equal("userdata", type(pool))
      assert.equal(uuid, pool.uuid)
    end
    assert.equal(0, server:counts().received)
  end)

  for _, uuid in ipairs {
    "", " ", ("x"):rep(65), "a b", "a/b", "../x", "..", "a\0b", "a\nb", "%2f", "a.b", "a?b", "a#b", "\195\188", "a+b",
    ("x"):rep(10 * 1024 * 1024),
  } do
    it(("refuses a malformed one: %q"):format(uuid:sub(1, 20)), function()
      server:script(OK)
      for _, argument in ipairs { uuid, { powerpack = uuid } } do
        local pool, err = client:pool(argument)
        assert.is_nil(pool)
        assert.equal("invalid", err.kind)
        assert.is_true(#tostring(err) < 500)
      end
      assert.equal(0, server:counts().received)
    end)
  end

  it("makes pools that don't mix", function()
    server:script(OK)
    local first, second = assert(client:pool "first"), assert(client:pool "second")
    assert(first:get())
    assert(second:get())
    assert(first:get())
    local requests = server:requests()
    for i, uuid in ipairs { "first", "second", "first" } do
      assert.matches("/NumberPool/" .. uuid .. "/$", requests[i].path)
    end
  end)
end)

describe("a pool", function()
  it("shows its uuid", function()
    local pool = assert(new_client(server):pool(POOL))
    assert.matches(POOL, tostring(pool), 1, true)
  end)

  it("has no other fields, and nothing can be added to it", function()
    local pool = assert(new_client(server):pool(POOL))
    assert.is_nil(pool.no_such_method)
    assert.is_nil(pool[1])
    assert.is_nil(pool.client)
    assert.is_false(pcall(function()
      pool.uuid = "other"
    end))
    assert.equal(POOL, pool.uuid)
  end)

  it("keeps its client", function()
    server:script(OK)
    local pool = assert(new_client(server):pool(POOL))
    for _ = 1, 3 do
      collectgarbage()
    end
    assert.equal("p", assert(pool:get()).uuid)
  end)
end)

describe("client:pool with a powerpack", function()
  local client

  before_each(function()
    client = fixture.client(server)
  end)

  local function powerpack(number_pool, uuid)
    return http.json('{"api_id":"a","uuid":"' .. (uuid or "pp") .. '","name":"n","number_pool":' .. number_pool .. "}")
  end

  it("reads the pool's uuid from it", function()
    server:script(powerpack('"/v1/Account/' .. server.auth_id .. "/NumberPool/" .. POOL .. '/"'), OK)
    local pool = assert(client:pool { powerpack = "pp" })
    assert.equal(POOL, pool.uuid)
    assert(pool:get())
    local requests = server:requests()
    assert.equal(2, #requests)
    assert.equal("GET", requests[1].method)
    assert.equal("/v1/Account/" .. server.auth_id .. "/Powerpack/pp/", requests[1].target)
    assert.equal("/v1/Account/" .. server.auth_id .. "/NumberPool/" .. POOL .. "/", requests[2].target)
  end)

  it("remembers it, for this powerpack", function()
    server:script(powerpack('"/v1/Account/MA/NumberPool/one/"', "a"),
      powerpack('"/v1/Account/MA/NumberPool/two/"', "b"), OK)
    assert.equal("one", assert(client:pool { powerpack = "a" }).uuid)
    assert.equal("two", assert(client:pool { powerpack = "b" }).uuid)
    assert.equal("one", assert(client:pool { powerpack = "a" }).uuid)
    assert.equal("two", assert(client:pool { powerpack = "b" }).uuid)
    assert.equal(2, #server:requests())
  end)

  it("remembers nothing of a failure", function()
    server:script(http.answer(404, '{"api_id":"a","error":"not found"}'), powerpack '"/v1/Account/MA/NumberPool/one/"')
    local pool, err = client:pool { powerpack = "pp" }
    assert.is_nil(pool)
    assert.equal("not_found", err.kind)
    assert.equal("pp", err.target)
    assert.equal("one", assert(client:pool { powerpack = "pp" }).uuid)
  end)

  for _, number_pool in ipairs {
    "null", '""', '"/v1/Account/MA/NumberPool/"', '"/v1/Account/MA/NumberPool/../Number/"', "5", "{}",
    '"/v1/Account/MA/NumberPool/a%2fb/"', '"/v1/Account/MA/NumberPool/' .. ("x"):rep(65) .. '/"',
  } do
    it("is protocol where number_pool is " .. number_pool:sub(1, 50), function()
      server:script(powerpack(number_pool))
      local pool, err = client:pool { powerpack = "pp" }
      assert.is_nil(pool)
      assert.equal("protocol", err.kind)
      assert.same({ "pool", "pp", 1 }, { err.operation, err.target, err.attempts })
      assert.same({ protocol = 1 }, client:stats().errors)
      assert.equal(1, #server:requests())
    end)
  end
end)

describe("two clients at once", function()
  it("each send their own credentials over their own connection", function()
    server:script(OK)
    local before = server:counts().accepted
    local pools = {}
    for i, name in ipairs { "first", "second" } do
      local account = { base_url = server.base_url, auth_id = name, auth_token = "token-" .. name }
      pools[i] = fixture.pool(account, "p")
    end
    for _ = 1, 5 do
      assert(pools[1]:get())
      assert(pools[2]:get())
    end
    for i, request in ipairs(server:requests()) do
      local name = i % 2 == 1 and "first" or "second"
      assert.equal("Basic " .. mime.b64(name .. ":token-" .. name), request.headers.authorization)
      assert.matches("/Account/" .. name .. "/", request.path)
    end
    assert.equal(before + 2, server:counts().accepted)
  end)

  it("don't close one another", function()
    server:script(OK)
    local first, second = fixture.client(server), fixture.client(server)
    local pool = assert(second:pool "p")
    assert(first:pool("p"):get())
    assert(pool:get())
    first:close()
    assert(pool:get())
  end)

  it("remember different pools for the same powerpack's uuid", function()
    server:script(http.json '{"number_pool":"/v1/Account/MA/NumberPool/one/"}',
      http.json '{"number_pool":"/v1/Account/MB/NumberPool/two/"}')
    assert.equal("one", assert(fixture.client(server):pool { powerpack = "a" }).uuid)
    assert.equal("two", assert(fixture.client(server):pool { powerpack = "a" }).uuid)
  end)
end)

describe("a method of a client", function()
  it("raises where it is called without one", function()
    local client = fixture.client(server)
    for _, name in ipairs { "stats", "close" } do
      for _, value in ipairs { false, "x", {}, 5 } do
        local text = raised(function()
          local _ = client[name](value or nil)
        end)
        assert.matches(name .. ": client expected, got", text)
      end
    end
  end)
end)

describe("client:close", function()
  it("closes the connections", function()
    server:drop()
    server:script(OK)
    local client = new_client(server)
    assert(client:pool("p"):get())
    assert.equal(1, server:counts().open)
    client:close()
    wait_for_no_connection()
  end)

  it("may come twice, and before any call", function()
    local client = new_client(server)
    client:close()
    client:close()
    local _, err = client.powerpacks:list()
    assert.equal("closed", err.kind)
  end)

  it("makes every later call fail with closed, and nothing is sent", function()
    server:script(OK)
    local client = new_client(server)
    local pool = assert(client:pool "p")
    assert(pool:get())
    client:close()
    local before = server:counts()
    for operation, arguments in pairs {
      get = {}, add_number = { "15125550000" }, find_number = { "15125550000" }, list_numbers = {},
      count_numbers = {}, remove_number = { "15125550000" }, find_shortcode = { "77777" }, list_shortcodes = {},
      remove_shortcode = { "77777" }, add_tollfree = { "18005550000" }, find_tollfree = { "18005550000" },
      list_tollfree = {}, remove_tollfree = { "18005550000" },
    } do
      local value, err = pool[operation](pool, arguments[1])
      assert.is_nil(value)
      assert.equal("closed", err.kind, operation)
      assert.equal(operation, err.operation)
      assert.is_nil(err.ambiguous)
    end
    for _, call in ipairs {
      function()
        return client.powerpacks:create { name = "x" }
      end,
      function()
        return client.powerpacks:list()
      end,
      function()
        return client.powerpacks:delete "x"
      end,
      function()
        return client:pool { powerpack = "never-read" }
      end,
    } do
      local value, err = call()
      assert.is_nil(value)
      assert.equal("closed", err.kind)
    end
    local after = server:counts()
    assert.equal(before.received, after.received)
    assert.equal(before.accepted, after.accepted)
  end)

  it("happens to a client that is collected", function()
    server:drop()
    server:script(OK)
    do
      local client = new_client(server)
      assert(client:pool("p"):get())
      assert.equal(1, server:counts().open)
    end
    wait_until(function()
      collectgarbage()
      return server:counts().open == 0
    end, "the collector closes the connection")
  end)

  if _VERSION == "Lua 5.4" then
    it("happens at the end of a variable with <close>", function()
      server:drop()
      server:script(OK)
      local run = assert(load [[
        local new, server = ...
        local client <close> = new(server)
        assert(client:pool("p"):get())
        return client
      ]])
      local client = run(new_client, server)
      local _, err = client:pool("p"):get()
      assert.equal("closed", err.kind)
      wait_for_no_connection()
    end)
  end

  it("isn't needed at the end of a process, also where it ends in an error", function()
    server:drop()
    server:script(OK)
    local environment = { NUMBERPOOL_BASE_URL = server.base_url, PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t" }
    local code = [[
      client = assert(require("numberpool").new { retries = 0, rate = false })
      pool = assert(client:pool "p")
      print(assert(pool:get()).uuid)
    ]]
    for ending, expected in pairs { [""] = 0, ["os.exit(3)"] = 3, ["error 'oh'"] = 1, ["client:close()"] = 0 } do
      local output, status = interpreter.run(code .. ending, environment)
      assert.matches("p\n", output, 1, true)
      assert.equal(expected, status, output)
    end
    wait_for_no_connection()
  end)
end)

describe("a call", function()
  local pool

  before_each(function()
    server:script(OK)
    pool = fixture.pool(server, "p")
  end)

  it("may be made in coroutines, in turns", function()
    local threads, results = {}, {}
    for i = 1, 3 do
      threads[i] = coroutine.wrap(function()
        for _ = 1, 3 do
          results[#results + 1] = assert(pool:get()).uuid
          coroutine.yield()
        end
      end)
    end
    for _ = 1, 3 do
      for _, thread in ipairs(threads) do
        thread()
      end
    end
    assert.same({ "p", "p", "p", "p", "p", "p", "p", "p", "p" }, results)
  end)

  it("may be made in a coroutine that is then abandoned", function()
    for _ = 1, 20 do
      coroutine.wrap(function()
        assert(pool:get())
        coroutine.yield()
      end)()
    end
    collectgarbage()
    collectgarbage()
    assert(pool:get())
  end)

  it("may be made with a client that a dead coroutine made", function()
    local of_dead = coroutine.wrap(function()
      return assert(new_client(server):pool "p")
    end)()
    collectgarbage()
    collectgarbage()
    assert(of_dead:get())
  end)

  it("may be made where Lua can't yield", function()
    local compared = 0
    coroutine.wrap(function()
      table.sort({ 3, 1, 2 }, function(a, b)
        assert(pool:get())
        compared = compared + 1
        return a < b
      end)
      assert.equal("p", (("x"):gsub("x", function()
        return assert(pool:get()).uuid
      end)))
      local steps = 0
      for value in function(_, last)
        return last == nil and assert(pool:get()).uuid or nil
      end do
        assert.equal("p", value)
        steps = steps + 1
      end
      assert.equal(1, steps)
      local text = tostring(setmetatable({}, {
        __tostring = function()
          return assert(pool:get()).uuid
        end,
      }))
      assert.equal("p", text)
    end)()
    assert.is_true(compared > 0)
  end)

  it("leaves the string that it is given as it is", function()
    local number = "+1 (512) 555-0000"
    assert(pool:find_number(number))
    assert.equal("+1 (512) 555-0000", number)
  end)

  it("gives a table of its own each time", function()
    local first, second = assert(pool:get()), assert(pool:get())
    assert.are_not.equal(first, second)
    first.uuid = "changed"
    assert.equal("p", second.uuid)
  end)
end)

describe("numberpool._VERSION", function()
  it("is a version", function()
    assert.equal("0.1.0", numberpool._VERSION)
  end)
end)
