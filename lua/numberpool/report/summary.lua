--- A pool at a glance: totals by kind, country, area code, type and service, the oldest and the newest entry.
-- Entries are counted as they go by. What is kept doesn't grow with them.
-- @module numberpool.report.summary

local dates = require "numberpool.report.dates"
local facts = require "numberpool.report.facts"
local text = require "numberpool.report.text"

local summary = {}

--- The lists of a pool, in the order in which they are shown.
summary.KINDS = { "numbers", "tollfree", "shortcodes" }

--- What entries are counted by, in the order in which that is shown.
summary.GROUPS = { "country", "area_code", "type", "service" }

--- What each list's entries are called: one of them, and many.
summary.NOUNS = {
  numbers = { "number", "numbers" }, tollfree = { "toll-free number", "toll-free numbers" },
  shortcodes = { "shortcode", "shortcodes" },
}

-- Different values of a group that are told apart. No plan has so many; a server that goes wrong may.
local MOST_VALUES = 1000

local OF_SHORTCODES = { country = true } -- they have no area code, type or service

local Summary = {}
Summary.__index = Summary

--- Makes a summary of nothing yet.
---@param pool string? the pool's uuid
---@return table
function summary.new(pool)
  local self = { pool = pool, kinds = {}, listed = {}, groups = {} }
  for _, kind in ipairs(summary.KINDS) do
    self.kinds[kind] = 0
  end
  for _, group in ipairs { "country", "area_code", "type", "service", "month" } do
    self.groups[group] = { counts = {}, values = 0, unknown = 0, others = 0 }
  end
  return setmetatable(self, Summary)
end

local function count(group, value)
  if value == nil then
    group.unknown = group.unknown + 1
  elseif group.counts[value] then
    group.counts[value] = group.counts[value] + 1
  elseif group.values < MOST_VALUES then
    group.values = group.values + 1
    group.counts[value] = 1
  else
    group.others = group.others + 1
  end
end

--- Counts an entry.
---@param known numberpool.report.Facts
function Summary:add(known)
  self.kinds[known.kind] = self.kinds[known.kind] + 1
  for _, name in ipairs(summary.GROUPS) do
    if known.kind ~= "shortcodes" or OF_SHORTCODES[name] then
      count(self.groups[name], known[name])
    end
  end
  local at = known.added_at
  count(self.groups.month, at and dates.month(at))
  if at and not (self.oldest_at and at >= self.oldest_at) then
    self.oldest, self.oldest_at = known, at
  end
  if at and not (self.newest_at and at <= self.newest_at) then
    self.newest, self.newest_at = known, at
  end
end

--- Tells how many entries a list says that it has.
---@param kind string
---@param total integer? nil where it doesn't say
function Summary:expect(kind, total)
  self.listed[kind] = total
end

-- The values of a group, the most frequent first.
local function ranked(group)
  local list = {}
  for value, times in pairs(group.counts) do
    list[#list + 1] = { value = value, count = times }
  end
  table.sort(list, function(a, b)
    if a.count ~= b.count then
      return a.count > b.count
    end
    return a.value < b.value
  end)
  return list
end

local function in_order(group)
  local list = ranked(group)
  table.sort(list, function(a, b)
    return a.value < b.value
  end)
  return list
end

local function shown_entry(known)
  return known and { kind = known.kind, number = known.number, added_on = known.added_on }
end

local LABELS = { country = "country", area_code = "area code", type = "type", service = "service" }

-- How the counts and the lists' totals differ.
local function add_differences(notes, self)
  for _, kind in ipairs(summary.KINDS) do
    local read, listed, nouns = self.kinds[kind], self.listed[kind], summary.NOUNS[kind]
    if listed == false then
      notes[#notes + 1] = ("the list of %s gives no total to compare with"):format(nouns[2])
    elseif listed and listed ~= read then
      notes[#notes + 1] = ("%s read, but the list says %s: the pool changed meanwhile, or the list is wrong"):format(
        text.counted(read, nouns[1] .. " was", nouns[2] .. " were"), text.count(listed))
    end
  end
end

-- What isn't known.
local function add_unknown(notes, self, total)
  for _, name in ipairs(summary.GROUPS) do
    local group = self.groups[name]
    local of = OF_SHORTCODES[name] and total or total - self.kinds.shortcodes
    if group.unknown > 0 then
      notes[#notes + 1] = ("%s: not known of %s of %s"):format(LABELS[name], text.count(group.unknown),
        text.counted(of, "entry", "entries"))
    end
    if group.others > 0 then
      notes[#notes + 1] = ("%s: more than %s values; %s not told apart"):format(LABELS[name], text.count(MOST_VALUES),
        text.counted(group.others, "entry is", "entries are"))
    end
  end
  local undated = self.groups.month.unknown
  if undated > 0 then
    notes[#notes + 1] = ("added on: not known of %s of %s"):format(text.count(undated),
      text.counted(total, "entry", "entries"))
  end
end

--- What `result` returns.
---@class numberpool.report.Result
---@field pool string?
---@field total integer
---@field kinds table<string, integer> entries that were read, by list
---@field listed table<string, integer> entries that the lists say they have
---@field agrees boolean whether these are the same, as far as they are known
---@field country { value: string, count: integer }[] the most frequent first, as are area_code, type and service
---@field area_code { value: string, count: integer }[]
---@field type { value: string, count: integer }[]
---@field service { value: string, count: integer }[]
---@field months { value: string, count: integer }[] in order
---@field unknown table<string, integer> entries whose country, area_code, type, service or added_on isn't known
---@field others table<string, integer> entries whose value isn't told apart, as there are too many of them
---@field oldest { kind: string, number: string?, added_on: string }?
---@field newest { kind: string, number: string?, added_on: string }?
---@field notes string[] what can't be known, and what doesn't agree

--- Returns what was counted so far.
---@return numberpool.report.Result
function Summary:result()
  local result = {
    pool = self.pool, total = 0, kinds = {}, listed = {}, agrees = true, unknown = {}, others = {}, notes = {},
    oldest = shown_entry(self.oldest), newest = shown_entry(self.newest),
  }
  for _, kind in ipairs(summary.KINDS) do
    local read, listed = self.kinds[kind], self.listed[kind] or nil
    result.total = result.total + read
    result.kinds[kind], result.listed[kind] = read, listed
    result.agrees = result.agrees and (listed == nil or listed == read)
  end
  for _, name in ipairs(summary.GROUPS) do
    local group = self.groups[name]
    result[name], result.unknown[name], result.others[name] = ranked(group), group.unknown, group.others
  end
  result.months = in_order(self.groups.month)
  result.unknown.added_on = self.groups.month.unknown
  add_differences(result.notes, self)
  add_unknown(result.notes, self, result.total)
  return result
end

-- What a list says that it has, or false where it doesn't say. Raises an error object.
local function total_of(pool, kind)
  local list, err = pool["list_" .. kind](pool, { limit = 1 })
  if not list and err.kind ~= "protocol" then
    error(err, 0)
  end
  local meta = list and list.meta
  local total = type(meta) == "table" and tonumber(meta.total_count)
  return total and total >= 0 and total < 2 ^ 53 and total % 1 == 0 and total or false
end

-- Reads one list. The total is asked for again where the count differs, as a pool may change while it is read.
local function read_list(self, pool, kind, on_entry)
  for entry in pool[kind](pool) do
    local known = facts.of(kind, entry)
    self:add(known)
    on_entry(known)
  end
  if self.listed[kind] ~= self.kinds[kind] then
    self:expect(kind, total_of(pool, kind))
  end
end

--- Reads a pool and counts what is in it. Raises the error object where a page can't be had.
---@param pool numberpool.Pool
---@param on_entry fun(known: numberpool.report.Facts, done: integer, total: integer?)? called for each entry
---@return numberpool.report.Result
function summary.of_pool(pool, on_entry)
  local self, done, total = summary.new(pool.uuid), 0, 0
  for _, kind in ipairs(summary.KINDS) do
    local listed = total_of(pool, kind)
    self:expect(kind, listed)
    total = total and listed and total + listed or nil
  end
  local function count_entry(known)
    done = done + 1
    if on_entry then
      on_entry(known, done, total)
    end
  end
  for _, kind in ipairs(summary.KINDS) do
    read_list(self, pool, kind, count_entry)
  end
  return self:result()
end

--- Counts what a snapshot has.
---@param snapshot numberpool.Snapshot
---@param pool string? its uuid
---@param on_entry fun(known: numberpool.report.Facts)?
---@return numberpool.report.Result
function summary.of_snapshot(snapshot, pool, on_entry)
  local self = summary.new(pool)
  for _, kind in ipairs(summary.KINDS) do
    for _, entry in ipairs(snapshot[kind]) do
      local known = facts.of(kind, entry)
      self:add(known)
      if on_entry then
        on_entry(known)
      end
    end
  end
  return self:result()
end

return summary
