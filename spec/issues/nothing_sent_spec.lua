-- A change that no byte of reached the API can't have happened, whatever went wrong before: nothing is in doubt then.
-- A proxy's tunnel and TLS' handshake come first; what libcurl sends for them isn't the request.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local socket = require "socket"

local NUMBER = "15125550000"
local STALL = 0.15 -- seconds after which a try is given up that stalls
local ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n"

local CHANGES = {
  add_number = function(pool)
    return pool:add_number(NUMBER)
  end,
  buy_number = function(pool)
    return pool:buy_number { number = NUMBER }
  end,
  remove_number = function(pool)
    return pool:remove_number(NUMBER, { unrent = true })
  end,
}

-- How many of the requests had a method.
local function count(server, method)
  local found = 0
  for _, request in ipairs(server:requests()) do
    found = found + (request.method == method and 1 or 0)
  end
  return found
end

-- A port at which nobody listens.
local function closed_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

describe("a proxy", function()
  local proxy = fixture.scripted_server { tunnel = true }

  -- A pool that is reached over HTTPS through the proxy.
  local function pool_behind(options)
    local all = { impatient = true, proxy = proxy.base_url }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    local api = {
      base_url = "https://127.0.0.1:" .. closed_port(),
      auth_id = proxy.auth_id,
      auth_token = proxy.auth_token,
      ca_file = proxy.ca_file,
    }
    return fixture.pool(api, "p", all)
  end

  -- What the proxy says, the kind of error, and how often it is tried with two retries.
  for what, case in pairs {
    ["that refuses with 407"] = { http.answer(407, "who are you?"), "rejected", 1 },
    ["that refuses with 407, without a word"] = { { bytes = http.answer(407, ""), after = "close" }, "rejected", 1 },
    ["that refuses with 403"] = { http.answer(403, "no"), "network", 3 },
    ["that refuses with 502"] = { http.answer(502, ""), "network", 3 },
    ["that refuses with 503"] = { { bytes = http.answer(503, ""), after = "close" }, "network", 3 },
    ["that says nothing to CONNECT"] = { { bytes = "", after = "stall" }, "timeout", 3 },
    ["that resets in CONNECT"] = { { bytes = "", after = "reset" }, "network", 3 },
    ["that hangs up in CONNECT"] = { { bytes = "", after = "close" }, "network", 3 },
    ["that hangs up in its answer"] = { { bytes = "HTTP/1.1 200 Conn", after = "close" }, "network", 3 },
    ["that speaks no HTTP"] = { { bytes = "hello\r\n\r\n", after = "close" }, false, false },
    ["behind whose tunnel the handshake stalls"] = { { bytes = ESTABLISHED, after = "stall" }, "timeout", 3 },
    ["behind whose tunnel the handshake is cut off"] = { { bytes = ESTABLISHED, after = "close" }, false, false },
    ["behind whose tunnel the handshake is reset"] = { { bytes = ESTABLISHED, after = "reset" }, false, false },
    ["behind whose tunnel there is no TLS"] = {
      { bytes = ESTABLISHED .. http.json "{}", drip = #ESTABLISHED, after = "close" }, "tls", 1,
    },
  } do
    it(what .. " leaves no change in doubt", function()
      local pool = pool_behind { attempt_timeout = case[2] == "timeout" and STALL or nil }
      for name, change in pairs(CHANGES) do
        proxy:script(case[1])
        local done, err = change(pool)
        assert.is_nil(done, name)
        assert.is_nil(err.ambiguous, tostring(err))
        if case[2] then
          assert.same({ case[2], case[3] }, { err.kind, err.attempts }, tostring(err))
        end
        local deadline = socket.gettime() + 30
        while #proxy:requests() < err.attempts and socket.gettime() < deadline do
          socket.sleep(0.01) -- one that the client has given up may be read late
        end
        assert.equal(err.attempts, count(proxy, "CONNECT"))
        assert.equal(err.attempts, #proxy:requests())
      end
    end)
  end

  it("whose certificate behind the tunnel isn't trusted leaves no change in doubt", function()
    local pool = pool_behind { ca_file = "/etc/ssl/certs/ca-certificates.crt" }
    for _, change in pairs(CHANGES) do
      proxy:script { bytes = ESTABLISHED, after = "tls" }
      local done, err = change(pool)
      assert.is_nil(done)
      assert.same({ "tls", 1 }, { err.kind, err.attempts })
      assert.is_nil(err.ambiguous)
    end
  end)

  it("that lets the request through is out of the game", function()
    local pool = pool_behind()
    proxy:script({ bytes = ESTABLISHED, after = "tls" }, http.answer(201, '{"number":"15125550000"}'))
    assert.equal(NUMBER, assert(pool:add_number(NUMBER)).number)
    assert.same({ 1, 1 }, { count(proxy, "CONNECT"), count(proxy, "POST") })
  end)

  for _, after in ipairs { "close", "reset", "stall" } do
    it("behind whose tunnel a request is lost leaves a change in doubt: " .. after, function()
      local pool = pool_behind { retries = 0, attempt_timeout = after == "stall" and 10 * STALL or nil }
      for name, change in pairs(CHANGES) do
        proxy:drop()
        proxy:script({ bytes = ESTABLISHED, after = "tls" }, { bytes = "", after = after })
        local done, err = change(pool)
        assert.is_nil(done, name)
        assert.equal(after == "stall" and "timeout" or "network", err.kind, tostring(err))
        assert.is_true(err.ambiguous)
        assert.equal(1, #proxy:requests() - count(proxy, "CONNECT"))
      end
    end)
  end

  it("behind whose tunnel a 407 comes leaves nothing in doubt either", function()
    local pool = pool_behind()
    proxy:script({ bytes = ESTABLISHED, after = "tls" }, http.answer(407, ""))
    local done, err = pool:add_number(NUMBER)
    assert.is_nil(done)
    assert.same({ "rejected", 407, 1 }, { err.kind, err.status, err.attempts })
    assert.is_nil(err.ambiguous)
  end)

  it("isn't asked twice where it wants credentials, over plain HTTP too", function()
    local api = {
      base_url = "http://127.0.0.1:" .. closed_port(), auth_id = proxy.auth_id, auth_token = proxy.auth_token,
    }
    local pool = fixture.pool(api, "p", { impatient = true, proxy = proxy.base_url })
    proxy:script(http.answer(407, ""))
    for _, change in pairs(CHANGES) do
      local done, err = change(pool)
      assert.is_nil(done)
      assert.same({ "rejected", 407, 1 }, { err.kind, err.status, err.attempts })
      assert.is_nil(err.ambiguous)
    end
    assert.equal(3, #proxy:requests())
  end)

  it("whose port is closed leaves no change in doubt", function()
    local pool = pool_behind { proxy = "http://127.0.0.1:" .. closed_port() }
    for _, change in pairs(CHANGES) do
      local done, err = change(pool)
      assert.is_nil(done)
      assert.same({ "network", 3 }, { err.kind, err.attempts })
      assert.is_nil(err.ambiguous)
    end
  end)
end)

describe("without a proxy no change is in doubt where", function()
  local server = fixture.scripted_server()

  local function check(base_url, kind, attempts)
    local pool = fixture.pool({ base_url = base_url, auth_id = "MA", auth_token = "t" }, "p",
      { impatient = true, attempt_timeout = kind == "timeout" and STALL or nil })
    for _, change in pairs(CHANGES) do
      local done, err = change(pool)
      assert.is_nil(done)
      assert.is_nil(err.ambiguous, tostring(err))
      if kind then
        assert.same({ kind, attempts }, { err.kind, err.attempts }, tostring(err))
      end
    end
  end

  it("the connection is refused", function()
    check("http://127.0.0.1:" .. closed_port(), "network", 3)
    check("https://127.0.0.1:" .. closed_port(), "network", 3)
  end)

  it("the server speaks no TLS", function()
    server:script { bytes = "220 welcome\r\n", greets = true, after = "close" }
    check("https://127.0.0.1:" .. server.port, "tls", 1)
  end)

  for _, after in ipairs { "close", "reset", "stall" } do
    it("the handshake ends early: " .. after, function()
      -- The head of a handshake's message (RFC 8446, section 5.1), and no more.
      server:script { bytes = "\22\3\3\0\122", greets = true, after = after }
      check("https://127.0.0.1:" .. server.port, after == "stall" and "timeout", 3)
    end)
  end

  it("the certificate isn't trusted", function()
    local secure = fixture.scripted_server { tls = true }
    secure:script(http.json "{}")
    check(secure.base_url, "tls", 1)
    assert.equal(0, #secure:requests())
  end)
end)
