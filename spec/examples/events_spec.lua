-- The example of events runs as it is, and shows each kind of event that it speaks of.
local interpreter = require "spec.support.interpreter"

describe("examples/events.lua", function()
  local output, status

  setup(function()
    local file = assert(io.open "examples/events.lua")
    local code = file:read "*a"
    file:close()
    output, status = interpreter.run(code)
  end)

  it("runs to its end", function()
    assert.equal(0, status, output)
  end)

  it("shows a change whose answer is lost, looked at and settled", function()
    assert.matches("attempt +add_number +15125559999 attempt=1\n"
      .. "response +add_number +15125559999 attempt=1 reason=network elapsed=[%d.]+ s\n"
      .. "retry +add_number +15125559999 attempt=1 reason=network wait=[%d.]+ s\n"
      .. "look +add_number +15125559999 attempt=1 reason=network\n"
      .. "response +add_number +15125559999 attempt=1 status=200 elapsed=[%d.]+ s\n"
      .. "result +add_number +15125559999 attempt=1 elapsed=[%d.]+ s\n", output)
  end)

  it("shows a request that is turned away and sent again", function()
    assert.matches("response +find_number +15125559999 attempt=1 status=429 reason=rate_limited", output)
    assert.matches("retry +find_number +15125559999 attempt=1 reason=rate_limited wait=1.000 s", output)
    assert.matches("result +find_number +15125559999 attempt=2", output)
  end)

  it("counts it all", function()
    assert.matches("\n2 calls, 4 requests, 1 sent again, p99 [%d.]+ ms\n", output)
  end)
end)
