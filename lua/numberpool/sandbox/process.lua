--- Processes and folders, with nothing but the shell and /proc: who we are, running a command,
-- ending a process.
local socket = require "socket"

local process = {}

--- Quotes a word for the shell.
function process.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A process by its pid and its start time, which together are never used again; nil if there is
-- none or only its zombie is left. Without a pid: this process.
function process.identify(pid)
  local file = io.open(("/proc/%s/stat"):format(pid and ("%d"):format(pid) or "self"), "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  local own, state, rest = (text or ""):match("^(%d+) .*%) (%a) (.*)$")
  if not own or state == "Z" or state == "X" then return nil end
  local index = 3
  for field in rest:gmatch("%S+") do
    index = index + 1
    if index == 22 then return { pid = tonumber(own), start_time = field } end
  end
end

--- Whether two identities are one process.
function process.same(a, b)
  return a ~= nil and b ~= nil and a.pid == b.pid and a.start_time == b.start_time
end

--- Runs a shell command; gives what it printed on standard output and its exit code.
function process.run(command)
  local pipe, problem = io.popen(command .. "\necho \"exit:$?\"", "r")
  if not pipe then return nil, problem end
  local output = pipe:read("*a") or ""
  pipe:close()
  local text, code = output:match("^(.*)exit:(%d+)\n$")
  if not text then return nil, "the shell could not be run" end
  return text, tonumber(code)
end

local function is_there(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Polls until `check` gives something true or `seconds` are over.
function process.wait(seconds, check)
  local deadline = socket.gettime() + seconds
  repeat
    local result = check()
    if result then return result end
    socket.sleep(0.004)
  until socket.gettime() > deadline
  return check()
end

--- Asks a process to end, and makes it where it doesn't within some seconds.
function process.stop(identity)
  local function gone()
    return not process.same(process.identify(identity.pid), identity)
  end
  -- Whoever adopts nginx collects its exit status a moment after it has ended.
  local function collected()
    return not is_there(("/proc/%d/stat"):format(identity.pid))
  end
  if gone() then return true end
  process.run(("kill -TERM %d 2>/dev/null"):format(identity.pid))
  if process.wait(5, gone) then
    process.wait(0.1, collected)
    return true
  end
  process.run(("kill -KILL %d 2>/dev/null"):format(identity.pid))
  return process.wait(5, gone)
end

-- The user we act as.
local function is_root()
  local file = io.open("/proc/self/status", "rb")
  if not file then return false end
  local text = file:read("*a") or ""
  file:close()
  return text:match("\nUid:%s+%d+%s+(%d+)") == "0"
end

--- Makes a private folder for temporary files; gives its path and whether we are root.
function process.make_folder()
  local output, code = process.run('umask 077; mktemp -d "${TMPDIR:-/tmp}/numberpool-sandbox.XXXXXX" 2>&1')
  if not output then return nil, code end
  if code ~= 0 then return nil, "no temporary folder: " .. output end
  return output:match("^(.*)\n$"), is_root()
end

function process.remove_folder(folder)
  process.run("rm -rf -- " .. process.quote(folder))
end

return process
