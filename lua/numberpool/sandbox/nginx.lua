--- nginx on this machine: finding it, starting and ending it.
local clock = require "numberpool.sandbox.clock"
local folder = require "numberpool.sandbox.folder"
local process = require "numberpool.sandbox.process"
local shell = require "numberpool.sandbox.shell"

local nginx = {}

local ADVICE = "install nginx and its Lua module (apt-get install nginx libnginx-mod-http-lua lua-dbi-sqlite3 "
  .. "lua-cjson) or OpenResty"

-- Where Debian has both: found without a shell.
local USUAL_PLACE = { binary = "/usr/sbin/nginx", modules = "/usr/lib/nginx/modules" }
local LUA_MODULE = "/ngx_http_lua_module.so"

-- Prints the program and the folder of its modules, or an empty line where the Lua module is built in. A build may have
-- had that module in a folder of any name, so the program is searched for the module's name too.
local FIND = [[
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
look_at() {
  build=$("$1" -V 2>&1) || return 1
  case $build in *nginx/* | *openresty/*) ;; *) return 1 ;; esac
  case $build in *--add-module=*ngx_lua* | *--add-module=*lua-nginx-module*) echo "$1"; echo; exit 0 ;; esac
  if grep -q ngx_http_lua_module "$1"; then echo "$1"; echo; exit 0; fi
  own=$(printf '%s\n' "$build" | sed -n "s/.*--modules-path=\([^ ']*\).*/\1/p")
  prefix=$(printf '%s\n' "$build" | sed -n "s/.*--prefix=\([^ ']*\).*/\1/p")
  for modules in "$own" "${prefix:-/usr/local/nginx}/modules" /usr/lib/nginx/modules /usr/lib64/nginx/modules \
      /usr/share/nginx/modules; do
    if [ -f "$modules/ngx_http_lua_module.so" ]; then echo "$1"; echo "$modules"; exit 0; fi
  done
}
if [ -n "$NUMBERPOOL_NGINX" ]; then
  chosen=$(command -v "$NUMBERPOOL_NGINX") || exit 3
  case $chosen in /*) ;; *) chosen=$(pwd)/$chosen ;; esac
  look_at "$chosen"
  exit 4
fi
for candidate in "$(command -v nginx)" /usr/local/openresty/nginx/sbin/nginx "$(command -v openresty)"; do
  if [ -x "$candidate" ]; then look_at "$candidate"; fi
done
command -v nginx || exit 1
exit 2]]

-- What its exit status means.
local NOT_FOUND = {
  "nginx isn't installed: " .. ADVICE,
  "nginx has no Lua module: " .. ADVICE,
  "NUMBERPOOL_NGINX: expected a program, got ",
  "NUMBERPOOL_NGINX: expected an nginx with its Lua module, got ",
}

-- Ends whatever runs in a folder, master and workers alike. It asks for two seconds, then kills.
local END_ALL = [[
(trap '' INT
tries=0
while [ $tries -lt 25 ]; do
  tries=$((tries + 1)) signal=TERM found=
  if [ $tries -gt 20 ]; then signal=KILL; fi
  for link in /proc/[0-9]*/cwd; do
    if [ "$link" -ef %s ]; then
      found=yes
      process=${link#/proc/}
      kill -$signal "${process%%/cwd}" 2>/dev/null
    fi
  done
  [ -n "$found" ] || exit 0
  sleep 0.1
done)]]

local SECONDS_TO_END = 5 -- for a process that was asked, and again for one that was killed
local SECONDS_TO_COLLECT = 0.1 -- for its new parent to take its exit status

--- Where nginx is.
---@class numberpool.sandbox.NginxPlace
---@field binary string
---@field modules string? the folder of its modules; nil where the Lua module is built in

local found, found_for

local function find(chosen)
  if chosen == "" and folder.has_file(USUAL_PLACE.binary) and folder.has_file(USUAL_PLACE.modules .. LUA_MODULE) then
    return USUAL_PLACE
  end
  local output, status = shell.run("(" .. FIND .. ")")
  if not output then
    return nil, status
  end
  if status ~= 0 then
    return nil, (NOT_FOUND[status] or NOT_FOUND[4]) .. (status > 2 and chosen or "")
  end
  local binary, modules = output:match "^(.-)\n(.-)\n"
  return { binary = binary, modules = modules ~= "" and modules or nil }
end

--- Finds the nginx that NUMBERPOOL_NGINX in the environment names, or the system's. Remembers it.
---@return numberpool.sandbox.NginxPlace?
---@return string? problem and what to install
function nginx.find()
  local chosen = os.getenv "NUMBERPOOL_NGINX" or ""
  if found and found_for == chosen then
    return found
  end
  local place, problem = find(chosen)
  if not place then
    return nil, problem
  end
  found, found_for = place, chosen
  return found
end

-- Why nginx didn't start: the important line of what it printed, without the date.
local function reason(text)
  return text:match "init_by_lua error: ([^\n]+)" or text:match "%[emerg%][^\n]-: ([^\n]+)"
    or text:match "([^\n]+)\n*$" or "it printed nothing"
end

--- Starts nginx in a folder that has its nginx.conf. nginx goes into the background, in a session of its own, once its
--- ports are open: it takes connections when this returns.
---@param place numberpool.sandbox.NginxPlace
---@param path string
---@return boolean?
---@return string? problem
function nginx.start(place, path)
  -- The prefix is relative, since nginx takes a $ in the path of a certificate for a variable.
  local command = ("(cd %s && unset LUA_PATH LUA_CPATH LUA_INIT NGINX && exec %s -p ./ -e ./error.log "
    .. "-c nginx.conf </dev/null 2>&1)"):format(shell.quote(path), shell.quote(place.binary))
  local output, status = shell.run(command)
  if not output then
    return nil, status
  end
  if status ~= 0 then
    return nil, "nginx did not start: " .. reason(output)
  end
  return true
end

--- Asks nginx's master to end, and kills it where it doesn't.
---@param master numberpool.sandbox.Process
---@return boolean has_ended
---@return "ended"|"asked"|"killed" how "ended": it had ended before
function nginx.stop(master)
  local function has_ended()
    return process.has_ended(master)
  end
  local function is_collected()
    return not folder.has_file(("/proc/%d/stat"):format(master.pid))
  end
  if has_ended() then
    return true, "ended"
  end
  shell.run(("kill -TERM %d 2>/dev/null"):format(master.pid))
  if clock.wait(SECONDS_TO_END, has_ended) then
    clock.wait(SECONDS_TO_COLLECT, is_collected)
    return true, "asked"
  end
  shell.run(("kill -KILL %d 2>/dev/null"):format(master.pid))
  return clock.wait(SECONDS_TO_END, has_ended), "killed"
end

--- Ends master and workers of an nginx of which only the folder is known.
---@param path string
function nginx.stop_in(path)
  shell.run(END_ALL:format(shell.quote(path)))
end

return nginx
