--- Everything in a pool at one time.
-- @module numberpool.jobs.snapshot

local core = require "numberpool.core"
local errors = require "numberpool.errors"
local listing = require "numberpool.call.listing"
local options = require "numberpool.options"
local reader = require "numberpool.jobs.reader"

local snapshot = {}

local PREFETCH = 8
local MOST_READS = 5 -- of a list that keeps changing

local LISTS = { numbers = "pool.list_numbers", tollfree = "pool.list_tollfree", shortcodes = "pool.list_shortcodes" }

-- Shows a visitor every entry that a reader gives, each once. Returns whether it ended well, the error if it didn't,
-- and whether the list has moved meanwhile.
local function read_entries(of_list, visitor)
  local count, seen, first_total, has_moved = 0, {}, nil, false
  while true do
    local objects, err = of_list:next_page()
    if not objects then
      return not err, err, has_moved or (first_total and count ~= first_total) or false
    end
    first_total = first_total or of_list.total
    has_moved = has_moved or of_list.has_shifted or of_list.total ~= first_total
    for _, entry in ipairs(objects) do
      local key = listing.key(entry)
      if key == nil or not seen[key] then
        count = count + 1
        visitor.take(entry)
      end
      if key ~= nil then
        has_moved = has_moved or seen[key]
        seen[key] = true
      end
    end
    if visitor.is_enough and visitor.is_enough(of_list) then
      of_list:stop()
      return true, nil, false
    end
  end
end

local function stop(_, of_list)
  of_list:stop()
end

--- Shows a visitor every entry of a list. Entries shift between pages when the list changes: it is read again until it
--- holds still, at most five times.
---@param client numberpool.Client
---@param pool numberpool.Pool
---@param operation table that lists
---@param for_call table options of each page: retries, timeout
---@param visitor table `begin()` is called before each reading; `take(entry)` for every entry of it, once each; and
-- `is_enough(reader)`, if given, after each page: true ends all
---@return boolean is_read
---@return numberpool.Error? err
---@return boolean has_moved whether it kept changing
function snapshot.visit(client, pool, operation, for_call, visitor)
  local has_moved
  for _ = 1, MOST_READS do
    local of_row = { retries = for_call.retries, timeout = for_call.timeout }
    local of_list = reader.new(client, pool, operation, of_row, PREFETCH)
    local is_read, err
    visitor.begin()
    is_read, err, has_moved = client.runtime:shelter(stop, read_entries, of_list, visitor)
    if not is_read or not has_moved then
      return is_read, err, false
    end
  end
  return true, nil, true
end

-- Every entry once.
local function read_all(client, pool, operation, for_call)
  local entries
  local is_read, err, has_moved = snapshot.visit(client, pool, operation, for_call, {
    begin = function()
      entries = {}
    end,
    take = function(entry)
      entries[#entries + 1] = entry
    end,
  })
  if has_moved then
    return nil, errors.new {
      kind = "conflict",
      message = "the list kept changing while it was read " .. MOST_READS .. " times",
      operation = operation.name,
    }
  end
  return is_read and entries or nil, err
end

local read_options = options.reader("snapshot", { retries = options.retries(), timeout = options.seconds() })

--- Everything in a pool, each entry once: see numberpool.annotations.
---@param pool numberpool.Pool
---@param given table?
---@return table?
---@return numberpool.Error?
function snapshot.take(pool, given)
  local client = core.pool_client(pool, "snapshot")
  local for_call, wrong = read_options(given, 2)
  if wrong then
    return nil, client:invalid("snapshot", wrong)
  end
  local everything = {}
  for field, name in pairs(LISTS) do
    local entries, err = read_all(client, pool, core.operations[name], for_call)
    if not entries then
      return nil, err
    end
    everything[field] = entries
  end
  return everything
end

return snapshot
