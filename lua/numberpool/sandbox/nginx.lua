--- nginx as the sandbox runs it: finding it, its configuration, starting it.
local process = require "numberpool.sandbox.process"

local nginx = {}

local advice = "install nginx and its Lua module (apt-get install nginx libnginx-mod-http-lua lua-dbi-sqlite3 " ..
  "lua-cjson) or OpenResty"

local find_command = [[
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
for candidate in "$(command -v nginx)" /usr/local/openresty/nginx/sbin/nginx "$(command -v openresty)"; do
  [ -x "$candidate" ] || continue
  for modules in /usr/lib/nginx/modules /usr/lib64/nginx/modules /usr/share/nginx/modules; do
    if [ "${candidate%openresty*}" = "$candidate" ] && [ -f "$modules/ngx_http_lua_module.so" ]; then
      echo "$candidate"; echo "$modules"; exit 0
    fi
  done
  if "$candidate" -V 2>&1 | grep -q 'ngx_lua'; then echo "$candidate"; echo; exit 0; fi
done
command -v nginx || exit 1
exit 2]]

local found

-- Debian's places, which need no shell to look for them.
local usual = { binary = "/usr/sbin/nginx", modules = "/usr/lib/nginx/modules" }

local function is_there(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Where nginx is: `{ binary, modules }`, modules nil if Lua is built in; or nil and what to do.
function nginx.find()
  if found then return found end
  if is_there(usual.binary) and is_there(usual.modules .. "/ngx_http_lua_module.so") then
    found = usual
    return found
  end
  local output, code = process.run("(" .. find_command .. ")")
  if not output then return nil, code end
  if code == 1 then return nil, "nginx isn't installed: " .. advice end
  if code ~= 0 then return nil, "nginx has no Lua module: " .. advice end
  local binary, modules = output:match("^(.-)\n(.-)\n")
  found = { binary = binary, modules = modules ~= "" and modules or nil }
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
    if is_there(development_kit) then lines[1] = "load_module " .. quote(development_kit) .. ";" end
    lines[#lines + 1] = "load_module " .. quote(place.modules .. "/ngx_http_lua_module.so") .. ";"
  end
  return table.concat(lines, "\n")
end

local function paths_part(root)
  local path = root .. "/?.lua;" .. root .. "/?/init.lua;"
  -- nginx's LuaJIT can use what was installed for Lua 5.1, wherever that is.
  local same_lua = _VERSION == "Lua 5.1"
  local lines = { "lua_package_path " .. quote(path .. (same_lua and package.path or "") .. ";;") .. ";" }
  if same_lua then lines[2] = "lua_package_cpath " .. quote(package.cpath .. ";;") .. ";" end
  return table.concat(lines, "\n  ")
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
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650'
openssl req -x509 $key -keyout ca.key -out ca.pem -subj '/CN=numberpool sandbox authority' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>openssl.log &&
openssl req -x509 $key -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj '/CN=localhost' \
  -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' -addext 'basicConstraints=critical,CA:FALSE' \
  -addext 'extendedKeyUsage=serverAuth' 2>>openssl.log || { cat openssl.log; exit 1; }]]

--- Makes ca.pem, server.pem and server.key in a folder.
function nginx.make_certificates(folder)
  local output, code = process.run(("(umask 077; cd %s && %s)"):format(process.quote(folder), tls_command))
  if not output then return nil, code end
  if code == 0 then return true end
  if output:find("not found", 1, true) then return nil, "openssl isn't installed: apt-get install openssl" end
  return nil, "openssl made no certificate: " .. (output:match("[^\n]+") or "it says nothing")
end

-- What nginx wrote about why it didn't start, without its dates.
local function reason(text)
  local line = text:match("init_by_lua error: ([^\n]+)") or text:match("%[emerg%][^\n]-: ([^\n]+)")
    or text:match("([^\n]+)\n*$") or "it says nothing"
  return line
end

--- Starts nginx in a folder that has its nginx.conf. It goes into the background, in a session of
-- its own, once its ports are open, so that a return means that connections are taken.
function nginx.launch(place, folder)
  local quoted = process.quote(folder)
  local command = ("(cd %s && unset LUA_PATH LUA_CPATH LUA_INIT NGINX && exec %s -p %s/ -e %s/error.log " ..
    "-c nginx.conf </dev/null 2>&1)"):format(quoted, process.quote(place.binary), quoted, quoted)
  local output, code = process.run(command)
  if not output then return nil, code end
  if code ~= 0 then return nil, "nginx did not start: " .. reason(output) end
  local pid
  process.wait(2, function()
    local file = io.open(folder .. "/nginx.pid", "rb")
    if not file then return false end
    pid = tonumber(file:read("*l") or "")
    file:close()
    return pid
  end)
  local identity = pid and process.identify(pid)
  if not identity then return nil, "nginx ended at once" end
  return identity
end

return nginx
