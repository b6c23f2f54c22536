--- The table that a Lua file returns. The file is a program without any function to call: it can compute its table, but
-- reach nothing outside of itself, and it is stopped when it takes too many steps or too much memory.
-- @module numberpool.files.lua_table

local errors = require "numberpool.errors"

local lua_table = {}

-- What a file may take. A table of 100,000 numbers takes 400,000 steps.
local MOST_STEPS = 4 * 1000 * 1000
local MOST_MEBIBYTES = 64
local MOST_BYTES = 64 * 1024 * 1024 -- of the file itself

local NO_FUNCTIONS = "%s isn't there: the file has to be data, and can call no functions"

-- Loads a text as a function whose globals are `environment`. Compiled code isn't taken: it could do anything.
local function load_text(text, environment)
  if text:sub(1, 1) == "\27" then
    return nil, "file:1: compiled code: expected Lua as text"
  elseif not setfenv then
    return load(text, "=file", "t", environment)
  end
  local chunk, message = loadstring(text, "=file")
  return chunk and setfenv(chunk, environment), message
end

local function new_environment()
  return setmetatable({}, {
    __index = function(_, name)
      error(string.format(NO_FUNCTIONS, tostring(name)), 2)
    end,
  })
end

-- A hook for each step of the file. One step can't take much: the only operator that makes something large of something
-- small is `..`, and what it makes is counted at the next step.
local function new_watch()
  local count, steps, kilobytes = collectgarbage, 0, collectgarbage "count"
  return function()
    steps = steps + 1
    local message = steps > MOST_STEPS
      and "the file doesn't come to an end: it was stopped after " .. MOST_STEPS .. " steps"
      or count "count" - kilobytes > MOST_MEBIBYTES * 1024
      and "the file needs too much memory: it was stopped at " .. MOST_MEBIBYTES .. " MiB"
    if message then
      debug.sethook() -- LuaJIT's would raise again in what comes after the file
      error(message, 2)
    end
  end
end

-- Runs a function under the watch. LuaJIT has one hook for all coroutines, and none in what it has compiled.
local function run_watched(chunk)
  local thread = coroutine.create(chunk)
  if not jit then
    debug.sethook(thread, new_watch(), "", 1)
    local ok, result = coroutine.resume(thread)
    return ok, result, thread
  end
  jit.off(chunk, true)
  local hook, mask, count = debug.gethook()
  debug.sethook(new_watch(), "", 1)
  local ok, result = coroutine.resume(thread)
  if type(hook) == "function" then
    debug.sethook(hook, mask, count)
  else
    debug.sethook()
  end
  return ok, result, thread
end

-- Runs a function without the methods of strings, through which it could reach `string.rep`. Nothing is collected
-- meanwhile, so that no finaliser misses them. Ctrl-C is raised here, outside of the coroutine, once that has ended.
local function run_without_methods(chunk)
  local strings = debug.getmetatable ""
  local methods = strings.__index
  collectgarbage "stop"
  strings.__index = nil
  local is_run, ok, result, thread = pcall(run_watched, chunk)
  strings.__index = methods
  collectgarbage "restart"
  if not is_run then
    error(ok, 0)
  end
  return ok, result, thread
end

-- The line that a coroutine of the file stopped on; where that isn't known any more, the one its function begins on.
local function line_of(thread)
  for level = 0, 20 do
    local info = debug.getinfo(thread, level, "Sl")
    if info and info.source == "=file" then
      return info.currentline > 0 and info.currentline or info.linedefined
    end
  end
  return nil
end

-- What is wrong as "line 3: message". A stack overflow may be found within the watch, which has other lines.
local function with_line(raised, thread)
  local text = errors.text_of(raised)
  local line, message = text:match "^file:(%d+): (.*)$"
  if text:find("stack overflow", 1, true) or text:find("C stack", 1, true) then
    line, message = line or thread and line_of(thread), "the file's functions call each other without end"
  end
  return line and ("line %s: %s"):format(line, message) or message or text
end

--- Evaluates the text of a Lua file.
---@param text string
---@return table?
---@return string? message with the line
function lua_table.evaluate(text)
  if #text > MOST_BYTES then
    return nil, ("is too large: expected at most %d MiB of Lua"):format(MOST_BYTES / 1024 / 1024)
  end
  local chunk, message = load_text((text:gsub("^#[^\n]*", "")), new_environment())
  if not chunk then
    return nil, with_line(message)
  end
  local ok, result, thread = run_without_methods(chunk)
  if not ok and errors.is_interrupt(result) then
    error(result, 0)
  elseif not ok then
    return nil, with_line(result, thread)
  elseif type(result) ~= "table" then
    return nil, "expected a file that returns a table, got one that returns "
      .. (result == nil and "nothing" or "a " .. type(result))
  end
  return result
end

return lua_table
