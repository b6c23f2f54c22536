--- A plan that is carried out in a process of its own, against a server that breaks requests, and that is killed with
--- kill -9 again and again. In the end the pool must be as it should be, with nothing given back twice.
-- @module spec.soak.killed

local interpreter = require "spec.support.interpreter"
local plan = require "spec.soak.plan"
local socket = require "socket"

local killed = {}

local LONGEST = 600 -- seconds

-- What the process does. It writes a line for each change that is done, and one at its end.
local CODE = [[
local numberpool = require "numberpool"
local settings = %s
local desired = dofile(settings.desired)
local client = assert(numberpool.new { base_url = settings.base_url, auth_id = settings.auth_id,
  auth_token = settings.auth_token, rate = false, attempt_timeout = 0.5, max_body = 1024 * 1024 })
local pool = assert(client:pool(settings.pool))
local output = assert(io.open(arg[1], "w"))
output:setvbuf "no"
for _ = 1, 20 do
  local plan, err = pool:plan(desired, { prune = true, unrent = true })
  if plan and plan:count() == 0 then
    output:write "end\n"
    return
  elseif plan then
    plan:apply { concurrency = settings.concurrency, force = true, on_progress = function()
      output:write "+\n"
    end }
  else
    output:write("# ", tostring(err), "\n")
  end
end
]]

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

local function source_of(fields)
  local parts = {}
  for name, value in pairs(fields) do
    parts[#parts + 1] = type(value) == "number" and ("%s = %d"):format(name, value) or ("%s = %q"):format(name, value)
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- Waits until a check gives something.
local function wait_for(check, what)
  local deadline = socket.gettime() + LONGEST
  repeat
    local result = check()
    if result then
      return result
    end
    socket.sleep(0.005)
  until socket.gettime() > deadline
  error(what .. ": not within " .. LONGEST .. " seconds", 0)
end

-- Starts a process, which has files of its own: `output1` and so on. Returns its id.
local function start(folder, index)
  local pid_file = folder .. "/pid" .. index
  os.remove(pid_file)
  write(folder .. "/output" .. index, "")
  os.execute(("sh -c 'echo $$ >%s; exec %s %s/script.lua %s/output%d >%s/errors%d 2>&1' </dev/null &"):format(pid_file,
    interpreter.program, folder, folder, index, folder, index))
  return wait_for(function()
    return read(pid_file):match "^(%d+)\n"
  end, "a process")
end

-- Whoever inherits it may not have asked for its end yet.
local function has_ended(pid)
  local state = read("/proc/" .. pid .. "/stat"):match "^.*%) (%a)"
  return state == nil or state == "Z"
end

local function lines_of(folder, index)
  local _, count = read(folder .. "/output" .. index):gsub("%+", "")
  return count
end

local function new_random(seed)
  local state = seed % 2147483646 + 1
  return function(most)
    state = (state * 16807) % 2147483647
    return state % most + 1
  end
end

-- A share of the pool stays, a share is given back, a share gets another service, a share comes.
local function new_case(count)
  local each = math.floor(count / 3)
  local case = { seeded = {}, services = {}, released = {}, lines = {} }
  local function want(number, service)
    case.services[number] = service
    case.lines[#case.lines + 1] = ('{ number = "%s", service = "%s" },'):format(number, service)
  end
  for i = 1, each + 20 do -- those that stay, and those that get another service
    local number = ("1202%07d"):format(5550000 + i)
    case.seeded[#case.seeded + 1] = number
    want(number, i <= 20 and "sms" or "mms")
  end
  for i = 1, each do
    local number = ("1212%07d"):format(5550000 + i)
    case.seeded[#case.seeded + 1] = number
    case.released[number] = true
  end
  for i = 1, count - 2 * each do
    want(("1415%07d"):format(5550000 + i), i % 2 == 0 and "sms" or "mms")
  end
  return case
end

-- The differences between what the sandbox has and what it should have, as lines.
local function differences(server, pool, case)
  local list, state = {}, assert(server:state())
  local function differ(...)
    list[#list + 1] = string.format(...)
  end
  local seen = {}
  for _, found in ipairs(state.pools) do
    for _, entry in ipairs(found.uuid == pool and found.numbers or {}) do
      seen[entry.number] = true
      if case.services[entry.number] ~= entry.service then
        differ("%s is there with %s, wanted %s", entry.number, entry.service, tostring(case.services[entry.number]))
      end
    end
  end
  for number in pairs(case.services) do
    if not seen[number] then
      differ("%s isn't there", number)
    end
  end
  for _, account in ipairs(state.accounts) do
    local unrents = {}
    for _, entry in ipairs(account.auth_id == server.auth_id and account.ledger or {}) do
      unrents[entry.number] = entry.unrents
      if entry.rents ~= 0 or entry.unrents ~= 1 or not case.released[entry.number] then
        differ("%s was bought %d and given back %d times", entry.number, entry.rents, entry.unrents)
      end
    end
    for number in pairs(account.auth_id == server.auth_id and case.released or {}) do
      if unrents[number] ~= 1 then
        differ("%s was given back %d times", number, unrents[number] or 0)
      end
    end
  end
  return list
end

-- Kills a process once a share of the changes is done, unless it has ended by then, where this machine is busy. Returns
-- how many it did, and whether it was killed.
local function kill_one(folder, wanted)
  local pid = start(folder, 1)
  wait_for(function()
    return lines_of(folder, 1) >= wanted or has_ended(pid)
  end, "the time to kill it")
  if has_ended(pid) then
    return lines_of(folder, 1), false
  end
  interpreter.shell("kill -KILL " .. pid)
  wait_for(function()
    return has_ended(pid)
  end, "its end")
  return lines_of(folder, 1), true
end

-- Lets so many processes run at a time, to their end.
local function run_to_end(folder, outcome, processes)
  local pids = {}
  for index = 1, processes do
    pids[index] = start(folder, index)
  end
  for index, pid in ipairs(pids) do
    wait_for(function()
      return has_ended(pid)
    end, "its end")
    local last = read(folder .. "/output" .. index):match "([^\n]*)\n$"
    outcome.has_ended = outcome.has_ended and last == "end"
    outcome.errors = outcome.errors .. (last ~= "end" and last or "") .. read(folder .. "/errors" .. index)
    outcome.done = outcome.done + lines_of(folder, index)
  end
end

--- Runs it.
---@param server table a sandbox's handle
---@param folder string an empty one
---@param settings table { changes, kills, processes (at a time, in the end), faults (share of the requests), seed,
-- concurrency }
---@return table outcome { differences (lines), killed (changes that were done before each kill), done (those after the
-- last one), has_ended (whether nothing was left to do), errors (text) }
function killed.run(server, folder, settings)
  local case = new_case(settings.changes)
  local seeded = assert(server:seed { numbers = case.seeded })
  write(folder .. "/desired.lua", "return { numbers = {\n" .. table.concat(case.lines, "\n") .. "\n} }\n")
  write(folder .. "/script.lua", CODE:format(source_of {
    base_url = server.base_url, auth_id = server.auth_id, auth_token = server.auth_token, pool = seeded.pool,
    desired = folder .. "/desired.lua", concurrency = settings.concurrency,
  }))
  for _, fault in ipairs(settings.faults > 0 and plan.faults(settings.seed, settings.faults) or {}) do
    assert(server:fault(fault))
  end
  local random = new_random(settings.seed)
  local outcome = { killed = {}, done = 0, has_ended = true, errors = "" }
  local share = math.floor(settings.changes / (settings.kills + 1)) -- something is left for the next ones
  if settings.delay then
    assert(server:fault { kind = "delay", seconds = settings.delay })
  end
  local goes_on = true
  while goes_on and #outcome.killed < settings.kills do
    local count
    count, goes_on = kill_one(folder, random(share))
    outcome.killed[#outcome.killed + 1] = goes_on and count or nil
  end
  run_to_end(folder, outcome, settings.processes)
  outcome.differences = differences(server, seeded.pool, case)
  return outcome
end

return killed
