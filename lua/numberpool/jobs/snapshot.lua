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

-- Every entry that a reader gives, each once, and whether the list has moved meanwhile.
local function read_entries(of_list)
  local entries, seen, first_total, has_moved = {}, {}, nil, false
  while true do
    local objects, err = of_list:next_page()
    if not objects then
      return not err and entries or nil, err, has_moved or (first_total and #entries ~= first_total)
    end
    first_total = first_total or of_list.total
    has_moved = has_moved or of_list.has_shifted or of_list.total ~= first_total
    for _, entry in ipairs(objects) do
      local key = listing.key(entry)
      if key == nil or not seen[key] then
        entries[#entries + 1] = entry
      end
      if key ~= nil then
        has_moved = has_moved or seen[key]
        seen[key] = true
      end
    end
  end
end

local function stop(_, of_list)
  of_list:stop()
end

-- Every entry once. Entries shift between pages when the list changes: it is read until it holds still.
local function read_all(client, pool, operation, for_call)
  for _ = 1, MOST_READS do
    local of_row = { retries = for_call.retries, timeout = for_call.timeout }
    local of_list = reader.new(client, pool, operation, of_row, PREFETCH)
    local entries, err, has_moved = client.runtime:shelter(stop, read_entries, of_list)
    if not entries then
      return nil, err
    elseif not has_moved then
      return entries
    end
  end
  return nil, errors.new {
    kind = "conflict",
    message = "the list kept changing while it was read " .. MOST_READS .. " times",
    operation = operation.name,
  }
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
