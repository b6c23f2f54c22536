--- The server of the benchmarks: one nginx on 127.0.0.1, with one worker, that answers from its configuration.
--
-- A shell watches over it: it ends nginx, by its pid, and removes its folder once the pipe from here is closed,
-- which happens however this process ends. Both are in a session of their own, out of reach of Ctrl-C.
-- @module spec.bench.server

local answers = require "spec.bench.answers"
local interpreter = require "spec.support.interpreter"
local nginx_place = require "spec.support.nginx_place"
local socket = require "socket"

local server = {}

local READY_WITHIN = 5 -- seconds

local WATCH = [[exec setsid sh -c '
  "$1" -p "$0" -c nginx.conf -e error.log & nginx=$!
  cat >/dev/null
  kill "$nginx" 2>/dev/null
  wait "$nginx"
  rm -rf "$0"' %s %s]]

local CONFIGURATION = [[
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  default_type application/json;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  server {
    listen 127.0.0.1:%d;
    location = %s {
%s
    }
    location %s {
      return 200 '%s';
    }
  }
}
]]

--- nginx takes no word of more than 4096 bytes, so that a page is put together from variables.
---@param parts string[]
---@return string lines of the configuration
function server.return_parts(parts)
  local lines, names = {}, {}
  for i, part in ipairs(parts) do
    names[i] = "${part_" .. i .. "}"
    lines[i] = ("      set $part_%d '%s';"):format(i, part)
  end
  lines[#lines + 1] = "      return 200 '" .. table.concat(names) .. "';"
  return table.concat(lines, "\n")
end

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

local function new_folder()
  local pipe = assert(io.popen("mktemp -d"))
  local folder = pipe:read "*l"
  pipe:close()
  return assert(folder, "mktemp made no folder")
end

local function write_file(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

local function read_file(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

local function answers_calls(port)
  local ends = socket.gettime() + READY_WITHIN
  repeat
    local connection = socket.connect("127.0.0.1", port)
    if connection then
      connection:close()
      return true
    end
    socket.sleep(0.005)
  until socket.gettime() > ends
  return false
end

local Server = {}
Server.__index = Server

--- Ends nginx and waits until it has gone. May be called twice.
function Server:stop()
  if self.pipe then
    self.pipe:close()
    self.pipe = nil
  end
end

--- Starts nginx, and returns once it answers.
---@param make fun(folder: string, ports: integer[]): string gives the configuration; the folder is there already
---@param count integer of ports
---@return table server { ports, stop }
function server.launch(make, count)
  local folder, ports = new_folder(), {}
  for i = 1, count do
    ports[i] = free_port()
  end
  write_file(folder .. "/nginx.conf", make(folder, ports))
  local watch = WATCH:format(interpreter.quote(folder), interpreter.quote(nginx_place.find().binary))
  local pipe = assert(io.popen(watch, "w"))
  local self = setmetatable({ ports = ports, folder = folder, pipe = pipe }, Server)
  if not answers_calls(ports[1]) then
    local log = read_file(folder .. "/error.log")
    self:stop()
    error("nginx doesn't answer within " .. READY_WITHIN .. " s: " .. log)
  end
  return self
end

--- Starts it for an account, and returns once it answers.
---@param account table { auth_id, auth_token, pool, number }: whose calls it answers
---@return table server { base_url, number_url, list_url, stop }
function server.start(account)
  local list = ("/v1/Account/%s/NumberPool/%s/Number/"):format(account.auth_id, account.pool)
  local self = server.launch(function(_, ports)
    return CONFIGURATION:format(ports[1],
      list, server.return_parts(answers.page(account, tonumber(account.number), 20)),
      list, answers.number(account, account.number))
  end, 1)
  self.base_url = "http://127.0.0.1:" .. self.ports[1]
  self.list_url = self.base_url .. list
  self.number_url = self.base_url .. list .. account.number .. "/"
  return self
end

return server
