--- What is done to a cosocket by its file descriptor, which its own methods don't do: to look whether anything has come
-- without waiting, and to end what another request waits for.
-- @module numberpool.runtime.nginx.descriptor

local ffi = require "ffi"

local descriptor = {}

local C = ffi.C

-- nginx's Lua module gives a descriptor where its own tests would replace it, if that is asked for with -1.
ffi.cdef [[
  int numberpool_descriptor(void *socket, int replacement, unsigned char *problem, size_t *length)
    __asm__("ngx_http_lua_ffi_socket_tcp_hack_fd");
  ptrdiff_t numberpool_recv(int descriptor, void *buffer, size_t length, int flags) __asm__("recv");
  int numberpool_shutdown(int descriptor, int how) __asm__("shutdown");
]]

local MSG_PEEK, SHUT_RDWR = 2, 2
local EAGAIN = jit.os == "Linux" and 11 or 35

local SOCKET = 1 -- the field of a cosocket that has what C knows of it

local problem, problem_length = ffi.new "unsigned char[64]", ffi.new "size_t[1]"
local byte = ffi.new "unsigned char[1]"

-- Negative where the socket is closed.
local function of(socket)
  problem_length[0] = 64
  return C.numberpool_descriptor(socket[SOCKET], -1, problem, problem_length)
end

--- Whether descriptors are to be had. The module has them from version 0.10.18 on.
---@return boolean
function descriptor.is_there()
  return (pcall(function()
    return C.numberpool_descriptor
  end))
end

--- Whether a connection is open and nothing has come on it that wasn't read. nginx itself may not have looked since.
---@param socket table
---@return boolean
function descriptor.is_quiet(socket)
  local file = of(socket)
  return file >= 0 and C.numberpool_recv(file, byte, 1, MSG_PEEK) == -1 and ffi.errno() == EAGAIN
end

--- Ends what waits for a socket, as if the server had closed the connection.
---@param socket table
function descriptor.cut_off(socket)
  local file = of(socket)
  if file >= 0 then
    C.numberpool_shutdown(file, SHUT_RDWR)
  end
end

return descriptor
