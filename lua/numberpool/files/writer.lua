--- Writes a file that is there as a whole or not at all: under another name in the same folder, which it loses when
--- everything is in it.
-- @module numberpool.files.writer

local csv = require "numberpool.files.csv"

local writer = {}

---@class numberpool.files.Writer
---@field path string as it was given; for messages
local Writer = {}
Writer.__index = Writer

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Where a path leads: past symbolic links, which would be lost by a rename. Nil for what can't be replaced, as a
--- device or a pipe, which is written as it is.
---@param path string
---@return string?
function writer.real_path(path)
  local process = io.popen(("p=%s; if [ -e \"$p\" ] && [ ! -f \"$p\" ]; then echo special; else "
    .. "printf '%%s\\n' 'file '\"$(readlink -f -- \"$p\")\"; fi"):format(quote(path)), "r")
  local answer = process and process:read "*a" or "file \n"
  if process then
    process:close()
  end
  if answer == "special\n" then
    return nil
  end
  local found = answer:match "^file (.+)\n$"
  return found or path -- a folder that isn't there: opening the file says so
end

local function reason(path, message)
  return path .. ": " .. (tostring(message):match ": ([^:]*)$" or tostring(message))
end

-- Lua can't ask for a name that nobody has: the address of a table is as good as random.
local function temporary_name(path)
  return ("%s.part-%x-%s"):format(path, os.time(), tostring({}):match "0x0*(%x+)" or "0")
end

--- Opens a file for writing.
---@param path string
---@param delimiter string?
---@return numberpool.files.Writer?
---@return string? message
function writer.open(path, delimiter)
  local target = writer.real_path(path)
  local temporary = target and temporary_name(target)
  local file, message = io.open(temporary or path, "wb")
  if not file then
    return nil, reason(path, message)
  end
  file:setvbuf "no" -- a flush by others, as io.popen's, would keep a full disk to itself
  return setmetatable({ path = path, target = target, temporary = temporary, file = file, delimiter = delimiter },
    Writer)
end

--- Writes a record.
---@param fields string[]
---@return true?
---@return string? message
function Writer:write(fields)
  local ok, message = self.file:write(csv.format(fields, self.delimiter))
  if not ok then
    return nil, reason(self.path, message)
  end
  return true
end

--- Sees to it that what was written is where it can't be lost for want of room.
---@return true?
---@return string? message
function Writer:flush()
  local ok, message = self.file:flush()
  if not ok then
    return nil, reason(self.path, message)
  end
  return true
end

--- Begins anew, with nothing in the file. False where that can't be, since others have read it.
---@return boolean?
---@return string? message
function Writer:restart()
  if not self.temporary then
    return false
  end
  if not self.is_closed then
    self.file:close()
    self.is_closed = true
  end
  local file, message = io.open(self.temporary, "wb")
  if not file then
    return nil, reason(self.path, message)
  end
  file:setvbuf "no"
  self.file, self.is_closed = file, nil
  return true
end

--- Gives the file its name. Where that fails, what was there before is still there.
---@return true?
---@return string? message
function Writer:commit()
  local ok, message = self:flush()
  if ok then
    ok, message = self.file:close()
    self.is_closed = true
    if ok and self.temporary then
      ok, message = os.rename(self.temporary, self.target)
    end
    message = not ok and reason(self.path, message) or nil
  end
  if not ok then
    self:discard()
    return nil, message
  end
  self.temporary = nil
  return true
end

--- Leaves everything as it was before. Does nothing after `commit`.
function Writer:discard()
  if not self.is_closed then
    self.is_closed = true
    self.file:close()
  end
  if self.temporary then
    os.remove(self.temporary)
    self.temporary = nil
  end
end

return writer
