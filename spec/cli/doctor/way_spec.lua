-- What is found of the way to a server: by which step, with a remedy, in bounded time.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local patient = require "spec.support.patient"
local ports = require "spec.support.ports"
local socket = require "socket"
local stalls = require "spec.support.stalls"

local account_of, fail, look = patient.account, patient.fail, patient.look

describe("a base URL that", function()
  it("is none fails", function()
    for _, url in ipairs { "ftp://127.0.0.1", "api.plivo.com", "https://user:pass@host", "http://host/?a=b" } do
      local result = fail("base_url", 1, account_of { auth_id = "MA", auth_token = patient.TOKEN, base_url = url })
      assert.matches("^expected ", result.message)
    end
  end)

  it("sends the token over a network in clear text is warned of", function()
    local results = look(account_of { auth_id = "MA", auth_token = patient.TOKEN, base_url = "http://nosuch.invalid" })
    assert.equal("warning", results.base_url.status)
    assert.matches("https://", results.base_url.remedy)
  end)
end)

describe("a server", function()
  local server = fixture.scripted_server()

  it("whose name has no address fails", function()
    local result, results = fail("name", 1, account_of(server, { base_url = "https://nosuch.invalid" }))
    assert.matches("nosuch%.invalid", result.message)
    assert.equal("name", results.limit.because)
  end)

  it("that nobody runs fails", function()
    local result = fail("connection", 1, account_of(server, { base_url = ports.closed().base_url }))
    assert.matches("127%.0%.0%.1:%d+", result.message)
  end)

  it("that makes no connection fails in time", function()
    local address, close = stalls.full_listener()
    local started = socket.gettime()
    local result = fail("connection", 1, account_of(server, { base_url = "http://" .. address, connect_timeout = 0.2 }))
    close()
    assert.matches("firewall", result.remedy)
    assert.is_true(socket.gettime() - started < 5)
  end)

  it("that says nothing fails in time", function()
    local address, close = stalls.silent_listener()
    for _, scheme in ipairs { "http", "https" } do
      local started = socket.gettime()
      fail(scheme == "http" and "answer" or "tls", 1, account_of(server,
        { base_url = scheme .. "://" .. address, attempt_timeout = 0.3 }))
      assert.is_true(socket.gettime() - started < 5)
    end
    close()
  end)

  it("that says it byte by byte, without an end, fails in time", function()
    server:script { bytes = "HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(100000), drip = 1 }
    local started = socket.gettime()
    look(account_of(server, { attempt_timeout = 0.3 }))
    assert.is_true(socket.gettime() - started < 10)
  end)

  it("that isn't of HTTP fails", function()
    server:script { bytes = "220 mail.example\r\n", after = "close" }
    local result = fail("answer", 1, account_of(server))
    assert.matches("isn't the API", result.message)
  end)
end)

describe("a server's certificate", function()
  local server = fixture.sandbox { tls = true }

  it("that an authority vouches for gets an ok", function()
    local results, code = look(account_of(server))
    assert.equal(0, code)
    assert.equal("ok", results.tls.status)
    assert.equal(server.ca_file, results.authorities.ca_file)
  end)

  it("that nobody vouches for fails, and no credentials are sent", function()
    assert(server:reset())
    local result, results = fail("tls", 1, account_of(server, { ca_file = false }))
    assert.equal("unknown_authority", result.reason)
    assert.matches("update%-ca%-certificates", result.remedy)
    assert.equal("tls", results.account.because)
    assert.same({}, server:requests())
  end)

  it("that the server has signed itself fails", function()
    local own = fixture.scripted_server { tls = true }
    assert.equal("self_signed", fail("tls", 1, account_of(own, { ca_file = server.ca_file })).reason)
  end)

  it("that is for another name fails", function()
    local url = server.base_url:gsub("127%.0%.0%.1", "other.localhost")
    local result = fail("tls", 1, account_of(server, { base_url = url }))
    assert.equal("wrong_name", result.reason)
    assert.matches("other%.localhost", result.message)
  end)

  it("that has expired fails, and the machine's clock is shown", function()
    local expired = fixture.scripted_server { tls = true, expired = true }
    local result = fail("tls", 1, account_of(expired))
    assert.equal("expired", result.reason)
    assert.matches("clock says %d%d%d%d%-%d%d%-%d%d", result.remedy)
  end)

  it("isn't there where the server speaks no TLS", function()
    local plain = fixture.scripted_server()
    plain:script { bytes = "HTTP/1.1 400 Bad Request\r\n\r\n", greets = true, after = "close" }
    local result = fail("tls", 1, account_of(plain, { base_url = plain.base_url:gsub("^http:", "https:") }))
    assert.equal("no_tls", result.reason)
    assert.matches("http://", result.remedy)
  end)

  it("can't be looked at with a file of authorities that is missing, or has none in it", function()
    local path = fixture.folder() .. "/authorities.pem"
    assert.matches("^ca_file: ", fail("authorities", 1, account_of(server, { ca_file = path })).message)
    local file = assert(io.open(path, "w"))
    file:write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    file:close()
    local result = fail("tls", 1, account_of(server, { ca_file = path }))
    assert.equal("no_authorities", result.reason)
    assert.matches("ca%-certificates", result.remedy)
  end)
end)

describe("a proxy", function()
  local proxy = fixture.scripted_server { tunnel = true }
  local server = fixture.sandbox()
  local password = "s3cret-of-the-proxy"

  local function behind(url)
    local place = proxy.base_url:gsub("^http://", "")
    return account_of(server, { base_url = url, proxy = "http://user:" .. password .. "@" .. place })
  end

  local function assert_hidden(results)
    assert.is_nil(patient.texts_of(results):find(password, 1, true))
  end

  it("that lets everything through gets an ok", function()
    local tunnel = { bytes = "HTTP/1.1 200 Connected\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", after = "tls" }
    local answer = http.json '{"meta":{"limit":1,"offset":0,"total_count":0},"objects":[]}'
    proxy:script(tunnel, http.answer(401, "{}"), tunnel, answer)
    local account = behind "https://localhost"
    account.ca_file = proxy.ca_file
    local results, code = look(account)
    assert_hidden(results)
    assert.equal(0, code)
    assert.matches("is used", results.proxy.message)
    assert.matches("connected to the proxy 127%.0%.0%.1:%d+", results.connection.message)
    assert.equal("ok", results.tls.status)
    assert.equal("skipped", results.clock.status) -- the date is the proxy's
  end)

  it("that refuses its password fails", function()
    proxy:script { bytes = http.answer(407, ""), after = "close" }
    local result, results = fail("connection", 1, behind "https://api.example")
    assert.equal(407, result.http_status)
    assert.matches("user:password@", result.remedy)
    assert_hidden(results)
    assert.matches("is used", results.proxy.message)
  end)

  it("that refuses its password for a request without TLS fails", function()
    proxy:script { bytes = http.answer(407, ""), after = "close" }
    assert.equal(407, fail("connection", 1, behind "http://api.invalid").http_status)
  end)

  it("that refuses the host fails", function()
    proxy:script { bytes = http.answer(403, ""), after = "close" }
    local result, results = fail("connection", 1, behind "https://api.example")
    assert.matches("api%.example", result.message)
    assert.matches("no_proxy", result.remedy)
    assert_hidden(results)
  end)

  it("that says nothing of use fails", function()
    proxy:script { bytes = "", after = "close" }
    local _, results = fail("connection", 1, behind "https://api.example")
    assert_hidden(results)
  end)

  it("whose name has no address, or that isn't there, fails", function()
    local result = fail("name", 1, account_of(server, { proxy = "http://user:" .. password .. "@nosuch.invalid:3128" }))
    assert.matches("the proxy's name", result.remedy)
    assert.matches("nosuch%.invalid", result.message)
    result = fail("connection", 1, account_of(server, { proxy = ports.closed().base_url }))
    assert.matches("the proxy 127%.0%.0%.1", result.message)
  end)

  it("whose address is none fails, and its password isn't shown", function()
    local result, results = fail("proxy", 1, account_of(server, { proxy = "http://user:" .. password .. "@a b" }))
    assert.matches("^expected the address of a proxy.* or \"\" for none: ", result.message)
    assert_hidden(results)
  end)
end)

describe("the clock", function()
  local server = fixture.scripted_server()

  local function clock_where_it_differs_by(seconds)
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + seconds)
    server:script(http.answer(200, '{"meta":{"total_count":0,"limit":1,"offset":0},"objects":[]}', { Date = date }))
    local results, code = look(account_of(server))
    assert.equal(0, code)
    return results.clock
  end

  it("is warned of where it is wrong", function()
    local behind, ahead = clock_where_it_differs_by(7200), clock_where_it_differs_by(-40)
    assert.equal("warning", behind.status)
    assert.matches("2 h behind", behind.message)
    assert.is_true(behind.seconds_ahead < -7000)
    assert.equal("warning", ahead.status)
    assert.matches("s ahead of", ahead.message)
  end)

  it("isn't where it differs by a moment", function()
    assert.equal("ok", clock_where_it_differs_by(3).status)
  end)

  it("isn't where the server says no date, or none that can be read", function()
    for _, headers in ipairs { {}, { Date = "yesterday" }, { Date = ("1"):rep(1000) } } do
      server:script(http.answer(200, "{}", headers))
      assert.equal("skipped", look(account_of(server)).clock.status)
    end
  end)
end)
