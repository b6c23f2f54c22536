-- The server as a server: TLS, HTTP/2, compression, kept-alive connections, faults over TLS.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("sandbox.start with tls", function()
  local server = fixture.sandbox { tls = true }
  local seeded = assert(server:seed { numbers = 30 })
  local url = ("%s/v1/Account/%s/NumberPool/%s/Number/"):format(server.base_url, server.auth_id, seeded.pool)

  local function curl(options, path)
    return sandbox_http.shell(("curl -sS --cacert %s -u %s:%s %s '%s%s'"):format(server.ca_file, server.auth_id,
      server.auth_token, options, url, path or ""))
  end

  it("is HTTPS with a certificate that its own authority vouches for", function()
    assert.matches("^https://127%.0%.0%.1:%d+$", server.base_url)
    assert.equal("200", (curl("-o /dev/null -w '%{http_code}'")))
    local output, status = sandbox_http.shell("curl -sS " .. url)
    assert.equal(60, status)
    assert.matches("certificate", output)
    url = url:gsub("127%.0%.0%.1", "localhost")
    assert.equal("200", (curl("-o /dev/null -w '%{http_code}'")))
    local verified = sandbox_http.shell(("openssl verify -CAfile %s %s/server.pem"):format(server.ca_file,
      server.ca_file:match("^(.*)/")))
    assert.matches(": OK", verified)
  end)

  it("speaks HTTP/2 and HTTP/1.1, TLS 1.2 and 1.3", function()
    assert.equal("2", (curl("--http2 -o /dev/null -w '%{http_version}'")))
    assert.equal("1.1", (curl("--http1.1 -o /dev/null -w '%{http_version}'")))
    assert.equal("200", (curl("--tls-max 1.2 -o /dev/null -w '%{http_code}'")))
    assert.equal("200", (curl("--tlsv1.3 -o /dev/null -w '%{http_code}'")))
  end)

  it("answers a plain request with an error, in JSON", function()
    local answer = sandbox_http.request(server, "GET", "/v1/")
    assert.equal(400, answer.status)
    assert.equal("string", type(answer.json.error))
  end)

  it("breaks over HTTP/1.1 as without TLS", function()
    assert(server:fault { kind = "reset", times = 1 })
    assert.matches("Connection reset by peer", (curl("--http1.1 -o /dev/null")))
    assert(server:fault { kind = "truncate", when = "after", times = 2 })
    local output, status = curl("--http1.1 -o /dev/null")
    assert.equal(18, status)
    assert.matches("transfer closed with %d+ bytes remaining", output)
    output, status = curl("--http1.1 --compressed -o /dev/null")
    assert.equal(18, status)
    assert.matches("transfer closed with outstanding", output)
    assert(server:fault { kind = "stall", times = 1 })
    output, status = curl("--http1.1 -m 0.5 -D - -o /dev/null")
    assert.equal(28, status)
    assert.matches("^HTTP/1.1 200", output)
    assert(server:fault { kind = "garbage", times = 1 })
    assert.is_nil(curl("--http1.1 -o -"):find('^{"'))
    assert(server:fault { kind = "huge", times = 1 })
    assert.equal("67108864", (curl("--http1.1 -o /dev/null -w '%{size_download}'")))
  end)

  it("breaks a stream over HTTP/2, and the connection goes on", function()
    for _, kind in ipairs { "reset", "truncate" } do
      assert(server:fault { kind = kind, times = 1 })
      local output, status = curl("--http2 -o /dev/null")
      assert.equal(92, status, kind)
      assert.matches("HTTP/2 stream %d+ was not closed cleanly", output)
    end
    assert(server:fault { kind = "reset", times = 1 })
    local output = curl("--http2 -o /dev/null -o /dev/null -w '%{http_code} %{num_connects} '", "?limit=1' '" .. url)
    assert.matches("200 0 ", output)
    assert(server:fault { kind = "stall", times = 1 })
    output = curl("--http2 -m 0.5 -D - -o /dev/null")
    assert.matches("^HTTP/2 200", output)
  end)
end)

describe("the sandbox's HTTP", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local list = "NumberPool/" .. assert(server:seed { numbers = 30 }).pool .. "/Number/"

  it("keeps a connection alive over many requests", function()
    local connection = sandbox_http.connect(server)
    for _ = 1, 1200 do
      local answer = sandbox_http.exchange(connection, server, "GET", account.base .. list .. "?limit=1")
      assert.equal(200, answer.status)
      assert.not_equal("close", answer.headers.connection)
    end
    connection:close()
  end)

  it("compresses for those who ask", function()
    local plain = account.get(list)
    assert.is_nil(plain.headers["content-encoding"])
    assert.equal(tostring(#plain.text), plain.headers["content-length"])
    local packed = account.get(list, { headers = { ["Accept-Encoding"] = "gzip" } })
    assert.equal("gzip", packed.headers["content-encoding"])
    assert.equal("\31\139", packed.text:sub(1, 2))
    assert.is_true(#packed.text < #plain.text / 2)
    assert.is_nil(account.get(list, { headers = { ["Accept-Encoding"] = "*" } }).headers["content-encoding"])
  end)

  it("answers pipelined requests in order", function()
    local connection = sandbox_http.connect(server)
    local request = ("GET %sPowerpack/?limit=%%d HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n")
      :format(account.base, sandbox_http.basic(server.auth_id, server.auth_token))
    assert(connection:send(request:format(1) .. request:format(2)))
    assert.equal(1, sandbox_http.read(connection).json.meta.limit)
    assert.equal(2, sandbox_http.read(connection).json.meta.limit)
    connection:close()
  end)
end)
