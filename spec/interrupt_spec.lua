-- Ctrl-C in a script of its own, on the Lua that runs the specs: what was done, what was not, and what is in doubt.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"


local server = fixture.sandbox()
local folder = fixture.folder()
local seeded

before_each(function()
  assert(server:reset())
  seeded = assert(server:seed { numbers = 100 })
end)

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

local function eventually(check, what)
  local deadline = socket.gettime() + 60
  repeat
    local result = check()
    if result then
      return result
    end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  error("not within 60 seconds: " .. what .. "\n" .. read(folder .. "/output"):sub(1, 2000), 2)
end

local PRELUDE = [[
local numberpool = require "numberpool"
local client = assert(numberpool.new { base_url = %q, auth_id = %q, auth_token = %q, rate = false, retries = 0 })
local pool = assert(client:pool %q)
io.stdout:setvbuf "no"
local function report(ok, err)
  print("ok", ok)
  print("kind", type(err) == "table" and err.kind or "none")
  print("text", (tostring(err):gsub("\n", " ")))
  for _, name in ipairs { "total", "succeeded", "failed", "skipped" } do
    print(name, type(err) == "table" and err.report and err.report[name])
  end
  local results = type(err) == "table" and err.report and err.report.results or {}
  local lines = {}
  for i = 1, #results do
    local result = results[i]
    local what = result.ok and "done" or result.skipped and "skipped"
      or result.error.kind == "interrupted" and (result.error.ambiguous and "ambiguous" or "undone") or "failed"
    lines[i] = "result\t" .. i .. "\t" .. what
  end
  print(table.concat(lines, "\n"))
end
]]

-- Runs a script, sends it SIGINT when `is_time`, and returns what it printed, by the first word of each line.
-- A shell ignores SIGINT in what it runs in the background: the interpreter is started by one that puts that right.
local function interrupt(code, is_time)
  local script, output, pid_file = folder .. "/script.lua", folder .. "/output", folder .. "/pid"
  local file = assert(io.open(script, "w"))
  file:write(PRELUDE:format(server.base_url, server.auth_id, server.auth_token, seeded.pool), code, '\nprint "end"\n')
  file:close()
  os.remove(output)
  os.remove(pid_file)
  local launcher = ([[
    local pid_file = ...
    os.execute("env --default-signal=INT sh -c 'echo $$ >" .. pid_file .. "; exec %s %s >%s 2>&1' </dev/null &")
  ]]):format(interpreter.program, script, output)
  assert(interpreter.program:find "'" == nil)
  assert((loadstring or load)(launcher))(pid_file)
  local pid = eventually(function()
    return read(pid_file):match "^(%d+)\n"
  end, "a process")
  eventually(is_time, "the time to interrupt it")
  interpreter.shell("kill -INT " .. pid)
  eventually(function()
    return read(output):find "end\n$" or os.execute("kill -0 " .. pid .. " 2>/dev/null") ~= 0
      and os.execute("kill -0 " .. pid .. " 2>/dev/null") ~= true
  end, "its end")
  local text = read(output)
  assert.matches("end\n$", text)
  local printed = { results = {} }
  for line in text:gmatch "[^\n]+" do
    local name, value, more = line:match "^(%S+)\t?([^\t]*)\t?(.*)$"
    if name == "result" then
      printed.results[tonumber(value)] = more
    elseif name then
      printed[name] = value
    end
  end
  return printed
end

local function count_results(printed)
  local counts = { done = 0, skipped = 0, ambiguous = 0, undone = 0, failed = 0 }
  for _, what in pairs(printed.results) do
    counts[what] = counts[what] + 1
  end
  return counts
end

local function is_there(number)
  return arrivals.state(server).entry(seeded.pool, "numbers", number) ~= nil
end

-- Every result against what the sandbox holds: `number_of(i)` is in the pool or, after a removal, gone.
local function check_state(printed, number_of, is_removed)
  local state = arrivals.state(server)
  for i, what in pairs(printed.results) do
    local has_happened = (state.entry(seeded.pool, "numbers", number_of(i)) ~= nil) ~= (is_removed or false)
    if what == "done" then
      assert.is_true(has_happened, number_of(i) .. " is said to be done")
    elseif what ~= "ambiguous" then
      assert.is_false(has_happened, number_of(i) .. " is said to be " .. what)
    end
  end
end

local function new_number(i)
  return ("1415555%04d"):format(i)
end

local function check_report(printed, total)
  assert.equal("false", printed.ok)
  assert.equal("interrupted", printed.kind)
  assert.matches("interrupted", printed.text)
  local counts = count_results(printed)
  assert.equal(total, counts.done + counts.skipped + counts.ambiguous + counts.undone + counts.failed)
  assert.equal(("%d"):format(total), printed.total)
  assert.equal(("%d"):format(counts.done), printed.succeeded)
  assert.equal(("%d"):format(counts.skipped), printed.skipped)
  return counts
end

describe("Ctrl-C in add_numbers", function()
  it("reports what was done, what is in doubt, and what wasn't begun", function()
    -- The first 40 are quick; from then on answers never come, after the change (even) or before it (odd).
    local late = { method = "POST", path = "1415555..[4-9][02468]", kind = "delay", seconds = 60, when = "after" }
    assert(server:fault(late))
    assert(server:fault { method = "POST", path = "1415555..[4-9]", kind = "delay", seconds = 60 })
    local printed = interrupt([[
      local items = {}
      for i = 1, 99 do items[i] = ("1415555%04d"):format(i) end
      report(pcall(pool.add_numbers, pool, items, { concurrency = 8 }))
      local found = pool:find_number "14155550001"
      print("later", found and found.number)
    ]], function()
      return is_there(new_number(46))
    end)
    local counts = check_report(printed, 99)
    assert.is_true(counts.done == 39 or counts.done == 38) -- the last quick answer may be on its way still
    assert.equal(8, counts.ambiguous)
    assert.equal(91, counts.done + counts.skipped)
    assert.equal("14155550001", printed.later)
    check_state(printed, new_number)
  end)

  it("is exact whenever it comes", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.002 })
    for wanted = 30, 240, 70 do
      assert(server:reset())
      seeded = assert(server:seed { numbers = 1 })
      local printed = interrupt([[
        local items = {}
        for i = 1, 2000 do items[i] = ("1415555%04d"):format(i) end
        report(pcall(pool.add_numbers, pool, items, { concurrency = 8 }))
      ]], function()
        return is_there(new_number(wanted))
      end)
      local counts = check_report(printed, 2000)
      assert.is_true(counts.done > 0)
      check_state(printed, new_number)
    end
  end)

  it("tells on_result of each item once", function()
    local printed = interrupt([[
      local items, told = {}, {}
      for i = 1, 2000 do items[i] = ("1415555%04d"):format(i) end
      local ok, err = pcall(pool.add_numbers, pool, items, { concurrency = 8, on_result = function(result)
        told[result.input] = (told[result.input] or 0) + 1
      end })
      report(ok, err)
      local once, more = 0, 0
      for _, count in pairs(told) do
        if count == 1 then once = once + 1 else more = more + 1 end
      end
      print("once", once)
      print("more", more)
    ]], function()
      return is_there(new_number(60))
    end)
    assert.equal("interrupted", printed.kind)
    assert.equal("2000", printed.total)
    assert.equal("2000", printed.once)
    assert.equal("0", printed.more)
  end)

  it("may come from an iterator", function()
    local printed = interrupt([[
      local index = 0
      local ok, err = pcall(pool.add_numbers, pool, function()
        index = index + 1
        return index <= 2000 and ("1415555%04d"):format(index) or nil
      end)
      report(ok, err)
    ]], function()
      return is_there(new_number(60))
    end)
    assert.equal("interrupted", printed.kind)
    check_state(printed, new_number)
  end)
end)

describe("Ctrl-C in remove_numbers", function()
  it("is exact too", function()
    assert(server:fault { method = "DELETE", path = "1512555..[5-9]", kind = "delay", seconds = 60, when = "after" })
    local function seeded_number(i)
      return ("%d"):format(15125550000 + i - 1)
    end
    local printed = interrupt([[
      local items = {}
      for i = 1, 100 do items[i] = 15125550000 + i - 1 end
      report(pcall(pool.remove_numbers, pool, items, { concurrency = 4 }))
    ]], function()
      return not is_there(seeded_number(54))
    end)
    local counts = check_report(printed, 100)
    assert.equal(50, counts.done)
    assert.equal(4, counts.ambiguous)
    assert.equal(46, counts.skipped)
    check_state(printed, seeded_number, true)
  end)
end)

describe("Ctrl-C in map", function()
  it("raises the report of the map", function()
    assert(server:fault { method = "POST", path = "1415555..[2-9]", kind = "delay", seconds = 60, when = "after" })
    local printed = interrupt([[
      local items = {}
      for i = 1, 50 do items[i] = i end
      report(pcall(client.map, client, items, function(i)
        return pool:add_number(("1415555%04d"):format(i))
      end, { concurrency = 4 }))
      local results = client:map({ 1, 2, 3 }, function(i)
        return pool:find_number(("1415555%04d"):format(i))
      end)
      print("later", results[3].value.number)
    ]], function()
      return is_there(new_number(23))
    end)
    local counts = check_report(printed, 50)
    assert.equal(19, counts.done)
    assert.equal(4, counts.ambiguous)
    assert.equal(27, counts.skipped)
    assert.equal("14155550003", printed.later)
    check_state(printed, new_number)
  end)

  it("is seen between items that make no call", function()
    local printed = interrupt([[
      local items = {}
      for i = 1, 100000 do items[i] = i end
      report(pcall(client.map, client, items, function(i)
        if i == 20 then assert(pool:add_number "14155550001") end
        local ends = os.clock() + 0.001
        repeat until os.clock() > ends
      end, { concurrency = 4 }))
    ]], function()
      return is_there(new_number(1))
    end)
    local counts = check_report(printed, 100000)
    assert.is_true(counts.done >= 20 and counts.skipped > 0)
  end)

  it("ends the outermost of nested ones, whose items are then in doubt", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 60, when = "after" })
    local printed = interrupt([[
      report(pcall(client.map, client, { 1, 2, 3 }, function(i)
        return pool:add_numbers({ ("1415555%04d"):format(i) })
      end))
      print("later", pool:count_numbers { country_iso2 = "CA" })
    ]], function()
      return is_there(new_number(3))
    end)
    assert.equal("interrupted", printed.kind)
    assert.equal("3", printed.failed)
    assert.equal(3, count_results(printed).ambiguous)
    assert.equal("0", printed.later)
  end)
end)

describe("Ctrl-C in a map within a loop over an iterator", function()
  it("ends the map alone", function()
    assert(server:fault { method = "GET", path = "Number/$", kind = "delay", seconds = 0.5 })
    assert(server:fault { method = "POST", kind = "delay", seconds = 60, when = "after" })
    local printed = interrupt([[
      local count = 0
      for entry in pool:numbers { limit = 20, prefetch = 2 } do
        count = count + 1
        if count == 20 then
          report(pcall(client.map, client, { "14155550001" }, function(number)
            return pool:add_number(number)
          end))
        end
      end
      print("later", count)
    ]], function()
      return is_there(new_number(1))
    end)
    assert.equal("interrupted", printed.kind)
    assert.is_true(tonumber(printed.later) >= 100)
  end)
end)

describe("Ctrl-C in a loop over an iterator", function()
  it("ends it, and the client goes on", function()
    assert(server:fault { method = "GET", path = "Number/?$", kind = "delay", seconds = 60, times = 1000 })
    local printed = interrupt([[
      report(pcall(function()
        for _ in pool:numbers { limit = 5 } do end
      end))
      local results = client:map({ 15125550000, 15125550001 }, function(number)
        return pool:find_number(number)
      end)
      print("later", results[2].value.number)
      print("once", assert(pool:find_number(15125550000)).number)
    ]], function()
      return #assert(server:requests()) > 0
    end)
    assert.equal("false", printed.ok)
    assert.matches("interrupted", printed.text)
    assert.equal("15125550001", printed.later)
    assert.equal("15125550000", printed.once)
  end)
end)
