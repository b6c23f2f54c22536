-- Kept connections inside nginx. The server is the spec itself, which knows what has happened before the next call
-- begins.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local socket = require "socket"

local function answer_for(number)
  return http.json(('{"api_id":"a","number":"%s"}'):format(number))
end

local UNASKED = answer_for "15125556666"

describe("a kept connection, inside nginx,", function()
  local listener, nginx

  before_each(function()
    listener = fixture.until_end(assert(socket.bind("127.0.0.1", 0)))
    listener:settimeout(10)
  end)

  local function start(options)
    local _, port = listener:getsockname()
    nginx = fixture.nginx({ base_url = "http://127.0.0.1:" .. port, auth_id = "MA", auth_token = "t" },
      { client = options })
  end

  local function begin(name, number)
    return nginx:begin("POST", "/run", ([[
      local entry, err = client:pool "p":%s "%s"
      return tostring(entry and entry.number or err.kind) .. " " .. (err and err.attempts or 1)
    ]]):format(name, number))
  end

  local function accept()
    local connection = assert(listener:accept())
    connection:settimeout(10)
    connection:setoption("tcp-nodelay", true)
    return connection
  end

  -- Reads a request; returns its method.
  local function read_request(connection)
    local length, first = 0, assert(connection:receive "*l")
    local line = connection:receive "*l"
    while line ~= "" do
      length = tonumber(line:lower():match "^content%-length: (%d+)") or length
      line = assert(connection:receive "*l")
    end
    if length > 0 then
      assert(connection:receive(length))
    end
    return first:match "^%S+"
  end

  local function result_of(request)
    return assert(nginx:finish(request)).body
  end

  for _, milliseconds in ipairs { 0, 5, 50 } do
    for _, name in ipairs { "find_number", "add_number", "remove_number" } do
      it("on which an answer more comes after " .. milliseconds .. " ms isn't used for " .. name, function()
        start()
        local first = begin("find_number", "15125550001")
        local connection = accept()
        read_request(connection)
        connection:send(answer_for "15125550001")
        if milliseconds > 0 then
          assert.equal("15125550001 1", result_of(first))
          socket.sleep(milliseconds / 1000)
          connection:send(UNASKED)
        else
          connection:send(UNASKED)
          assert.matches("^[15025p]%w+ 1$", result_of(first)) -- its own, or protocol where both came at once
        end
        local second = begin(name, "15125550002")
        local other = accept()
        read_request(other)
        other:send(answer_for "15125550002")
        local result = result_of(second)
        assert.is_true(result == "15125550002 1" or name == "remove_number" and result == "nil 1", result)
      end)
    end
  end

  for _, name in ipairs { "find_number", "add_number" } do
    it("that the server has closed isn't used for " .. name .. ", which costs no try", function()
      start()
      local first = begin("find_number", "15125550001")
      local connection = accept()
      read_request(connection)
      connection:send(answer_for "15125550001")
      assert.equal("15125550001 1", result_of(first))
      connection:close()
      local second = begin(name, "15125550002")
      connection = accept()
      read_request(connection)
      connection:send(answer_for "15125550002")
      assert.equal("15125550002 1", result_of(second))
    end)
  end

  it("that dies after the request was sent fails it, which isn't sent again by itself", function()
    start()
    local first = begin("find_number", "15125550001")
    local connection = accept()
    read_request(connection)
    connection:send(answer_for "15125550001")
    assert.equal("15125550001 1", result_of(first))
    local second = begin("find_number", "15125550002")
    read_request(connection)
    connection:close()
    assert.equal("network 1", result_of(second))
    listener:settimeout(0)
    assert.is_nil((listener:accept()))
  end)

  it("is told of by send, with its answers and failures", function()
    start()
    local results = nginx:begin("POST", "/run", [[
      local runtime, lines = client.runtime, {}
      for i = 1, 3 do
        local results = { runtime:send("GET", "/", nil, runtime.now() + 5) }
        local failure = not results[1] and results[2]
        lines[i] = failure and failure.kind .. " " .. tostring(failure.sent) .. " " .. tostring(failure.is_reused)
          or results[1] .. " " .. tostring(results[6])
      end
      return table.concat(lines, "\n")
    ]])
    local connection = accept()
    for _ = 1, 2 do
      read_request(connection)
      connection:send(answer_for "15125550001")
    end
    read_request(connection)
    connection:close()
    assert.equal("200 false\n200 true\nnetwork true true", result_of(results))
  end)
end)
