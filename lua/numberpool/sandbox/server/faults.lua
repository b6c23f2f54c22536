--- The faults that tests have asked for, in memory that all workers share, so that `times` counts for all of them
--- together.
local bit = require "bit"
local json = require "numberpool.sandbox.json"
local messages = require "numberpool.sandbox.messages"
local pattern = require "numberpool.sandbox.server.pattern"
local reply = require "numberpool.sandbox.server.reply"

local faults = {}

local shared = ngx.shared.control

local MAX_SECONDS = 86400
local MAX_COMPILED = 1000

local KINDS = { status = true, delay = true, reset = true, truncate = true, garbage = true, stall = true, huge = true }

local function is_whole(value)
  return type(value) == "number" and value == math.floor(value) and value >= 0 and value < 2 ^ 31
end

local function is_headers(value)
  if type(value) ~= "table" then
    return false
  end
  for name, text in pairs(value) do
    if type(name) ~= "string" or not name:find "^[%w%-_]+$" then
      return false
    end
    if type(text) ~= "number" and (type(text) ~= "string" or text:find "[%z\r\n]") then
      return false
    end
  end
  return true
end

-- Each field: whether a value is right, and what a message says is expected.
local FIELDS = {
  method = { function(value) return type(value) == "string" and value:find "^%a+$" end, "an HTTP method" },
  path = { function(value) return type(value) == "string" end, "a Lua pattern" },
  times = { is_whole, "a count" },
  probability = { function(value) return type(value) == "number" and value >= 0 and value <= 1 end, "0 to 1" },
  seed = { function(value) return type(value) == "number" and value == value end, "a number" },
  when = { function(value) return value == "before" or value == "after" end, "before or after" },
  kind = { function(value) return KINDS[value] end, "status, delay, reset, truncate, garbage, stall or huge" },
  status = { function(value) return is_whole(value) and value >= 200 and value <= 599 end, "200 to 599" },
  headers = { is_headers, "names and values" },
  body = { function(value) return type(value) == "string" or type(value) == "table" end, "a string or an object" },
  seconds = { function(value) return type(value) == "number" and value >= 0 and value <= MAX_SECONDS end, "seconds" },
}

local ready, ready_count = {}, 0 -- compiled patterns by their text

local function compiled(path)
  if ready[path] then
    return ready[path]
  end
  local result, problem = pattern.compile(path)
  if not result then
    return nil, problem
  end
  if ready_count == MAX_COMPILED then
    ready, ready_count = {}, 0
  end
  ready[path], ready_count = result, ready_count + 1
  return result
end

-- Returns a copy of a right fault; refuses a wrong one.
local function check(body)
  local fault = {}
  for name, value in pairs(body) do
    if value ~= json.null then
      local field = FIELDS[name]
      if not field then
        reply.refuse("fault: unknown field %s, expected one of %s", messages.shown(name), messages.names_of(FIELDS))
      end
      if not field[1](value) then
        reply.refuse("%s: expected %s, got %s", name, field[2], messages.shown(value))
      end
      fault[name] = value
    end
  end
  if fault.path then
    local ok, problem = compiled(fault.path)
    if not ok then
      reply.refuse("path: expected a Lua pattern, got '%s': %s", fault.path, problem)
    end
  end
  if not fault.kind then
    reply.refuse "kind is required"
  end
  if fault.method then
    fault.method = fault.method:upper()
  end
  return fault
end

local cached, cached_version = {}, 0

-- The faults, oldest first. Nobody may change the list.
local function all()
  local version = shared:get "faults_version" or 0
  if version ~= cached_version then
    cached = json.decode(shared:get "faults" or "[]")
    cached_version = version
  end
  return cached
end

local function save(list)
  shared:set("faults", json.encode(json.list(list)))
  shared:incr("faults_version", 1, 0)
end

--- Adds a fault.
---@param body table as it was sent
---@return integer id
function faults.add(body)
  local fault = check(body)
  fault.id = shared:incr("fault_ids", 1, 0)
  local list = {}
  for index, other in ipairs(all()) do
    list[index] = other
  end
  list[#list + 1] = fault
  save(list)
  return fault.id
end

--- Every fault, with `used`: how often it was.
---@return table[]
function faults.list()
  local list = json.list()
  for index, fault in ipairs(all()) do
    local copy = { used = math.min(shared:get("used:" .. fault.id) or 0, fault.times or math.huge) }
    for name, value in pairs(fault) do
      copy[name] = value
    end
    list[index] = copy
  end
  return list
end

function faults.clear()
  save {}
end

-- Random number `draw` of a seed, from 0 to 1: a hash over 32 bits, so that it is the same in every run and worker.
local function chance(seed, draw)
  local x = bit.tobit(seed * 7919 + draw * 40503)
  for _ = 1, 3 do
    x = bit.bxor(x, bit.lshift(x, 13))
    x = bit.bxor(x, bit.rshift(x, 17))
    x = bit.bxor(x, bit.lshift(x, 5))
    x = bit.tobit(x + 0x3c6ef35f + draw)
  end
  return (x % 2 ^ 32) / 2 ^ 32
end

local function strikes(fault)
  if fault.probability and fault.probability < 1 then
    local draw = shared:incr("draws:" .. fault.id, 1, 0)
    local value = fault.seed and chance(fault.seed, draw) or math.random()
    if value >= fault.probability then
      return false
    end
  end
  local used = shared:incr("used:" .. fault.id, 1, 0)
  return not fault.times or used <= fault.times
end

local function matches(fault, request)
  if fault.method and fault.method ~= request.method then
    return false
  end
  return not fault.path or pattern.matches(compiled(fault.path), request.path)
end

--- The first fault that a request meets. It counts as used.
---@param request numberpool.sandbox.IncomingRequest
---@return numberpool.sandbox.Fault?
function faults.pick(request)
  for _, fault in ipairs(all()) do
    if matches(fault, request) and strikes(fault) then
      return fault
    end
  end
end

return faults
