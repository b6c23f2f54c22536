-- Credentials that go to another machine without TLS: said once for an origin.
local interpreter = require "spec.support.interpreter"
local numberpool = require "numberpool"
local raised = require "spec.support.raised"

local ENVIRONMENT = { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "the-token" }

local function make(code)
  return (interpreter.run([[
    local numberpool = require "numberpool"
    local function on_event(event)
      print(event.type, event.operation, event.reason)
    end
  ]] .. code, ENVIRONMENT))
end

local WARNING = "base_url: http://api.example.com isn't encrypted: whoever is on the way there can read the "
  .. "auth_token; use https://, or set insecure = true"

describe("an address without TLS", function()
  it("is warned of once, on stderr and by an event", function()
    local output = make [[
      io.stdout:setvbuf "no"
      for _ = 1, 2 do
        assert(numberpool.new { base_url = "http://api.example.com", on_event = on_event })
      end
    ]]
    assert.equal("numberpool: " .. WARNING .. "\nwarning\tnew\t" .. WARNING .. "\n", output)
    output = make [[
      assert(numberpool.new { base_url = "http://api.example.com" })
      assert(numberpool.new { base_url = "http://127.0.0.1.example.com:8080/path" })
    ]]
    local _, count = output:gsub("isn't encrypted", "")
    assert.equal(2, count)
    assert.matches("http://127.0.0.1.example.com:8080 isn't", output)
    assert.is_nil(output:find("the-token", 1, true))
  end)

  it("isn't where it is the machine's own, or insecure is set, or there is TLS", function()
    assert.equal("", make [[
      for _, host in ipairs { "127.0.0.1", "127.1.2.3:80", "localhost", "LOCALHOST:1", "api.localhost", "localhost.",
        "[::1]:8080", "[0:0:0:0:0:0:0:1]" } do
        assert(numberpool.new { base_url = "http://" .. host, on_event = on_event })
      end
      assert(numberpool.new { base_url = "http://api.example.com", insecure = true, on_event = on_event })
      assert(numberpool.new { base_url = "https://api.example.com", on_event = on_event })
    ]])
  end)

  it("needs a boolean to be silenced", function()
    assert.matches("insecure: boolean expected, got string", raised(function()
      local _ = numberpool.new { insecure = "true" }
    end))
  end)
end)
