-- Runs busted inside nginx: `luajit spec/support/nginx_busted.lua /usr/bin/busted …` takes busted's own arguments.
-- nginx is one process, which prints to standard output. Specs run in a timer, where the library chooses its nginx
-- runtime.
local interpreter = require "spec.support.interpreter"
local nginx_place = require "spec.support.nginx_place"

local configuration = [[
$modules
$user
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
env PATH;
env HOME;
env TMPDIR;
env LUA_PATH;
env LUA_CPATH;
worker_rlimit_nofile 4096;
events { worker_connections 4096; }
http {
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  lua_package_path $path;
  lua_package_cpath $cpath;
  lua_socket_log_errors off;
  lua_shared_dict store 4m;
  init_worker_by_lua_block { require("spec.support.nginx_busted_timer") { $arguments } }
}
]]

local function lua_strings(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = ("%q"):format(word)
  end
  return table.concat(list, ", ")
end

local function write_configuration(folder, place)
  local values = {
    modules = place.modules,
    user = place.user,
    path = nginx_place.quote(package.path),
    cpath = nginx_place.quote(package.cpath),
    arguments = lua_strings(arg),
  }
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write((configuration:gsub("%$(%l+)", values)))
  file:close()
end

local place = nginx_place.find()
local folder = interpreter.shell('mktemp -d "${TMPDIR:-/tmp}/numberpool-nginx.XXXXXX"'):gsub("%s+$", "")
write_configuration(folder, place)
local quoted = interpreter.quote(folder)
os.execute(("%s -p %s -e %s/error.log -c nginx.conf"):format(interpreter.quote(place.binary), quoted, quoted))

-- The exit status of busted is in a file, since nginx exits with its own.
local file = io.open(folder .. "/status", "r")
local status = file and tonumber(file:read "*a")
if file then
  file:close()
else
  io.stderr:write("nginx ended before its specs were done\n")
  os.execute("tail -n 20 " .. quoted .. "/error.log >&2")
end
os.execute("rm -rf " .. quoted)
os.exit(status or 1)
