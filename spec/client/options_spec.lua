-- Options of a client: which values are taken, what comes from the environment, and what a wrong one gives.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local mime = require "mime"
local numberpool = require "numberpool"

local NAN = 0 / 0
local OK = http.json '{"uuid":"p"}'

-- Credentials, so that only the option at hand can be wrong.
local function with(options)
  local all = { auth_id = "MA", auth_token = "t", retries = 0, rate = false, insecure = true }
  for name, value in pairs(options) do
    all[name] = value
  end
  return all
end

local function show(value)
  if type(value) == "string" then
    return ("%q"):format(#value > 40 and value:sub(1, 40) .. "..." or value)
  end
  return tostring(value)
end

describe("numberpool.new", function()
  for name, values in pairs {
    auth_id = { "M", "MAXXXXXXXXXXXXXXXXXX", "a_b-C9", ("x"):rep(64) },
    auth_token = { "t", ("x"):rep(256), "with spaces", "\"'\\%:/?#[]@!$&()*+,;=~^`{|}" },
    base_url = {
      "http://127.0.0.1", "http://127.0.0.1/", "https://api.plivo.com", "http://localhost:8080", "HTTP://LOCALHOST",
      "http://127.0.0.1:1/a/b_c-d/", "http://[::1]:8080", "http://my-host.example.com:65535",
    },
    timeout = { 0.001, 1, 1.5, 86400 },
    attempt_timeout = { 0.001, 30, 1.5 },
    connect_timeout = { 0.001, 5 },
    retries = { 0 },
    rate = { false },
    max_body = { 1, 1024, 1024.0, 64 * 1024 * 1024 },
    insecure = { true, false },
    proxy = {
      "", "http://127.0.0.1:3128", "socks5://localhost:1080", "SOCKS5H://localhost", "localhost:3128",
      "socks://[::1]:1",
      "http://me:pass%40word@proxy.example:3128/", "me@proxy.example", "http://me:a:b@proxy.example",
      "http://me:a^b|c@proxy.example",
      "socks5h://localhost/run/proxy.sock",
    },
    runtime = { "curl" },
  } do
    for _, value in ipairs(values) do
      it(("takes %s = %s"):format(name, show(value)), function()
        local client, err = numberpool.new(with { [name] = value })
        assert(client, tostring(err))
        assert(client:pool "p")
      end)
    end
  end

  for name, values in pairs {
    auth_id = {
      "", " ", "a b", "MA/", "../x", "MA\0", "MA\n", "MA:x", "\195\188", ("x"):rep(65), ("x"):rep(10 * 1024 * 1024),
    },
    auth_token = { "", "\0", "a\nb", "a\tb", "\195\188", ("x"):rep(257), ("x"):rep(10 * 1024 * 1024) },
    base_url = {
      "", "x", "api.plivo.com", "ftp://api.plivo.com", "file:///etc/passwd", "http://", "http:///", "http:", "//host",
      "http://user:password@host", "http://host?a=b", "http://host/#a", "http://host/a?b", "http://host:99999",
      "http://host:0",
      "http://host:port", "http://host name", "http://host/a b", "http://host\n", "http://host\0", "http://host/../x",
      " http://host", "http://host\r\nX: y", "http://" .. ("x"):rep(10 * 1024 * 1024),
    },
    timeout = { 0, -1, NAN },
    attempt_timeout = { 0, -1, NAN },
    connect_timeout = { 0, -1, NAN },
    retries = { -1, 1.5, NAN, math.huge },
    max_body = { 0, -1, 1.5, NAN },
    ca_file = { "", "/nonexistent/file", "a\0b", "/", "Makefile", "/dev/null" },
    proxy = {
      "a b", "a\nb", "\0", "ftp://localhost:21", "://localhost", "http://", "@", ":@localhost:0", "localhost:65536",
      "localhost:", "localhost:x", "[::1", "[::::]", "http://localhost/path", "http://localhost?a",
      "http://localhost#a",
      "http://me:a%zz@localhost", "http://me:a%00b@localhost", ("x"):rep(5000),
    },
    runtime = { "", "apache", "CURL", "nginx" },
  } do
    for _, value in ipairs(values) do
      it(("refuses %s = %s"):format(name, show(value)), function()
        local client, err = numberpool.new(with { [name] = value })
        assert.is_nil(client)
        assert.equal("config", err.kind)
        assert.is_true(err.message:find(name, 1, true) ~= nil, err.message)
        assert.is_nil(err.message:find "%c")
        assert.is_true(#err.message < 500)
        assert.is_true(#tostring(err) < 600)
      end)
    end
  end

  for _, case in ipairs {
    { { retries = 101 }, "retries: expected 0 to 100, got 101" },
    { { max_body = 1.5 }, "max_body: expected 1 to 2147483648, got 1.5" },
    { { rate = { requests = 0, seconds = 5 } }, "rate.requests: expected 1 to 1000000, got 0" },
    { { rate = { requests = 1, seconds = -1 } },
      "rate.seconds: expected more than 0 and at most 2147483 seconds, got -1" },
    { { timeout = 0 }, "timeout: expected more than 0 and at most 2147483 seconds, got 0" },
    { { auth_id = "M A" }, "auth_id: expected 1 to 64 of [A-Za-z0-9_-], got \"M A\"" },
    { { auth_token = "a\nb" }, "auth_token: expected 1 to 256 printable ASCII characters, got something else" },
  } do
    it("says what it expects: " .. case[2], function()
      local client, err = numberpool.new(with(case[1]))
      assert.is_nil(client)
      assert.equal(case[2], err.message)
    end)
  end

  it("leaves the options as they are", function()
    local options = with { base_url = "http://127.0.0.1:1/" }
    assert(numberpool.new(options))
    assert.same(with { base_url = "http://127.0.0.1:1/" }, options)
  end)
end)

describe("the environment", function()
  local server = fixture.scripted_server()

  -- Makes a client in a process with this environment alone, and prints what its first call gives.
  local function first_call(environment, options)
    local all = { PLIVO_AUTH_ID = false, PLIVO_AUTH_TOKEN = false, NUMBERPOOL_BASE_URL = false, http_proxy = false }
    for name, value in pairs(environment) do
      all[name] = value
    end
    server:script(OK)
    return interpreter.run(([[
      local client, err = require("numberpool").new(%s)
      if not client then
        print(err.kind, err.message)
        return
      end
      print(assert(client:pool("p"):get()).uuid)
    ]]):format(options or "{ retries = 0, rate = false }"), all)
  end

  local function assert_sent(auth_id, auth_token)
    local request = server:requests()[1]
    assert.equal("Basic " .. mime.b64(auth_id .. ":" .. auth_token), request.headers.authorization)
    assert.equal("/v1/Account/" .. auth_id .. "/NumberPool/p/", request.target)
  end

  it("gives credentials and base_url", function()
    assert.equal("p\n", (first_call {
      PLIVO_AUTH_ID = "MAENV", PLIVO_AUTH_TOKEN = "env-token", NUMBERPOOL_BASE_URL = server.base_url,
    }))
    assert_sent("MAENV", "env-token")
  end)

  it("is enough: new takes no argument", function()
    assert.equal("p\n", (first_call({
      PLIVO_AUTH_ID = "MAENV", PLIVO_AUTH_TOKEN = "env-token", NUMBERPOOL_BASE_URL = server.base_url,
    }, "")))
    assert_sent("MAENV", "env-token")
  end)

  it("gives way to options", function()
    assert.equal("p\n", (first_call(
      { PLIVO_AUTH_ID = "MAENV", PLIVO_AUTH_TOKEN = "env-token", NUMBERPOOL_BASE_URL = "http://nonexistent.invalid" },
      ("{ auth_id = 'MAOPT', auth_token = 'opt-token', base_url = %q, retries = 0, rate = false }"):format(
        server.base_url)
    )))
    assert_sent("MAOPT", "opt-token")
  end)

  it("and options may each give a part", function()
    assert.equal("p\n", (first_call(
      { PLIVO_AUTH_TOKEN = "env-token", NUMBERPOOL_BASE_URL = server.base_url },
      "{ auth_id = 'MAOPT', retries = 0, rate = false }"
    )))
    assert_sent("MAOPT", "env-token")
  end)

  it("without credentials gives an error that names both variables", function()
    for _, environment in ipairs { {}, { PLIVO_AUTH_ID = "", PLIVO_AUTH_TOKEN = "" } } do
      for _, options in ipairs { "{ retries = 0, rate = false }", "" } do
        local output = first_call(environment, options)
        assert.matches("^config\t", output)
        assert.matches("PLIVO_AUTH_ID", output)
        assert.matches("PLIVO_AUTH_TOKEN", output)
      end
    end
    assert.equal(0, server:counts().received)
  end)

  it("with one of them missing gives an error that names it", function()
    local output = first_call { PLIVO_AUTH_ID = "MAENV" }
    assert.matches("^config\t", output)
    assert.matches("PLIVO_AUTH_TOKEN", output)
    output = first_call { PLIVO_AUTH_TOKEN = "env-token" }
    assert.matches("^config\t", output)
    assert.matches("PLIVO_AUTH_ID", output)
    assert.is_nil(output:find("env-token", 1, true))
  end)

  it("is checked as options are", function()
    local output = first_call { PLIVO_AUTH_ID = "not an id", PLIVO_AUTH_TOKEN = "t" }
    assert.matches("^config\t", output)
    output = first_call { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t", NUMBERPOOL_BASE_URL = "plivo" }
    assert.matches("^config\t.*base_url", output)
  end)

  it("isn't needed for the address of the API", function()
    local output = interpreter.run([[
      local client = assert(require("numberpool").new { proxy = "http://127.0.0.1:1", retries = 0, rate = false })
      local _, err = client:pool("p"):get()
      print(err.kind)
    ]], { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t", NUMBERPOOL_BASE_URL = false })
    assert.equal("network\n", output)
  end)
end)

describe("a sandbox's handle", function()
  for _, tls in ipairs { false, true } do
    it("makes a client for it" .. (tls and ", with TLS" or ""), function()
      local server = fixture.sandbox { tls = tls }
      local seeded = assert(server:seed { numbers = 2 })
      local client = assert(numberpool.new(server))
      assert.equal(server.auth_id, client.auth_id)
      assert.equal(2, assert(client:pool(seeded.pool)):count_numbers())
      client:close()
    end)
  end
end)
