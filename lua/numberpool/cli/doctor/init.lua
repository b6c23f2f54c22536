--- Steps that look, one after another, whether the account and its server can be reached and used from here.
-- @module numberpool.cli.doctor

local verdict = require "numberpool.cli.doctor.verdict"

local doctor = {}

--- What one step found.
---@class numberpool.cli.doctor.Result
---@field step string
---@field status "ok"|"warning"|"failed"|"skipped"
---@field message string one line
---@field remedy string? what to do about it
---@field exit_code integer? of a failure
---@field because string? the step without which this one can't be done

--- What is looked at.
---@class numberpool.cli.doctor.Patient
---@field account table? options of `numberpool.new`; nil where there are none
---@field found_in string? where the credentials were found
---@field err any why there is no account
---@field pool string? uuid
---@field powerpack string? uuid
---@field open fun(): numberpool.Client may raise

-- In order: the name of each step, the module that has it, and the steps without which it can't be done.
local STEPS = {
  { "versions", "machine", {} },
  { "credentials", "machine", {} },
  { "base_url", "machine", {} },
  { "proxy", "machine", { "base_url" } },
  { "authorities", "machine", { "versions", "base_url", "proxy" } },
  { "name", "way", { "authorities" } },
  { "connection", "way", { "name" } },
  { "tls", "way", { "connection" } },
  { "answer", "way", { "tls" } },
  { "clock", "way", { "answer" } },
  { "account", "account", { "credentials", "answer" } },
  { "pool", "account", { "account" } },
  { "limit", "account", { "account" } },
}

--- How many they are.
doctor.COUNT = #STEPS

local TITLES = { base_url = "base URL", tls = "TLS" }

--- The name of a step, as people read it.
---@param step string
---@return string
function doctor.title(step)
  return TITLES[step] or step
end

-- The step without which this one can't be done, where it or what that needs has failed.
local function blocked_by(results, needs)
  for _, name in ipairs(needs) do
    local before = results[name]
    if before.status == "failed" then
      return name
    elseif before.because then
      return before.because
    end
  end
  return nil
end

local function run_step(self, row)
  local name, module, needs = row[1], row[2], row[3]
  local because = blocked_by(self.results, needs)
  local result
  if because then
    result = verdict.skipped(("not looked at, since %s failed"):format(doctor.title(because)))
    result.because = because
  else
    result = require("numberpool.cli.doctor." .. module)[name](self)
  end
  result.step = name
  result.message = self.redact(result.message)
  return result
end

--- Iterates over what the steps find: each is done when it is asked for, within a time of its own.
---@param patient numberpool.cli.doctor.Patient
---@return fun(): numberpool.cli.doctor.Result?
function doctor.steps(patient)
  local self = {
    patient = patient,
    account = patient.account or {},
    results = {}, -- by step
    redact = require "numberpool.client.way".redactor(patient.account or {}),
  }
  local count = 0
  return function()
    count = count + 1
    local row = STEPS[count]
    if not row then
      return nil
    end
    local result = run_step(self, row)
    self.results[row[1]] = result
    return result
  end
end

return doctor
