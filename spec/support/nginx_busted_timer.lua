-- The part of spec.support.nginx_busted that runs inside nginx: busted in a timer.
local ffi = require "ffi"

local ngx = rawget(_G, "ngx")

ffi.cdef [[
  typedef void (*numberpool_spec_handler)(int);
  numberpool_spec_handler numberpool_spec_signal(int number, numberpool_spec_handler handler) __asm__("signal");
  int numberpool_spec_raise(int number) __asm__("raise");
]]

local SIGTERM, SIGCHLD = 15, 17
local DONE = {} -- raised where busted would end the process

-- Runs busted's program. Returns the exit status that it calls os.exit with.
local function run(program)
  local status = 0
  os.exit = function(code) -- luacheck: ignore
    status = code == true and 0 or tonumber(code) or 1
    error(DONE, 0)
  end
  local ok, err = xpcall(assert(loadfile(program)), function(raised)
    return raised == DONE and raised or raised ~= nil and debug.traceback(tostring(raised)) or false
  end)
  if ok or err == DONE then
    return status
  elseif err then -- busted raises nil here where specs have failed
    io.stderr:write(err, "\n")
  end
  return 1
end

local function report(status)
  io.stdout:flush()
  local file = assert(io.open(ngx.config.prefix() .. "status", "w"))
  file:write(tostring(status))
  file:close()
end

--- Sets a timer that runs busted's program and then ends nginx.
---@param words string[] the program first
return function(words)
  assert(ngx.timer.at(0, function()
    ffi.C.numberpool_spec_signal(SIGCHLD, nil) -- else nginx collects the exit status of programs that specs run
    local program = table.remove(words, 1)
    words[0] = program
    _G.arg = words
    io.stdout:setvbuf "no" -- so that the output of a spec that hangs is seen
    local status = run(program)
    collectgarbage()
    report(status)
    ffi.C.numberpool_spec_raise(SIGTERM)
  end))
end
