-- What a client has done so far, counted.
local stats = require "numberpool.call.stats"

describe("stats", function()
  it("begins with nothing", function()
    local snapshot = stats.new():snapshot()
    assert.same({ calls = 0, attempts = 0, retries = 0, errors = {}, latency = {} }, snapshot)
  end)

  it("counts errors by kind", function()
    local counted = stats.new()
    counted:failed "timeout"
    counted:failed "timeout"
    counted:failed "not_found"
    assert.same({ timeout = 2, not_found = 1 }, counted:snapshot().errors)
  end)

  it("gives a copy that stays as it was", function()
    local counted = stats.new()
    counted:failed "timeout"
    counted:exchange(0.1)
    local before = counted:snapshot()
    counted:failed "timeout"
    counted:exchange(0.1)
    assert.equal(1, before.errors.timeout)
    assert.equal(1, before.attempts)
    before.errors.timeout = 99
    assert.equal(2, counted:snapshot().errors.timeout)
  end)
end)

describe("stats of latency", function()
  local function percentiles(latencies)
    local counted = stats.new()
    for _, latency in ipairs(latencies) do
      counted:exchange(latency)
    end
    return counted:snapshot().latency
  end

  local function is_about(expected, value)
    assert.is_true(math.abs(value - expected) <= expected * 0.06, ("expected about %g, got %g"):format(expected, value))
  end

  it("is right to about a twentieth from a tenth of a millisecond to minutes", function()
    for _, latency in ipairs { 0.0001, 0.0007, 0.005, 0.05, 0.3, 2, 10, 60, 600 } do
      local latency_of = percentiles { latency }
      is_about(latency, latency_of.p50)
      is_about(latency, latency_of.p90)
      is_about(latency, latency_of.p99)
    end
  end)

  it("tells the middle from the tails", function()
    local latencies = {}
    for i = 1, 1000 do
      latencies[i] = i / 1000
    end
    local latency_of = percentiles(latencies)
    is_about(0.5, latency_of.p50)
    is_about(0.9, latency_of.p90)
    is_about(0.99, latency_of.p99)
  end)

  it("isn't moved by one that is far off", function()
    local latencies = {}
    for i = 1, 999 do
      latencies[i] = 0.01
    end
    latencies[1000] = 30
    local latency_of = percentiles(latencies)
    is_about(0.01, latency_of.p50)
    is_about(0.01, latency_of.p99)
  end)

  it("takes what is too short or too long to be measured", function()
    for _, latency in ipairs { 0, -0.001, 1e-9, 1e9 } do
      assert.is_number(percentiles({ latency }).p50)
    end
  end)

  it("takes no more memory for a million exchanges than for a thousand", function()
    local counted = stats.new()
    for i = 1, 1000000 do
      counted:exchange((i % 1000 + 1) / 1000)
    end
    local buckets = 0
    for _ in pairs(counted.buckets) do
      buckets = buckets + 1
    end
    assert.is_true(buckets <= 401)
    assert.equal(1000000, counted:snapshot().attempts)
  end)
end)
