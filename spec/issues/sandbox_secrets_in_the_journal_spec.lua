-- The journal kept cookies and a proxy's credentials as they came.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local secret = "c2VjcmV0OnNlY3JldA"

describe("the sandbox's journal", function()
  local server = fixture.sandbox { tls = true }

  before_each(function() assert(server:reset()) end)

  local names = {
    { "authorization", "proxy-authorization", "cookie" }, { "AUTHORIZATION", "Proxy-Authorization", "COOKIE" },
  }

  it("masks every header that holds a secret, over each version of HTTP", function()
    for _, version in ipairs { "--http1.1", "--http2" } do
      for _, sort in ipairs(names) do
        assert(server:reset())
        sandbox_http.shell(("curl -s -o /dev/null --cacert %s %s -H '%s: Basic %s' -H '%s: Basic %s' -H '%s: a=%s' " ..
          "-H '%s: b=%s' -H 'X-Other: kept' %s/v1/"):format(server.ca_file, version, sort[1], secret, sort[2], secret,
          sort[3], secret, sort[3], secret, server.base_url))
        local headers = assert(server:requests())[1].headers
        assert.equal("Basic ***", headers.authorization)
        assert.equal("Basic ***", headers["proxy-authorization"])
        assert.equal("***", headers.cookie)
        assert.equal("kept", headers["x-other"])
        local text = sandbox_http.shell(("curl -s --cacert %s %s/_sandbox/requests"):format(server.ca_file,
          server.base_url))
        assert.matches("x%-other", text)
        assert.is_nil(text:find(secret, 1, true))
      end
    end
  end)

  it("masks them in requests that are refused and in what the terminal shows", function()
    local code = [[os.exit(require("numberpool.sandbox.terminal") {}, true)]]
    local folder = fixture.folder()
    local pid = sandbox_http.shell(("env --default-signal=INT %s -e %s >%s/output 2>&1 & echo $!")
      :format(interpreter.quote(interpreter.program), interpreter.quote(code), folder)):match("%d+")
    local function output()
      local file = assert(io.open(folder .. "/output"))
      local text = file:read("*a")
      file:close()
      return text
    end
    sandbox_http.eventually(function() return output():find("Ctrl-C ends it", 1, true) end)
    local url = output():match("export NUMBERPOOL_BASE_URL=(http://%S+)")
    sandbox_http.shell(("curl -s -o /dev/null -H 'Cookie: %s' -H 'Proxy-Authorization: %s' %s/v1/shown/"):format(secret,
      secret, url))
    sandbox_http.shell(("curl -s -o /dev/null -H 'Cookie: %s' -H 'Content-Length: x' -X POST %s/v1/refused/"):format(
      secret, url))
    sandbox_http.eventually(function() return output():find("/v1/shown/", 1, true) end)
    sandbox_http.eventually(function() return output():find("/v1/refused/", 1, true) end)
    local text = sandbox_http.shell(("curl -s %s/_sandbox/requests"):format(url))
    sandbox_http.shell("kill -INT " .. pid)
    sandbox_http.eventually(function() return output():find("stopped", 1, true) end)
    assert.is_nil(output():find(secret, 1, true))
    assert.matches("/v1/refused/", text)
    assert.is_nil(text:find(secret, 1, true))
  end)
end)
