-- The rate limit: so many arrivals in any so many seconds, an account.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("sandbox.start with rate", function()
  local server

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
    server = fixture.sandbox { rate = { requests = 20, seconds = 1 }, workers = 2 }
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
    server = fixture.sandbox { rate = { requests = 10, seconds = 0.2 } }
    local connection, taken = sandbox_http.connect(server), {}
    repeat
      local sent = socket.gettime()
      local answer = sandbox_http.exchange(connection, server, "GET", "/v1/Account/" .. server.auth_id .. "/Powerpack/")
      if answer.status == 200 then taken[#taken + 1] = { sent = sent, answered = socket.gettime() } end
    until #taken == 25
    connection:close()
    -- A request arrives after it is sent, and before its answer.
    for index = 11, #taken do assert.is_true(taken[index].answered - taken[index - 10].sent >= 0.2) end
  end)

  it("is an account's own, and knows nothing of strangers", function()
    server = fixture.sandbox { rate = { requests = 5, seconds = 60 } }
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
    server = fixture.sandbox { rate = true }
    local began = socket.gettime()
    local statuses = send(server, 301)
    if socket.gettime() - began < 4.9 then
      assert.equal(300, count_of(statuses, 200))
      assert.equal(429, statuses[301])
    end
  end)
end)
