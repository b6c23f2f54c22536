--- One change of a plan, and what to do where the pool isn't as the plan thinks.
-- @module numberpool.jobs.plan.change

local errors = require "numberpool.errors"
local kinds = require "numberpool.jobs.plan.kinds"

local changes = {}

-- Kinds of the API's refusal of an addition, after which it may be there already.
local MAY_BE_THERE = { conflict = true, rejected = true }

-- After these an addition wasn't done, and won't be either if it is tried again.
local IS_FINAL = { conflict = true, forbidden = true, not_found = true, rejected = true }

local SUCCESS = "success"
local AGAIN = ": plan and apply again to have it there"

local function send(change, operation, options)
  local client = change.client
  local request, message = operation.build(change.pool, client.prefix, change.entry[operation.target], options)
  if not request then
    return nil, client:invalid(operation.name, message)
  end
  return client:run(operation, request)
end

-- The failure of a change that isn't tried, or that turns out to be another one.
local function conflict(change, operation, message)
  return nil, errors.new {
    kind = "conflict",
    message = message,
    operation = operation.name,
    target = change.entry[operation.target],
  }
end

-- The same error, with what it means for the pool.
local function with_state(err, state, is_ambiguous)
  local fields = {}
  for name, value in pairs(err) do
    fields[name] = value
  end
  fields.message = err.message .. "; " .. state
  fields.ambiguous = is_ambiguous or err.ambiguous
  return errors.new(fields)
end

-- Removes the entry. One that isn't there has been removed.
local function remove(change, unrent)
  local value, err = send(change, change.kind.remove, unrent and { unrent = true } or nil)
  if value == nil and err.kind == "not_found" then
    return { response = SUCCESS }
  end
  return value, err
end

-- What is wrong with an entry that is there: its service. Nil where nothing is.
local function other_service(change, found)
  local wanted, service = change.entry.service, kinds.service(found)
  return wanted and service and service ~= wanted and service or nil
end

-- Adds the entry. One that is there already has been added, if it has the right service. Returns nil, the error, and
-- whether it is there with another one.
local function add(change, service)
  local operation = change.kind.add
  local value, err = send(change, operation, change.kind.takes_service and service and { service = service } or nil)
  if value == nil and MAY_BE_THERE[err.kind] then
    value = send(change, change.kind.find)
  end
  if value == nil then
    return nil, err, false
  end
  local service_there = other_service(change, value)
  if service_there and service == change.entry.service then
    local _, wrong = conflict(change, operation,
      ("is in the pool with service %s, not %s"):format(service_there, change.entry.service))
    return nil, wrong, true
  end
  return value
end

-- What becomes of an entry that was removed and couldn't be added with another service: where that was refused for
-- good, it is added as it was.
local function put_back(change, err)
  if not IS_FINAL[err.kind] then
    local where = err.ambiguous and "may not be in the pool now" or "isn't in the pool now"
    return nil, with_state(err, "it was removed to be added with another service, and " .. where .. AGAIN)
  end
  local value, again = add(change, change.entry.from)
  if value ~= nil then
    return nil, with_state(err, "it is in the pool with service " .. (kinds.service(value) or change.entry.from)
      .. " again")
  end
  local where = again.ambiguous and "may not be in the pool now" or "isn't in the pool now"
  return nil, with_state(err, "it was removed to be added with another service, and " .. where, again.ambiguous)
end

local function replace(change)
  local value, err, is_there
  if change.was_begun then -- by an apply before
    value = send(change, change.kind.find)
    if kinds.service(value) == change.entry.service then
      return value
    end
  end
  value, err = remove(change, false)
  if value == nil and err.ambiguous then
    return nil, with_state(err, "it may have been removed to be added with another service" .. AGAIN)
  elseif value == nil then
    return nil, err
  end
  change.is_out = true
  value, err, is_there = add(change, change.entry.service)
  if value ~= nil or is_there then
    change.is_out = false
    return value, err
  end
  value, err = put_back(change, err)
  change.is_out = false
  return value, err
end

-- Whether an entry is as the plan saw it; nil and the error where it isn't, or where that can't be told.
local function check_unchanged(change)
  local entry, look = change.entry, change.kind.find
  local found, err = send(change, look)
  if found == nil and err.kind ~= "not_found" then
    return nil, err
  elseif change.action == "add" then
    if found ~= nil then
      return conflict(change, look, "the pool has changed since the plan was made: it is in the pool already")
    end
    return true
  elseif found == nil then
    return conflict(change, look, "the pool has changed since the plan was made: it isn't in the pool any more")
  end
  local saw, has = entry.service, kinds.service(found)
  if change.action == "replace" then
    saw = entry.from
  end
  if saw and has and saw ~= has then
    return conflict(change, look,
      ("the pool has changed since the plan was made: it has service %s, not %s"):format(has, saw))
  end
  return true
end

--- Carries out a change: { pool, client, kind, action, entry, unrent, looks_first, was_begun }, where `action` is the
--- name of the plan's list. `on_begin` is called right before the pool is changed.
---@param change table
---@param on_begin fun()
---@return table? value what the API answered last
---@return numberpool.Error? err
function changes.carry_out(change, on_begin)
  if change.looks_first and not change.was_begun then
    local is_unchanged, err = check_unchanged(change)
    if not is_unchanged then
      return nil, err
    end
  end
  on_begin()
  if change.action == "add" then
    local value, err = add(change, change.entry.service)
    return value, err
  elseif change.action == "replace" then
    return replace(change)
  end
  return remove(change, change.unrent and change.kind.takes_unrent)
end

--- The error of a change that was cut short, with what that means for the pool.
---@param change table
---@param err any
---@return any
function changes.cut_short(change, err)
  if change.is_out and errors.is_error(err) then
    return with_state(err, "it was removed to be added with another service, and may not be in the pool now" .. AGAIN,
      true)
  end
  return err
end

return changes
