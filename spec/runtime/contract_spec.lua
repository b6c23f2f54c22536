-- What every runtime does with requests: numberpool.runtime has the contract. contract_*_spec.lua have the rest of it.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local new_runtime = require "spec.support.new_runtime"
local ports = require "spec.support.ports"
local runtimes = require "numberpool.runtime"

local OK = http.json '{"uuid":"p"}'

local server = fixture.scripted_server()
local runtime

before_each(function()
  runtime = fixture.until_end(new_runtime(server))
end)

local function send(method, path, body, seconds, is_fresh)
  return runtime:send(method or "GET", path or "/", body, runtime.now() + (seconds or 5), is_fresh)
end

-- The failure of a request that must fail in one way.
local function fail(expected, ...)
  local status, failure = send(...)
  assert.is_nil(status)
  assert.equal(expected.kind, failure.kind, failure.message)
  assert.equal(expected.sent, failure.sent, failure.message)
  assert.equal(expected.status, failure.status, failure.message)
  assert.is_string(failure.message)
  return failure
end

describe("a runtime's module", function()
  it("is found by where the code runs, or by its name", function()
    local module = assert(runtimes.find())
    assert.is_function(module.open)
    assert.equal(assert(runtimes.find "curl"), runtimes.find "curl")
    for name, message in pairs(module.refused) do
      assert.equal(name, message:match "^(%S+): ")
    end
  end)

  it("isn't by another name, and what there is is told", function()
    for _, name in ipairs { "", "Curl", "numberpool.runtime.curl" } do
      local module, expected = runtimes.find(name)
      assert.is_nil(module)
      assert.matches("curl", expected)
    end
  end)
end)

describe("a clock and random numbers", function()
  it("go on, and are from 0 to 1", function()
    local last = runtime.now()
    for _ = 1, 100 do
      local now, number = runtime.now(), runtime.random()
      assert.is_true(now >= last)
      assert.is_true(number >= 0 and number < 1)
      last = now
    end
  end)
end)

describe("a store", function()
  it("is shared by all who use the account", function()
    local other = new_runtime(server)
    local account = "store of " .. tostring(other)
    assert.is_truthy(assert(runtime:store(account)):take("name", 60))
    assert.is_falsy(assert(other:store(account)):take("name", 60))
    assert.is_truthy(other:store(account .. " as well"):take("name", 60))
    runtime:store(account):forget "name"
    assert.is_truthy(other:store(account):take("name", 60))
    other:close()
  end)
end)

describe("a request", function()
  it("arrives as it was given", function()
    server:script(OK)
    assert.is_nil(runtime:check_wait())
    assert.equal(200, (send("POST", "/v1/a%20b/?limit=20&x=%2B", '{"a":1}')))
    assert.equal(200, (send("DELETE", "/v1/")))
    local requests = server:requests()
    local post, delete = requests[1], requests[2]
    assert.equal("POST", post.method)
    assert.equal("/v1/a%20b/?limit=20&x=%2B", post.target)
    assert.equal('{"a":1}', post.body)
    assert.equal("Basic TUE6dA==", post.headers.authorization)
    assert.equal("application/json", post.headers["content-type"])
    assert.equal("127.0.0.1:" .. server.port, post.headers.host)
    assert.is_nil(post.headers.expect)
    assert.equal("DELETE", delete.method)
    assert.equal("", delete.body)
  end)

  it("gives the answer, and whether its connection was used before", function()
    server:script(OK)
    assert.same({ 200, '{"uuid":"p"}', "application/json", nil, nil, false }, { send() })
    assert.same({ 200, '{"uuid":"p"}', "application/json", nil, nil, true }, { send() })
    server:script(http.answer(404, "nothing", { ["Content-Type"] = "text/plain" }))
    assert.same({ 404, "nothing", "text/plain", nil, nil, true }, { send() })
    server:script(http.answer(204, ""))
    local status, body = send()
    assert.same({ 204, "" }, { status, body })
  end)

  it("gives a body in chunks, or without a length, as a whole", function()
    server:script("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      { bytes = "HTTP/1.1 200 OK\r\n\r\nabcdef", after = "close" })
    assert.equal("abcde", (select(2, send())))
    assert.equal("abcdef", (select(2, send())))
  end)

  it("gives Retry-After in seconds", function()
    server:script(http.answer(429, "{}", { ["Retry-After"] = "7" }),
      http.answer(503, "{}", { ["Retry-After"] = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 100) }),
      http.answer(503, "{}", { ["Retry-After"] = "Sun, 06 Nov 1994 08:49:37 GMT" }))
    assert.equal(7, (select(4, send())))
    local seconds = select(4, send())
    assert.is_true(seconds > 90 and seconds <= 100, seconds)
    assert.equal(0, select(4, send()) or 0)
  end)

  it("gives where a redirect leads, and doesn't follow it", function()
    server:script(http.answer(302, "", { Location = "/elsewhere" }),
      http.answer(302, "", { Location = "http://example.com/" }), http.answer(201, "", { Location = "/new" }))
    assert.equal(server.base_url .. "/elsewhere", (select(5, send())))
    assert.equal("http://example.com/", (select(5, send())))
    assert.is_nil((select(5, send())))
    assert.equal(3, #server:requests())
  end)

  it("is counted", function()
    server:script(OK)
    local sent, received, connections = runtime:counters()
    assert.same({ 0, 0, 0 }, { sent, received, connections })
    send()
    send()
    sent, received, connections = runtime:counters()
    assert.equal(server:counts().received, sent)
    assert.is_true(received > 0 and received <= 2 * #OK)
    assert.equal(1, connections)
  end)
end)

-- What a server does, and what is known then.
local FAILURES = {
  ["is closed before an answer"] = { { bytes = "", after = "close" }, "network" },
  ["is reset before an answer"] = { { bytes = "", after = "reset" }, "network" },
  ["is closed within a status line"] = { { bytes = "HTTP/1.1 20", after = "close" }, "network" },
  ["is closed within a body"] = {
    { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", after = "close" }, "network", 200,
  },
  ["is reset within a body"] = {
    { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", after = "reset" }, "network", 200,
  },
  ["has something else than HTTP"] = { { bytes = "SSH-2.0-OpenSSH_9.2p1\r\n", after = "close" }, "protocol" },
  ["has a chunk without a size"] = {
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "protocol", 200,
  },
  ["has more than max_body"] = { http.json(("x"):rep(1001)), "protocol", 200 },
  ["is silent"] = { { bytes = "", after = "stall" }, "timeout" },
  ["is silent within a head"] = { { bytes = "HTTP/1.1 200 OK\r\nContent-", after = "stall" }, "timeout", 200 },
  ["is silent within a body"] = {
    { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", after = "stall" }, "timeout", 200,
  },
}

describe("a failure, where the connection", function()
  for what, case in pairs(FAILURES) do
    it(what .. ", is " .. case[2], function()
      local expected = { kind = case[2], sent = true, status = case[3] }
      local seconds = case[2] == "timeout" and 0.1 or 5
      for _, method in ipairs { "GET", "POST" } do
        server:script(case[1])
        assert.is_false(fail(expected, method, "/", method == "POST" and "{}" or nil, seconds).is_reused)
        assert.equal(1, #server:requests())
        server:drop()
      end
      server:script(OK)
      assert.equal(200, (send()))
    end)
  end
end)

describe("a failure with nothing sent", function()
  it("is network where nobody listens", function()
    runtime = new_runtime(ports.closed())
    fail({ kind = "network", sent = false })
  end)

  it("is timeout where no connection is made in time", function()
    local port, close = ports.full()
    finally(close)
    runtime = new_runtime(port, { connect_timeout = 0.1 })
    local began = runtime.now()
    fail({ kind = "timeout", sent = false })
    runtime = new_runtime(port)
    fail({ kind = "timeout", sent = false }, "GET", "/", nil, 0.1)
    assert.is_true(runtime.now() - began < 3)
  end)

  it("is tls where the server speaks none", function()
    server:script { bytes = "HTTP/1.1 400 Bad Request\r\n\r\n", after = "close", greets = true }
    runtime = new_runtime { base_url = "https://127.0.0.1:" .. server.port }
    fail({ kind = "tls", sent = false })
  end)

  it("is tls where nobody vouches for the certificate", function()
    local secure = fixture.scripted_server { tls = true }
    secure:script(OK)
    runtime = new_runtime(secure)
    fail({ kind = "tls", sent = false })
    assert.equal(0, #secure:requests())
  end)

  it("is closed once the runtime is", function()
    runtime:close()
    runtime:close()
    fail({ kind = "closed", sent = false })
  end)
end)

describe("a connection that was kept", function()
  for _, method in ipairs { "GET", "POST", "DELETE" } do
    for _, after in ipairs { "close", "reset" } do
      it("and dies once a " .. method .. " is there carries it once: " .. after, function()
        server:script(OK, { bytes = "", after = after }, OK)
        assert.equal(200, (send()))
        assert.is_true(fail({ kind = "network", sent = true }, method, "/", method == "POST" and "{}" or nil).is_reused)
        local requests = server:requests()
        assert.equal(2, #requests)
        assert.equal(requests[1].connection, requests[2].connection)
        assert.is_false((select(6, send(method))))
      end)
    end
  end

  it("isn't used once the server has closed it", function()
    server:script(OK)
    send()
    server:drop()
    assert.equal(200, (send "POST"))
    assert.is_false((select(6, send("POST", "/", nil, 5, true))))
    assert.equal(3, #server:requests())
  end)

  it("isn't where a fresh one is asked for", function()
    server:script(OK)
    send()
    assert.is_false((select(6, send("GET", "/", nil, 5, true))))
    local requests = server:requests()
    assert.are_not.equal(requests[1].connection, requests[2].connection)
  end)

  it("isn't after discard", function()
    server:script(OK)
    send()
    send()
    runtime:discard()
    assert.is_false((select(6, send())))
    local requests = server:requests()
    assert.equal(requests[1].connection, requests[2].connection)
    assert.are_not.equal(requests[1].connection, requests[3].connection)
  end)

  it("isn't where bytes follow its answer", function()
    server:script(OK .. OK, OK)
    send()
    local status, body_or_failure, _, _, _, is_reused = send()
    if status then
      assert.is_false(is_reused)
    else
      assert.equal("protocol", body_or_failure.kind)
    end
  end)
end)

describe("sleep", function()
  it("takes its time", function()
    for _, seconds in ipairs { 0.001, 0.0305, 0.1 } do
      local began = runtime.now()
      runtime:sleep(seconds)
      local took = runtime.now() - began
      assert.is_true(took >= seconds and took < seconds + 2, took)
    end
  end)

  it("takes none for 0 and less", function()
    local began = runtime.now()
    runtime:sleep(0)
    runtime:sleep(-5)
    assert.is_true(runtime.now() - began < 1)
  end)

  it("takes none once the runtime is closed", function()
    runtime:close()
    local began = runtime.now()
    runtime:sleep(60)
    assert.is_true(runtime.now() - began < 5)
  end)
end)
