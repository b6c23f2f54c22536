--- Ends the server with the process that started it: every worker looks ten times a second whether that process and
--- nginx's master still run.
local ffi = require "ffi"
local ngx_process = require "ngx.process"

local process = require "numberpool.sandbox.process"
local settings = require "numberpool.sandbox.server.settings"
local shell = require "numberpool.sandbox.shell"

local watch = {}

ffi.cdef [[
  int kill(int pid, int signal);
  int getppid(void);
]]

local SIGTERM = 15
local SECONDS_BETWEEN_LOOKS = 0.1

-- More than one try: another worker may be removing the folder, and the master may write its pid there meanwhile.
local REMOVE = "for try in 1 2 3 4 5; do rm -rf -- %s 2>/dev/null && exit; sleep 0.05; done"

-- Removes the folder first, while this worker is sure to run: open files outlive that.
local function end_server(master)
  os.execute(REMOVE:format(shell.quote(settings.folder)))
  if master then
    ffi.C.kill(master, SIGTERM)
  end
  ffi.C.kill(ngx.worker.pid(), SIGTERM)
end

--- The master's pid, as the master knew it before it made this worker. Its file with the pid may be written later, and
--- getppid() gives another process once the master was killed.
---@return integer
function watch.master()
  return ngx_process.get_master_pid()
end

--- Begins to watch, in a worker.
function watch.start()
  local master = watch.master()
  assert(ngx.timer.every(SECONDS_BETWEEN_LOOKS, function(is_premature)
    if is_premature then
      return
    end
    if ffi.C.getppid() ~= master then
      end_server(nil)
    elseif process.has_ended(settings.owner) then
      end_server(master)
    end
  end))
end

return watch
