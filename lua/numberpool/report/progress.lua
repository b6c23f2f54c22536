--- Shows how far a job is: on a terminal in one line that changes, elsewhere in a line every few seconds.
-- @module numberpool.report.progress

local progress = {}

local SECONDS_BETWEEN_LINES = 5

-- How often the line changes on a terminal, from nothing done to everything.
local MOST_CHANGES = 200

local DEFAULT_WIDTH = 80 -- columns

-- Columns of a bar, where there is room for one.
local LEAST_BAR, MOST_BAR = 10, 30

--- A line of progress.
---@class numberpool.report.Progress
local Progress = {}
Progress.__index = Progress

local function is_terminal()
  if os.getenv "TERM" == "dumb" then
    return false
  end
  local result = os.execute "test -t 2"
  return result == true or result == 0
end

--- Makes a line of progress.
---@param options { stream: file*?, is_live: boolean?, now: (fun(): number)?, width: integer? }? default: on standard
--- error, as it is; `width` is the terminal's
---@return numberpool.report.Progress
function progress.new(options)
  options = options or {}
  local is_live, now = options.is_live, options.now or os.time
  if is_live == nil then
    is_live = is_terminal()
  end
  return setmetatable({ stream = options.stream or io.stderr, is_live = is_live, now = now, shown_at = now(),
    began = now(), width = options.width or DEFAULT_WIDTH, shown = nil, part = nil }, Progress)
end

--- Shows a text, unless the last one was shown a moment ago.
---@param text string
---@param part number? how much is done, 0 to 1; on a terminal a text without it is always shown
function Progress:show(text, part)
  local now = self.now()
  local seconds = now - self.shown_at
  if self.is_live then
    local is_due = not self.shown or not part or part >= 1 or seconds >= 1
      or part - (self.part or 0) >= 1 / MOST_CHANGES
    if is_due and text ~= self.shown then
      self.shown, self.part, self.shown_at = text, part, now
      self.stream:write("\r", text, "\27[K")
      self.stream:flush()
    end
  elseif seconds >= SECONDS_BETWEEN_LINES then
    self.shown_at = now
    self.stream:write(text, "\n")
  end
end

-- Seconds as 45 s, 2:36 or 1:02:03.
local function time_text(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 60 then
    return ("%d s"):format(seconds)
  elseif seconds < 3600 then
    return ("%d:%02d"):format(math.floor(seconds / 60), seconds % 60)
  end
  return ("%d:%02d:%02d"):format(math.floor(seconds / 3600), math.floor(seconds / 60) % 60, seconds % 60)
end

local function bar_of(part, columns)
  local filled = math.floor(part * columns + 0.5)
  return "[" .. ("#"):rep(filled) .. ("."):rep(columns - filled) .. "] "
end

--- Shows how many of how many are done, how many a second, and how long the rest will take at that rate.
---@param done integer
---@param total integer? nil where that isn't known
---@param more string? what else there is to say, as "3 failed"
function Progress:count(done, total, more)
  local seconds = self.now() - self.began
  local words = { total and ("%d of %d"):format(done, total) or ("%d"):format(done) }
  words[#words + 1] = more
  if seconds >= 1 and done > 0 then
    local rate = done / seconds
    words[#words + 1] = ("%d a second"):format(math.floor(rate + 0.5))
    words[#words + 1] = total and done < total and time_text((total - done) / rate) .. " left" or nil
  end
  local text, part = table.concat(words, ", "), total and total > 0 and math.min(done / total, 1) or nil
  local columns = math.min(self.width - #text - 4, MOST_BAR)
  if self.is_live and part and columns >= LEAST_BAR then
    text = bar_of(part, columns) .. text
  end
  self:show(self.is_live and text:sub(1, self.width - 1) or text, part)
end

--- Removes the line, so that others can be written.
function Progress:clear()
  if self.shown then
    self.stream:write "\r\27[K"
    self.stream:flush()
    self.shown = nil
  end
end

return progress
