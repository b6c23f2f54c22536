--- The runtime for nginx with its Lua module, and OpenResty: sends over cosockets, waits without blocking the worker.
-- One client serves every request of a worker. Its functions are described in numberpool.runtime.
-- @module numberpool.runtime.nginx

local clock = require "numberpool.runtime.nginx.clock"
local descriptor = require "numberpool.runtime.nginx.descriptor"
local host = require "numberpool.runtime.host"
local http_date = require "numberpool.runtime.nginx.http_date"
local http1 = require "numberpool.runtime.nginx.http1"
local memory = require "numberpool.limit.memory"
local places = require "numberpool.runtime.nginx.places"
local random = require "numberpool.runtime.nginx.random"
local semaphore = require "ngx.semaphore"
local shared_dict = require "numberpool.limit.shared_dict"
local sockets = require "numberpool.runtime.nginx.sockets"
local tasks = require "numberpool.runtime.nginx.tasks"

local now = clock.now
local get_phase = ngx.get_phase

local Nginx = {}
Nginx.__index = Nginx

local RECEIVE = 65536 -- bytes at most at a time
local DEFAULT_PORTS = { http = "80", https = "443" }

-- By phase, whether connections can be made there. nginx gets new phases now and then, so it is asked.
local may_connect = {}

local function may_send()
  local phase = get_phase()
  local may = may_connect[phase]
  if may == nil then
    may = pcall(ngx.socket.tcp)
    may_connect[phase] = may
  end
  return may, phase
end

-- What every request of a client has in it, by runtime: the token's header is in no field of anything.
local fixed_lines = setmetatable({}, { __mode = "k" })

local function host_header(url)
  local port = url.port ~= "" and url.port ~= DEFAULT_PORTS[url.scheme] and ":" .. url.port or ""
  return "Host: " .. url.host .. port
end

-- What is the same in every request. A header without a value is libcurl's way to leave one out.
local function join(headers)
  local lines = {}
  for _, line in ipairs(headers) do
    if not line:find ":$" then
      lines[#lines + 1] = line .. "\r\n"
    end
  end
  return table.concat(lines)
end

-- May be called in `init_by_lua`.
function Nginx.open(settings)
  if not descriptor.is_there() then
    return nil, "numberpool needs nginx's Lua module in version 0.10.18 or later"
  end
  local self = setmetatable({
    origin = settings.url.origin,
    body_fixed = join(settings.body_headers),
    connect_timeout = settings.connect_timeout,
    max_body = settings.max_body,
    sockets = sockets.new(settings.url, settings.account),
    sleepers = setmetatable({}, { __mode = "k" }), -- semaphores
    bytes_sent = 0,
    bytes_received = 0,
  }, Nginx)
  fixed_lines[self] = " HTTP/1.1\r\n" .. host_header(settings.url) .. "\r\n" .. join(settings.headers)
  return self
end

Nginx.now = now
Nginx.random = random.number
Nginx.warn = host.warn

Nginx.refused = {
  ca_file = "ca_file: not to be had inside nginx: set lua_ssl_trusted_certificate in nginx.conf instead",
  proxy = "proxy: not to be had inside nginx: no proxy can be used there; of the options about connections nginx.conf "
    .. "has lua_ssl_trusted_certificate",
}

-- What to do where no connection can be made.
local ADVICE = {
  init = "call it from a timer that init_worker_by_lua sets, as in ngx.timer.at(0, function() ... end)",
  exit_worker = "the worker ends, and nothing can be sent any more",
}
local USUAL_ADVICE = "call it from a timer, as in ngx.timer.at(0, function() ... end)"

local function wrong_phase(phase)
  return {
    kind = "config",
    message = "the API can't be called in nginx's phase " .. phase .. ", where no connection can be made: "
      .. (ADVICE[phase] or USUAL_ADVICE),
    sent = false,
  }
end

function Nginx:check_wait()
  local may, phase = may_send()
  if not may then
    return wrong_phase(phase)
  elseif not tasks.may_wait() then
    error("a call of the API can't yield here, and so not wait: under require, within a comparison of table.sort, "
      .. "a function given to gsub, or a metamethod such as __tostring; nothing was sent", 0)
  end
end

-- The next bytes of an answer, before a deadline.
local function receiver(self, socket, deadline)
  local is_first = true
  return function()
    if is_first then
      is_first = false -- its timeout was set before the request was sent
    else
      sockets.set_deadline(socket, deadline)
    end
    local bytes, problem = socket:receiveany(RECEIVE)
    if bytes then
      self.bytes_received = self.bytes_received + #bytes
    end
    return bytes, problem
  end
end

local function send_request(self, socket, request, deadline)
  sockets.set_deadline(socket, deadline)
  local sent, problem = socket:send(request)
  if sent then
    self.bytes_sent = self.bytes_sent + sent
    return nil
  end
  local is_late = problem == "timeout"
  return {
    kind = is_late and "timeout" or "network",
    message = is_late and "the request wasn't taken in time" or "the connection was lost: " .. tostring(problem),
  }
end

-- Sends a request on a connection, and reads its answer. The connection is kept or closed.
local function exchange(self, socket, request, deadline, is_reused)
  self.sockets:works(socket)
  local failure = send_request(self, socket, request, deadline)
  local answer
  if not failure then
    answer, failure = http1.read(receiver(self, socket, deadline), self.max_body)
  end
  self.sockets:rests(socket)
  if answer and not is_reused then
    self.sockets:learn(socket)
  end
  if answer and answer.is_reusable and not self.is_closed then
    self.sockets:keep(socket)
  else
    socket:close()
  end
  if failure then
    failure.sent, failure.is_reused = true, is_reused
  end
  return answer, failure
end

local function seconds_of(retry_after)
  if not retry_after then
    return nil
  end
  local seconds = retry_after:match "^%d+$" and tonumber(retry_after)
  if not seconds then
    local time = http_date.parse(retry_after, ngx.time())
    seconds = time and math.max(time - ngx.time(), 0)
  end
  return seconds
end

-- A redirect's target as an address that one can see the host of.
local function location_of(self, status, location)
  if not location or status < 300 or status >= 400 then
    return nil
  elseif location:find "^/[^/]" or location == "/" then
    return self.origin .. location
  end
  return location
end

local function response_of(self, answer, is_reused)
  local status, headers = answer.status, answer.headers
  return status, answer.body, headers["content-type"], seconds_of(headers["retry-after"]),
    location_of(self, status, headers.location), is_reused
end

local function request_text(self, method, path, body)
  local head = method .. " " .. path .. fixed_lines[self]
  if body then
    return head .. self.body_fixed .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
  elseif method == "GET" then
    return head .. "\r\n"
  end
  return head .. "Content-Length: 0\r\n\r\n"
end

local CLOSED = "the client is closed"

-- A connection: one that was kept, or a new one.
local function connection(self, deadline, is_fresh)
  local socket = not is_fresh and self.sockets:reuse() or nil
  local is_reused, failure = socket ~= nil, nil
  if not socket then
    socket, failure, is_reused = self.sockets:open(math.min(deadline, now() + self.connect_timeout), is_fresh)
  end
  if socket and self.is_closed then
    socket:close()
    return nil, { kind = "closed", message = CLOSED, sent = false }
  end
  return socket, failure, is_reused
end

-- Sends once: only the caller tries again, who counts.
local function send_on_any(self, request, deadline, is_fresh)
  local socket, failure, is_reused = connection(self, deadline, is_fresh)
  local answer
  if socket then
    answer, failure = exchange(self, socket, request, deadline, is_reused)
  end
  if failure and is_reused and failure.kind == "network" and not failure.is_begun then
    self.sockets:drain() -- the server closed it while it was idle, and the others probably too
  end
  return answer, failure, is_reused
end

function Nginx:send(method, path, body, deadline, is_fresh)
  if self.is_closed then
    return nil, { kind = "closed", message = CLOSED, sent = false }
  end
  local answer, failure, is_reused = send_on_any(self, request_text(self, method, path, body), deadline, is_fresh)
  tasks.stop_here()
  if answer then
    return response_of(self, answer, is_reused)
  elseif self.is_closed then
    failure.kind, failure.message = "closed", CLOSED
  end
  return nil, failure
end

-- The answer's connection is one of those that are kept.
function Nginx:discard()
  self.sockets:drain()
end

function Nginx:sleep(seconds)
  local ends = now() + seconds
  local left = seconds
  local signal = semaphore.new()
  self.sleepers[signal] = true
  while left > 0 and not self.is_closed do -- timers may come early: they count from when nginx last looked at the clock
    signal:wait(math.max(left, 0.001))
    left = ends - now()
  end
  self.sleepers[signal] = nil
  tasks.stop_here()
end

function Nginx:current()
  return places.current()
end

function Nginx:spawn(fn, argument, on_error)
  return tasks.spawn(fn, argument, on_error)
end

function Nginx:kill(task)
  return tasks.kill(task)
end

function Nginx:signal()
  return tasks.signal()
end

-- No Ctrl-C comes here.
function Nginx:shelter(undo, fn, first, second)
  return places.shelter(undo, fn, first, second)
end

function Nginx:keep_connections(count)
  self.sockets:set_size(count)
end

function Nginx:counters()
  return self.bytes_sent, self.bytes_received, self.sockets.opened
end

-- The store of all workers where they share a dictionary, else of this one.
function Nginx:store(account)
  local dictionary = ngx.shared.numberpool
  if not dictionary then
    return memory.of_account(account, now)
  end
  return shared_dict.new {
    dictionary = dictionary,
    prefix = "numberpool:" .. ngx.md5(account):sub(1, 12) .. ":",
    now = now,
    update_time = ngx.update_time,
  }
end

function Nginx:close()
  if self.is_closed then
    return
  end
  self.is_closed = true
  self.sockets:interrupt()
  for signal in pairs(self.sleepers) do
    signal:post()
  end
  if may_send() then
    self.sockets:drain()
  end
end

return Nginx
