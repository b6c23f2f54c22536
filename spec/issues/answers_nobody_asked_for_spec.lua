-- An answer is believed only where it was asked for. A server, or what is between, may say one thing more on a kept
-- connection: it waits there, and would be the next request's answer. What comes all the same is told by its entry.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local socket = require "socket"

local NUMBER, OTHER = "15125550000", "14155550123"
local TIMEOUT_408 = http.answer(408, '{"error":"request timeout"}', { Connection = "close" })
local LIST = '{"meta":{"limit":20,"offset":0,"total_count":1,"next":"","previous":""},"objects":[{"number":"%s"}]}'

-- A call, the answer to it, and what it gives of that.
local CALLS = {
  find_number = { http.json('{"number":"15125550000"}'), function(pool)
    return assert(pool:find_number(NUMBER)).number
  end, NUMBER },
  add_number = { http.answer(201, '{"number":"15125550000"}'), function(pool)
    return assert(pool:add_number(NUMBER)).number
  end, NUMBER, method = "POST" },
  remove_number = { http.json '{"response":"success"}', function(pool)
    return assert(pool:remove_number(NUMBER)).response
  end, "success", method = "DELETE" },
  list_numbers = { http.json(LIST:format(NUMBER)), function(pool)
    return assert(pool:list_numbers()).objects[1].number
  end, NUMBER },
  count_numbers = { http.json(LIST:format(NUMBER)), function(pool)
    return assert(pool:count_numbers())
  end, 1 },
  ["powerpacks:get"] = { http.json '{"uuid":"4c4a1b4e","name":"mine"}', function(_, client)
    return assert(client.powerpacks:get "4c4a1b4e").name
  end, "mine" },
}

local FIRST = http.json '{"uuid":"p"}'

-- What is said that nobody asked for, after the answer to the first request; `drip` has it come some time later.
local UNASKED = {
  ["another number, with the answer"] = { bytes = FIRST .. http.json(('{"number":"%s"}'):format(OTHER)) },
  ["another number, later"] = { bytes = FIRST .. http.json(('{"number":"%s"}'):format(OTHER)), drip = #FIRST },
  ["the same number, later"] = { bytes = FIRST .. http.json(('{"number":"%s"}'):format(NUMBER)), drip = #FIRST },
  ["a list of another number, later"] = { bytes = FIRST .. http.json((LIST:gsub('1,"next', '7,"next')):format(OTHER)),
    drip = #FIRST },
  ["a success, later"] = { bytes = FIRST .. http.json '{"response":"success"}', drip = #FIRST },
  ["a 404, later"] = { bytes = FIRST .. http.answer(404, '{"error":"not found"}'), drip = #FIRST },
  ["a 408 and its end, later"] = { bytes = FIRST .. TIMEOUT_408, drip = #FIRST, after = "close" },
  ["a single byte, later"] = { bytes = FIRST .. "H", drip = #FIRST },
  ["no HTTP, later"] = { bytes = FIRST .. "\r\n\r\n\r\nnonsense", drip = #FIRST },
}

local function wait_until(fulfilled, what)
  local deadline = socket.gettime() + 60
  while not fulfilled() do
    assert(socket.gettime() < deadline, what)
    socket.select(nil, nil, 0.002)
  end
end

local function wait_until_written(server)
  wait_until(function()
    return server:counts().writing == 0
  end, "the server isn't done with its answers")
end

-- How many of the requests had a method, and the connections that they came on.
local function arrived(server, method)
  local found = {}
  for _, request in ipairs(server:requests()) do
    if request.method == method then
      found[#found + 1] = request.connection
    end
  end
  return #found, found
end

for _, tls in ipairs { false, true } do
  describe("what is said unasked on a kept connection" .. (tls and " of TLS" or "") .. " answers no", function()
    local server = fixture.scripted_server { tls = tls }
    local client, pool

    before_each(function()
      pool, client = fixture.pool(server, "p")
    end)

    for name, case in pairs(CALLS) do
      it(name, function()
        for said, unasked in pairs(UNASKED) do
          server:script(unasked, case[1])
          assert(pool:get())
          wait_until_written(server)
          local ok, got = pcall(case[2], pool, client)
          assert.is_true(ok, said .. ": " .. tostring(got))
          assert.equal(case[3], got, said)
          local requests = server:requests()
          assert.equal(2, #requests, said)
          assert.is_true(requests[1].connection ~= requests[2].connection, said)
          if case.method then
            assert.equal(1, (arrived(server, case.method)), said)
          end
        end
      end)
    end

    it("call of many under way", function()
      local replies = {}
      for i = 1, 8 do
        replies[i] = UNASKED["the same number, later"]
      end
      replies[9] = CALLS.remove_number[1]
      server:script((table.unpack or unpack)(replies))
      local items = { 1, 2, 3, 4, 5, 6, 7, 8 }
      client:map(items, function()
        return pool:get()
      end, { concurrency = 8 })
      wait_until_written(server)
      local results = client:map(items, function(item)
        return pool:remove_number(NUMBER + item)
      end, { concurrency = 8 })
      for _, result in ipairs(results) do
        assert.is_true(result.ok, tostring(result.error))
        assert.equal("success", result.value.response)
      end
      assert.equal(8, (arrived(server, "DELETE")))
    end)
  end)
end

describe("an entry with", function()
  local server = fixture.scripted_server()
  local client, pool

  before_each(function()
    pool, client = fixture.pool(server, "p", { impatient = true })
  end)

  for what, case in pairs {
    ["another number"] = { '{"number":"14155550123"}', "find_number", NUMBER,
      'asked for 15125550000, got "14155550123"' },
    ["another number as an integer"] = { '{"number":14155550123}', "find_number", NUMBER, "got 14155550123" },
    ["another toll-free number"] = { '{"number":"18885550123"}', "find_tollfree", "18005550000", 'got "18885550123"' },
    ["another shortcode"] = { '{"shortcode":"20001"}', "find_shortcode", "20000", "another shortcode" },
  } do
    it(what .. " isn't the one that was asked for", function()
      server:script(http.json(case[1]))
      local found, err = pool[case[2]](pool, case[3], { retries = 0 })
      assert.is_nil(found)
      assert.same({ "protocol", 200 }, { err.kind, err.status })
      assert.is_truthy(err.message:find(case[4], 1, true), err.message)
      assert.is_nil(err.ambiguous)
    end)
  end

  it("another uuid isn't the one that was asked for", function()
    server:script(http.json '{"uuid":"5c4a1b4e"}')
    local found, err = client.powerpacks:get("4c4a1b4e", { retries = 0 })
    assert.is_nil(found)
    assert.equal("protocol", err.kind)
  end)

  it("the same number in other signs, or none, is it", function()
    for _, body in ipairs {
      '{"number":"15125550000"}', '{"number":15125550000}', '{"number":"+15125550000"}', '{"number":"+1 512-555-0000"}',
      '{"number":15125550000.0}', '{"number":null}', '{"service":"sms"}',
    } do
      server:script(http.json(body))
      assert.is_table(assert(pool:find_number(NUMBER, { retries = 0 })), body)
    end
    for _, body in ipairs { '{"shortcode":"20000"}', '{"shortcode":20000}', "{}" } do
      server:script(http.json(body))
      assert.is_table(assert(pool:find_shortcode("20000", { retries = 0 })), body)
    end
    for _, body in ipairs { '{"uuid":"4c4a1b4e"}', '{"uuid":"4C4A1B4E"}', "{}" } do
      server:script(http.json(body))
      assert.is_table(assert(client.powerpacks:get("4c4a1b4e", { retries = 0 })), body)
    end
  end)

  it("another number has a read asked again, on another connection", function()
    server:script(http.json '{"number":"14155550123"}', http.json '{"number":"15125550000"}')
    assert.equal(NUMBER, assert(pool:find_number(NUMBER)).number)
    local count, connections = arrived(server, "GET")
    assert.equal(2, count)
    assert.is_true(connections[1] ~= connections[2])
  end)

  for what, case in pairs {
    add_number = { "POST", http.json '{"number":"15125550000"}', 1 },
    remove_number = { "DELETE", http.answer(404, '{"error":"not found"}'), 1 },
  } do
    it("another number after " .. what .. " is followed by a look on another connection", function()
      server:script(http.json '{"number":"14155550123"}', case[2])
      assert(pool[what](pool, NUMBER))
      local count, changed = arrived(server, case[1])
      local looks, looked = arrived(server, "GET")
      assert.same({ 1, 1 }, { count, looks })
      assert.is_true(changed[1] ~= looked[1])
    end)
  end

  it("another number after a change that isn't looked at leaves it in doubt", function()
    server:script(http.json '{"number":"14155550123"}')
    local added, err = pool:add_number(NUMBER, { retries = 0 })
    assert.is_nil(added)
    assert.same({ "protocol", true, 1 }, { err.kind, err.ambiguous, err.attempts })
  end)

  it("another number leaves nothing on its connection for the next call", function()
    local answer = http.json '{"number":"14155550123"}'
    server:script({ bytes = answer .. answer, drip = #answer }, http.json '{"number":"15125550000"}')
    assert.is_nil((pool:find_number(NUMBER, { retries = 0 })))
    wait_until_written(server)
    assert.equal(NUMBER, assert(pool:find_number(NUMBER, { retries = 0 })).number)
    local _, connections = arrived(server, "GET")
    assert.is_true(connections[1] ~= connections[2])
  end)
end)

describe("a 408", function()
  local server = fixture.scripted_server()
  local pool

  before_each(function()
    pool = fixture.pool(server, "p", { impatient = true })
  end)

  local CLOSING = { bytes = TIMEOUT_408, after = "close" }

  it("on a used connection answers nobody: a change is looked at, and sent again", function()
    server:script(FIRST, CLOSING, http.answer(404, '{"error":"not found"}'), http.answer(201, "{}"))
    assert(pool:get())
    assert(pool:add_number(NUMBER))
    assert.same({ 2, 2 }, { (arrived(server, "POST")), (arrived(server, "GET")) })
  end)

  it("on a used connection leaves a change in doubt that isn't looked at", function()
    server:script(FIRST, CLOSING)
    assert(pool:get())
    local added, err = pool:add_number(NUMBER, { retries = 0 })
    assert.is_nil(added)
    assert.same({ "network", 408, true }, { err.kind, err.status, err.ambiguous })
    assert.equal(1, (arrived(server, "POST")))
  end)

  it("on a used connection has a read asked again", function()
    server:script(FIRST, CLOSING, http.json '{"number":"15125550000"}')
    assert(pool:get())
    assert.equal(NUMBER, assert(pool:find_number(NUMBER)).number)
  end)

  it("on a fresh connection is a refusal like any other", function()
    for _, method in ipairs { "find_number", "add_number", "remove_number" } do
      server:drop()
      server:script(CLOSING)
      local fresh = fixture.client(server, { impatient = true })
      local of_fresh = assert(fresh:pool "p")
      local done, err = of_fresh[method](of_fresh, NUMBER)
      assert.is_nil(done)
      assert.same({ "rejected", 408, 1 }, { err.kind, err.status, err.attempts })
      assert.is_nil(err.ambiguous)
    end
  end)
end)
