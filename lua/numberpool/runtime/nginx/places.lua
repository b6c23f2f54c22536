--- Places inside nginx: what stands for the code that runs, be it a task or not.
--
-- nginx uses coroutines again, and ends a request without running any code of ours, so that a coroutine alone doesn't
-- tell what it runs. Its stack does: a task begins with one function of ours, and so does all that `shelter` runs. The
-- place that was noted last for a coroutine is the right one as long as that function is on the coroutine's stack, with
-- as many functions below it as there were then: code only gets on top of it through us, who note a place first.
--
-- @module numberpool.runtime.nginx.places

local places = {}

local running = coroutine.running
local getinfo = debug.getinfo

-- Places by their coroutine, or by MAIN for code that runs in none. Whoever runs in one holds it.
local noted = setmetatable({}, { __mode = "kv" })
local MAIN = {}

local usual_level = 1

-- The level of the stack's bottom, as seen from here. Most calls are as deep in the stack as the one before.
local function bottom_level()
  local level = usual_level
  while not getinfo(level, "f") do
    level = level - 1
  end
  while getinfo(level + 1, "f") do
    level = level + 1
  end
  usual_level = level
  return level
end

-- How many functions are below the one that calls this.
local function height()
  return bottom_level() - 3
end

-- The function on the stack that has so many below it.
local function function_at(its_height)
  local level = bottom_level() - 1 - its_height
  local info = level > 0 and getinfo(level, "f")
  return info and info.func
end

--- The place that this is called in.
---@return table place a task; or a table that stands for the coroutine, as long as that runs the same code
function places.current()
  local key = running() or MAIN
  local place = noted[key]
  if place and (not place.height or function_at(place.height) == place.entry) then
    return place
  end
  place = { is_task = false }
  noted[key] = place
  return place
end

--- Notes that a task begins in a coroutine.
---@param task table
---@param thread thread
---@param entry function the one that the coroutine began with
function places.begin(task, thread, entry)
  task.thread, task.entry, task.height = thread, entry, 0
  noted[thread] = task
end

--- Notes that no task is left in a coroutine.
---@param thread thread
function places.leave(thread)
  noted[thread] = nil
end

local function pass_on(...)
  return ...
end

-- What `shelter` runs is on the stack above this function.
local function enter(place, fn, first, second)
  place.entry, place.height = enter, height()
  return pass_on(fn(first, second)) -- no tail call, which would take this function off the stack
end

local function finish(undo, first, second, ok, ...)
  if not ok then
    local raised = ...
    undo(raised, first, second)
    error(raised, 0)
  end
  return ...
end

local function finish_outermost(place, undo, first, second, ...)
  place.height = nil
  return finish(undo, first, second, ...)
end

--- Calls a function; where it raises outside of tasks, calls `undo(raised, first, second)` and raises that again.
---@param undo function
---@param fn function
---@param first any argument of both
---@param second any
---@return any ... what fn returned
function places.shelter(undo, fn, first, second)
  local place = places.current()
  if place.is_task then
    return fn(first, second)
  elseif place.height then -- within another call of this
    return finish(undo, first, second, pcall(fn, first, second))
  end
  return finish_outermost(place, undo, first, second, pcall(enter, place, fn, first, second))
end

return places
