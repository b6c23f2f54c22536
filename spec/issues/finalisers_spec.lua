-- A finaliser may call the client: at the end of the process, when the client may be finalised already, and in the
-- middle of another call, wherever the collector runs. Nothing crashes, and what the calls hold is given back.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

-- What every process begins with. `on_collect(fn)` makes a value whose finaliser is fn; `attempt(fn, ...)` calls it and
-- says what came of it: "done", a kind of error, or "raised" where Lua can't yield and can't tell.
local PRELUDE = [[
  local numberpool = require "numberpool"
  local server = { base_url = %q, auth_id = %q, auth_token = %q, pool = %q }
  local NUMBER = "15125550000"

  function on_collect(fn)
    if rawget(_G, "newproxy") then
      local value = newproxy(true)
      getmetatable(value).__gc = fn
      return value
    end
    return setmetatable({}, { __gc = fn })
  end

  function new_client(options)
    options = options or {}
    options.base_url, options.auth_id, options.auth_token = server.base_url, server.auth_id, server.auth_token
    options.rate = options.rate or { requests = 1000, seconds = 1 }
    local client = assert(numberpool.new(options))
    return client, assert(client:pool(server.pool))
  end

  function attempt(fn, ...)
    local ok, value, err = pcall(fn, ...)
    if not ok then
      return "raised"
    end
    return value ~= nil and "done" or err.kind
  end

  function every_call(client, pool)
    attempt(tostring, pool)
    attempt(client.stats, client)
    return attempt(pool.get, pool) .. " " .. attempt(pool.add_number, pool, NUMBER) .. " "
      .. attempt(client.map, client, { 1, 2 }, function() return pool:get() end) .. " "
      .. attempt(function()
        for _ in pool:numbers() do end
        return true
      end)
  end
]]

local server = fixture.sandbox()
local seeded

before_each(function()
  assert(server:reset())
  seeded = assert(server:seed { numbers = 45 })
end)

-- Runs code after the prelude and returns its lines; the process must end well.
local function run(code)
  local output, status = interpreter.run(PRELUDE:format(server.base_url, server.auth_id, server.auth_token, seeded.pool)
    .. code)
  assert.equal(0, status, output)
  local lines = {}
  for line in output:gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  return lines, output
end

-- Every word of a line is one that a call may end with here.
local function check_words(line, allowed)
  for word in line:gmatch "%S+" do
    assert.is_true(allowed[word] or false, line)
  end
end

local AT_EXIT = { done = true, closed = true, raised = true }

describe("a finaliser at the end of the process", function()
  for name, code in pairs {
    ["made before the client"] = [[
      local client, pool
      kept = on_collect(function() print(every_call(client, pool)) end)
      client, pool = new_client()
      assert(pool:get())
    ]],
    ["made after the client"] = [[
      local client, pool = new_client()
      kept = on_collect(function() print(every_call(client, pool)) end)
      assert(pool:get())
    ]],
    ["of a client that is closed"] = [[
      local client, pool = new_client()
      kept = on_collect(function() print(every_call(client, pool)) end)
      client:close()
    ]],
    ["that closes the client"] = [[
      local client, pool = new_client()
      kept = on_collect(function()
        client:close()
        client:close()
        print(every_call(client, pool))
      end)
      assert(pool:get())
    ]],
    ["with an iterator and its pages under way"] = [[
      local client, pool = new_client()
      local entries = pool:numbers { limit = 5 }
      entries()
      kept = on_collect(function()
        local count = attempt(entries)
        print(count, every_call(client, pool))
      end)
    ]],
    ["of os.exit with its state closed"] = [[
      local client, pool = new_client()
      kept = on_collect(function() print(every_call(client, pool)) end)
      assert(pool:get())
      os.exit(rawget(_G, "_VERSION") == "Lua 5.1" and 0 or true, true)
    ]],
    ["of many in any order"] = [[
      kept = {}
      for i = 1, 20 do
        local client, pool
        kept[#kept + 1] = on_collect(function() print(every_call(client, pool)) end)
        client, pool = new_client()
        kept[#kept + 1] = pool
        kept[#kept + 1] = on_collect(function() print(every_call(client, pool)) end)
        assert(pool:get())
      end
    ]],
  } do
    it(name .. " gets an answer or is told that the client is closed", function()
      local lines, output = run(code)
      if name ~= "of os.exit with its state closed" then
        assert.is_true(#lines > 0, "no finaliser ran")
      end
      for _, line in ipairs(lines) do
        assert.is_nil(line:find "error", output)
        check_words(line, AT_EXIT)
      end
    end)
  end

  it("is told so of a closed client", function()
    local lines = run [[
      local client, pool = new_client()
      kept = on_collect(function() print(attempt(pool.get, pool), attempt(pool.add_number, pool, NUMBER)) end)
      client:close()
    ]]
    assert.same({ "closed\tclosed" }, lines)
  end)
end)

-- Where the collector runs, and with it finalisers that call the client.
local IN_THE_MIDDLE = {
  ["of map"] = [[
    local client, pool = new_client()
    local results = client:map({ 1, 2, 3, 4, 5, 6 }, function(item)
      litter(client, pool)
      collectgarbage()
      local got = assert(pool:get())
      collectgarbage()
      return got
    end, { concurrency = 3 })
    for i = 1, 6 do assert(results[i].ok, tostring(results[i].error)) end
    report(client, pool)
  ]],
  ["of on_event"] = [[
    local client, pool
    local depth = 0
    client, pool = new_client { on_event = function(event)
      if depth > 0 then return end
      depth = depth + 1
      litter(client, pool)
      collectgarbage()
      depth = depth - 1
    end }
    assert(pool:get())
    for _, result in ipairs(client:map({ 1, 2, 3 }, function() return pool:get() end)) do
      assert(result.ok, tostring(result.error))
    end
    report(client, pool)
  ]],
  ["of bulk's hooks and iterators"] = [[
    local client, pool = new_client()
    local index = 0
    local function collect()
      litter(client, pool)
      collectgarbage()
    end
    local done = assert(pool:add_numbers(function()
      collect()
      index = index + 1
      return index <= 6 and "1415555010" .. index or nil
    end, { concurrency = 2, on_progress = collect, on_result = collect }))
    assert(done.succeeded == 6, tostring(done.succeeded))
    report(client, pool)
  ]],
  ["of a loop over an iterator"] = [[
    local client, pool = new_client()
    local count = 0
    for _ in pool:numbers { limit = 10 } do
      count = count + 1
      if count % 10 == 0 then
        litter(client, pool)
        collectgarbage()
      end
    end
    assert(count == 45, count)
    report(client, pool)
  ]],
  ["of anything, with a collector that never rests"] = [[
    local client, pool = new_client()
    collectgarbage("setpause", 0)
    collectgarbage("setstepmul", 10000)
    for _ = 1, 5 do
      litter(client, pool)
      for _, result in ipairs(client:map({ 1, 2, 3, 4 }, function()
        litter(client, pool)
        return pool:get()
      end)) do
        assert(result.ok, tostring(result.error))
      end
    end
    report(client, pool)
  ]],
}

local MIDDLE_PRELUDE = [[
  local finalised, words = 0, {}
  function litter(client, pool)
    on_collect(function()
      finalised = finalised + 1
      words[attempt(pool.get, pool)] = true
      words[attempt(client.map, client, { 1, 2 }, function() return assert(pool:get()) end)] = true
    end)
  end
  function report(client, pool)
    collectgarbage()
    collectgarbage()
    assert(finalised > 0, "no finaliser ran")
    local seen = {}
    for word in pairs(words) do seen[#seen + 1] = word end
    print(table.concat(seen, " "))
    assert(pool:get())
    print(require "spec.support.under_way" (client))
    print(next(client.runtime.tasks.live))
  end
]]

describe("a finaliser in the middle", function()
  for name, code in pairs(IN_THE_MIDDLE) do
    it(name .. " is answered, or told that Lua can't yield there, and holds nothing back", function()
      local lines = run(MIDDLE_PRELUDE .. code)
      assert.equal(3, #lines)
      check_words(lines[1], { done = true, raised = true })
      assert.equal("0", lines[2])
      assert.equal("nil", lines[3])
    end)
  end
end)
