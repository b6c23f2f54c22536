--- What nginx's master inherits from the process that started it, and must not keep.
local ffi = require "ffi"

local inherited = {}

ffi.cdef [[
  void *signal(int number, void *handler);
  int close(int fd);
  long readlink(const char *path, char *buffer, size_t size);
  typedef struct { uint64_t inode; int64_t offset; unsigned short length; unsigned char type; char name[256]; }
    numberpool_entry;
  void *opendir(const char *path);
  numberpool_entry *readdir(void *directory);
  int closedir(void *directory);
]]

local SIGXFSZ = 25
local SIG_IGN = ffi.cast("void *", 1)
local STDERR = 2

--- With a limit on the size of files, lets a write fail as it does on a full disk. The signal would end the process.
function inherited.survive_file_limit()
  ffi.C.signal(SIGXFSZ, SIG_IGN)
end

-- The file descriptors of this process; none on a 32-bit system, where a directory's entry has another layout.
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

--- Closes sockets and pipes: held here, they would keep the owner's ports taken and its peers waiting. Must be called
--- before nginx opens its own.
function inherited.close_connections()
  local buffer = ffi.new "char[64]"
  for _, fd in ipairs(open_files()) do
    local length = fd > STDERR and tonumber(ffi.C.readlink("/proc/self/fd/" .. fd, buffer, 63)) or 0
    local target = length > 0 and ffi.string(buffer, length) or ""
    if target:find "^socket:" or target:find "^pipe:" then
      ffi.C.close(fd)
    end
  end
end

return inherited
