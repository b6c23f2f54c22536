--- The runtime for plain scripts: sends over libcurl. Inside a task a request gives way to others; outside it is waited
-- for in place. Every runtime has the same methods:
--
--   open(settings)                         a runtime, or nil and what is missing
--   runtime:send(method, path, body, deadline, is_fresh)   one HTTP exchange
--   runtime:discard()                      right after it: nothing more goes out on the answer's connection
--   runtime:give_way()                     called before a request: raises here if the task can't be left
--   runtime:sleep(seconds), runtime.now(), runtime.random()
--   runtime:spawn(fn, finish)              runs fn in a task of its own; finish(ok, ...) gets what came of it
--   runtime:kill(task), runtime:family(roots), runtime:running()
--   runtime:semaphore()                    :post(), :wait(), for one that waits
--   runtime:every(seconds, time, fn)       only where a task may end without a word: calls fn as long as it lives
--   runtime:counters(), runtime:keep_connections(count), runtime:close()
--
-- @module numberpool.runtime.curl

local host = require "numberpool.runtime.host"
local tasks = require "numberpool.runtime.tasks"

local Curl = {}
Curl.__index = Curl

Curl.warn = host.warn
Curl.refused = {} -- it takes every option

local MISSING = "numberpool needs libcurl to send requests: install it with your system's packages "
  .. "(Debian: apt-get install libcurl4): "

local function load_curl()
  local ok, curl = pcall(require, "numberpool.curl")
  if not ok then
    return nil, MISSING .. tostring(curl):gsub("%s+", " ")
  end
  return curl
end

-- Readies every task that waits for a transfer, as none goes on.
local function ready_all(self)
  local waiting = self.waiting
  self.waiting = {}
  for _, task in pairs(waiting) do
    self.tasks:ready(task)
  end
end

-- Waits for libcurl at most so many seconds, and readies the tasks whose transfers are finished.
local function poll(self, seconds)
  local ids, waiting = self.ids, self.waiting
  local count = self.session:step(math.ceil(seconds * 1000), ids)
  if not count and next(waiting) then -- this process was forked in the middle of a job
    return ready_all(self)
  elseif not count then -- closed: only sleepers are left
    return self.nap(seconds)
  end
  for i = 1, count do
    local id = ids[i]
    local task = waiting[id]
    waiting[id] = nil
    if task then
      self.tasks:ready(task)
    end
  end
end

--- Opens libcurl for one client.
---@param settings table origin, headers, body_headers, connect_timeout, max_body, ca_file, proxy,
-- proxy_credentials
---@return table? runtime
---@return string? message what is missing
function Curl.open(settings)
  local curl, missing = load_curl()
  if not curl then
    return nil, missing
  end
  local session, message = curl.open(settings)
  if not session then
    return nil, message
  end
  local self = setmetatable({
    session = session,
    now = curl.now,
    nap = curl.nap,
    random = curl.random,
    resting = {}, -- transfers: { handle, id }
    ids = {}, -- of what a step finished
    waiting = {}, -- tasks by the id of their transfer
    last_id = 0,
    kept = 0, -- connections, by what was asked for
  }, Curl)
  self.tasks = tasks.new(curl.now, function(seconds)
    poll(self, seconds)
  end)
  return self
end

-- A transfer to use, from those that are at rest; nil and why not. They are put to rest once their result is read.
local function take_transfer(self)
  local resting = self.resting
  local count = #resting
  if count == 0 then
    local handle, why = self.session:transfer()
    if not handle then
      return nil, why
    end
    self.last_id = self.last_id + 1
    return { handle = handle, id = self.last_id }
  end
  local transfer = resting[count]
  resting[count] = nil
  return transfer
end

local function read_answer(self, transfer)
  local status, second, third, fourth, fifth, is_reused = transfer.handle:result()
  local resting = self.resting
  resting[#resting + 1] = transfer
  self.answered = transfer
  if status then
    return status, second, third, fourth, fifth, is_reused
  end
  return nil, { kind = second, message = third, sent = fourth, status = fifth, is_reused = is_reused }
end

local function wait_until_done(self, transfer)
  while not transfer.handle:done() do
    if next(self.tasks.live) then
      self.tasks:turn()
    else
      poll(self, 1)
    end
  end
end

-- Tasks go on meanwhile, as those that fetch pages ahead. An error that is raised in the middle, as Ctrl-C does, gives
-- the transfer up; a task that is ended gives up the one that it holds.
local function wait_in_place(self, transfer)
  local task = self.tasks:within()
  if task then
    task.transfer = transfer
    wait_until_done(self, transfer)
    task.transfer = nil
    return
  end
  local ok, raised = pcall(wait_until_done, self, transfer)
  if not ok then
    transfer.handle:cancel()
    error(raised, 0)
  end
end

local function wait_in_task(self, task, transfer)
  local waiting, id = self.waiting, transfer.id
  waiting[id] = task
  task.transfer = transfer
  repeat
    self.tasks:wait()
  until waiting[id] ~= task or transfer.handle:done()
  waiting[id] = nil
  task.transfer = nil
end

--- Called before a request: where Lua can't tell whether a task can be left here, raises if not, with nothing sent.
function Curl:give_way()
  self.tasks:give_way()
end

--- One HTTP exchange. Raises nothing of its own.
---@param method string
---@param path string with the query
---@param body string? nil for none
---@param deadline number on the clock of `now`
---@param is_fresh boolean? on a connection that no other request was sent on
---@return integer? status nil where there is no answer
---@return string|table body or, where there is no answer, the failure: { kind, message, sent, status, is_reused }
---@return string? content_type
---@return number? retry_after seconds
---@return string? location of a redirect
---@return boolean? is_reused whether another request was sent on the connection before
function Curl:send(method, path, body, deadline, is_fresh)
  local task = self.tasks:leavable()
  local transfer, message = take_transfer(self)
  local is_under_way
  if transfer then
    is_under_way, message = transfer.handle:start(method, path, body, deadline, task and transfer.id or 0, is_fresh)
  end
  if message then
    return nil, { kind = "closed", message = message, sent = false }
  elseif is_under_way and task then -- it isn't when libcurl refused to start it
    wait_in_task(self, task, transfer)
  elseif is_under_way then
    wait_in_place(self, transfer)
  end
  return read_answer(self, transfer)
end

--- Right after an answer: lets nothing more be sent on its connection, unless that tells answers apart, as HTTP/2 does.
function Curl:discard()
  self.answered.handle:discard()
end

-- Tasks go on meanwhile. A signal ends a nap early.
local function sleep_in_place(self, ends)
  while self.now() < ends and not self.is_closed do
    if next(self.tasks.live) then
      self.tasks:turn(ends)
    else
      self.nap(ends - self.now())
    end
  end
end

--- Sleeps, or until the runtime is closed.
---@param seconds number
function Curl:sleep(seconds)
  local ends = self.now() + seconds
  local task = self.tasks:leavable()
  if task then
    return self.tasks:sleep_until(task, ends)
  end
  sleep_in_place(self, ends)
end

--- Runs a function in a task of its own, from the next time on that somebody waits.
---@param fn function
---@param finish fun(ok: boolean, ...) called with fn's results, or false and what it raised
---@return table task
function Curl:spawn(fn, finish)
  return self.tasks:spawn(fn, finish)
end

--- The task that this is called in, be it in a coroutine that the task runs; nil outside of any.
---@return table?
function Curl:running()
  return self.tasks:within()
end

--- Ends a task where it stands; a request of it that is under way is given up. False where it is the one that runs:
-- then it goes on.
---@param task table
---@return boolean
function Curl:kill(task)
  local is_killed = self.tasks:kill(task)
  local transfer = task.transfer
  if is_killed and transfer then
    transfer.handle:cancel()
    self.waiting[transfer.id] = nil
    task.transfer = nil
  end
  return is_killed
end

--- A count that one task, or whoever is outside of tasks, waits for.
---@return table semaphore with `post` and `wait`
function Curl:semaphore()
  return self.tasks:semaphore()
end

--- The tasks that are live, of some and of those that were spawned within them: a table from each to the one it is of.
---@param roots table<table, any> by task
---@return table<table, table>
function Curl:family(roots)
  return self.tasks:family(roots)
end

--- Keeps at least so many connections open while they are idle.
---@param count integer
function Curl:keep_connections(count)
  if count > self.kept then
    self.kept = count
    self.session:keep_connections(count)
  end
end

local function whole(number)
  return math.floor(number)
end

--- Bytes sent, bytes received and connections opened so far.
---@return integer, integer, integer
function Curl:counters()
  local sent, received, connections = self.session:counters()
  return whole(sent), whole(received), whole(connections)
end

--- Closes every connection. What is under way fails with kind `closed`, and nobody sleeps on. May be called twice.
function Curl:close()
  self.is_closed = true
  self.session:close()
  ready_all(self)
  self.tasks:wake_all()
end

return Curl
