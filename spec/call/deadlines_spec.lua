-- Whatever stalls, a call ends when its time is up: with the kind of error that it is, and in doubt only where the
-- request left.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"
local stalls = require "spec.support.stalls"

local NUMBER = "15125550000"
local OVERRUN = 3 -- seconds that a busy machine may take, far below what any of these stalls would

local function new_pool(base_url, options)
  options.impatient = true
  return fixture.pool({ base_url = base_url, auth_id = "MA", auth_token = "t" }, "4c4a1b4e", options)
end

-- Runs a call that must fail as a timeout, within its time. Returns the error.
local function check_timeout(timeout, call)
  local started = socket.gettime()
  local value, err = call()
  local elapsed = socket.gettime() - started
  assert.is_nil(value)
  assert.equal("timeout", err.kind, tostring(err))
  assert.is_true(elapsed <= timeout + OVERRUN, ("took %.2f s"):format(elapsed))
  assert.is_true(err.elapsed <= elapsed + 0.01)
  return err
end

-- Every way to run out of time: one try that takes all of it, and several with waits and looks.
local function check_stall(base_url, is_sent)
  for _, case in ipairs {
    { timeout = 0.1, options = {} },
    { timeout = 0.3, options = { attempt_timeout = 0.12, retries = 20 } },
    { timeout = 0.1, options = { retries = 0 } },
  } do
    local pool = new_pool(base_url, case.options)
    local timeout = case.timeout
    local err = check_timeout(timeout, function()
      return pool:find_number(NUMBER, { timeout = timeout })
    end)
    assert.is_nil(err.ambiguous)
    err = check_timeout(timeout, function()
      return pool:add_number(NUMBER, { timeout = timeout })
    end)
    assert.equal(is_sent, err.ambiguous)
    if is_sent then
      assert.equal(1, err.attempts)
    end
  end
end

describe("a call's time is up", function()
  local function full_listener()
    local address, close = stalls.full_listener()
    fixture.until_end(close)
    return address
  end

  local function silent_listener()
    local address, close = stalls.silent_listener()
    fixture.until_end(close)
    return address
  end

  it("while it connects", function()
    check_stall("http://" .. full_listener(), nil)
  end)

  it("while it connects, where connect_timeout ends each try", function()
    local pool = new_pool("http://" .. full_listener(), { connect_timeout = 0.1, retries = 1 })
    local err = check_timeout(1, function()
      return pool:add_number(NUMBER)
    end)
    assert.equal(2, err.attempts)
    assert.is_nil(err.ambiguous)
  end)

  it("in the TLS handshake", function()
    check_stall("https://" .. silent_listener(), nil)
  end)

  it("while it waits for an answer", function()
    check_stall("http://" .. silent_listener(), true)
  end)

  describe("with a server", function()
    local server = fixture.scripted_server()

    local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    it("that sends half a head", function()
      server:script { bytes = HEAD, after = "stall" }
      check_stall(server.base_url, true)
    end)

    it("that sends its head and no body", function()
      server:script { bytes = HEAD .. "Content-Length: 100\r\n\r\n", after = "stall" }
      check_stall(server.base_url, true)
    end)

    it("that sends a head byte by byte", function()
      server:script { bytes = HEAD .. ("X-Padding: " .. ("x"):rep(100) .. "\r\n"):rep(100), drip = 1 }
      check_stall(server.base_url, true)
    end)

    it("that sends a body byte by byte", function()
      server:script { bytes = http.json('{"number":"' .. ("1"):rep(10000) .. '"}'), drip = 1 }
      check_stall(server.base_url, true)
    end)

    it("that sends interim answers without end", function()
      server:script { bytes = ("HTTP/1.1 102 Processing\r\n\r\n"):rep(1000), drip = 20 }
      check_stall(server.base_url, true)
    end)

    it("but not when it answers slowly, and in time", function()
      local pool = new_pool(server.base_url, {})
      server:script { bytes = http.json('{"number":"' .. NUMBER .. '"}'), drip = 10 }
      assert.equal(NUMBER, assert(pool:find_number(NUMBER, { timeout = 10 })).number)
    end)

    it("while it waits for its turn in the rate limit", function()
      server:script(http.json('{"number":"' .. NUMBER .. '"}'))
      local pool = new_pool(server.base_url, { rate = { requests = 2, seconds = 60 } })
      assert(pool:find_number(NUMBER))
      assert(pool:find_number(NUMBER))
      local started = socket.gettime()
      for _, method in ipairs { "find_number", "add_number" } do
        local value, err = pool[method](pool, NUMBER, { timeout = 5 })
        assert.is_nil(value)
        assert.equal("rate_limited", err.kind)
        assert.is_nil(err.status)
        assert.equal(0, err.attempts)
        assert.is_nil(err.ambiguous)
        assert.is_true(err.retry_after > 50)
      end
      assert.is_true(socket.gettime() - started < 5)
      assert.equal(2, #server:requests())
    end)
  end)
end)

-- In a network of its own, with a name server that takes queries and says nothing.
local RESOLVING = [[
  local socket = require "socket"
  local numberpool = require "numberpool"
  local server = assert(socket.udp())
  assert(server:setsockname("127.0.0.1", 53))
  local client = assert(numberpool.new {
    base_url = "http://api.example.com", auth_id = "MA", auth_token = "t", retries = 2, rate = false, insecure = true,
  })
  local pool = assert(client:pool "4c4a1b4e")
  for _, method in ipairs { "find_number", "add_number" } do
    local started = socket.gettime()
    local value, err = pool[method](pool, "15125550000", { timeout = 0.5 })
    print(value, err.kind, tostring(err.ambiguous), socket.gettime() - started <= 3.5)
  end
  server:settimeout(0)
  print("asked", server:receive() ~= nil)
  local started = socket.gettime()
  client:close()
  print("closed", socket.gettime() - started <= 3)
]]

describe("a name server that never answers", function()
  it("holds up neither a call nor the end of its client", function()
    local can_isolate = interpreter.run [[
      local status = os.execute "unshare --net --mount ip link set lo up 2>/dev/null"
      print(status == true or status == 0)
    ]]
    if not can_isolate:find "^true" then
      return pending "needs unshare and ip, and the right to use them"
    end
    local folder = fixture.folder()
    local function write(name, text)
      local file = assert(io.open(folder .. "/" .. name, "w"))
      file:write(text)
      file:close()
    end
    write("resolv.conf", "nameserver 127.0.0.1\n")
    write("resolving.lua", RESOLVING)
    local process = assert(io.popen(("unshare --net --mount sh -c '"
      .. "ip link set lo up && mount --bind %s/resolv.conf /etc/resolv.conf && exec \"$0\" %s/resolving.lua' %s 2>&1")
      :format(folder, folder, interpreter.quote(interpreter.program)), "r"))
    local output = process:read "*a"
    process:close()
    assert.equal("nil\ttimeout\tnil\ttrue\nnil\ttimeout\tnil\ttrue\nasked\ttrue\nclosed\ttrue\n", output)
  end)
end)
