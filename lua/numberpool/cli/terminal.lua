--- Whether a person looks at the output, how wide it is, and their answer to a question.
-- @module numberpool.cli.terminal

local terminal = {}

local DEFAULT_WIDTH, LEAST_WIDTH = 80, 10

local STREAMS = { stdin = 1, stdout = 2, stderr = 4 } -- bits of what `look` prints

local found -- the bits

-- One process tells of all three streams, by its exit status: those are its own.
local function look()
  local result, _, code = os.execute("i=0; test -t 0 && i=1; test -t 1 && i=$((i+2)); test -t 2 && i=$((i+4));"
    .. " exit $i")
  code = code or (type(result) == "number" and result / 256) or 0 -- Lua 5.1 gives what wait gives
  return code >= 0 and code <= 7 and code or 0
end

--- Whether a stream is a terminal.
---@param name "stdin"|"stdout"|"stderr"
---@return boolean
function terminal.is(name)
  found = found or look()
  return math.floor(found / STREAMS[name]) % 2 == 1
end

local function has_colour_variables()
  local no_colour, kind = os.getenv "NO_COLOR", os.getenv "TERM"
  return (no_colour == nil or no_colour == "") and kind ~= nil and kind ~= "" and kind ~= "dumb"
end

--- Whether colours may be written to a stream.
---@param name "stdout"|"stderr"
---@return boolean
function terminal.has_colours(name)
  return has_colour_variables() and terminal.is(name)
end

--- How many columns the terminal has.
---@return integer
function terminal.width()
  local columns = tonumber(os.getenv "COLUMNS" or "")
  if not columns then
    local process = io.popen "stty size </dev/tty 2>/dev/null"
    columns = process and tonumber(process:read "*a":match "^%d+ (%d+)")
    if process then
      process:close()
    end
  end
  if not columns or columns < 1 then
    columns = DEFAULT_WIDTH
  end
  return math.max(math.floor(columns), LEAST_WIDTH)
end

-- Reads a line from the terminal. A process of its own does, which Ctrl-C ends: Lua notices that only once a read is
-- over.
local function read_line()
  local process = io.popen('IFS= read -r line </dev/tty && printf %s "$line"', "r")
  local line = process and process:read "*a" or ""
  if process then
    process:close()
  end
  return line
end

--- Asks a question on the terminal. True for y or yes; anything else is no.
---@param question string
---@return boolean
function terminal.ask(question)
  io.stderr:write(question, " [y/N] ")
  io.stderr:flush()
  local ok, line = pcall(read_line)
  if not ok then -- Ctrl-C
    io.stderr:write "\n"
    error(line, 0)
  end
  local answer = line:lower():match "^%s*(.-)%s*$"
  return answer == "y" or answer == "yes"
end

return terminal
