--- The runtime for plain scripts: sends over libcurl. Inside a task a request gives way to others; outside it is waited
-- for in place. Its functions are described in numberpool.runtime.
-- @module numberpool.runtime.curl

local host = require "numberpool.runtime.host"
local memory = require "numberpool.limit.memory"
local tasks = require "numberpool.runtime.tasks"

local Curl = {}
Curl.__index = Curl

Curl.warn = host.warn
Curl.refused = {} -- it takes every option

local floor, remove, running, status_of = math.floor, table.remove, coroutine.running, coroutine.status

local MISSING = "numberpool needs libcurl to send requests: install it with your system's packages "
  .. "(Debian: apt-get install libcurl4): "

local curl -- the module in C, once it is loaded

--- The module in C, which is loaded now; or nil and a message that says what is missing.
function Curl.load()
  local ok, found = pcall(require, "numberpool.curl")
  if not ok then
    return nil, MISSING .. tostring(found):gsub("%s+", " ")
  end
  curl = found
  return curl
end

-- As stock Lua says it.
local INTERRUPTED = "interrupted!"

-- What Ctrl-C is kept for until it waits, one in a Lua state: { thread, is_undone }. Its coroutine may be left in
-- the middle, as where a hook yields, and never go on. While it is undone Ctrl-C isn't raised again.
local holder = nil

local function is_left(thread)
  local state = thread and status_of(thread) -- Lua 5.1 knows none for what is outside of coroutines
  return state == "suspended" or state == "dead"
end

local function let_go()
  holder = nil
  return curl.release_interrupts()
end

local function raise_interrupt()
  if not holder or not curl.was_interrupted() then
    return
  elseif is_left(holder.thread) then
    let_go()
  elseif holder.is_undone or holder.thread ~= running() then
    return
  end
  error(INTERRUPTED, 0)
end

-- Readies every task that waits for a transfer, as none goes on. A finaliser may do this, and on LuaJIT a `for` loop
-- over a table that is begun in one may never end.
local function ready_all(self)
  local waiting = self.waiting
  self.waiting = {}
  local id, task = next(waiting)
  while id do
    self.tasks:ready(task)
    id, task = next(waiting, id)
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
    local task = waiting[ids[i]]
    if task then
      self.tasks:ready(task)
    end
  end
end

function Curl.open(settings)
  local is_loaded, missing = Curl.load()
  if not is_loaded then
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
    held = {}, -- transfers that tasks wait for, by task
    outside = { is_task = false }, -- stands for what is outside of tasks
    kept = 0, -- connections, by what was asked for
  }, Curl)
  self.tasks = tasks.new(curl.now, function(seconds)
    poll(self, seconds)
  end, raise_interrupt)
  return self
end

-- A transfer to use, from those that are at rest; nil and why not. They are put to rest once their result is read.
local function take_transfer(self)
  local transfer = remove(self.resting) -- at once: a finaliser in between may send, too
  if not transfer then
    local handle, why = self.session:transfer()
    if not handle then
      return nil, why
    end
    self.last_id = self.last_id + 1
    return { handle = handle, id = self.last_id }
  end
  return transfer
end

-- An exchange that nobody waits for any more.
local function give_up(self, transfer)
  local resting = self.resting
  transfer.handle:cancel()
  resting[#resting + 1] = transfer
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
      raise_interrupt()
    end
  end
end

-- Tasks go on meanwhile, as those that fetch pages ahead. An error that is raised in the middle, as Ctrl-C does, gives
-- the transfer up; a task that is killed gives up the one that it holds.
local function wait_in_place(self, transfer)
  local task = self.tasks:within()
  if task then
    self.held[task] = transfer
    wait_until_done(self, transfer)
    self.held[task] = nil
    return
  end
  local ok, raised = pcall(wait_until_done, self, transfer)
  if not ok then
    give_up(self, transfer)
    error(raised, 0)
  end
end

local function wait_in_task(self, task, transfer)
  local waiting, id = self.waiting, transfer.id
  waiting[id] = task
  self.held[task] = transfer
  repeat
    self.tasks:wait()
  until transfer.handle:done()
  waiting[id] = nil
  self.held[task] = nil
end

function Curl:check_wait()
  self.tasks:check_wait()
end

function Curl:send(method, path, body, deadline, is_fresh, is_large)
  local task = self.tasks:yieldable()
  local transfer, message = take_transfer(self)
  local is_under_way
  if transfer then
    is_under_way, message =
      transfer.handle:start(method, path, body, deadline, task and transfer.id or 0, is_fresh, is_large)
  end
  if message then
    self.resting[#self.resting + 1] = transfer
    return nil, { kind = "closed", message = message, sent = false }
  elseif is_under_way and task then -- it isn't when libcurl refused to start it
    wait_in_task(self, task, transfer)
  elseif is_under_way then
    wait_in_place(self, transfer)
  end
  return read_answer(self, transfer)
end

-- HTTP/2 tells answers apart: there the connection goes on.
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
      raise_interrupt()
    end
  end
end

function Curl:sleep(seconds)
  local ends = self.now() + seconds
  local task = self.tasks:yieldable()
  if task then
    return self.tasks:sleep_until(task, ends)
  end
  sleep_in_place(self, ends)
end

function Curl:spawn(fn, argument, on_error)
  return self.tasks:spawn(fn, argument, on_error)
end

function Curl:current()
  return self.tasks:within() or self.outside
end

function Curl:kill(task)
  local is_over = self.tasks:kill(task)
  local transfer = is_over and self.held[task]
  if transfer then
    self.waiting[transfer.id] = nil
    self.held[task] = nil
    give_up(self, transfer)
  end
  return is_over
end

function Curl:signal()
  return self.tasks:signal()
end

-- Returns what is to be raised then.
local function undo_in(place, undo, raised, first, second)
  local was_undone = place.is_undone
  place.is_undone = true
  local ok, other = pcall(undo, raised, first, second)
  place.is_undone = was_undone
  return ok and raised or other
end

local function end_shelter(own, undo, first, second, ok, ...)
  local raised = ...
  local is_holder = own and holder == own
  if is_holder and ok and curl.was_interrupted() then
    ok, raised = false, INTERRUPTED
  end
  if not ok then
    raised = undo_in(holder or {}, undo, raised, first, second)
  end
  if is_holder then
    let_go()
  end
  if not ok then
    error(raised, 0)
  end
  return ...
end

-- Holds Ctrl-C back, in the stock interpreter. Returns what stands for that; nil where somebody else does.
local function hold()
  if holder and is_left(holder.thread) and let_go() then
    error(INTERRUPTED, 0)
  end
  local own = curl.hold_interrupts() and { thread = running() } or nil
  holder = own or holder
  return own
end

-- In the stock interpreter Ctrl-C is only noted meanwhile; a second one is raised at once, wherever that is.
function Curl:shelter(undo, fn, first, second)
  if self.tasks:within() then
    return fn(first, second)
  end
  return end_shelter(hold(), undo, first, second, pcall(fn, first, second))
end

function Curl:store(account)
  return memory.of_account(account, self.now)
end

function Curl:keep_connections(count)
  if count > self.kept then
    self.kept = count
    self.session:keep_connections(count)
  end
end

function Curl:counters()
  local sent, received, connections = self.session:counters()
  return floor(sent), floor(received), floor(connections)
end

function Curl:close()
  self.is_closed = true
  self.session:close()
  ready_all(self)
  self.tasks:wake_all()
end

return Curl
