-- What may follow a failure, and how long to wait first: no clock, no server, no chance but the one given.
local retry = require "numberpool.call.retry"

local function always(value)
  return function()
    return value
  end
end

-- { kind, sent, status, what follows for a read, for a change }
local CLASSES = {
  { "network", false, nil, "again", "again" },
  { "network", true, nil, "again", "look" },
  { "network", true, 200, "again", "look" },
  { "timeout", false, nil, "again", "again" },
  { "timeout", true, nil, "again", "look" },
  { "server", true, 500, "again", "look" },
  { "server", true, 502, "again", "look" },
  { "server", true, 503, "again", "look" },
  { "server", true, 599, "again", "look" },
  { "protocol", true, nil, "again", "look" },
  { "protocol", true, 200, "again", "look" },
  { "protocol", true, 302, "nothing", "nothing" },
  { "rate_limited", true, 429, "again", "again" },
  { "tls", false, nil, "nothing", "nothing" },
  { "tls", true, nil, "nothing", "nothing" },
  { "rejected", true, 400, "nothing", "nothing" },
  { "auth", true, 401, "nothing", "nothing" },
  { "forbidden", true, 403, "nothing", "nothing" },
  { "not_found", true, 404, "nothing", "nothing" },
  { "conflict", true, 409, "nothing", "nothing" },
  { "rejected", true, 422, "nothing", "nothing" },
  { "closed", false, nil, "nothing", "nothing" },
  { "invalid", false, nil, "nothing", "nothing" },
}

describe("retry.class", function()
  for _, case in ipairs(CLASSES) do
    local kind, sent, status = case[1], case[2], case[3]
    local name = ("%s, %s, status %s"):format(kind, sent and "sent" or "not sent", tostring(status))
    it("of " .. name .. " is " .. case[4] .. " for a read, " .. case[5] .. " for a change", function()
      assert.equal(case[4], retry.class(false, kind, sent, status) or "nothing")
      assert.equal(case[5], retry.class(true, kind, sent, status) or "nothing")
    end)
  end
end)

describe("retry.wait", function()
  it("doubles its span from a quarter of a second to eight", function()
    local spans = { 0.25, 0.5, 1, 2, 4, 8, 8, 8 }
    for tries, span in ipairs(spans) do
      assert.near(span, retry.wait(tries, nil, always(1)), 1e-9)
    end
  end)

  it("stays at eight seconds however many tries there were", function()
    for _, tries in ipairs { 20, 100, 5000 } do
      assert.equal(8, retry.wait(tries, nil, always(1)))
    end
  end)

  it("takes anything from none of the span to all of it", function()
    assert.equal(0, retry.wait(3, nil, always(0)))
    assert.near(0.5, retry.wait(3, nil, always(0.5)), 1e-9)
  end)

  it("is what the server asked for, longer than any span too", function()
    assert.equal(3, retry.wait(1, 3, always(0.5)))
    assert.equal(60, retry.wait(1, 60, always(0.5)))
  end)

  it("is a minute at most", function()
    assert.equal(60, retry.wait(1, 61, always(0.5)))
    assert.equal(60, retry.wait(1, 1790000000, always(0.5)))
  end)

  it("doesn't take a zero for an answer", function()
    assert.near(0.25 * 0.5, retry.wait(1, 0, always(0.5)), 1e-9)
  end)
end)

describe("retry.hold", function()
  it("is what the server asked for, up to a minute", function()
    assert.equal(3, retry.hold(1, 3, always(0.5)))
    assert.equal(60, retry.hold(1, 60, always(0.5)))
  end)

  it("doesn't believe more than a minute", function()
    for _, seconds in ipairs { 61, 30000, 1790000000 } do
      assert.near(0.25 * 0.5, retry.hold(1, seconds, always(0.5)), 1e-9)
    end
  end)
end)

describe("retry.is_late", function()
  it("is so where an answer didn't come in time, to us or to a gateway", function()
    assert.is_true(retry.is_late("timeout", nil))
    assert.is_true(retry.is_late("timeout", 200))
    assert.is_true(retry.is_late("server", 504))
    assert.is_false(retry.is_late("server", 500))
    assert.is_false(retry.is_late("network", nil))
  end)
end)
