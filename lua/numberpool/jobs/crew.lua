--- A crew: pieces of work in tasks of their own, several under way at a time. Whoever begins one gets a ticket, and
-- waits for that or for whichever is done next.
--
-- A ticket has `ok`, `value` and `err` once it is done: true and the first two results of the work, or false and what
-- it raised. Until then `ok` is nil.
-- @module numberpool.jobs.crew

local call = require "numberpool.call"

local Crew = {}
Crew.__index = Crew

local crew = {}

-- Workers by their task. A worker does one ticket after another, as long as there are any. Its task holds it. Both may
-- go without a word, as nginx leaves requests.
local workers = setmetatable({}, { __mode = "kv" })

--- Makes a crew that has nothing to do. It belongs to the work that it is made in, if any, and is abandoned with that.
---@param runtime table
---@param size integer? tickets under way at a time; those begun beyond it wait for their turn; nil: any number
---@return table
function crew.new(runtime, size)
  local place = runtime:current()
  local self = setmetatable({
    runtime = runtime,
    size = size or math.huge,
    place = place,
    outer = workers[place], -- the worker that it belongs to
    signal = runtime:signal(),
    workers = {}, -- a set
    busy = 0, -- how many they are
    waiting = {}, -- tickets for their turn, from first_waiting to last_waiting
    first_waiting = 1,
    last_waiting = 0,
    done = {}, -- tickets that nobody has waited for yet, from first to last
    first = 1,
    last = 0,
  }, Crew)
  local outer = self.outer
  if outer then
    outer.crews = outer.crews or {}
    outer.crews[self] = true
  end
  return self
end

-- The next ticket of a worker, from those that wait. It is the worker's before it leaves them.
local function take_waiting(self, worker)
  local first = self.first_waiting
  local ticket = self.waiting[first]
  worker.ticket = ticket
  if ticket then
    ticket.worker = worker
    self.first_waiting = first + 1
    self.waiting[first] = nil
  end
  return ticket
end

local function hand_in(self, worker, ticket)
  local task, last = worker.task, self.last + 1
  worker.crews = nil
  if task then
    call.leave(task, self.outer and self.place)
  end
  self.done[last] = ticket
  self.last = last
  ticket.position = last
  self.signal:set()
end

local function dismiss(self, worker)
  self.workers[worker] = nil
  self.busy = self.busy - 1
  if worker.task then
    workers[worker.task] = nil
  end
end

-- What the task of a worker does.
local function serve(worker)
  local self, ticket = worker.crew, worker.ticket
  if worker.is_abandoned then -- before anybody knew the task, as memory ran out
    return
  end
  repeat
    local value, err = ticket.work(ticket.first, ticket.second)
    if worker.is_abandoned then
      return
    end
    ticket.value, ticket.err, ticket.ok = value, err, true
    hand_in(self, worker, ticket)
    ticket = take_waiting(self, worker)
  until not ticket
  dismiss(self, worker)
end

local hire

-- The members of a set. A finaliser may ask for them, and on LuaJIT a `for` loop over a table that is begun in one may
-- never end.
local function members(set)
  local list, member = {}, next(set)
  while member do
    list[#list + 1] = member
    member = next(set, member)
  end
  return list
end

-- A worker's task has raised: its work or, where memory runs out, anything else in it. Its ticket is handed in once,
-- and tickets that wait get another worker.
local function fail(worker, raised)
  local self, ticket = worker.crew, worker.ticket
  if worker.is_abandoned then
    return
  end
  self.workers[worker] = nil
  self.busy = #members(self.workers)
  if worker.task then
    workers[worker.task] = nil
  end
  if ticket and self.done[self.last] == ticket then
    ticket.position = self.last
    self.signal:set()
  elseif ticket and ticket.position == nil and ticket ~= self.waiting[self.first_waiting] then
    if ticket.ok == nil then
      ticket.ok, ticket.value = false, raised
    end
    hand_in(self, worker, ticket)
  end
  hire(self)
end

-- Has a worker of its own begin with the ticket that waits first, if one does.
function hire(self)
  local worker = { crew = self, ticket = nil, task = nil, crews = nil, is_abandoned = false }
  if not take_waiting(self, worker) then
    return
  end
  self.workers[worker] = true
  self.busy = self.busy + 1
  local task = self.runtime:spawn(serve, worker, fail)
  if worker.ticket then -- where nothing can wait, all is done by now
    worker.task = task
    workers[task] = worker
  end
end

--- Begins a piece of work, which runs once whoever asks for it waits.
---@param work fun(first: any, second: any): any, any
---@param first any
---@param second any
---@return table ticket
function Crew:begin(work, first, second)
  local ticket = {
    work = work,
    first = first,
    second = second,
    ok = nil,
    value = nil,
    err = nil,
    worker = nil, -- who works on it, or did
    position = nil, -- among those that are done
  }
  local last = self.last_waiting + 1
  self.waiting[last] = ticket
  self.last_waiting = last
  if self.busy < self.size then
    hire(self)
  end
  return ticket
end

-- Whether a ticket that isn't done never will be.
local function is_lost(ticket)
  local worker = ticket.worker
  return worker ~= nil and worker.is_abandoned
end

--- Waits until a ticket is done, or abandoned by somebody else.
---@param ticket table
---@return table ticket
function Crew:wait(ticket)
  while ticket.ok == nil and not is_lost(ticket) do
    self.signal:wait()
  end
  if ticket.ok ~= nil then
    self.done[ticket.position] = nil
  end
  return ticket
end

--- The ticket that was done first of those that nobody has waited for. Nil where none is.
---@return table? ticket
function Crew:next_done()
  local done, first = self.done, self.first
  local ticket = done[first]
  while not ticket and first < self.last do -- one that was waited for by itself
    first = first + 1
    ticket = done[first]
  end
  if ticket then
    done[first] = nil
    self.first = first + 1
  end
  return ticket
end

--- Waits until one more ticket is done. Nil where none is under way.
---@return table? ticket
function Crew:wait_any()
  local ticket = self:next_done()
  while not ticket and self.busy > 0 do
    self.signal:wait()
    ticket = self:next_done()
  end
  return ticket
end

-- Ends a worker's task where it stands, with the crews that its work has made.
local function end_worker(self, worker)
  local has_changed = false
  for _, inner in ipairs(members(worker.crews or {})) do
    has_changed = inner:abandon_all() or has_changed
  end
  local task, outermost = worker.task, nil
  worker.is_abandoned = true
  if task and self.runtime:kill(task) then -- else it is what runs here: it goes on, and nobody hears of its end
    local is_changed
    outermost, is_changed = call.abandon(task)
    has_changed = has_changed or is_changed
  end
  dismiss(self, worker)
  return outermost, has_changed
end

--- Ends the work of a ticket that is under way where it stands, with that of the crews that it has made.
---@param ticket table
---@return table? call what it was in the middle of
---@return boolean has_changed whether a change may have been made in it
function Crew:abandon(ticket)
  if ticket.ok ~= nil or not ticket.worker or ticket.worker.is_abandoned then
    return nil, false
  end
  local outermost, has_changed = end_worker(self, ticket.worker)
  hire(self)
  self.signal:set()
  return outermost, has_changed
end

--- Forgets the tickets that wait for their turn.
function Crew:drop_waiting()
  self.waiting = {}
  self.first_waiting, self.last_waiting = 1, 0
end

--- The tickets that are under way.
---@return table[]
function Crew:under_way()
  local list = members(self.workers)
  for i, worker in ipairs(list) do
    list[i] = worker.ticket
  end
  return list
end

--- Ends everything that is under way, and forgets what waits and what is done.
---@return boolean has_changed whether a change may have been made in any of it
function Crew:abandon_all()
  local has_changed = false
  self:drop_waiting()
  for _, ticket in ipairs(self:under_way()) do
    local _, is_changed = self:abandon(ticket)
    has_changed = has_changed or is_changed
  end
  self.done = {}
  self.first, self.last = 1, 0
  return has_changed
end

--- Says that a crew begins nothing more.
function Crew:disband()
  local crews = self.outer and self.outer.crews
  if crews then
    crews[self] = nil
  end
end

return crew
