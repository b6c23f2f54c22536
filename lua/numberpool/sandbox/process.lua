--- Processes, as /proc shows them. The server uses this module too, so it needs nothing but Lua.
local process = {}

-- errno.h: no such file, no such process.
local ENOENT, ESRCH = 2, 3

-- Which field of /proc/PID/stat has the time when the process started: proc_pid_stat(5).
local START_TIME = 22

--- A process. Pids are used again, but never with the same start time.
---@class numberpool.sandbox.Process
---@field pid integer
---@field start_time string

-- Returns the text of /proc/PID/stat; or nil, and whether there is no such process.
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
  return nil, code == ENOENT or code == ESRCH
end

--- Finds a running process.
---@param pid integer? default: this process
---@return numberpool.sandbox.Process?
---@return boolean? has_ended true where there is none, or only a zombie; false where /proc can't tell
function process.find(pid)
  local text, has_ended = read_stat(pid and ("%d"):format(pid) or "self")
  if not text then
    return nil, has_ended
  end
  local own_pid, state, rest = text:match "^(%d+) .*%) (%a) (.*)$"
  if state == "Z" or state == "X" then
    return nil, true
  end
  local index = 3
  for field in rest:gmatch "%S+" do
    index = index + 1
    if index == START_TIME then
      return { pid = tonumber(own_pid), start_time = field }
    end
  end
  return nil, false
end

--- Whether two are the same process. False where one is nil.
---@param a numberpool.sandbox.Process?
---@param b numberpool.sandbox.Process?
---@return boolean
function process.is_same(a, b)
  return a ~= nil and b ~= nil and a.pid == b.pid and a.start_time == b.start_time
end

--- Whether a process has ended. False where /proc can't tell, as with too many files open.
---@param known numberpool.sandbox.Process
---@return boolean
function process.has_ended(known)
  local found, has_ended = process.find(known.pid)
  if found then
    return not process.is_same(found, known)
  end
  return has_ended
end

--- Whether this process acts as root.
---@return boolean
function process.is_root()
  local file = io.open("/proc/self/status", "rb")
  if not file then
    return false
  end
  local text = file:read "*a" or ""
  file:close()
  return text:match "\nUid:%s+%d+%s+(%d+)" == "0"
end

return process
