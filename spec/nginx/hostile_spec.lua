-- Servers that break, lie or take their time, from inside nginx: an error of the right kind within the deadline, and
-- the connection never used again. How answers are read is checked in spec/runtime/http1_spec.lua.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local nginx_run = require "spec.support.nginx_run"

local GOOD = http.json '{"api_id":"a","number":"15125550000"}'
local OTHER = http.json '{"api_id":"b","number":"15125550000"}'
local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local BODY = '{"api_id":"a","number":"15125550000"}'

-- { what the server does, its reply, what the call says }
local CHUNKED = HEAD .. "Transfer-Encoding: chunked\r\n"
local HALF = HEAD .. "Content-Length: 100\r\n\r\n{"
local DRIPS = HEAD .. "Content-Length: 9999\r\n\r\n{" .. (" "):rep(9998)
local LARGE = HEAD .. "Content-Length: 67108864\r\n\r\n" .. ("x"):rep(100000)

local CASES = {
  { "resets before an answer", { bytes = "", after = "reset" }, "network" },
  { "closes before an answer", { bytes = "", after = "close" }, "network" },
  { "resets within an answer", { bytes = HALF, after = "reset" }, "network" },
  { "closes within an answer", { bytes = HALF, after = "close" }, "network" },
  { "closes within a chunk", { bytes = CHUNKED .. "\r\nff\r\n{", after = "close" }, "network" },
  { "stalls", { bytes = "", after = "stall" }, "timeout" },
  { "stalls within the head", { bytes = "HTTP/1.1 200 OK\r\nContent", after = "stall" }, "timeout" },
  { "stalls within the body", { bytes = HALF, after = "stall" }, "timeout" },
  { "drips past the deadline", { bytes = DRIPS, drip = 1 }, "timeout" },
  { "drips a head without end", { bytes = HEAD .. "X: " .. ("x"):rep(8000), drip = 1 }, "timeout" },
  { "sends a body of 64 MiB", { bytes = LARGE, after = "stall" }, "protocol" },
  { "sends a body without end", { bytes = HEAD .. "\r\n" .. ("x"):rep(9 * 1024 * 1024), after = "stall" }, "protocol" },
  { "speaks HTTP/0.9", { bytes = BODY, after = "stall" }, "protocol" },
  { "speaks HTTP/2", { bytes = "\0\0\18\4\0\0\0\0\0", after = "stall" }, "protocol" },
  { "says two ways how long it is", { bytes = CHUNKED .. "Content-Length: 4\r\n\r\n0\r\n\r\n" }, "protocol" },
  { "says two lengths", { bytes = HEAD .. "Content-Length: 2\r\nContent-Length: 37\r\n\r\n" .. BODY }, "protocol" },
  { "sends two answers at once", { bytes = GOOD .. OTHER }, "protocol" },
  { "sends a byte too many", { bytes = GOOD .. "x" }, "protocol" },
  { "ends its lines in LF alone", { bytes = "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}" }, "protocol" },
  { "ends its chunks in LF alone", { bytes = CHUNKED .. "\r\n2\n{}\n0\n\n" }, "protocol" },
  { "sends an answer after the last chunk",
    { bytes = CHUNKED .. ("\r\n%x\r\n%s\r\n0\r\n\r\n%s"):format(#BODY, BODY, OTHER) }, "protocol" },
  { "folds a header", { bytes = "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}" }, "protocol" },
  { "has 10,000 headers", { bytes = HEAD .. ("X: y\r\n"):rep(10000) .. "\r\n" }, "protocol" },
}

-- A read; what it found, or the kind of its error, which came in time.
local READ = [[
  ngx.update_time()
  local started = ngx.now()
  local entry, err = client:pool "p":find_number("15125550000", { timeout = %g })
  ngx.update_time()
  if ngx.now() - started > %d then return "late" end
  return entry and entry.api_id or err.kind
]]
local CALL = READ:format(20, 24) -- for what comes, even on a busy machine
local STALLED = READ:format(0.3, 5) -- for what doesn't

describe("inside nginx, a server that", function()
  local server = fixture.scripted_server()
  local nginx = fixture.nginx(server)

  for _, case in ipairs(CASES) do
    local what, reply, expected = case[1], case[2], case[3]

    it(what, function()
      server:drop()
      server:script(reply)
      assert.equal(expected, nginx_run.run(nginx, expected == "timeout" and STALLED or CALL))
      local sent = server:requests()
      assert.equal(1, #sent)
      server:script(OTHER)
      assert.equal("b", nginx_run.run(nginx, CALL))
      local next_one = server:requests()
      assert.equal(1, #next_one)
      assert.are_not.equal(sent[1].connection, next_one[1].connection)
    end)
  end

  it("sends an answer in one-byte packets is understood, and keeps its connection", function()
    local bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n{"api_id":"c","number":"15125550000"}'
    server:script({ bytes = bytes, drip = 1 }, GOOD)
    assert.equal("c", nginx_run.run(nginx, CALL))
    assert.equal("a", nginx_run.run(nginx, CALL))
    local requests = server:requests()
    assert.equal(requests[1].connection, requests[2].connection)
  end)

  it("answers well keeps its connection", function()
    server:script(GOOD)
    for _ = 1, 3 do
      assert.equal("a", nginx_run.run(nginx, CALL))
    end
    local requests = server:requests()
    assert.equal(requests[1].connection, requests[3].connection)
  end)
end)
