-- A change arrives as often as the library says that it sent it, whatever becomes of its connection. libcurl sends a
-- request again by itself where a connection that was used before dies, or a stream is refused.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local http2_server = require "spec.support.http2_server"

local unpack = table.unpack or unpack

local CALLS = 60

-- How many of the requests had a method.
local function count(requests, method)
  local found = 0
  for _, request in ipairs(requests) do
    found = found + (request.method == method and 1 or 0)
  end
  return found
end

describe("on a used connection that is reset", function()
  local server = fixture.scripted_server()
  local pool

  before_each(function()
    pool = fixture.pool(server, "p")
  end)

  -- A read makes the connection a used one, then the change comes.
  local function script(change)
    local replies = {}
    for _ = 1, CALLS do
      replies[#replies + 1] = http.json "{}"
      replies[#replies + 1] = change
    end
    server:script(unpack(replies))
  end

  for where, change in pairs {
    ["before its body came"] = { bytes = "", after = "reset", at_head = true },
    ["once it was there"] = { bytes = "", after = "reset" },
  } do
    it("a change arrives once, " .. where, function()
      script(change)
      local attempts = 0
      for i = 1, CALLS do
        assert(pool:get())
        local done, err = pool:remove_number(15125550000 + i, { unrent = true })
        assert.is_nil(done)
        assert.equal("network", err.kind)
        assert.is_true(err.ambiguous)
        attempts = attempts + err.attempts
      end
      assert.equal(CALLS, attempts)
      assert.equal(CALLS, count(server:requests(), "DELETE"))
    end)
  end

  it("a read arrives once, and is then tried again by the library", function()
    server:script(http.json "{}", { bytes = "", after = "reset" }, http.json '{"number":"15125550000"}')
    assert(pool:get())
    local found, err = pool:find_number "15125550000"
    assert.is_nil(found)
    assert.same({ "network", 1 }, { err.kind, err.attempts })
    assert.equal(2, #server:requests())
    assert.equal("15125550000", assert(pool:find_number("15125550000", { retries = 1 })).number)
  end)
end)

for _, case in ipairs {
  { "rst 7", "refused" }, { "rst 0", "ended without an error" }, { "rst 11", "ended by ENHANCE_YOUR_CALM" },
  { "rst 13", "ended by HTTP_1_1_REQUIRED" }, { "goaway", "left alone by GOAWAY" },
  { "404 rst 0", "ended after the head of a 404" },
} do
  describe("a change over HTTP/2 whose stream is " .. case[2], function()
    local server = fixture.until_end(http2_server.start(case[1]))

    it("arrives once for each attempt, and may have happened where that isn't known", function()
      local pool, client = fixture.pool(server, "p")
      for i = 1, 5 do
        local done, err = pool:remove_number(15125550000 + i, { unrent = true })
        assert.is_true(done ~= nil or err.ambiguous, tostring(err)) -- it is done where changes go over HTTP/1.1
      end
      local newer, older = server:arrivals()
      assert.equal(5, client:stats().attempts)
      assert.equal(5, newer + older)
    end)
  end)
end
