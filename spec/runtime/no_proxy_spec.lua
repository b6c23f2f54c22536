-- Which hosts no_proxy names: what libcurl itself does, asked at a proxy that answers for every host.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"

local HOSTS = { "api.invalid", "API.invalid", "invalid", "xapi.invalid", "a.api.invalid", "127.0.0.1", "127.0.0.2" }

-- Prints for each host what no_proxy.variable says, and whether a request went to the proxy.
local CODE = [[
  local no_proxy = require "numberpool.runtime.no_proxy"
  local probe = require "numberpool.runtime.probe"
  for host in ("%s"):gmatch "%%S+" do
    local origin = "http://" .. host .. ":1"
    local details = probe.run({
      origin = origin, url = { scheme = "http", host = host }, headers = {}, body_headers = {}, connect_timeout = 5,
      max_body = 1000, proxy = "%s",
    }, "/", 5, true)
    print(host, no_proxy.variable(host) or "none", details.status == 418 and "proxied" or "direct")
  end
]]

describe("no_proxy", function()
  local proxy = fixture.scripted_server()

  -- Returns by host which variable names it.
  local function named_by(environment)
    proxy:script(http.answer(418, ""))
    local output, status = interpreter.run(CODE:format(table.concat(HOSTS, " "), proxy.base_url), environment)
    assert.equal(0, status, output)
    local named = {}
    for host, variable, way in output:gmatch "(%S+)\t(%S+)\t(%S+)\n" do
      assert.equal(variable == "none" and "proxied" or "direct", way, host)
      named[host] = variable ~= "none" and variable or nil
    end
    return named
  end

  for list, expected in pairs {
    [""] = {},
    ["*"] = HOSTS,
    ["api.invalid"] = { "api.invalid", "API.invalid", "a.api.invalid" },
    [".api.invalid"] = { "api.invalid", "API.invalid", "a.api.invalid" },
    ["other.invalid, Api.Invalid 127.0.0.2"] = { "api.invalid", "API.invalid", "a.api.invalid", "127.0.0.2" },
    ["127.0.0.1"] = { "127.0.0.1" },
    ["127.0.0.0/31,x"] = { "127.0.0.1" },
    ["0.0.1"] = {},
  } do
    it("of " .. (list == "" and "nothing" or list), function()
      local named = {}
      for _, host in ipairs(expected) do
        named[host] = "no_proxy"
      end
      assert.same(named, named_by { no_proxy = list, NO_PROXY = false })
    end)
  end

  it("in capitals counts where there is none in small letters", function()
    assert.same({ ["127.0.0.1"] = "NO_PROXY" }, named_by { no_proxy = false, NO_PROXY = "127.0.0.1" })
    assert.same({}, named_by { no_proxy = "other", NO_PROXY = "127.0.0.1" })
  end)
end)
