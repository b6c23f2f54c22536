--- Locks between processes, by flock(2). SQLite's own locks are of another kind: the two don't meet.
local ffi = require "ffi"

local settings = require "numberpool.sandbox.server.settings"

local locks = {}

ffi.cdef [[
  int open(const char *path, int flags, ...);
  int flock(int fd, int operation);
]]

local O_RDONLY, O_CLOEXEC = 0, 0x80000
local LOCK_EX, LOCK_NB, LOCK_UN = 2, 4, 8

local turn

local function open(path)
  return ffi.C.open(path, O_RDONLY + O_CLOEXEC)
end

--- Takes a database for this server alone, until the last of its processes ends. Raises where another has it.
---@param path string
function locks.claim_database(path)
  local fd = open(path)
  if fd < 0 then
    error("cannot open the database " .. path, 0)
  end
  if ffi.C.flock(fd, LOCK_EX + LOCK_NB) ~= 0 then
    error("the database " .. path .. " is used by another sandbox", 0)
  end
end

--- Prepares a worker for `take_turn`. It comes at the worker's start, since later the folder may have been removed.
function locks.prepare_turn()
  turn = open(settings.folder .. "/settings.json")
end

--- Runs a function while no other worker is in here.
---@param run function
function locks.take_turn(run)
  ffi.C.flock(turn, LOCK_EX)
  run()
  ffi.C.flock(turn, LOCK_UN)
end

return locks
