-- Starts an nginx that can load the library, with pieces of configuration, and sends it requests.
--
--   local nginx = nginx.start { server = "location / { … }", http = "lua_shared_dict …", env = { NAME = "value" } }
--   local answer = nginx:get "/path"      { status, headers, body }
--
-- A shell watches over it. When the pipe from here to the shell is closed, in whatever way this process ends, the shell
-- ends nginx by its pid and removes its folder.
local interpreter = require "spec.support.interpreter"
local nginx_place = require "spec.support.nginx_place"
local socket = require "socket"

local nginx = {}

local Nginx = {}
Nginx.__index = Nginx

local READY_WITHIN = 60 -- seconds

-- Arguments: the folder, the program, and NAME=value for its environment.
local WATCH = [[exec setsid sh -c '
  folder=$1 program=$2
  shift 2
  env "$@" "$program" -p "$folder" -c nginx.conf -e error.log & nginx=$!
  cat >/dev/null
  kill "$nginx" 2>/dev/null
  wait "$nginx"
  rm -rf "$folder"' sh]]

local CONFIGURATION = [[
$modules
$user
daemon off;
pid nginx.pid;
error_log error.log notice;
worker_processes $workers;
$env
$main
worker_rlimit_nofile 4096;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  lua_package_path $path;
  lua_package_cpath $cpath;
  keepalive_requests 1000000000;
  $http
  server {
    listen 127.0.0.1:$port;
    $server
  }
}
]]

--- The search paths of this checkout: its Lua files, and its modules for LuaJIT.
---@return string path
---@return string cpath
function nginx.search_paths()
  local root = interpreter.shell("pwd -P"):gsub("%s+$", "")
  return root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. root .. "/?.lua;;", root .. "/build/jit/?.so;;"
end

--- A port that nobody listens on.
---@return integer
function nginx.free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

--- Makes a temporary folder.
---@return string
function nginx.new_folder()
  return (interpreter.shell 'mktemp -d "${TMPDIR:-/tmp}/numberpool-nginx.XXXXXX"':gsub("%s+$", ""))
end

function nginx.write_file(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

function nginx.read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

-- Returns the lines with which nginx keeps variables for its workers, and NAME=value for its start.
local function environment(values)
  local names, words = {}, {}
  for name, value in pairs(values) do
    names[#names + 1] = "env " .. name .. ";"
    words[#words + 1] = name .. "=" .. value
  end
  return table.concat(names, "\n"), words
end

local function watch_command(folder, words)
  local quoted = { WATCH, interpreter.quote(folder), interpreter.quote(nginx_place.find().binary) }
  for _, word in ipairs(words) do
    quoted[#quoted + 1] = interpreter.quote(word)
  end
  return table.concat(quoted, " ")
end

--- Runs nginx in a folder that has its nginx.conf.
---@param folder string
---@param port integer
---@param words string[]? NAME=value for its environment
---@return table handle
function nginx.run(folder, port, words)
  local self = setmetatable({
    folder = folder,
    port = port,
    base_url = "http://127.0.0.1:" .. port,
    pipe = assert(io.popen(watch_command(folder, words or {}), "w")),
  }, Nginx)
  local count = tonumber(nginx.read_file(folder .. "/nginx.conf"):match "worker_processes%s+(%d+)" or 1)
  self:wait(READY_WITHIN, function()
    return self:is_ready(count) or self:log():find("[emerg]", 1, true)
  end)
  if not self:is_ready(count) then
    local log = self:log()
    self:stop()
    error("nginx isn't ready within " .. READY_WITHIN .. " s: " .. log, 2)
  end
  return self
end

--- Makes a folder with a configuration.
---@param options table { main, http, server, env, workers }
---@return table prepared { folder, port, words }
function nginx.prepare(options)
  local path, cpath = nginx.search_paths()
  local folder, port = nginx.new_folder(), nginx.free_port()
  local env, words = environment(options.env or {})
  local place = nginx_place.find()
  local values = {
    modules = place.modules,
    user = place.user,
    workers = tostring(options.workers or 1),
    env = env,
    main = options.main or "",
    path = nginx_place.quote(path),
    cpath = nginx_place.quote(cpath),
    http = options.http or "",
    port = tostring(port),
    server = options.server or "",
  }
  local text = CONFIGURATION:gsub("%$(%l+)", values)
  nginx.write_file(folder .. "/nginx.conf", text)
  return { folder = folder, port = port, words = words }
end

---@param options table { main, http, server, env, workers }
---@return table handle
function nginx.start(options)
  local prepared = nginx.prepare(options)
  return nginx.run(prepared.folder, prepared.port, prepared.words)
end

--- The shell command that runs what was prepared, in the foreground. It ends when nginx does.
function nginx.command(prepared)
  return "exec " .. interpreter.quote(nginx_place.find().binary) .. " -c nginx.conf -e error.log -p "
    .. interpreter.quote(prepared.folder)
end

-- Whether all its workers run. nginx starts them after it listens.
function Nginx:is_ready(count)
  local pid = nginx.read_file(self.folder .. "/nginx.pid")
  return pid ~= nil and pid:find "%d" ~= nil and #self:workers() == count and self:is_listening()
end

function Nginx:is_listening()
  local connection = socket.connect("127.0.0.1", self.port)
  if connection then
    connection:close()
  end
  return connection ~= nil
end

--- Calls `check` until it returns something true, and returns that. Returns nil after so many seconds.
function Nginx:wait(seconds, check)
  local deadline = socket.gettime() + seconds
  repeat
    local result = check()
    if result then
      return result
    end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  return nil
end

--- The text of its log.
function Nginx:log()
  return nginx.read_file(self.folder .. "/error.log") or ""
end

--- The master's pid.
function Nginx:master()
  return tonumber((assert((nginx.read_file(self.folder .. "/nginx.pid") or ""):match "%d+", "nginx has no pid")))
end

--- The pids of its workers, those that are about to end included.
---@return integer[]
function Nginx:workers()
  local pids = {}
  local master = self:master()
  local children = nginx.read_file(("/proc/%d/task/%d/children"):format(master, master)) or ""
  for pid in children:gmatch "%d+" do
    pids[#pids + 1] = tonumber(pid)
  end
  return pids
end

function Nginx:signal(name)
  interpreter.shell(("kill -%s %d"):format(name, self:master()))
end

-- Reads an answer that ends with its connection: returns { status, headers, body }.
local function parse(bytes)
  local head, body = bytes:match "^(.-\r\n)\r\n(.*)$"
  if not head then
    return nil, "no answer: " .. bytes
  end
  local headers = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do
    headers[name:lower()] = value
  end
  return { status = tonumber(head:match "^HTTP/1%.%d (%d+)"), headers = headers, body = body }
end

--- Sends a request and doesn't wait for its answer, which `nginx:finish` reads.
---@param method string
---@param path string
---@param body string?
---@return table connection
function Nginx:begin(method, path, body)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(60)
  assert(connection:send(("%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"):format(
    method, path, #(body or ""), body or "")))
  return connection
end

--- Reads the answer to a request that `nginx:begin` has sent.
---@return table? answer { status, headers, body }
---@return string? problem
function Nginx:finish(connection)
  local bytes, problem, partly = connection:receive "*a"
  connection:close()
  return parse(bytes or partly or problem)
end

function Nginx:request(method, path, body)
  return assert(self:finish(self:begin(method, path, body)))
end

function Nginx:get(path)
  return self:request("GET", path)
end

--- Ends nginx and waits for that. Can be called again.
function Nginx:stop()
  if self.pipe then
    self.pipe:close()
    self.pipe = nil
  end
end

return nginx
