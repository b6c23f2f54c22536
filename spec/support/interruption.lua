-- Ctrl-C at any instruction of the main thread. Where the library holds SIGINT, the signal is sent. Elsewhere the
-- stock interpreter's handler would raise at once, and so does this, since that handler works once in a process.
local curl = require "numberpool.curl"

local interruption = {}

local function pid()
  local file = assert(io.open("/proc/self/stat"))
  local text = file:read "*a"
  file:close()
  return text:match "^%d+"
end

local kill = "kill -INT " .. pid()

local function is_held()
  if curl.hold_interrupts() then
    curl.release_interrupts()
    return false
  end
  return true
end

--- To be called in setup: whether SIGINT can be held in this process at all.
function interruption.check()
  assert(not is_held(), "SIGINT isn't the interpreter's here")
end

--- Interrupts the main thread: here, or where a job waits that holds SIGINT.
function interruption.send()
  if is_held() then
    io.popen(kill):close() -- os.execute would ignore the signal meanwhile
  else
    error("interrupted!", 0)
  end
end

--- Calls fn, which is interrupted after so many instructions. Returns whether it was, and what pcall gave.
function interruption.after(count, fn)
  local was_interrupted = false
  local function hook()
    debug.sethook()
    was_interrupted = true
    interruption.send()
  end
  local function run()
    debug.sethook(hook, "", count)
    local result = fn()
    debug.sethook()
    return result
  end
  local ok, result = pcall(run)
  debug.sethook()
  return was_interrupted, ok, result
end

return interruption
