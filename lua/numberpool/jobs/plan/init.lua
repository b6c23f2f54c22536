--- Plans: what is to be changed so that a pool is as it should be.
-- @module numberpool.jobs.plan

local apply = require "numberpool.jobs.plan.apply"
local compare = require "numberpool.jobs.plan.compare"
local core = require "numberpool.core"
local desired = require "numberpool.jobs.plan.desired"
local file = require "numberpool.jobs.plan.file"
local options = require "numberpool.options"

local plans = {}

-- The brake: so many removals are allowed where nobody says how many.
local FEW = 10
local SHARE = 0.3 -- of what is there

-- What a plan knows beside its lists, by plan.
local facts_of = setmetatable({}, { __mode = "k" })

local Plan = {}
Plan.__index = Plan
Plan.__name = "numberpool.plan"

local function check(value, name)
  local facts = type(value) == "table" and getmetatable(value) == Plan and facts_of[value]
  if not facts then
    local got = value == nil and "no value" or type(value)
    error(name .. ": plan expected, got " .. got .. " (call it with a colon)", 3)
  end
  return facts
end

-- What begun and done have are entries, by themselves.
local function new_plan(pool, client, lists, facts, is_loaded)
  local plan = setmetatable(lists, Plan)
  facts.pool, facts.client = pool, client
  facts.is_loaded = is_loaded
  facts.begun = setmetatable({}, { __mode = "k" })
  facts.done = setmetatable({}, { __mode = "k" })
  facts_of[plan] = facts
  return plan
end

local read_options = options.reader("plan", {
  prune = options.type "boolean",
  unrent = options.type "boolean",
  max_removals = options.integer(0, 2 ^ 31 - 1),
})

--- Compares the pool with what it should be: see numberpool.annotations.plan.
---@param pool numberpool.Pool
---@param given table { numbers, tollfree, shortcodes }
---@param with table? options
---@return numberpool.Plan?
---@return numberpool.Error?
function plans.make(pool, given, with)
  local client = core.pool_client(pool, "plan")
  options.expect(given, "table", "plan: desired", 2)
  local own, wrong = read_options(with, 2)
  local lists, wrong_value, mistake = desired.read(pool, client, given)
  if mistake then
    error(mistake, 2)
  end
  wrong = wrong or wrong_value
  if wrong or not lists then
    return nil, client:invalid("plan", wrong)
  end
  local prunes = own.prune or false
  local made = { add = {}, remove = {}, replace = {}, keep = {}, impossible = {} }
  local present, err, has_moved = compare.run(made, pool, client, lists, prunes)
  if not present then
    return nil, err
  end
  return new_plan(pool, client, made, {
    prune = prunes,
    unrent = own.unrent or false,
    max_removals = own.max_removals or math.max(FEW, math.floor(present * SHARE)),
    present = present,
    has_moved = has_moved or false,
  }, false)
end

--- Reads a plan that was saved: see numberpool.annotations.plan.
---@param pool numberpool.Pool
---@param path string
---@return numberpool.Plan?
---@return numberpool.Error?
function plans.load(pool, path)
  local client = core.pool_client(pool, "load_plan")
  options.expect(path, "string", "load_plan: path", 2)
  local lists, facts = file.load(pool, client, path)
  if not lists then
    return nil, facts
  end
  return new_plan(pool, client, lists, facts, true)
end

--- The error that `plan:apply` gives for too many removals unless it is forced; nil where the plan hasn't too many.
---@param plan numberpool.Plan
---@return numberpool.Error?
function plans.brake(plan)
  return apply.brake(plan, facts_of[plan])
end

--- The methods of every plan.
plans.methods = Plan

--- How many changes the plan has.
function Plan:count()
  check(self, "count")
  return #self.add + #self.remove + #self.replace
end

--- Carries the plan out.
function Plan:apply(given)
  local facts = check(self, "apply")
  local report, err = apply.run(self, facts, given)
  return report, err
end

--- Writes the plan to a file.
function Plan:save(path)
  local facts = check(self, "save")
  options.expect(path, "string", "save: path", 2)
  local is_saved, err = file.save(self, facts, path)
  return is_saved, err
end

local function name_of(entry)
  local name = entry.number or entry.shortcode
  return entry.kind == "number" and name or entry.kind .. " " .. name
end

local function with_service(entry)
  return entry.service and " " .. entry.service or ""
end

local function append_lines(lines, sign, list, rest_of)
  for _, entry in ipairs(list) do
    lines[#lines + 1] = "  " .. sign .. " " .. name_of(entry) .. rest_of(entry)
  end
end

--- The plan as a text: counts, and a line for each change.
function Plan:__tostring()
  local facts = facts_of[self]
  if not facts then
    return "plan"
  end
  local lines = {
    ("plan for pool %s: %d to add, %d to remove%s, %d to replace, %d to keep, %d impossible"):format(facts.pool.uuid,
      #self.add, #self.remove, facts.unrent and " and release for good" or "", #self.replace, #self.keep,
      #self.impossible),
  }
  if facts.has_moved then
    lines[#lines + 1] = "  the pool kept changing while it was read: plan again once it holds still"
  end
  append_lines(lines, "+", self.add, with_service)
  append_lines(lines, "-", self.remove, with_service)
  append_lines(lines, "~", self.replace, function(entry)
    return " " .. entry.from .. " -> " .. entry.service
  end)
  append_lines(lines, "!", self.impossible, function(entry)
    return with_service(entry) .. ": " .. (entry.reason or "")
  end)
  return table.concat(lines, "\n")
end

return plans
