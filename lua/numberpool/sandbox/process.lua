--- Processes and folders, with nothing but the shell and /proc: who we are, running a command,
-- ending a process.
local socket = require "socket"

local process = {}

--- Quotes a word for the shell.
function process.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- What C calls these in errno.h: no such file, no such process.
local NO_FILE, NO_PROCESS = 2, 3

-- The text of /proc/PID/stat; or nil, and whether that is because there is no such process.
local function read_stat(pid)
  local file, _, code = io.open(("/proc/%s/stat"):format(pid), "rb")
  local text
  if file then
    text, _, code = file:read "*a"
    file:close()
  end
  if text and text ~= "" then
    return text
  end
  return nil, code == NO_FILE or code == NO_PROCESS
end

--- A process by its pid and its start time, which together are never used again. Nil if there is none or only its
-- zombie is left, and true; or nil and false where that can't be told. Without a pid: this process.
function process.identify(pid)
  local text, gone = read_stat(pid and ("%d"):format(pid) or "self")
  if not text then
    return nil, gone
  end
  local own, state, rest = text:match "^(%d+) .*%) (%a) (.*)$"
  if state == "Z" or state == "X" then
    return nil, true
  end
  local index = 3
  for field in rest:gmatch "%S+" do
    index = index + 1
    if index == 22 then
      return { pid = tonumber(own), start_time = field }
    end
  end
  return nil, false
end

--- Whether two identities are one process.
function process.same(a, b)
  return a ~= nil and b ~= nil and a.pid == b.pid and a.start_time == b.start_time
end

-- Whether a process has surely ended.
local function has_ended(identity)
  local found, gone = process.identify(identity.pid)
  if found then
    return not process.same(found, identity)
  end
  return gone
end

--- Runs a shell command; gives what it printed on standard output and its exit code.
function process.run(command)
  local pipe, problem = io.popen(command .. "\necho \"exit:$?\"", "r")
  if not pipe then
    return nil, problem
  end
  local output = pipe:read "*a" or ""
  pipe:close()
  local text, code = output:match "^(.*)exit:(%d+)\n$"
  if not text then
    return nil, "the shell could not be run"
  end
  return text, tonumber(code)
end

local function is_there(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- Seconds by a clock that nobody sets, to a hundredth. Read as whole numbers: a locale may have another
-- decimal point.
function process.now()
  local file = assert(io.open("/proc/uptime", "rb"))
  local text = file:read "*l"
  file:close()
  local seconds, hundredths = text:match "^(%d+)%.(%d%d)"
  return tonumber(seconds) + tonumber(hundredths) / 100
end

--- Polls until `check` gives something true or `seconds` are over.
function process.wait(seconds, check)
  local deadline = process.now() + seconds
  repeat
    local result = check()
    if result then
      return result
    end
    socket.sleep(0.004)
  until process.now() > deadline
  return check()
end

--- Asks a process to end, and makes it where it doesn't within some seconds. Gives whether it has ended, and how:
-- "gone" already, "asked" or "killed".
function process.stop(identity)
  local function gone()
    return has_ended(identity)
  end
  -- Whoever adopts nginx collects its exit status a moment after it has ended.
  local function collected()
    return not is_there(("/proc/%d/stat"):format(identity.pid))
  end
  if gone() then
    return true, "gone"
  end
  process.run(("kill -TERM %d 2>/dev/null"):format(identity.pid))
  if process.wait(5, gone) then
    process.wait(0.1, collected)
    return true, "asked"
  end
  process.run(("kill -KILL %d 2>/dev/null"):format(identity.pid))
  return process.wait(5, gone), "killed"
end

-- The user we act as.
local function is_root()
  local file = io.open("/proc/self/status", "rb")
  if not file then
    return false
  end
  local text = file:read "*a" or ""
  file:close()
  return text:match "\nUid:%s+%d+%s+(%d+)" == "0"
end

-- The folder's path is absolute, whatever TMPDIR is: nginx takes relative ones from its own folder.
local make_command = [[
umask 077
cd -- "${TMPDIR:-/tmp}" 2>&1 >/dev/null && mktemp -d "$(pwd)/numberpool-sandbox.XXXXXX" 2>&1]]

--- Makes a private folder for temporary files; gives its path and whether we are root.
function process.make_folder()
  local output, code = process.run("(" .. make_command .. ")")
  if not output then
    return nil, code
  end
  if code ~= 0 then
    return nil, "no temporary folder: " .. output:gsub("%s+$", "")
  end
  return output:match "^(.*)\n$", is_root()
end

-- A shell keeps its first parent's pid in PPID, and /proc has the one that it has now.
local orphan_command = [[if read -r _ _ _ parent _ <"/proc/$$/stat" && [ "$parent" != "$PPID" ]; then rm -rf -- %s; fi]]

--- A command for `run` that fills a folder, and removes it where the process that wanted it was killed meanwhile.
function process.in_folder(folder, command)
  local quoted = process.quote(folder)
  return ("(cd %s && (%s); code=$?; %s; exit $code)"):format(quoted, command, orphan_command:format(quoted))
end

-- Whoever still ends may put a file back where all had been taken out; Ctrl-C in a terminal ends the shell.
local remove_command = "(trap '' INT; for try in 1 2 3 4 5; do rm -rf -- %s 2>/dev/null && exit; sleep 0.05; done)"

function process.remove_folder(folder)
  local command = remove_command:format(process.quote(folder))
  for _ = 1, 2 do
    if process.run(command) then
      return
    end
  end
end

return process
