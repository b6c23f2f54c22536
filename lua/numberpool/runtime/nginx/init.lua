--- The runtime for nginx with its Lua module, and OpenResty: sends over cosockets, waits without blocking the worker.
-- One client serves every request of a worker. The methods are those of `numberpool.runtime.curl`, and one more:
--
--   runtime:limiter(rate, account)         the account's rate limit, shared by the workers if they share a dictionary
--
-- @module numberpool.runtime.nginx

local clock = require "numberpool.runtime.nginx.clock"
local host = require "numberpool.runtime.host"
local http_date = require "numberpool.runtime.nginx.http_date"
local http1 = require "numberpool.runtime.nginx.http1"
local limiter = require "numberpool.limit.shared_dict"
local sockets = require "numberpool.runtime.nginx.sockets"
local tasks = require "numberpool.runtime.nginx.tasks"

local now = clock.now
local get_phase = ngx.get_phase

local Nginx = {}
Nginx.__index = Nginx

local RECEIVE = 65536 -- bytes at most at a time
local DEFAULT_PORTS = { http = "80", https = "443" }

-- By phase, whether connections are to be had there. nginx gets new phases now and then: it is asked.
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

--- Opens the runtime for one client. Connects to nothing, so that it may be done in `init_by_lua` too.
---@param settings table url, headers, body_headers, connect_timeout, max_body, account
---@return table? runtime
---@return string? message what is missing
function Nginx.open(settings)
  local self = setmetatable({
    origin = settings.url.origin,
    body_fixed = join(settings.body_headers),
    connect_timeout = settings.connect_timeout,
    max_body = settings.max_body,
    sockets = sockets.new(settings.url, settings.account),
    bytes_sent = 0,
    bytes_received = 0,
  }, Nginx)
  fixed_lines[self] = " HTTP/1.1\r\n" .. host_header(settings.url) .. "\r\n" .. join(settings.headers)
  return self
end

Nginx.now = now
Nginx.random = clock.random
Nginx.warn = host.warn

Nginx.refused = {
  ca_file = "ca_file: not to be had inside nginx: set lua_ssl_trusted_certificate in nginx.conf instead",
  proxy = "proxy: not to be had inside nginx: no proxy can be used there; of the options about connections nginx.conf "
    .. "has lua_ssl_trusted_certificate",
}

-- What to do where no connection is to be had.
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

--- Called before a request. Raises where Lua can't be left, with nothing sent.
---@return table? failure where nginx makes no connections
function Nginx:give_way()
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
  local failure = send_request(self, socket, request, deadline)
  local answer
  if not failure then
    answer, failure = http1.read(receiver(self, socket, deadline), self.max_body)
  end
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

local function open_connection(self, deadline)
  return self.sockets:open(math.min(deadline, now() + self.connect_timeout))
end

-- Nothing is sent twice here: whether to try again is for the caller to say, who counts.
local function send_on_any(self, request, deadline)
  local socket, is_reused = self.sockets:reuse(), true
  local answer, failure
  if not socket then
    socket, failure, is_reused = open_connection(self, deadline)
  end
  if socket then
    answer, failure = exchange(self, socket, request, deadline, is_reused)
  end
  if failure and is_reused and failure.kind == "network" and not failure.is_begun then
    self.sockets:drain() -- the server has closed this one, and those that were idle as long as well
  end
  return answer, failure, is_reused
end

local CLOSED = "the client is closed"

--- One HTTP exchange. Raises nothing of its own.
---@param method string
---@param path string with the query
---@param body string? nil for none
---@param deadline number on the clock of `now`
---@return integer? status nil where there is no answer
---@return string|table body or, where there is no answer, the failure: { kind, message, sent, status, is_reused }
---@return string? content_type
---@return number? retry_after seconds
---@return string? location of a redirect
---@return boolean? is_reused whether another request had been sent on the connection before
function Nginx:send(method, path, body, deadline)
  if self.is_closed then
    return nil, { kind = "closed", message = CLOSED, sent = false }
  end
  local answer, failure, is_reused = send_on_any(self, request_text(self, method, path, body), deadline)
  if answer then
    return response_of(self, answer, is_reused)
  end
  return nil, failure
end

--- Right after an answer: lets nothing more be sent on the connections that are kept, one of which it came on.
function Nginx:discard()
  self.sockets:drain()
end

--- Sleeps.
---@param seconds number
function Nginx:sleep(seconds)
  local ends = now() + seconds
  local left = seconds
  while left > 0 do -- nginx's timers count from when it last looked at the clock, and may come early
    ngx.sleep(math.max(left, 0.001))
    left = ends - now()
  end
end

--- Calls a function now, and again and again in a task, until a time or until that is killed. It ends with the request
-- that this runs in, however that ends.
---@param seconds number
---@param time number on the clock of `now`
---@param fn function
---@return table? task
function Nginx:every(seconds, time, fn)
  fn()
  if not tasks.may_wait() then
    return nil
  end
  return tasks.spawn(function()
    while now() < time do
      ngx.sleep(seconds)
      fn()
    end
  end, function() end)
end

--- Runs a function in a light thread, once whoever called this waits.
---@param fn function
---@param finish fun(ok: boolean, ...) called with fn's results, or false and what it raised
---@return table task
function Nginx:spawn(fn, finish)
  return tasks.spawn(fn, finish)
end

--- The task that this is called in; one for everybody outside of tasks.
---@return table
function Nginx:running()
  return tasks.running()
end

--- Ends a task where it stands; a request of it that is under way is given up.
---@param task table
function Nginx:kill(task)
  tasks.kill(task)
end

--- The tasks of some that haven't ended. Those that were spawned within them end with the request.
---@param roots table<table, any> by task
---@return table<table, table> each to itself
function Nginx:family(roots)
  local found = {}
  for task in pairs(roots) do
    found[task] = not (task.is_ended or task.is_killed) and task or nil
  end
  return found
end

--- A count that one coroutine waits for.
---@return table semaphore with `post` and `wait`
function Nginx:semaphore()
  return tasks.semaphore()
end

--- Lets so many connections be kept while they are idle.
---@param count integer
function Nginx:keep_connections(count)
  self.sockets:set_size(count)
end

--- Bytes sent, bytes received and connections opened so far.
---@return integer, integer, integer
function Nginx:counters()
  return self.bytes_sent, self.bytes_received, self.sockets.opened
end

--- The rate limit of an account.
---@param rate table { requests, seconds }
---@param account string what the limit is shared by
---@return table? limiter
---@return string? message why not
function Nginx:limiter(rate, account)
  return limiter.new(rate, account)
end

--- Closes every connection that is idle. Those that are under way end with their answers. May be called twice.
function Nginx:close()
  if not self.is_closed then
    self.is_closed = true
    if may_send() then
      self.sockets:drain()
    end
  end
end

return Nginx
