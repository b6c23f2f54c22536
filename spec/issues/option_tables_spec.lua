-- Options are read one way: what was checked is what is used, whatever a table's metatable says or its owner does
-- later.
local numberpool = require "numberpool"
local raised = require "spec.support.raised"

local function options(more)
  local all = { auth_id = "MA", auth_token = "token", base_url = "http://127.0.0.1:9", retries = 0 }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

describe("numberpool.new", function()
  it("leaves aside what only __index gives, of any type", function()
    for _, hidden in ipairs {
      { timeout = "30" }, { retries = {} }, { proxy = 5 }, { ca_file = {} }, { rate = "none" }, { on_event = 1 },
      { runtime = "apache" }, { max_body = true },
    } do
      local client, err = numberpool.new(setmetatable(options(), { __index = hidden }))
      assert(client, tostring(err))
      assert.equal(30, client.timeout)
      client:close()
    end
  end)

  it("isn't shown other options than it reads", function()
    local hiding = setmetatable(options { timeout = "30" }, { __pairs = function()
      return function() end
    end })
    assert.matches("timeout: number expected, got string", raised(function()
      local _ = numberpool.new(hiding)
    end))
  end)

  it("takes no part of rate through __index", function()
    assert.matches("rate.seconds: number expected, got no value", raised(function()
      local _ = numberpool.new(options { rate = setmetatable({ requests = 5 }, { __index = { seconds = 1 } }) })
    end))
  end)

  it("isn't changed by what becomes of its tables", function()
    local rate = { requests = 1, seconds = 60 }
    local given = options { rate = rate, timeout = 0.5 }
    local client = assert(numberpool.new(given))
    rate.requests, rate.seconds, given.timeout = 1000, 0.001, 60
    local pool = assert(client:pool "p")
    local _, err = pool:get()
    assert.equal("network", err.kind)
    _, err = pool:get()
    assert.equal("rate_limited", err.kind)
    client:close()
  end)
end)
