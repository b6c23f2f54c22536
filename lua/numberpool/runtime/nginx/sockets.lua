--- Connections to one origin inside nginx: cosockets that are kept alive in a pool, one for all clients of an account,
-- with one deadline over name resolution, connecting and the TLS handshake.
-- @module numberpool.runtime.nginx.sockets

local clock = require "numberpool.runtime.nginx.clock"
local descriptor = require "numberpool.runtime.nginx.descriptor"
local semaphore = require "ngx.semaphore"
local tasks = require "numberpool.runtime.nginx.tasks"

local now = clock.now

local Sockets = {}
Sockets.__index = Sockets

local sockets = {}

local IDLE = 50 * 1000 -- milliseconds; servers close after 60 or more, and should not be the ones to do so
local DEFAULT_PORTS = { http = 80, https = 443 }

-- No host: to connect to it takes what the pool has, or fails at once, with nothing sent and nothing logged.
local NOWHERE = ""

-- Sizes of pools. A pool can't grow once nginx has made it: a larger one gets a name of its own.
local SIZES = { 256, 1024 }

-- How often a name is connected to: nginx takes one of its addresses at random each time, and doesn't say which.
local MOST_CONNECTS = 10

local function is_address(host)
  return host:find "^%d+%.%d+%.%d+%.%d+$" ~= nil or host:sub(1, 1) == "["
end

local function is_loopback(host)
  return host:find "^127%." ~= nil or host == "[::1]"
end

--- The connections to an origin.
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
    resolving = setmetatable({}, { __mode = "k" }), -- semaphores of those that wait for a name's address
    busy = setmetatable({}, { __mode = "k" }), -- sockets that are waited for
  }, Sockets)
  -- nginx compares certificates with names, never with addresses. This machine has a name that everybody knows.
  self.server_name = is_loopback(host) and "localhost" or host:gsub("[%[%]]", "")
  self.is_address = is_address(self.host)
  self.is_named = not is_address(host)
  self.is_loopback = is_loopback(host)
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

local function take(self)
  local socket = ngx.socket.tcp()
  if socket:connect(NOWHERE, self.port, self.options) then
    return socket
  end
  return nil
end

--- Takes a connection that was kept and is as it was left; nil if there is none.
---@return table? socket
function Sockets:reuse()
  local socket = take(self)
  while socket and not descriptor.is_quiet(socket) do
    socket:close()
    socket = take(self)
  end
  return socket
end

--- Says that a socket is waited for, until `rests`.
---@param socket table
function Sockets:works(socket)
  self.busy[socket] = true
end

---@param socket table
function Sockets:rests(socket)
  self.busy[socket] = nil
end

-- Connects to the host, or to an address of its name: while nothing was sent another one may do as well.
local function connect_to_any(self, socket, deadline)
  local most = self.is_address and 1 or MOST_CONNECTS
  for count = 1, most do
    sockets.set_deadline(socket, deadline)
    local ok, problem = socket:connect(self.host, self.port, self.options)
    local may_help = not ok and problem ~= "timeout" and not tostring(problem):find("resolve", 1, true)
    if not may_help or count == most or now() >= deadline then
      return ok, problem
    end
  end
end

-- Timeouts of a socket bound its connecting, but not the resolving of a name: nginx has a time of its own for that. A
-- light thread can be left behind.
local function connect_by_name(self, socket, deadline)
  local done = semaphore.new()
  local is_done, ok, problem = false, nil, nil
  local thread = ngx.thread.spawn(function()
    ok, problem = connect_to_any(self, socket, deadline)
    is_done = true
    done:post()
  end)
  if not is_done then
    self.resolving[done] = true
    tasks.wait_for_thread(done, milliseconds_until(deadline) / 1000)
    self.resolving[done] = nil
  end
  if is_done then
    ngx.thread.wait(thread)
  else
    ngx.thread.kill(thread)
    ok, problem = nil, "timeout"
  end
  tasks.stop_here()
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

-- What nginx's words for a failed handshake mean. What OpenSSL said of it is in nginx's log alone.
local function explain(self, problem)
  if problem == "certificate host mismatch" then
    if self.is_named or self.is_loopback then
      return "the certificate isn't one for " .. self.server_name
        .. (self.is_loopback and ", which a loopback address stands for" or "")
    end
    return problem .. " (nginx checks names, not addresses: use a name in base_url)"
  elseif problem == "handshake failed" then
    return problem .. " (does the server speak TLS on port " .. self.port
      .. "? if so, in versions that lua_ssl_protocols in nginx.conf has? nginx's error log says more)"
  end
  return "the certificate of " .. self.server_name .. " isn't trusted: " .. problem
    .. " (set lua_ssl_trusted_certificate, and lua_ssl_verify_depth, in nginx.conf)"
end

local function failure_of_handshake(self, problem)
  problem = tostring(problem)
  if problem == "timeout" then
    return { kind = "timeout", message = "no TLS handshake with " .. self.host .. " in time", sent = false }
  elseif problem == "handshake failed" and self.session or problem == "closed" then
    return { kind = "network", message = "the connection was lost within the TLS handshake", sent = false }
  end
  return { kind = "tls", message = "TLS with " .. self.host .. ": " .. explain(self, problem), sent = false }
end

-- Where a handshake fails at once, an assertion in lua-resty-core hides the reason. All that the server sent was there
-- by then, so it is this side that refused.
local HIDDEN = "refused"

local function shake_hands(self, socket, deadline)
  sockets.set_deadline(socket, deadline)
  local ok, session, problem = pcall(socket.sslhandshake, socket, self.session, self.server_name, true)
  if not ok then
    session, problem = nil, HIDDEN
  end
  if not session then
    socket:close()
    local failure = failure_of_handshake(self, problem)
    self.session = nil -- the next handshake is a whole one
    return failure
  end
  return nil
end

--- Takes a new connection's TLS session, once its first answer has been read: TLS 1.3 sends what is needed to resume
-- one after the handshake. nginx gives it to whoever asks for a handshake again.
---@param socket table
function Sockets:learn(socket)
  if self.is_tls then
    local ok, session = pcall(socket.sslhandshake, socket, nil, self.server_name, true)
    if ok and session then
      self.session = session
    end
  end
end

local function is_reused(socket)
  return (socket:getreusedtimes() or 0) > 0
end

-- A socket that is connected; nil and why there is none.
local function new_socket(self, deadline, is_fresh)
  local socket = ngx.socket.tcp()
  self:works(socket)
  local ok, problem = (self.is_address and connect_to_any or connect_by_name)(self, socket, deadline)
  self:rests(socket)
  if ok and is_reused(socket) and (is_fresh or not descriptor.is_quiet(socket)) then
    socket:close()
    return new_socket(self, deadline, is_fresh)
  end
  return ok and socket or nil, problem
end

--- Makes a connection, or takes one that was kept meanwhile.
---@param deadline number
---@param is_fresh boolean? takes none that was kept: those are closed
---@return table? socket
---@return table? failure { kind, message, sent }
---@return boolean? is_reused
function Sockets:open(deadline, is_fresh)
  if is_fresh then
    self:drain()
  end
  local socket, problem = new_socket(self, deadline, is_fresh)
  if not socket then
    return nil, failure_to_connect(self, problem)
  elseif self.is_interrupted then
    socket:close()
    return nil, { kind = "closed", message = "interrupted", sent = false }
  elseif is_reused(socket) then
    return socket, nil, true
  end
  self.opened = self.opened + 1
  if self.is_tls then
    self:works(socket)
    local failure = shake_hands(self, socket, deadline)
    self:rests(socket)
    if failure then
      return nil, failure
    end
  end
  return socket, nil, false
end

--- Keeps a connection on which nothing is under way.
---@param socket table
function Sockets:keep(socket)
  if not socket:setkeepalive(IDLE) then
    socket:close()
  end
end

--- Lets everything fail that waits for a connection or on one, now or later. Those that are kept need `drain`.
function Sockets:interrupt()
  self.is_interrupted = true
  for signal in pairs(self.resolving) do
    signal:post()
  end
  for socket in pairs(self.busy) do
    descriptor.cut_off(socket)
  end
end

--- Closes the connections that are kept.
function Sockets:drain()
  local socket = take(self)
  while socket do
    socket:close()
    socket = take(self)
  end
end

return sockets
