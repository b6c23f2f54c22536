--- Compares a pool with what it should be, with as few requests as that takes.
-- @module numberpool.jobs.plan.compare

local core = require "numberpool.core"
local crew = require "numberpool.jobs.crew"
local errors = require "numberpool.errors"
local kinds = require "numberpool.jobs.plan.kinds"
local snapshot = require "numberpool.jobs.snapshot"

local compare = {}

local CONCURRENCY = 16 -- entries that are looked up at a time
local PAGE = 20

-- So few are looked up at once. More are worth a page first, which says how many pages there are.
local FEW = 2

-- Where the server doesn't say how many entries there are, a list with a full page is taken for one of so many pages.
local UNKNOWN_PAGES = 50

local NOTHING = {} -- options of a page

-- The number of an entry of a list, and what it has in its place where that is none.
local function name_of(job, entry)
  local name = type(entry) == "table" and entry[job.kind.target] or nil
  return kinds.digits(job.pool, job.client, job.kind, name), name
end

local function look_up_one(job, digits)
  local kind = job.kind
  return job.client:run(kind.find, kind.find.build(job.pool, job.client.prefix, digits))
end

local function abandon(_, _, of_crew)
  of_crew:abandon_all()
end

-- Notes in `found` what is there of some numbers.
local function look_up(job, of_crew)
  for digits in pairs(job.wanted) do
    if job.found[digits] == nil then
      of_crew:begin(look_up_one, job, digits)
    end
  end
  local ticket = of_crew:wait_any()
  while ticket do
    local value, err = ticket.value, ticket.err
    if not ticket.ok then
      of_crew:abandon_all()
      error(value, 0)
    elseif value ~= nil then
      job.found[ticket.second] = kinds.service(value) or false
    elseif err.kind ~= "not_found" then
      of_crew:abandon_all()
      return false, err
    end
    ticket = of_crew:wait_any()
  end
  return true
end

local function look_up_missing(job)
  local runtime = job.client.runtime
  runtime:check_wait()
  runtime:keep_connections(CONCURRENCY)
  local of_crew = crew.new(runtime, CONCURRENCY)
  local is_read, err = runtime:shelter(abandon, look_up, job, of_crew)
  of_crew:disband()
  return is_read, err
end

-- How many pages a reader would still read.
local function pages_left(of_list)
  local count, total = #of_list.before, of_list.total
  if of_list.is_over then
    return 0
  elseif not total then
    return count < PAGE and 1 or UNKNOWN_PAGES
  end
  return math.ceil((total - of_list.offset) / math.max(1, count))
end

-- Notes in `found` what is there of the numbers that are wanted.
local function find_wanted(job)
  local missing = job.count
  if missing <= FEW then
    return look_up_missing(job)
  end
  local is_cut_short = false
  local is_read, err, has_moved = snapshot.visit(job.client, job.pool, job.kind.list, NOTHING, {
    begin = function() end,
    take = function(entry)
      local digits = name_of(job, entry)
      if digits and job.wanted[digits] ~= nil and job.found[digits] == nil then
        job.found[digits] = kinds.service(entry) or false
        missing = missing - 1
      end
    end,
    is_enough = function(of_list)
      is_cut_short = missing <= pages_left(of_list)
      return missing == 0 or is_cut_short
    end,
  })
  job.has_moved = has_moved
  if is_read and is_cut_short and missing > 0 then
    return look_up_missing(job)
  end
  return is_read, err
end

-- Notes in `found` all that is there. Where the list never holds still, what isn't wanted is there if any of the
-- readings had it, and what is wanted if the last one had: both removing what is gone and adding what is there do no
-- harm.
local function find_all(job)
  local current, earlier, wrong = nil, {}, nil
  local is_read, err, has_moved = snapshot.visit(job.client, job.pool, job.kind.list, NOTHING, {
    begin = function()
      for digits, service in pairs(current or {}) do
        if job.wanted[digits] == nil then
          earlier[digits] = service
        end
      end
      current, wrong = {}, nil
    end,
    take = function(entry)
      local digits, name = name_of(job, entry)
      if digits then
        current[digits] = kinds.service(entry) or false
      else
        wrong = wrong or core.shown(name)
      end
    end,
  })
  if not is_read then
    return false, err
  elseif wrong then
    return false, errors.new {
      kind = "protocol",
      message = ("the list has an entry whose %s can't be one: %s"):format(job.kind.target, wrong),
      operation = job.kind.list.name,
    }
  end
  if has_moved then
    for digits, service in pairs(earlier) do
      if current[digits] == nil then
        current[digits] = service
      end
    end
  end
  job.found, job.has_moved = current, has_moved
  return true
end

local ADD, REMOVE = "isn't in the pool", "isn't wanted"
local KEEP, KEEP_UNKNOWN = "is in the pool", "is in the pool; the server doesn't say with which service"
local NO_ADDING = "the API can't add shortcodes"
local REPLACE = { sms = "has service sms", mms = "has service mms" }

local function new_entry(kind, digits, service, reason)
  if kind.target == "number" then
    return { kind = kind.name, number = digits, service = service, reason = reason }
  end
  return { kind = kind.name, shortcode = digits, service = service, reason = reason }
end

local function append(list, entry)
  list[#list + 1] = entry
end

-- Puts a wanted number where it belongs. `has` is the service that it has, false where the server doesn't say, nil
-- where it isn't there.
local function sort_wanted(plan, kind, digits, wanted, has)
  if has == nil and kind.add then
    append(plan.add, new_entry(kind, digits, wanted or nil, ADD))
  elseif has == nil then
    append(plan.impossible, new_entry(kind, digits, wanted or nil, NO_ADDING))
  elseif not wanted or not has or wanted == has then
    append(plan.keep, new_entry(kind, digits, has or nil, wanted and not has and KEEP_UNKNOWN or KEEP))
  elseif kind.takes_service then
    local entry = new_entry(kind, digits, wanted, REPLACE[has] or "has service " .. has)
    entry.from = has
    append(plan.replace, entry)
  else
    append(plan.impossible, new_entry(kind, digits, wanted,
      "has service " .. has .. ", and the API takes none for toll-free numbers"))
  end
end

local function sorted(set)
  local list = {}
  for digits in pairs(set) do
    list[#list + 1] = digits
  end
  table.sort(list)
  return list
end

local function sort_all(plan, job)
  for _, digits in ipairs(sorted(job.wanted)) do
    sort_wanted(plan, job.kind, digits, job.wanted[digits], job.found[digits])
  end
  if not job.prunes then
    return 0
  end
  local present = sorted(job.found)
  for _, digits in ipairs(present) do
    if job.wanted[digits] == nil then
      append(plan.remove, new_entry(job.kind, digits, job.found[digits] or nil, REMOVE))
    end
  end
  return #present
end

--- Sorts what is wanted, and with `prunes` what is there, into the lists of a plan.
---@param plan table with the lists add, remove, replace, keep, impossible
---@param pool numberpool.Pool
---@param client numberpool.Client
---@param lists table[] of `desired.read`
---@param prunes boolean
---@return integer? present how many entries the lists that are pruned have
---@return numberpool.Error? err
---@return boolean? has_moved whether the pool kept changing while it was read
function compare.run(plan, pool, client, lists, prunes)
  local present, has_moved = 0, false
  for _, list in ipairs(lists) do
    local job = {
      pool = pool,
      client = client,
      kind = list.kind,
      wanted = list.wanted,
      count = list.count,
      prunes = prunes,
      found = {}, -- services of what is there, false where the server doesn't say, by number
      has_moved = false,
    }
    local is_read, err = true, nil
    if prunes then
      is_read, err = find_all(job)
    elseif job.count > 0 then
      is_read, err = find_wanted(job)
    end
    if not is_read then
      return nil, err
    end
    present = present + sort_all(plan, job)
    has_moved = has_moved or job.has_moved
  end
  return present, nil, has_moved
end

return compare
