--- nginx as the sandbox runs it: finding it, its configuration, starting it.
local process = require "numberpool.sandbox.process"

local nginx = {}

local advice = "install nginx and its Lua module (apt-get install nginx libnginx-mod-http-lua lua-dbi-sqlite3 " ..
  "lua-cjson) or OpenResty"

-- Lua is in the program itself where its module was added to the build, from a folder of whatever name, and the program
-- has the module's name in it. A module of its own file is loaded from where the build says, or from the usual places.
local find_command = [[
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

local found, found_for

-- Debian's places, which need no shell to look for them.
local usual = { binary = "/usr/sbin/nginx", modules = "/usr/lib/nginx/modules" }

local function is_there(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

local function find(chosen)
  if chosen == "" and is_there(usual.binary) and is_there(usual.modules .. "/ngx_http_lua_module.so") then
    return usual
  end
  local output, code = process.run("(" .. find_command .. ")")
  if not output then
    return nil, code
  end
  if code == 1 then
    return nil, "nginx isn't installed: " .. advice
  end
  if code == 2 then
    return nil, "nginx has no Lua module: " .. advice
  end
  if code == 3 then
    return nil, "NUMBERPOOL_NGINX: expected a program, got " .. chosen
  end
  if code ~= 0 then
    return nil, "NUMBERPOOL_NGINX: expected an nginx with its Lua module, got " .. chosen
  end
  local binary, modules = output:match "^(.-)\n(.-)\n"
  return { binary = binary, modules = modules ~= "" and modules or nil }
end

--- Where nginx is: `{ binary, modules }`, modules nil if Lua is built in; or nil and what to do. The environment's
-- NUMBERPOOL_NGINX is another one than the system's.
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

-- A value in double quotes, as nginx reads it.
local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

local function modules_part(place)
  local lines = {}
  if place.modules then
    local development_kit = place.modules .. "/ndk_http_module.so"
    if is_there(development_kit) then
      lines[1] = "load_module " .. quote(development_kit) .. ";"
    end
    lines[#lines + 1] = "load_module " .. quote(place.modules .. "/ngx_http_lua_module.so") .. ";"
  end
  return table.concat(lines, "\n")
end

-- Where Debian and others keep what was installed for Lua 5.1. OpenResty's LuaJIT looks in folders of its own only.
local usual_path = "/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua;/usr/share/lua/5.1/?.lua;" ..
  "/usr/share/lua/5.1/?/init.lua"
local libraries = { "/usr/local/lib", "/usr/lib", "/usr/lib64" }
for _, machine in ipairs { "x86_64", "aarch64", "i386", "powerpc64le", "riscv64", "s390x" } do
  libraries[#libraries + 1] = "/usr/lib/" .. machine .. "-linux-gnu"
end
libraries[#libraries + 1] = "/usr/lib/arm-linux-gnueabihf"
local usual_cpath = table.concat(libraries, "/lua/5.1/?.so;") .. "/lua/5.1/?.so"

local function paths_part(root)
  local path = root .. "/?.lua;" .. root .. "/?/init.lua;"
  local cpath = ""
  -- nginx's LuaJIT can use what was installed for Lua 5.1, wherever that is.
  if _VERSION == "Lua 5.1" then
    path = path .. package.path .. ";"
    cpath = package.cpath .. ";"
  end
  return "lua_package_path " .. quote(path .. ";" .. usual_path) .. ";\n  " ..
    "lua_package_cpath " .. quote(cpath .. ";" .. usual_cpath) .. ";"
end

local template = [[
$modules
$user
daemon on;
worker_processes $workers;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 4096; }
http {
  $paths
  lua_shared_dict journal 96m;
  lua_shared_dict control 8m;
  lua_shared_dict limits 32m;
  lua_check_client_abort on;
  init_by_lua_block { require("numberpool.sandbox.server").prepare(ngx.config.prefix()) }
  init_worker_by_lua_block { require("numberpool.sandbox.server").start_worker() }
  exit_worker_by_lua_block { require("numberpool.sandbox.server").stop_worker() }

  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;

  access_log off;
  server_tokens off;
  default_type application/json;
  client_max_body_size 4m;
  client_body_buffer_size 4m;
  client_header_timeout 10s;
  client_body_timeout 10s;
  large_client_header_buffers 8 32k;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  reset_timedout_connection on;
  gzip on;
  gzip_types application/json;
  gzip_min_length 256;
  gzip_vary on;
  $tls

  server {
    listen 127.0.0.1:$listen backlog=4096;
    error_page 400 405 408 411 413 414 431 494 495 496 497 501 505 /refused;
    location / { content_by_lua_block { require("numberpool.sandbox.server").serve() } }
    location /_sandbox/ {
      client_max_body_size 1g;
      content_by_lua_block { require("numberpool.sandbox.server").serve() }
    }
    location = /refused { internal; content_by_lua_block { require("numberpool.sandbox.server").refuse() } }
  }
  server {
    listen 127.0.0.1:$control;
    client_max_body_size 1g;
    location / { content_by_lua_block { require("numberpool.sandbox.server").control() } }
  }
}
]]

local tls_part = [[ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:1m;]]

--- The configuration file's text.
function nginx.configuration(place, server)
  local values = {
    modules = modules_part(place),
    user = server.root_user and "user root;" or "",
    workers = ("%d"):format(server.workers),
    paths = paths_part(server.root),
    tls = server.tls and tls_part or "",
    control = ("%d"):format(server.control_port),
    listen = ("%d%s"):format(server.port, server.tls and " ssl http2" or ""),
  }
  return (template:gsub("%$(%l+)", values))
end

-- An authority of its own, and a certificate that it signs for this machine's own names. P-256 keys
-- take a few milliseconds to make; RSA would take longer than the whole start.
local tls_command = [[
umask 077
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650'
openssl req -x509 $key -keyout ca.key -out ca.pem -subj '/CN=numberpool sandbox authority' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>openssl.log &&
openssl req -x509 $key -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj '/CN=localhost' \
  -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' -addext 'basicConstraints=critical,CA:FALSE' \
  -addext 'extendedKeyUsage=serverAuth' 2>>openssl.log || { cat openssl.log; exit 1; }]]

--- Makes ca.pem, server.pem and server.key in a folder.
function nginx.make_certificates(folder)
  local output, code = process.run(process.in_folder(folder, tls_command))
  if not output then
    return nil, code
  end
  if code == 0 then
    return true
  end
  if output:find("not found", 1, true) then
    return nil, "openssl isn't installed: apt-get install openssl"
  end
  return nil, "openssl made no certificate: " .. (output:match "[^\n]+" or "it says nothing")
end

-- What nginx wrote about why it didn't start, without its dates.
local function reason(text)
  local line = text:match "init_by_lua error: ([^\n]+)" or text:match "%[emerg%][^\n]-: ([^\n]+)"
    or text:match "([^\n]+)\n*$" or "it says nothing"
  return line
end

--- Starts nginx in a folder that has its nginx.conf. It goes into the background, in a session of its own, once its
-- ports are open, so that a return means that connections are taken. Gives true, or nil and why not.
function nginx.launch(place, folder)
  -- Its prefix is where it stands: in the path of a certificate nginx takes a $ for a variable.
  local command = ("(cd %s && unset LUA_PATH LUA_CPATH LUA_INIT NGINX && exec %s -p ./ -e ./error.log " ..
    "-c nginx.conf </dev/null 2>&1)"):format(process.quote(folder), process.quote(place.binary))
  local output, code = process.run(command)
  if not output then
    return nil, code
  end
  if code ~= 0 then
    return nil, "nginx did not start: " .. reason(output)
  end
  return true
end

-- Whatever runs in a folder, master and workers: asked at first, killed where that takes seconds.
local end_command = [[
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

--- Ends an nginx that is known by its folder alone.
function nginx.end_in(folder)
  process.run(end_command:format(process.quote(folder)))
end

return nginx
