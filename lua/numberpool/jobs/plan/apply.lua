--- Carries out a plan, and accounts for each of its changes.
-- @module numberpool.jobs.plan.apply

local changes = require "numberpool.jobs.plan.change"
local errors = require "numberpool.errors"
local kinds = require "numberpool.jobs.plan.kinds"
local map = require "numberpool.jobs.map"
local options = require "numberpool.options"
local results = require "numberpool.jobs.results"

local apply = {}

local read_options = options.reader("apply", {
  concurrency = map.CONCURRENCY,
  on_progress = options.type "function",
  on_result = options.type "function",
  stop_on_error = options.type "boolean",
  force = options.type "boolean",
})

-- The lists of a plan that change something, in the order of the results. What is added first can't be missed.
local ACTIONS = { "add", "replace", "remove" }

local Job = {}
Job.__index = Job

-- All entries to change, and for each the name of its list. The caller may have changed the lists. Raises at the
-- caller of `run`'s caller.
local function collect(plan)
  local entries, actions = {}, {}
  for _, action in ipairs(ACTIONS) do
    for index, entry in ipairs(plan[action]) do
      local kind = type(entry) == "table" and kinds[entry.kind]
      if not kind or action == "add" and not kind.add then
        error(("apply: %s[%d]: entry of a plan expected, got something else"):format(action, index), 4)
      end
      entries[#entries + 1] = entry
      actions[#actions + 1] = action
    end
  end
  return entries, actions
end

-- Where numbers are removed that are added too: they move between the numbers and the toll-free numbers. Each is
-- removed first.
local function find_moves(entries, actions)
  local added, moves = {}, {}
  for index, entry in ipairs(entries) do
    local number = entry.number
    if number and actions[index] == "add" then
      added[number] = index
    elseif number and added[number] and actions[index] == "remove" then
      moves[added[number]] = index
    end
  end
  return moves
end

-- The change at a position. What was done by an apply before isn't done again.
function Job:change(index)
  local facts, entry = self.facts, self.entries[index]
  return {
    index = index,
    pool = facts.pool,
    client = facts.client,
    kind = kinds[entry.kind],
    action = self.actions[index],
    entry = entry,
    unrent = facts.unrent,
    looks_first = facts.is_loaded,
    was_begun = facts.begun[entry] or false,
    is_out = false, -- removed, and not added again yet
    following = nil, -- the change that comes after it
    outcome = nil,
  }
end

function Job:source()
  while not self.results.has_stopped and self.position < #self.entries do
    self.position = self.position + 1
    local index = self.position
    local before = self.moves[index]
    if before then
      self.is_taken[before] = true
      local change = self:change(before)
      change.following = self:change(index)
      return true, change
    elseif not self.is_taken[index] then
      return true, self:change(index)
    end
  end
  return false
end

local function carry_out(self, change)
  local facts, entry = self.facts, change.entry
  if facts.done[entry] then
    return { ok = true, value = { response = "success" } }
  end
  local value, err = changes.carry_out(change, function()
    facts.begun[entry] = true
  end)
  if value == nil then
    return { ok = false, error = err }
  end
  facts.done[entry] = true
  return { ok = true, value = value }
end

local function not_removed(change)
  return {
    ok = false,
    error = errors.new {
      kind = "conflict",
      message = "wasn't added: it couldn't be removed from where it is",
      operation = change.kind.add.name,
      target = change.entry.number,
    },
  }
end

-- What the task of a change does.
local function work(self, change)
  change.outcome = carry_out(self, change)
  local following = change.following
  if following then
    following.outcome = change.outcome.ok and carry_out(self, following) or not_removed(following)
  end
end

local function settle(self, change, ok, raised)
  local outcome, following = change.outcome, change.following
  local err = not ok and changes.cut_short(change, raised) or nil
  self.results:settle(change.index, change.entry, outcome or { ok = false, error = err })
  if following then
    local is_begun = outcome and outcome.ok
    self.results:settle(following.index, following.entry,
      following.outcome or is_begun and { ok = false, error = err } or results.SKIPPED)
  end
end

--- Why a plan isn't carried out without `force`: too many removals, more likely than not by mistake; nil where there
--- aren't.
---@param plan numberpool.Plan
---@param facts table as for `apply.run`
---@return numberpool.Error?
function apply.brake(plan, facts)
  local count = #plan.remove
  if count <= facts.max_removals then
    return nil
  end
  return errors.new {
    kind = "conflict",
    message = ("%d of %d entries would be removed, and max_removals is %d: nothing was done; force = true does it")
      :format(count, facts.present, facts.max_removals),
    operation = "apply",
    attempts = 0,
    elapsed = 0,
  }
end

--- Carries out a plan: see numberpool.annotations.plan. Errors of the arguments are raised at the caller's caller.
---@param plan numberpool.Plan
---@param facts table { pool, client, unrent, max_removals, present, is_loaded, begun, done }
---@param given table?
---@return numberpool.Report?
---@return numberpool.Error?
function apply.run(plan, facts, given)
  local own, wrong = read_options(given, 3)
  if wrong then
    return nil, facts.client:invalid("apply", wrong)
  end
  local err = not own.force and apply.brake(plan, facts) or nil
  if err then
    return nil, err
  end
  local entries, actions = collect(plan)
  local self = setmetatable({
    facts = facts,
    entries = entries,
    actions = actions,
    moves = find_moves(entries, actions),
    is_taken = {}, -- positions whose change came earlier
    position = 0,
    results = results.new(facts.client, own, entries),
  }, Job)
  return self.results:run {
    is_plain = true,
    source = function()
      return self:source()
    end,
    work = function(change)
      return work(self, change)
    end,
    settle = function(change, _, ok, raised)
      settle(self, change, ok, raised)
    end,
    skip_rest = function()
      self.results:skip_rest()
    end,
    concurrency = own.concurrency,
  }
end

return apply
