--- A part of a text that is parsed. More of the text is read when what stands there may not end within the part.
-- @module numberpool.files.buffer

local buffer = {}

--- The part of a text that isn't parsed yet.
---@class numberpool.files.Buffer
---@field text string
---@field at integer the position of what is parsed next
---@field line integer the line at that position
---@field message string? why the text can't be read; it ends there
local Buffer = {}
Buffer.__index = Buffer

-- Drops what is before the position, and reads at least as much again as is left.
local function read_more(self)
  local pieces, length = { self.text:sub(self.at) }, 0
  local least = #pieces[1]
  repeat
    local piece, message = self.read()
    self.message = self.message or message
    self.is_whole = not piece
    pieces[#pieces + 1] = piece
    length = length + #(piece or "")
  until self.is_whole or length > least
  self.text, self.at = table.concat(pieces), 1
end

--- Parses something. Where that reached the end of the part, it is parsed again with more of the text.
---@param parse fun(self: numberpool.files.Buffer, ...): any it moves `at` and `line`; where it fails, too
---@return any ... what `parse` returns
function Buffer:parse(parse, ...)
  while true do
    local at, line = self.at, self.line
    local first, second, third = parse(self, ...)
    if self.at <= #self.text or self.is_whole then
      return first, second, third
    end
    self.at, self.line = at, line
    read_more(self)
  end
end

--- Whether the text is over. Where it isn't, there is something at the position.
---@return boolean
function Buffer:is_over()
  if self.at > #self.text and not self.is_whole then
    read_more(self)
  end
  return self.at > #self.text
end

--- Reads all that is left, and gives it.
---@return string
function Buffer:rest()
  while not self.is_whole do
    read_more(self)
  end
  return self.text:sub(self.at)
end

--- Makes a buffer.
---@param read fun(): string?, string? the next piece of the text
---@return numberpool.files.Buffer
function buffer.new(read)
  return setmetatable({ read = read, text = "", at = 1, line = 1, is_whole = false }, Buffer)
end

--- Makes a buffer of a whole text.
---@param text string
---@param line integer? the number of its first line; default 1
---@return numberpool.files.Buffer
function buffer.of(text, line)
  return setmetatable({ text = text, at = 1, line = line or 1, is_whole = true }, Buffer)
end

return buffer
