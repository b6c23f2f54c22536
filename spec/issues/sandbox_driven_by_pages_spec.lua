-- Any page in a developer's browser could drive the sandbox's control calls, or read their answers
-- under a name of its own that leads to 127.0.0.1.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("the control calls of a sandbox", function()
  local server = fixture.sandbox()
  local listeners

  setup(function()
    -- The handle has a listener of its own, which its configuration names.
    local file = assert(io.open(("/proc/%d/cwd/nginx.conf"):format(server.pid)))
    listeners = {}
    for port in file:read("*a"):gmatch("listen 127%.0%.0%.1:(%d+)") do listeners[#listeners + 1] = tonumber(port) end
    file:close()
  end)

  local function call(port, headers, method, path, body)
    local there = { port = port, auth_id = server.auth_id, auth_token = server.auth_token }
    return sandbox_http.request(there, method or "GET", "/_sandbox/" .. (path or "state"),
      { headers = headers, body = body })
  end

  it("have two listeners", function()
    assert.equal(2, #listeners)
    assert.equal(server.port, listeners[1])
  end)

  it("take this machine's own names, with any port or none", function()
    for _, port in ipairs(listeners) do
      for _, host in ipairs {
        "127.0.0.1", "127.0.0.1:" .. port, "localhost:" .. port, "LOCALHOST", "[::1]:1", "[::1]",
      } do
        assert.equal(200, call(port, { Host = host }).status, host)
        assert.equal(200, call(port, { Host = host, Origin = "http://" .. host }).status, host)
      end
    end
  end)

  it("refuse other hosts and origins, read or write, and say so", function()
    for _, port in ipairs(listeners) do
      for _, host in ipairs {
        "evil.example", "evil.example:" .. port, "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2",
        "0.0.0.0", "xlocalhost", "[::2]",
      } do
        local answer = call(port, { Host = host })
        assert.equal(403, answer.status, host)
        assert.matches("^Host: expected 127%.0%.0%.1, localhost or %[::1%], got ", answer.json.error)
      end
      for _, origin in ipairs {
        "http://evil.example", "null", "http://localhost:1", "https://127.0.0.1:" .. port,
        "http://127.0.0.1:" .. port .. ".evil.example", "http://127.0.0.1",
      } do
        local answer = call(port, { Origin = origin }, "POST", "seed", "{}")
        assert.equal(403, answer.status, origin)
        assert.matches("^Origin: expected none or http://127%.0%.0%.1:%d+, got ", answer.json.error)
        assert.equal(403, call(port, { Origin = origin }, "POST", "reset").status)
        assert.equal(403, call(port, { Origin = origin }, "OPTIONS", "seed").status)
        assert.equal(403, call(port, { Origin = origin }, "GET", "nothing").status)
      end
    end
    assert.same({}, assert(server:state()).powerpacks)
  end)

  it("go on for the handle, for curl and over TLS", function()
    assert(server:seed { numbers = 1 })
    for _, host in ipairs { "127.0.0.1", "localhost" } do
      assert.equal("200", (sandbox_http.shell(("curl -s -o /dev/null -w '%%{http_code}' http://%s:%d/_sandbox/state")
        :format(host, server.port))))
    end
    local secure = fixture.sandbox { tls = true }
    local command = "curl -s -o /dev/null -w '%%{http_code}' --cacert %s %s https://localhost:%d/_sandbox/state"
    for _, version in ipairs { "--http1.1", "--http2" } do
      assert.equal("200", (sandbox_http.shell(command:format(secure.ca_file, version, secure.port))))
      assert.equal("200", (sandbox_http.shell(command:format(secure.ca_file,
        version .. " -H 'Origin: https://localhost:" .. secure.port .. "'", secure.port))))
      assert.equal("403", (sandbox_http.shell(command:format(secure.ca_file,
        version .. " -H 'Origin: https://evil.example'", secure.port))))
      assert.equal("403", (sandbox_http.shell(command:format(secure.ca_file,
        version .. " -H 'Host: evil.example'", secure.port))))
    end
  end)
end)
