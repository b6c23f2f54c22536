-- Failures on the way to an answer and within it: what kind each is, and whether a change may have happened.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local socket = require "socket"

local server = fixture.scripted_server()
local pool = fixture.pool(server, "p", { attempt_timeout = 5 })

-- One call of each sort: a read, and every sort of change.
local READS = {
  find_number = function(it, options)
    return it:find_number("15125550000", options)
  end,
  list_numbers = function(it, options)
    return it:list_numbers(options)
  end,
  count_numbers = function(it, options)
    return it:count_numbers(options)
  end,
}
local CHANGES = {
  add_number = function(it, options)
    return it:add_number("+1 (512) 555-0000", options)
  end,
  remove_number = function(it, options)
    return it:remove_number("15125550000", options)
  end,
  remove_shortcode = function(it, options)
    return it:remove_shortcode("77777", options)
  end,
}

-- Every call of `calls` must fail with `kind`, and be ambiguous or not.
local function assert_all_fail(calls, kind, is_ambiguous, of_pool, options)
  for operation, call in pairs(calls) do
    local value, err = call(of_pool or pool, options)
    assert.is_nil(value)
    assert.equal(kind, err.kind, operation .. ": " .. tostring(err))
    assert.equal(is_ambiguous or nil, err.ambiguous, operation .. ": " .. tostring(err))
    assert.equal(operation, err.operation)
  end
end

local function assert_both_fail(kind, change_is_ambiguous, of_pool, options)
  assert_all_fail(READS, kind, false, of_pool, options)
  assert_all_fail(CHANGES, kind, change_is_ambiguous, of_pool, options)
end

local function pool_at(base_url, options)
  local settings = { base_url = base_url }
  for name, value in pairs(options or {}) do
    settings[name] = value
  end
  return (fixture.pool(server, "p", settings))
end

describe("an answer that isn't HTTP", function()
  it("is protocol: bytes of another protocol", function()
    server:script { bytes = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", after = "close" }
    assert_both_fail("protocol", true)
  end)

  it("is protocol: HTTP/0.9", function()
    server:script { bytes = "<html>hello</html>", after = "close" }
    assert_both_fail("protocol", true)
  end)

  it("is protocol: headers without end", function()
    local filler = ("X-Filler: " .. ("x"):rep(1000) .. "\r\n"):rep(2000)
    server:script { bytes = "HTTP/1.1 200 OK\r\n" .. filler, after = "close" }
    assert_both_fail("protocol", true)
  end)
end)

describe("an HTML page instead of JSON", function()
  it("is protocol, and says what came", function()
    server:script(http.answer(200, "<html>Log in to the Wi-Fi</html>", { ["Content-Type"] = "text/html" }))
    assert_both_fail("protocol", true)
    local _, err = pool:get()
    assert.matches("JSON", err.message)
    assert.matches("text/html", err.message)
    assert.is_nil(err.message:find "<html")
    assert.equal("<html>Log in to the Wi-Fi</html>", err.body)
    assert.equal(200, err.status)
  end)

  it("is protocol where it is called JSON, and is quoted in a line of bounded length", function()
    for _, content_type in ipairs { "application/json", "text/" .. ("x"):rep(7000) } do
      server:script(http.answer(200, "<html>", { ["Content-Type"] = content_type }))
      local _, err = pool:get()
      assert.equal("protocol", err.kind)
      assert.matches("expected.*JSON", err.message)
      assert.is_true(#err.message < 1000)
    end
  end)
end)

describe("an empty body", function()
  it("is protocol with a status of success", function()
    for _, status in ipairs { 200, 201 } do
      server:script(http.answer(status, ""))
      assert_both_fail("protocol", true)
    end
  end)
end)

describe("a body over max_body", function()
  local small = fixture.pool(server, "p", { max_body = 1000 })

  local function padded(length)
    local head, tail = '{"uuid":"p","x":"', '"}'
    return head .. ("x"):rep(length - #head - #tail) .. tail
  end

  local function gzip(length)
    local process = assert(io.popen("printf '%0" .. length .. "d' 0 | gzip -c", "r"))
    local bytes = process:read "*a"
    process:close()
    return http.answer(200, bytes, { ["Content-Encoding"] = "gzip" })
  end

  it("is taken up to it", function()
    server:script(http.json(padded(1000)))
    assert.equal("p", assert(small:get()).uuid)
  end)

  it("is protocol, and the message says so", function()
    server:script(http.json(padded(1001)))
    assert_both_fail("protocol", true, small)
    local _, err = small:get()
    assert.matches("max_body", err.message)
    assert.matches("1000", err.message)
  end)

  it("is protocol without Content-Length, and in chunks", function()
    server:script { bytes = "HTTP/1.1 200 OK\r\n\r\n" .. padded(5000), after = "close" }
    assert_both_fail("protocol", true, small)
    server:script("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" .. padded(5000) .. "\r\n0\r\n\r\n")
    assert_both_fail("protocol", true, small)
  end)

  it("is counted after decoding #not_in_nginx", function()
    server:script(gzip(100000))
    assert_both_fail("protocol", true, small)
    local _, err = small:get()
    assert.matches("max_body", err.message)
  end)

  it("is 8 MiB by default #not_in_nginx", function()
    server:script { bytes = gzip(9 * 1024 * 1024) }
    local _, err = pool:get()
    assert.equal("protocol", err.kind)
    assert.matches("max_body", err.message)
    server:script(http.json(padded(7 * 1024 * 1024)))
    assert.equal("p", assert(pool:get()).uuid)
  end)

  it("leaves the client usable", function()
    server:script(http.json(padded(5000)), http.json '{"uuid":"p"}')
    assert.is_nil((small:get()))
    assert.equal("p", assert(small:get()).uuid)
  end)

  it("that isn't encoded as its header says is protocol", function()
    server:script(http.answer(200, "this is no gzip", { ["Content-Encoding"] = "gzip" }))
    assert_both_fail("protocol", true)
  end)
end)

describe("a redirect", function()
  it("is not followed, so that the credentials stay here", function()
    local elsewhere = fixture.scripted_server()
    elsewhere:script(http.json '{"uuid":"p"}')
    for _, status in ipairs { 301, 302, 307, 308 } do
      server:script(http.answer(status, "", { Location = elsewhere.base_url .. "/v1/" }))
      for operation, call in pairs(READS) do
        local _, err = call(pool)
        assert.equal("protocol", err.kind, operation)
        assert.matches(elsewhere.base_url, err.message, 1, true)
      end
      local _, err = pool:add_number "15125550000"
      assert.equal("protocol", err.kind)
    end
    assert.equal(0, elsewhere:counts().accepted)
  end)
end)

describe("a connection that is reset", function()
  it("before any answer is network", function()
    server:script { bytes = "", after = "reset" }
    assert_both_fail("network", true)
  end)

  it("within the headers or the body is network", function()
    for _, bytes in ipairs { "HTTP/1.1 200 OK\r\nContent-", 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"uuid"' } do
      server:script { bytes = bytes, after = "reset" }
      assert_both_fail("network", true)
    end
  end)
end)

describe("an answer that is cut off", function()
  it("before its first byte is network", function()
    server:script { bytes = "", after = "close" }
    assert_both_fail("network", true)
  end)

  it("within its body is network", function()
    server:script { bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"uuid":"p"}', after = "close" }
    assert_both_fail("network", true)
  end)

  it("within a chunk, or between chunks, is network", function()
    local head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _, chunks in ipairs { '20\r\n{"uuid"', 'c\r\n{"uuid":"p"}\r\n' } do
      server:script { bytes = head .. chunks, after = "close" }
      assert_both_fail("network", true)
    end
  end)
end)

describe("malformed chunks", function()
  it("are protocol", function()
    local head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _, chunks in ipairs { 'xyz\r\n{"uuid":"p"}\r\n', 'c\r\n{"uuid":"p"}oops\r\n0\r\n\r\n' } do
      server:script(head .. chunks)
      assert_both_fail("protocol", true)
    end
  end)
end)

describe("a server that says nothing", function()
  local hasty = fixture.pool(server, "p", { attempt_timeout = 0.1 })

  it("is timeout, with the status where one came", function()
    for _, bytes in ipairs {
      "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", http.json('{"a":1}'):sub(1, -2),
    } do
      server:script { bytes = bytes, after = "stall" }
      local _, err = hasty:get()
      assert.equal("timeout", err.kind)
      assert.is_nil(err.ambiguous)
      _, err = hasty:add_number "15125550000"
      assert.equal("timeout", err.kind)
      assert.is_true(err.ambiguous)
      assert.equal("15125550000", err.target)
    end
  end)

  it("has no status as long as its answers are interim", function()
    server:script { bytes = "HTTP/1.1 100 Continue\r\n\r\n", after = "stall" }
    local _, err = hasty:get()
    assert.equal("timeout", err.kind)
    assert.is_nil(err.status)
  end)

  it("is timeout where it drips for ever", function()
    server:script { bytes = http.json('{"x":"' .. ("x"):rep(10000) .. '"}'), drip = 1 }
    local _, err = hasty:get()
    assert.equal("timeout", err.kind)
  end)

  it("is timeout after the call's own timeout", function()
    server:script { bytes = "", after = "stall" }
    local _, err = pool:get { timeout = 0.1 }
    assert.equal("timeout", err.kind)
    _, err = pool:find_number("15125550000", { timeout = 0.1 })
    assert.equal("timeout", err.kind)
    _, err = pool:remove_number("15125550000", { timeout = 0.1 })
    assert.equal("timeout", err.kind)
    assert.is_true(err.ambiguous)
  end)

  it("is timeout after the client's", function()
    local patient = fixture.pool(server, "p", { timeout = 0.1 })
    server:script { bytes = "", after = "stall" }
    local _, err = patient:get()
    assert.equal("timeout", err.kind)
  end)
end)

describe("a server that can't be reached", function()
  it("is network where nothing listens, and nothing happened", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    listener:close()
    assert_both_fail("network", false, pool_at("http://127.0.0.1:" .. port))
  end)

  it("is network where the host is unknown, and the message names it #not_in_nginx", function()
    local nowhere = pool_at("http://nonexistent.invalid", { insecure = true })
    assert_both_fail("network", false, nowhere)
    local _, err = nowhere:get()
    assert.matches("nonexistent.invalid", err.message, 1, true)
  end)

  it("is timeout where it never accepts, and nothing happened", function()
    local listener = assert(socket.tcp())
    assert(listener:bind("127.0.0.1", 0))
    assert(listener:listen(0))
    local _, port = listener:getsockname()
    local fillers = {}
    for i = 1, 4 do
      fillers[i] = socket.tcp()
      fillers[i]:settimeout(0)
      fillers[i]:connect("127.0.0.1", port)
    end
    local slow = pool_at("http://127.0.0.1:" .. port, { connect_timeout = 0.1, attempt_timeout = 10 })
    assert_both_fail("timeout", false, slow)
    local _, err = slow:get()
    assert.is_true(err.elapsed < 5, "connect_timeout wasn't what ended it")
    for _, filler in ipairs(fillers) do
      filler:close()
    end
    listener:close()
  end)
end)

describe("TLS", function()
  it("that the server doesn't speak is tls, and nothing happened", function()
    server:script { bytes = "HTTP/1.1 400 Bad Request\r\n\r\n", after = "close", greets = true }
    assert_both_fail("tls", false, pool_at("https://127.0.0.1:" .. server.port))
  end)

  it("that breaks off within its handshake isn't ambiguous", function()
    server:script { bytes = "", after = "reset", greets = true }
    for _, call in pairs(CHANGES) do
      local value, err = call(pool_at("https://127.0.0.1:" .. server.port))
      assert.is_nil(value)
      assert.is_true(err.kind == "tls" or err.kind == "network", tostring(err))
      assert.is_nil(err.ambiguous)
    end
  end)

  describe("with a certificate authority of the server's own", function()
    local secure = fixture.sandbox { tls = true }

    it("works where ca_file names it #not_in_nginx", function()
      local seeded = assert(secure:seed { numbers = 3 })
      local of_pool = fixture.pool(secure, seeded.pool)
      assert.equal(3, of_pool:count_numbers())
      assert(of_pool:add_number "442079460000")
      assert.equal(4, of_pool:count_numbers())
    end)

    it("is tls where no known authority signed it, and nothing was sent", function()
      assert(secure:reset())
      local stranger = { base_url = secure.base_url, auth_id = secure.auth_id, auth_token = secure.auth_token }
      local of_pool = fixture.pool(stranger, "p")
      assert_both_fail("tls", false, of_pool)
      local _, err = of_pool:get()
      assert.matches("certificate", err.message)
      assert.equal(0, #secure:requests())
    end)
  end)
end)
