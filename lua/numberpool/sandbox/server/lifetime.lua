--- A sandbox lives no longer than the process that started it: every worker looks, ten times a
-- second, whether that process is still there, and whether nginx's own master is.
local ffi = require "ffi"
local settings = require "numberpool.sandbox.server.settings"

local lifetime = {}

ffi.cdef [[
  int kill(int pid, int signal);
  int getppid(void);
  int open(const char *path, int flags, ...);
  int close(int fd);
  int flock(int fd, int operation);
  long readlink(const char *path, char *buffer, size_t size);
  typedef struct { uint64_t inode; int64_t offset; unsigned short length; unsigned char type; char name[256]; }
    numberpool_entry;
  void *opendir(const char *path);
  numberpool_entry *readdir(void *directory);
  int closedir(void *directory);
]]

local terminate = 15
local read_only, close_on_exec = 0, 0x80000
local exclusive, at_once, release = 2, 4, 8
local interval = 0.1

-- A process is known by its pid and its start time: pids are used again. A zombie is gone.
local function runs(pid, start_time)
  local file = io.open("/proc/" .. pid .. "/stat", "rb")
  if not file then return false end
  local text = file:read("*a") or ""
  file:close()
  local state, rest = text:match(".*%) (%a) (.*)$")
  if not state or state == "Z" or state == "X" then return false end
  local index, found = 3, nil
  for field in rest:gmatch("%S+") do
    index = index + 1
    if index == 22 then found = field break end
  end
  return found == start_time
end

local function quoted(path)
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- The folder goes first: what still has its files open doesn't mind.
local function finish(master)
  os.execute("rm -rf -- " .. quoted(settings.folder))
  if master then ffi.C.kill(master, terminate) end
  ffi.C.kill(ngx.worker.pid(), terminate)
end

-- The master writes its pid before it makes a worker. Asking for the parent's would be too late where the master
-- is killed while a worker starts.
local function pid_of_master()
  local file = assert(io.open(settings.folder .. "/nginx.pid", "rb"))
  local pid = tonumber(file:read("*l"))
  file:close()
  return pid
end

--- Begins to watch, in a worker.
function lifetime.watch()
  local master = pid_of_master()
  local function look(premature)
    if premature then return end
    if ffi.C.getppid() ~= master then return finish(nil) end
    if not runs(settings.owner.pid, settings.owner.start_time) then finish(master) end
  end
  assert(ngx.timer.every(interval, look))
end

--- Takes the database for this server alone, for as long as any of its processes lives. SQLite's
-- own locks are of another sort, and don't meet this one.
function lifetime.claim(path)
  local fd = ffi.C.open(path, read_only + close_on_exec)
  if fd < 0 then error("cannot open the database " .. path, 0) end
  if ffi.C.flock(fd, exclusive + at_once) ~= 0 then
    error("the database " .. path .. " is used by another sandbox", 0)
  end
end

local turn

--- Prepares a worker for `take_turn`, while the folder is surely there.
function lifetime.prepare_turn()
  turn = ffi.C.open(settings.folder .. "/settings.json", read_only + close_on_exec)
end

--- Runs something while no other worker does.
function lifetime.take_turn(run)
  ffi.C.flock(turn, exclusive)
  run()
  ffi.C.flock(turn, release)
end

-- The layout above is that of 64-bit systems.
local function open_files()
  local list = {}
  if not ffi.abi("64bit") then return list end
  local directory = ffi.C.opendir("/proc/self/fd")
  if directory == nil then return list end
  local entry = ffi.C.readdir(directory)
  while entry ~= nil do
    list[#list + 1] = tonumber(ffi.string(entry.name))
    entry = ffi.C.readdir(directory)
  end
  ffi.C.closedir(directory)
  return list
end

--- Closes sockets and pipes that came from the owner's process: held here, they would keep the
-- owner's ports taken and its peers waiting. nginx has opened none of its own yet.
function lifetime.drop_inherited()
  local buffer = ffi.new("char[64]")
  for _, fd in ipairs(open_files()) do
    local length = fd > 2 and tonumber(ffi.C.readlink("/proc/self/fd/" .. fd, buffer, 63)) or 0
    local target = length > 0 and ffi.string(buffer, length) or ""
    if target:find("^socket:") or target:find("^pipe:") then ffi.C.close(fd) end
  end
end

return lifetime
