-- Memory may run out at any instruction of a job's worker. The job ends all the same and tells of every item once, the
-- limit has back what was taken, at once or as soon as no exchange can hold it, and the client goes on.
local fixture = require "spec.support.fixture"
local new_client = require "spec.support.new_client"
local socket = require "socket"
local under_way = require "spec.support.under_way"

local OUT_OF_MEMORY = "not enough memory"
local NUMBERS = { "14155550101", "14155550102", "14155550103", "14155550104", "14155550105", "14155550106" }
local FIRST, STEP, LAST = 57, 7, 700 -- instructions: the first few are a hook's own

local RATE = { requests = 5000, seconds = 1 }

local server = fixture.sandbox()
local pool, client, seeded

if jit then
  jit.off() -- compiled code calls no hooks
  fixture.until_end(jit.on)
end

before_each(function()
  pool, client, seeded = fixture.pool(server, { numbers = 0 }, { rate = RATE, attempt_timeout = 1 })
end)

-- Has memory run out in the coroutine that calls this, so many instructions later.
local function run_out_after(count)
  local thread = coroutine.running()
  debug.sethook(thread, function()
    debug.sethook(thread)
    error(OUT_OF_MEMORY, 0)
  end, "", count)
end

local function check_client()
  local results = client:map({ 1, 2, 3 }, function()
    return pool:get()
  end, { concurrency = 2 })
  for i = 1, 3 do
    assert.is_true(results[i].ok, tostring(results[i].error))
  end
  assert.is_nil(next(client.runtime.tasks.live))
end

local function check_slots()
  local deadline = socket.gettime() + 60
  while under_way(client) > 0 do
    assert.is_true(socket.gettime() < deadline, "slots are taken")
    socket.sleep(0.05)
  end
end

local function iterator(list)
  local index = 0
  return function()
    index = index + 1
    return list[index]
  end
end

local SOURCES = {
  ["a list"] = function(list)
    return list
  end,
  ["an iterator"] = iterator,
}

-- That an error is of memory that ran out: the raised text, or an error object around it.
local function is_of_memory(err)
  return tostring(type(err) == "table" and (err.cause or err.message) or err):find(OUT_OF_MEMORY, 1, true) ~= nil
end

for name, source in pairs(SOURCES) do
  describe("memory that runs out in a worker on " .. name .. " ends", function()
    it("no map without a word", function()
      for count = FIRST, LAST, STEP do
        local begun = {}
        local ok, results = pcall(client.map, client, source(NUMBERS), function(_, index)
          begun[index] = (begun[index] or 0) + 1
          if index == 2 then
            run_out_after(count)
          end
          return pool:get()
        end, { concurrency = 2 })
        if ok then
          assert.equal(#NUMBERS, #results)
          for index, result in ipairs(results) do
            assert.is_true(result.ok or result.skipped or is_of_memory(result.error), tostring(result.error))
            assert.is_true(begun[index] == 1 or not result.ok)
          end
        else
          assert.is_true(is_of_memory(results), tostring(results))
        end
        for _, times in pairs(begun) do
          assert.equal(1, times)
        end
        check_client()
      end
      check_slots()
    end)

    it("no bulk call without a word", function()
      for count = FIRST, LAST, STEP do
        local told, succeeded = {}, {}
        -- The hook of a client is called in the worker.
        local is_armed = false
        local armed = new_client(server, { rate = RATE, on_event = function(event)
          if event.type == "attempt" and event.target == NUMBERS[2] and not is_armed then
            is_armed = true
            run_out_after(count)
          end
        end })
        local of_armed = assert(armed:pool(seeded.pool))
        local ok, report = pcall(of_armed.add_numbers, of_armed, source(NUMBERS), {
          concurrency = 2,
          on_result = function(result)
            told[result.input] = (told[result.input] or 0) + 1
            succeeded[result.input] = result.ok or nil
          end,
        })
        assert.is_true(is_armed)
        if not ok and type(report) == "table" then
          report = report.report
        elseif not ok then
          assert.is_true(is_of_memory(report), tostring(report))
          report = nil
        end
        if report then
          assert.equal(report.total, report.succeeded + report.failed + report.skipped)
          assert.is_true(report.total <= #NUMBERS)
        end
        for _, times in pairs(told) do
          assert.equal(1, times)
        end
        local held = {}
        for _, entry in ipairs(assert(pool:snapshot()).numbers) do
          held[entry.number] = true
        end
        for number in pairs(succeeded) do
          assert.is_true(held[number], number .. " isn't there")
        end
        assert.is_true(under_way(armed) <= 1)
        assert.is_nil(next(armed.runtime.tasks.live))
        local again = assert(of_armed:add_numbers(NUMBERS, { concurrency = 2 }))
        assert.equal(#NUMBERS, again.total)
        assert.equal(#NUMBERS, again.succeeded + again.failed)
        armed:close()
        for _, result in ipairs(assert(pool:remove_numbers(NUMBERS)).results) do
          assert.is_true(result.ok, tostring(result.error))
        end
        check_client()
      end
    end)
  end)
end
