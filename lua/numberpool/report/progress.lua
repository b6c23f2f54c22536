--- Shows how far a job is: on a terminal in one line that changes, elsewhere in a line every few seconds.
-- @module numberpool.report.progress

local progress = {}

local SECONDS_BETWEEN_LINES = 5

-- How often the line changes on a terminal, from nothing done to everything.
local MOST_CHANGES = 200

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
---@param options { stream: file*?, is_live: boolean?, now: (fun(): number)? }? default: on standard error, as it is
---@return numberpool.report.Progress
function progress.new(options)
  options = options or {}
  local is_live, now = options.is_live, options.now or os.time
  if is_live == nil then
    is_live = is_terminal()
  end
  return setmetatable({ stream = options.stream or io.stderr, is_live = is_live, now = now, shown_at = now(),
    shown = nil, part = nil }, Progress)
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

--- Removes the line, so that others can be written.
function Progress:clear()
  if self.shown then
    self.stream:write "\r\27[K"
    self.stream:flush()
    self.shown = nil
  end
end

return progress
