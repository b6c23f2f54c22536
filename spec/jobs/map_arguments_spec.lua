-- client:map with arguments that can't be right: it raises where it was called.
local fixture = require "spec.support.fixture"
local raised = require "spec.support.raised"

local client = fixture.client { base_url = "http://127.0.0.1:1", auth_id = "MA", auth_token = "t" } -- nothing is sent

describe("client:map with wrong arguments", function()
  local function noop() end

  local CASES = {
    { "items: list or function expected, got no value", nil, noop },
    { "items: list or function expected, got string", "15125550000", noop },
    { "items: list or function expected, got number", 5, noop },
    { "fn: function expected, got no value", {}, nil },
    { "fn: function expected, got table", {}, {} },
    { "options: table expected, got number", {}, noop, 16 },
    { "concurrency: integer expected, got string", {}, noop, { concurrency = "x" } },
    { "concurrency: integer expected, got string", {}, noop, { concurrency = "16" } },
    { "concurrency: integer expected, got boolean", {}, noop, { concurrency = true } },
    { "unknown option \"parallel\"", {}, noop, { parallel = 4 } },
    { "unknown option", {}, noop, { 4 } },
  }
  for i = 1, #CASES do
    local case = CASES[i]
    it("raises where it is called: " .. case[1], function()
      local text = raised(function()
        local _ = client:map(case[2], case[3], case[4])
      end)
      assert.is_true(text:find(case[1], 1, true) ~= nil, text)
      assert.matches("^map: ", text)
    end)
  end

  for _, concurrency in ipairs { 0, -1, 5000, 1.5, 0 / 0 } do
    it("returns nil and an error for a concurrency of " .. tostring(concurrency), function()
      local results, err = client:map({}, noop, { concurrency = concurrency })
      assert.is_nil(results)
      assert.equal("invalid", err.kind)
      assert.matches("concurrency: expected 1 to 1000, got ", err.message, 1, true)
    end)
  end

  it("raises where it is called on something else", function()
    assert.matches("client expected, got table", (raised(function()
      local _ = client.map({}, {}, noop)
    end)))
  end)
end)
