--- The two servers of the benchmarks inside nginx: an upstream that answers from memory, and one worker with the
-- library in it, which offers the same call in its own way and as a subrequest.
-- @module spec.bench.nginx_server

local answers = require "spec.bench.answers"
local measure = require "spec.bench.measure"
local nginx_place = require "spec.support.nginx_place"
local server = require "spec.bench.server"
local socket = require "socket"

local nginx_server = {}

local ACCOUNT = {
  auth_id = "MAXXXXXXXXXXXXXXXXXX",
  auth_token = "bench-token-0123456789abcdef0123456789ab",
  pool = "5d6f5f5c-7a4e-4e4a-9c1c-3a1f0c2b8d11",
  number = "15125550000",
}

local PATH = ("/v1/Account/%s/NumberPool/%s/Number/%s/"):format(ACCOUNT.auth_id, ACCOUNT.pool, ACCOUNT.number)

local COMMON = [[
$modules
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
]]

-- One port answers at once, the other after a second.
local UPSTREAM = COMMON .. [[
  default_type application/json;
  server {
    listen 127.0.0.1:$fast backlog=4096;
    location / { return 200 '$answer'; }
  }
  server {
    listen 127.0.0.1:$slow backlog=4096;
    location / { content_by_lua_block { ngx.sleep(1) ngx.print('$answer') } }
  }
}
]]

local FRONT = COMMON .. [[
  lua_package_path $path;
  lua_package_cpath $cpath;
  init_by_lua_block {
    local numberpool = require "numberpool"
    local function pool_at(base_url)
      local client = assert(numberpool.new {
        auth_id = "$auth_id", auth_token = "$auth_token", base_url = base_url, rate = false,
      })
      return assert(client:pool "$pool")
    end
    STATE = { wanted = 0 }
    POOL, SLOW_POOL = pool_at "http://127.0.0.1:$fast", pool_at "http://127.0.0.1:$slow"
  }
  upstream api {
    server 127.0.0.1:$fast;
    keepalive 256;
  }
  server {
    listen 127.0.0.1:$front backlog=4096;
    location = /ours {
      content_by_lua_block { ngx.print(assert(POOL:find_number "$number").number) }
    }
    location = /native {
      content_by_lua_block {
        local answer = ngx.location.capture("/api$path_of_number")
        assert(answer.status == 200)
        ngx.print(require("cjson.safe").decode(answer.body).number)
      }
    }
    location /api/ {
      internal;
      proxy_pass http://api/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Basic $credentials";
      proxy_set_header Accept application/json;
    }
    location = /slow {
      content_by_lua_block {
        local count = tonumber(ngx.var.arg_count)
        STATE.wanted = count
        local function keep_one(_, i)
          while i <= STATE.wanted do
            assert(SLOW_POOL:find_number "$number")
          end
        end
        for i = 1, count do
          assert(ngx.timer.at(i / count, keep_one, i))
        end
      }
    }
    location = /ping {
      content_by_lua_block { ngx.print "pong" }
    }
    location = /calls {
      content_by_lua_block {
        local count, clients = tonumber(ngx.var.arg_count), tonumber(ngx.var.arg_clients)
        local threads = {}
        for i = 1, clients do
          threads[i] = ngx.thread.spawn(function()
            for _ = i, count, clients do
              assert(POOL:find_number "$number")
            end
          end)
        end
        for i = 1, clients do
          assert(ngx.thread.wait(threads[i]))
        end
        ngx.print(count)
      }
    }
  }
}
]]

local function fill(template, values)
  values.modules = nginx_place.find().modules
  return (template:gsub("%$([%l_]+)", values))
end

local Running = {}
Running.__index = Running

--- Starts both; returns once they answer.
---@return table running { ours, native, ping: URLs; stop }
function nginx_server.start()
  local core = require "numberpool.core"
  local answer = answers.number(ACCOUNT, ACCOUNT.number)
  local upstream = server.launch(function(_, ports)
    return fill(UPSTREAM, { fast = tostring(ports[1]), slow = tostring(ports[2]), answer = answer })
  end, 2)
  local front = server.launch(function(_, ports)
    return fill(FRONT, {
      fast = tostring(upstream.ports[1]), slow = tostring(upstream.ports[2]), front = tostring(ports[1]),
      path = nginx_place.quote(package.path), cpath = nginx_place.quote(package.cpath),
      auth_id = ACCOUNT.auth_id, auth_token = ACCOUNT.auth_token, pool = ACCOUNT.pool, number = ACCOUNT.number,
      credentials = core.base64(ACCOUNT.auth_id .. ":" .. ACCOUNT.auth_token), path_of_number = PATH,
    })
  end, 1)
  local base_url = "http://127.0.0.1:" .. front.ports[1]
  return setmetatable({
    upstream = upstream,
    front = front,
    base_url = base_url,
    ours = base_url .. "/ours",
    native = base_url .. "/native",
    ping = base_url .. "/ping",
  }, Running)
end

--- Keeps so many slow calls in flight in the worker, spread over the second that each takes, until what it returns is
-- called.
---@param count integer
---@return function stop
function Running:keep_slow_calls_in_flight(count)
  local function ask(wanted)
    measure.lines_of(measure.command("curl", "-sSf", ("%s/slow?count=%d"):format(self.base_url, wanted)))
    socket.sleep(1.5) -- until all of them are under way, or have ended
  end
  ask(count)
  return function()
    ask(0)
  end
end

--- Makes so many calls in the worker, with so many at a time.
---@return integer count
function Running:call(count, clients)
  local url = ("%s/calls?count=%d&clients=%d"):format(self.base_url, count, clients)
  local made = measure.lines_of(measure.command("curl", "-sS", "--max-time", "600", url))[1]
  if tonumber(made) ~= count then
    error("calls failed, see the log: " .. tostring(made), 0)
  end
  return count
end

--- What the worker holds.
---@return table { resident (KiB), descriptors }
function Running:resources()
  local master = measure.lines_of("cat " .. self.front.folder .. "/nginx.pid")[1]
  local pid = measure.lines_of(("cat /proc/%s/task/%s/children"):format(master, master))[1]:match "%d+"
  local resident
  for line in io.lines(("/proc/%s/status"):format(pid)) do
    resident = resident or line:match "^VmRSS:%s*(%d+) kB"
  end
  return {
    resident = tonumber(resident),
    descriptors = tonumber(measure.lines_of(("ls /proc/%s/fd | wc -l"):format(pid))[1]),
  }
end

--- Ends both.
function Running:stop()
  self.front:stop()
  self.upstream:stop()
end

return nginx_server
