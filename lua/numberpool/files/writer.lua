--- Writes a file that is complete or isn't there at all: it has a temporary name in the same folder until everything is
--- in it.
-- @module numberpool.files.writer

local csv = require "numberpool.files.csv"
local quote = require "numberpool.files.shell".quote

local writer = {}

--- An open file.
---@class numberpool.files.Writer
---@field path string as it was given, for messages
---@field target string? the file that the path leads to; nil for a device or a pipe
---@field temporary string? the temporary name; nil for a device or a pipe, and after `commit`
local Writer = {}
Writer.__index = Writer

--- The file that a path leads to, past symbolic links: to rename a file to the path would replace the link.
---@param path string
---@return string? target nil for a device or a pipe, which can't be replaced
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
  return found or path -- where the folder isn't there, opening the file says so
end

local function reason(path, message)
  return path .. ": " .. (tostring(message):match ": ([^:]*)$" or tostring(message))
end

-- Lua can't make a name that no file has yet. The address of a table is as good as random.
local function temporary_name(path)
  return ("%s.part-%x-%s"):format(path, os.time(), tostring({}):match "0x0*(%x+)" or "0")
end

-- Unbuffered: a flush by others, as io.popen's, would take the error of a full disk.
local function open_unbuffered(path)
  local file, message = io.open(path, "wb")
  if file then
    file:setvbuf "no"
  end
  return file, message
end

--- Opens a file for writing.
---@param path string
---@param delimiter string? default: a comma
---@return numberpool.files.Writer?
---@return string? message
function writer.open(path, delimiter)
  local target = writer.real_path(path)
  local temporary = target and temporary_name(target)
  local file, message = open_unbuffered(temporary or path)
  if not file then
    return nil, reason(path, message)
  end
  return setmetatable({ path = path, target = target, temporary = temporary, file = file, delimiter = delimiter },
    Writer)
end

local function check(self, ok, message)
  if not ok then
    return nil, reason(self.path, message)
  end
  return true
end

--- Writes a record.
---@param fields string[]
---@return true?
---@return string? message
function Writer:write(fields)
  return check(self, self.file:write(csv.format(fields, self.delimiter)))
end

--- Writes a text as it is.
---@param text string
---@return true?
---@return string? message
function Writer:write_text(text)
  return check(self, self.file:write(text))
end

--- Flushes, so that a full disk is known now.
---@return true?
---@return string? message
function Writer:flush()
  return check(self, self.file:flush())
end

--- Empties the file. Returns false for a device or a pipe, which can't be emptied.
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
  local file, message = open_unbuffered(self.temporary)
  if not file then
    return nil, reason(self.path, message)
  end
  self.file, self.is_closed = file, nil
  return true
end

--- Closes the file and gives it its name. If that fails, what had the name before is still there.
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

--- Closes the file and removes it. What was at its path before is still there. Does nothing after `commit`.
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
