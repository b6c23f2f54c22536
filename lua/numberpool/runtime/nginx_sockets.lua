--- Connections to one origin inside nginx: cosockets that are kept alive in a pool, one for all clients of an account,
-- with one deadline over name resolution, connecting and the TLS handshake.
-- @module numberpool.runtime.nginx_sockets

local clock = require "numberpool.runtime.nginx_clock"
local semaphore = require "ngx.semaphore"

local now = clock.now

local Sockets = {}
Sockets.__index = Sockets

local sockets = {}

local IDLE = 50 * 1000 -- milliseconds; servers close after 60 or more, and should not be the ones to do so
local DEFAULT_PORTS = { http = 80, https = 443 }

-- No host, so that connecting takes what the pool has, or fails at once, with nothing sent and nothing logged.
local NOWHERE = ""

-- Sizes of pools. A pool can't grow once nginx has made it: a larger one gets a name of its own.
local SIZES = { 256, 1024 }

local function is_address(host)
  return host:find "^%d+%.%d+%.%d+%.%d+$" ~= nil or host:sub(1, 1) == "["
end

local function is_loopback(host)
  return host:find "^127%." ~= nil or host == "[::1]"
end

--- What is known of an origin.
---@param url table { origin, scheme, host, port }
---@param account string what the pool is shared by
---@return table
function sockets.new(url, account)
  local host = url.host
  local self = setmetatable({
    host = host:lower() == "localhost" and "127.0.0.1" or host, -- nginx's resolver asks name servers only
    port = tonumber(url.port) or DEFAULT_PORTS[url.scheme],
    is_tls = url.scheme == "https",
    name = "numberpool " .. account .. " " .. url.origin,
    opened = 0,
  }, Sockets)
  -- nginx compares certificates with names, never with addresses. This machine has a name that everybody knows.
  self.server_name = is_loopback(host) and "localhost" or host:gsub("[%[%]]", "")
  self.is_address = is_address(self.host)
  self:set_size(1)
  return self
end

--- Lets the pool keep so many connections.
---@param count integer
function Sockets:set_size(count)
  for _, size in ipairs(SIZES) do
    if count <= size or size == SIZES[#SIZES] then
      if not self.options or self.options.pool_size < size then
        self.options = { pool = self.name .. " " .. size, pool_size = size }
      end
      return
    end
  end
end

-- At least 1: nginx takes 0 for its own default.
local function milliseconds_until(deadline)
  return math.max(math.ceil((deadline - now()) * 1000), 1)
end

--- Bounds what is done next with a socket.
---@param socket table
---@param deadline number
function sockets.set_deadline(socket, deadline)
  local milliseconds = milliseconds_until(deadline)
  socket:settimeouts(milliseconds, milliseconds, milliseconds)
end

--- Takes a connection that was kept; nil if there is none.
---@return table? socket
function Sockets:reuse()
  local socket = ngx.socket.tcp()
  if socket:connect(NOWHERE, self.port, self.options) then
    return socket
  end
  return nil
end

-- Timeouts of a socket bound its connecting, but not the resolving of a name: nginx has a time of its own for that. A
-- light thread can be left behind.
local function connect_by_name(self, socket, deadline)
  local done = semaphore.new()
  local is_done, ok, problem = false, nil, nil
  local thread = ngx.thread.spawn(function()
    ok, problem = socket:connect(self.host, self.port, self.options)
    is_done = true
    done:post()
  end)
  if not is_done then
    done:wait(milliseconds_until(deadline) / 1000)
  end
  if not is_done then
    ngx.thread.kill(thread)
    return nil, "timeout"
  end
  ngx.thread.wait(thread)
  return ok, problem
end

local function failure_to_connect(self, problem)
  problem = tostring(problem)
  if problem == "timeout" or problem:find("Operation timed out", 1, true) then
    return { kind = "timeout", message = "no connection to " .. self.host .. " in time", sent = false }
  elseif problem:find("no resolver", 1, true) then
    return {
      kind = "config",
      message = "nginx can't resolve " .. self.host .. ": set resolver in nginx.conf, as in resolver 127.0.0.53",
      sent = false,
    }
  end
  local place = problem:find(self.host, 1, true) and "" or self.host .. ":" .. self.port .. ": "
  return { kind = "network", message = "no connection to " .. place .. problem, sent = false }
end

local function failure_of_handshake(self, problem)
  problem = tostring(problem)
  if problem == "timeout" then
    return { kind = "timeout", message = "no TLS handshake with " .. self.host .. " in time", sent = false }
  elseif problem == "handshake failed" and self.session or problem == "closed" then
    return { kind = "network", message = "the connection was lost within the TLS handshake", sent = false }
  end
  local message = "TLS with " .. self.host .. ": " .. problem
  if problem == "certificate host mismatch" and self.is_address then
    message = message .. " (nginx checks names, not addresses: use a name in base_url)"
  elseif problem ~= "certificate host mismatch" and problem ~= "handshake failed" then
    message = "the certificate of " .. self.host .. " isn't trusted: " .. problem
      .. " (set lua_ssl_trusted_certificate, and lua_ssl_verify_depth, in nginx.conf)"
  end
  return { kind = "tls", message = message, sent = false }
end

-- What nginx's Lua module says of a handshake that failed at once is lost in an assertion of lua-resty-core's: by then
-- everything had arrived, so that it was refused by us.
local UNTOLD = "refused"

local function shake_hands(self, socket, deadline)
  sockets.set_deadline(socket, deadline)
  local ok, session, problem = pcall(socket.sslhandshake, socket, self.session, self.server_name, true)
  if not ok then
    session, problem = nil, UNTOLD
  end
  if not session then
    socket:close()
    return failure_of_handshake(self, problem)
  end
  self.session = session
  return nil
end

--- Makes a connection, or takes one that was kept.
---@param deadline number
---@return table? socket
---@return table? failure { kind, message, sent }
function Sockets:open(deadline)
  local socket = ngx.socket.tcp()
  sockets.set_deadline(socket, deadline)
  local ok, problem
  if self.is_address then
    ok, problem = socket:connect(self.host, self.port, self.options)
  else
    ok, problem = connect_by_name(self, socket, deadline)
  end
  if not ok then
    return nil, failure_to_connect(self, problem)
  end
  self.opened = self.opened + 1
  if self.is_tls then
    local failure = shake_hands(self, socket, deadline)
    if failure then
      return nil, failure
    end
  end
  return socket
end

--- Keeps a connection on which nothing is under way.
---@param socket table
function Sockets:keep(socket)
  if not socket:setkeepalive(IDLE) then
    socket:close()
  end
end

--- Closes the connections that are kept.
function Sockets:drain()
  local socket = self:reuse()
  while socket do
    socket:close()
    socket = self:reuse()
  end
end

return sockets
