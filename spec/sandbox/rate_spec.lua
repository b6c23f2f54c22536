-- The rate limit: so many arrivals in any so many seconds, an account.
local sandbox = require "numberpool.sandbox"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("sandbox.start with rate", function()
  local server

  after_each(function() server:stop() end)

  -- Statuses of requests one after another on one connection.
  local function send(who, count)
    local connection = sandbox_http.connect(server)
    local statuses, last = {}, nil
    for index = 1, count do
      last = sandbox_http.exchange(connection, who, "GET", "/v1/Account/" .. who.auth_id .. "/Powerpack/")
      statuses[index] = last.status
    end
    connection:close()
    return statuses, last
  end

  local function count_of(statuses, wanted)
    local count = 0
    for _, status in ipairs(statuses) do
      if status == wanted then count = count + 1 end
    end
    return count
  end

  it("answers 429 past it, and again 200 when the window has moved on", function()
    server = assert(sandbox.start { rate = { requests = 20, seconds = 1 }, workers = 2 })
    local began = socket.gettime()
    local statuses, last = send(server, 25)
    if socket.gettime() - began < 0.9 then
      assert.equal(20, count_of(statuses, 200))
      assert.equal(429, last.status)
      assert.equal("1", last.headers["retry-after"])
      assert.equal("too many requests", last.json.error)
    end
    sandbox_http.eventually(function() return send(server, 1)[1] == 200 end)
    assert.equal(429, assert(server:requests())[25].status)
  end)

  it("lets no window have more, wherever it begins", function()
    server = assert(sandbox.start { rate = { requests = 10, seconds = 0.4 } })
    local connection, times = sandbox_http.connect(server), {}
    local ends = socket.gettime() + 1.5
    while socket.gettime() < ends do
      local answer = sandbox_http.exchange(connection, server, "GET", "/v1/Account/" .. server.auth_id .. "/Powerpack/")
      if answer.status == 200 then times[#times + 1] = socket.gettime() end
    end
    connection:close()
    assert.is_true(#times >= 20)
    -- Seen from here an answer may be late by some milliseconds, never early.
    for index = 11, #times do assert.is_true(times[index] - times[index - 10] > 0.3) end
  end)

  it("is an account's own, and knows nothing of strangers", function()
    server = assert(sandbox.start { rate = { requests = 5, seconds = 60 } })
    local other = assert(server:account())
    other.port = server.port
    assert.equal(3, count_of(send(server, 8), 429))
    assert.equal(0, count_of(send(other, 5), 429))
    local stranger = { auth_id = server.auth_id, auth_token = "wrong", port = server.port }
    assert.equal(9, count_of(send(stranger, 9), 401))
    assert(server:reset())
    assert.equal(0, count_of(send(server, 5), 429))
  end)

  it("is 300 in 5 seconds unless told otherwise", function()
    server = assert(sandbox.start { rate = true })
    local began = socket.gettime()
    local statuses = send(server, 301)
    if socket.gettime() - began < 4.9 then
      assert.equal(300, count_of(statuses, 200))
      assert.equal(429, statuses[301])
    end
  end)
end)
