--- Many sandboxes started, seeded, read, emptied and stopped, in several loops at once. None may fail, and no process
-- or folder may be left.
--
--     make soak-starts [STARTS='count=4000 loops=8']
--
-- Exits with 1 where one failed or left something.

local clock = require "numberpool.sandbox.clock"
local folders = require "numberpool.sandbox.folder"
local interpreter = require "spec.support.interpreter"
local sandbox = require "numberpool.sandbox"
local shell = require "numberpool.sandbox.shell"

local LEAVE_SECONDS = 10 -- what a process that ended at once may leave, and for how long

local function read_settings()
  local settings = { count = 4000, loops = 8 }
  for _, word in ipairs(arg) do
    local name, value = word:match "^(%a+)=(%d+)$"
    if not settings[name] then
      error("expected count= or loops=, got " .. word, 0)
    end
    settings[name] = tonumber(value)
  end
  return settings
end

local function live_once(index)
  local server = assert(sandbox.start { workers = index % 3 + 1 })
  local wanted = index % 50 + 1
  assert(server:seed { numbers = wanted })
  local held = #assert(server:state()).pools[1].numbers
  assert(held == wanted, ("seeded %d numbers, the state has %d"):format(wanted, held))
  assert(server:reset())
  assert(#assert(server:state()).pools == 0, "a pool is left after reset")
  assert(server:stop())
end

-- One loop, in a process of its own: a line for each failure.
local function run_loop(count)
  for index = 1, count do
    local ok, problem = pcall(live_once, index)
    if not ok then
      print(("failed: start %d: %s"):format(index, tostring(problem)))
      io.stdout:flush()
    end
  end
end

local function start_loops(settings, folder)
  local pipes = {}
  for loop = 1, settings.loops do
    local share = math.floor(settings.count / settings.loops) + (loop <= settings.count % settings.loops and 1 or 0)
    local command = ("TMPDIR=%s exec %s spec/soak/starts.lua loop %d 2>&1"):format(shell.quote(folder),
      shell.quote(interpreter.program), share)
    pipes[loop] = assert(io.popen(command, "r"))
  end
  return pipes
end

local function collect(pipes)
  local failures = 0
  for _, pipe in ipairs(pipes) do
    for line in pipe:lines() do
      print(line)
      io.stdout:flush()
      failures = failures + 1
    end
    pipe:close()
  end
  return failures
end

-- Processes that run in a folder of a sandbox, and the folders themselves.
local function leftovers(folder)
  local found = shell.run(("ls -A %s; for link in /proc/[0-9]*/cwd; do readlink \"$link\"; done 2>/dev/null | " ..
    "grep -F -- %s"):format(shell.quote(folder), shell.quote(folder .. "/")))
  return found
end

local function main()
  if arg[1] == "loop" then
    return run_loop(tonumber(arg[2]))
  end
  local settings = read_settings()
  local folder = assert(folders.make())
  local failures = collect(start_loops(settings, folder))
  clock.wait(LEAVE_SECONDS, function() return leftovers(folder) == "" end)
  local left = leftovers(folder)
  print(("%d starts in %d loops: %d failed"):format(settings.count, settings.loops, failures))
  if left ~= "" then
    print("left:\n" .. left)
  end
  folders.remove(folder)
  os.exit(failures == 0 and left == "" and 0 or 1, true)
end

main()
