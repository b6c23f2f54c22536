-- Whoever waits when a runtime is closed, whichever it is: numberpool.runtime has the contract.
local fixture = require "spec.support.fixture"
local new_runtime = require "spec.support.new_runtime"
local ports = require "spec.support.ports"

local server = fixture.scripted_server()
local runtime

before_each(function()
  runtime = fixture.until_end(new_runtime(server))
end)

local function send()
  return runtime:send("GET", "/", nil, runtime.now() + 60)
end

local function spawn(fn)
  runtime:spawn(fn, nil, function(_, raised)
    error(raised, 0)
  end)
end

-- Closes it, in a task, once something is so. Nobody sleeps on a runtime that is closed: signals tell what came of it.
local function close_once(is_time)
  spawn(function()
    local deadline = runtime.now() + 30
    while not is_time() and runtime.now() < deadline do
      runtime:sleep(0.002)
    end
    runtime:close()
  end)
end

-- Lets three tasks wait, and the caller too; returns what each of the four got.
local function wait_in_all(wait, is_time)
  local results, count, done, began = {}, 0, runtime:signal(), runtime.now()
  for i = 1, 3 do
    spawn(function()
      results[i] = { wait() }
      count = count + 1
      done:set()
    end)
  end
  close_once(is_time)
  results[4] = { wait() }
  while count < 3 do
    done:wait()
  end
  assert.is_true(runtime.now() - began < 5, "they waited on")
  return results
end

local function assert_closed(results, sent)
  for _, result in ipairs(results) do
    assert.is_nil(result[1])
    assert.equal("closed", result[2].kind, result[2].message)
    assert.equal(sent, result[2].sent)
  end
end

describe("where a runtime is closed", function()
  for name, bytes in pairs {
    ["no answer"] = "",
    ["half an answer"] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
  } do
    it("a request that has got " .. name .. " fails", function()
      server:script { bytes = bytes, after = "stall" }
      local results = wait_in_all(send, function()
        return #server:requests() == 4
      end)
      assert_closed(results, true)
    end)
  end

  it("a request that has no connection yet fails, with nothing sent", function()
    local port, close = ports.full()
    finally(close)
    runtime = new_runtime(port, { connect_timeout = 60 })
    local began = runtime.now()
    assert_closed(wait_in_all(send, function()
      return runtime.now() - began > 0.05
    end), false)
  end)

  it("a request whose server is silent within the TLS handshake fails, with nothing sent", function()
    server:script { bytes = "", after = "stall", greets = true }
    local before = server:counts().accepted
    runtime = new_runtime({ base_url = "https://127.0.0.1:" .. server.port }, { connect_timeout = 60 })
    assert_closed(wait_in_all(send, function()
      return server:counts().accepted > before -- others may wait for the first connection's protocol
    end), false)
  end)

  it("nobody sleeps on", function()
    local began = runtime.now()
    wait_in_all(function()
      runtime:sleep(60)
    end, function()
      return runtime.now() - began > 0.05
    end)
  end)

  it("a signal is still waited for", function()
    local signal, has_come, done = runtime:signal(), false, runtime:signal()
    spawn(function()
      signal:wait()
      has_come = true
      done:set()
    end)
    close_once(function()
      return true
    end)
    runtime:sleep(60)
    assert.is_false(has_come)
    signal:set()
    done:wait()
    assert.is_true(has_come)
  end)

  it("a task that is killed then does nothing any more", function()
    server:script { bytes = "", after = "stall" }
    local has_gone_on, done = false, runtime:signal()
    local task = runtime:spawn(function()
      send()
      has_gone_on = true
    end, nil, function()
      has_gone_on = true
    end)
    close_once(function()
      return #server:requests() == 1
    end)
    runtime:sleep(60)
    if not has_gone_on then -- it may have had its turn before this
      assert.is_true(runtime:kill(task))
      spawn(function()
        done:set()
      end)
      done:wait()
      assert.is_false(has_gone_on)
    end
  end)
end)
