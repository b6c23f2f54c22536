--- A sandbox lives no longer than the process that started it: every worker looks, ten times a
-- second, whether that process is still there, and whether nginx's own master is.
local ffi = require "ffi"
local ngx_process = require "ngx.process"
local settings = require "numberpool.sandbox.server.settings"

local lifetime = {}

ffi.cdef [[
  int kill(int pid, int signal);
  int getppid(void);
  void *signal(int number, void *handler);
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
local file_too_large, ignore = 25, ffi.cast("void *", 1)
-- What C calls these in errno.h: no such file, no such process.
local no_file, no_process = 2, 3
local read_only, close_on_exec = 0, 0x80000
local exclusive, at_once, release = 2, 4, 8
local interval = 0.1

-- A process is known by its pid and its start time: pids are used again. A zombie is gone. What can't be read, where
-- too many files are open, is no proof that it is gone.
local function runs(pid, start_time)
  local file, _, code = io.open("/proc/" .. pid .. "/stat", "rb")
  local text
  if file then
    text, _, code = file:read "*a"
    file:close()
  end
  if not text or text == "" then
    return code ~= no_file and code ~= no_process
  end
  local state, rest = text:match ".*%) (%a) (.*)$"
  if state == "Z" or state == "X" then
    return false
  end
  local index, found = 3, nil
  for field in rest:gmatch "%S+" do
    index = index + 1
    if index == 22 then
      found = field break
    end
  end
  return found == start_time
end

local function quoted(path)
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- The folder goes first: what still has its files open doesn't mind. Another worker may be at it, and the master may
-- put its pid there meanwhile.
local function finish(master)
  os.execute(("for try in 1 2 3 4 5; do rm -rf -- %s 2>/dev/null && exit; sleep 0.05; done")
    :format(quoted(settings.folder)))
  if master then
    ffi.C.kill(master, terminate)
  end
  ffi.C.kill(ngx.worker.pid(), terminate)
end

--- The master's pid, as the master knew it before it made this worker. Its file may be written later, and the parent
-- is another process once the master has been killed.
function lifetime.master()
  return ngx_process.get_master_pid()
end

--- Lets a write past a limit on the size of files fail, as it does on a full disk, rather than end the process.
function lifetime.outlive_limits()
  ffi.C.signal(file_too_large, ignore)
end

--- Begins to watch, in a worker.
function lifetime.watch()
  local master = lifetime.master()
  local function look(premature)
    if premature then
      return
    end
    if ffi.C.getppid() ~= master then
      return finish(nil)
    end
    if not runs(settings.owner.pid, settings.owner.start_time) then
      finish(master)
    end
  end
  assert(ngx.timer.every(interval, look))
end

--- Takes the database for this server alone, for as long as any of its processes lives. SQLite's
-- own locks are of another sort, and don't meet this one.
function lifetime.claim(path)
  local fd = ffi.C.open(path, read_only + close_on_exec)
  if fd < 0 then
    error("cannot open the database " .. path, 0)
  end
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
  if not ffi.abi "64bit" then
    return list
  end
  local directory = ffi.C.opendir "/proc/self/fd"
  if directory == nil then
    return list
  end
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
  local buffer = ffi.new "char[64]"
  for _, fd in ipairs(open_files()) do
    local length = fd > 2 and tonumber(ffi.C.readlink("/proc/self/fd/" .. fd, buffer, 63)) or 0
    local target = length > 0 and ffi.string(buffer, length) or ""
    if target:find "^socket:" or target:find "^pipe:" then
      ffi.C.close(fd)
    end
  end
end

return lifetime
