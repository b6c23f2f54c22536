-- A plan whose process is killed: the next one finishes the rest, and does nothing twice.
local fixture = require "spec.support.fixture"
local killed = require "spec.soak.killed"

local function check(settings)
  settings.seed, settings.concurrency, settings.delay = os.time(), 16, 0.05
  local outcome = killed.run(fixture.sandbox(), fixture.folder(), settings)
  assert.same({}, outcome.differences)
  assert.is_true(outcome.has_ended, outcome.errors)
  assert.is_true(#outcome.killed > 0)
end

describe("plan and apply #not_in_nginx", function()
  it("have the pool as it should be, and release nothing twice, though they are killed again and again", function()
    check { changes = 150, kills = 3, processes = 1, faults = 0.05 }
  end)

  it("do so by two processes at a time", function()
    check { changes = 150, kills = 1, processes = 2, faults = 0 }
  end)
end)
