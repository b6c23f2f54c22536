--- The text of nginx.conf.
local folder = require "numberpool.sandbox.folder"

local configuration = {}

local TEMPLATE = [[
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

local TLS = [[ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:1m;]]

-- Debian and others keep there what was installed for Lua 5.1. OpenResty's LuaJIT searches only folders of its own.
local PATH_OF_LUA_51 = "/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua;/usr/share/lua/5.1/?.lua;"
  .. "/usr/share/lua/5.1/?/init.lua"

local LIBRARY_FOLDERS = { "/usr/local/lib", "/usr/lib", "/usr/lib64" }
for _, machine in ipairs { "x86_64", "aarch64", "i386", "powerpc64le", "riscv64", "s390x" } do
  LIBRARY_FOLDERS[#LIBRARY_FOLDERS + 1] = "/usr/lib/" .. machine .. "-linux-gnu"
end
LIBRARY_FOLDERS[#LIBRARY_FOLDERS + 1] = "/usr/lib/arm-linux-gnueabihf"

local CPATH_OF_LUA_51 = table.concat(LIBRARY_FOLDERS, "/lua/5.1/?.so;") .. "/lua/5.1/?.so"

-- A value in double quotes, as nginx reads it.
local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

local function load_modules(place)
  local lines = {}
  if place.modules then
    local development_kit = place.modules .. "/ndk_http_module.so"
    if folder.has_file(development_kit) then
      lines[1] = "load_module " .. quote(development_kit) .. ";"
    end
    lines[#lines + 1] = "load_module " .. quote(place.modules .. "/ngx_http_lua_module.so") .. ";"
  end
  return table.concat(lines, "\n")
end

local function search_paths(root)
  local path = root .. "/?.lua;" .. root .. "/?/init.lua;"
  local cpath = ""
  -- nginx's LuaJIT can load what this Lua loads, in whatever folder that is.
  if _VERSION == "Lua 5.1" then
    path = path .. package.path .. ";"
    cpath = package.cpath .. ";"
  end
  return "lua_package_path " .. quote(path .. ";" .. PATH_OF_LUA_51) .. ";\n  "
    .. "lua_package_cpath " .. quote(cpath .. ";" .. CPATH_OF_LUA_51) .. ";"
end

--- What the server needs to know for its nginx.conf.
---@class numberpool.sandbox.Configuration
---@field root string the folder that has `numberpool`
---@field port integer of the API
---@field control_port integer of the control interface
---@field workers integer
---@field tls boolean
---@field is_root boolean workers of root stay root, so that they can use the folder and end their master

--- The text of nginx.conf.
---@param place numberpool.sandbox.NginxPlace
---@param settings numberpool.sandbox.Configuration
---@return string
function configuration.text(place, settings)
  local values = {
    modules = load_modules(place),
    user = settings.is_root and "user root;" or "",
    workers = ("%d"):format(settings.workers),
    paths = search_paths(settings.root),
    tls = settings.tls and TLS or "",
    control = ("%d"):format(settings.control_port),
    listen = ("%d%s"):format(settings.port, settings.tls and " ssl http2" or ""),
  }
  return (TEMPLATE:gsub("%$(%l+)", values))
end

return configuration
