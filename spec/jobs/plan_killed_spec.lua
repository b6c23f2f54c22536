-- A plan whose process is killed: the next one finishes the rest, and does nothing twice.
local fixture = require "spec.support.fixture"
local killed = require "spec.soak.killed"

describe("plan and apply, killed by kill -9 again and again, #not_in_nginx", function()
  it("have the pool as it should be in the end, and release nothing twice", function()
    local outcome = killed.run(fixture.sandbox(), fixture.folder(), {
      changes = 150, kills = 3, faults = 0.05, seed = os.time(), concurrency = 16,
    })
    assert.same({}, outcome.differences)
    assert.equal("end", outcome.last, outcome.errors)
  end)
end)
