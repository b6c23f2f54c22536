--- The text of a file, piece by piece, decoded. What is wrong with the file is a message that begins with its path.
-- @module numberpool.files.source

local encoding = require "numberpool.files.encoding"

local source = {}

local PIECE = 64 * 1024

--- A file that is read.
---@class numberpool.files.Source
---@field path string as messages have it
local Source = {}
Source.__index = Source

-- "Is a directory" of "/tmp: Is a directory", or of the message of a read, which has no path.
local function fail(self, message)
  self.message = self.path .. ": " .. (tostring(message):match ": ([^:]*)$" or tostring(message))
  return nil, self.message
end

local function read_bytes(self, count)
  local bytes, message = self.file:read(count)
  if message then
    return fail(self, message)
  end
  return bytes and bytes ~= "" and bytes or nil
end

-- UTF-16 is decoded as a whole; of everything else the first piece shows what it is.
local function read_first(self)
  local bytes, message = read_bytes(self, PIECE)
  if not bytes then
    return nil, message
  end
  local mark = bytes:sub(1, 2)
  if mark == "\255\254" or mark == "\254\255" then
    local rest
    rest, message = read_bytes(self, "*a")
    if message then
      return nil, message
    end
    bytes = bytes .. (rest or "")
  end
  local text, wrong = encoding.decode(bytes)
  if not text then
    self.message = self.path .. ": " .. wrong
    return nil, self.message
  end
  return text
end

--- The next piece of the text; nil at its end; nil and a message where it can't be read.
---@return string?
---@return string? message
function Source:read()
  if self.message then
    return nil, self.message
  elseif not self.has_begun then
    self.has_begun = true
    return read_first(self)
  end
  local bytes, message = read_bytes(self, PIECE)
  if bytes and bytes:find("\0", 1, true) then
    self.message = self.path .. ": " .. encoding.ZERO_BYTES
    return nil, self.message
  end
  return bytes, message
end

--- Closes the file.
function Source:close()
  if self.file ~= io.stdin then
    self.file:close()
  end
end

--- Opens a file.
---@param path string `-` is standard input
---@return numberpool.files.Source?
---@return string? message
function source.open(path)
  if path == "-" then
    return setmetatable({ path = "standard input", file = io.stdin }, Source)
  end
  local file, message = io.open(path, "rb")
  if not file then
    return nil, path .. ": " .. (message:match ": ([^:]*)$" or message)
  end
  return setmetatable({ path = path, file = file }, Source)
end

return source
