-- What `numberpool doctor` finds for accounts of the specs. Nothing of it may show their token.
local doctor = require "numberpool.cli.doctor"
local luassert = require "luassert"
local numberpool = require "numberpool"

local patient = {}

--- A token that no server takes.
patient.TOKEN = "tHe-ToKeN-of-the-Spec"

--- The options of a client for a server, with others besides; false leaves one out.
---@param server table { base_url, auth_id, auth_token, ca_file }
---@param more table?
---@return table account
function patient.account(server, more)
  local account = {
    auth_id = server.auth_id,
    auth_token = server.auth_token,
    base_url = server.base_url,
    ca_file = server.ca_file,
    proxy = "",
    insecure = true,
  }
  for name, value in pairs(more or {}) do
    account[name] = value or nil
  end
  return account
end

--- Every text in a value, in one.
---@return string
function patient.texts_of(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local list = {}
  for _, field in pairs(value) do
    list[#list + 1] = patient.texts_of(field)
  end
  return table.concat(list, "\n")
end

local function assert_no_secrets(results, token)
  local all = patient.texts_of(results)
  luassert.is_nil(all:find(token, 1, true), all)
  luassert.is_nil(all:find("Authorization", 1, true), all)
  luassert.is_nil(all:find "[%z\1-\9\11-\31\127]", all)
end

--- Looks at an account.
---@param account table?
---@param more table? more fields of a numberpool.cli.doctor.Patient
---@return table<string, numberpool.cli.doctor.Result> results by step
---@return integer code exit code of the first that failed
---@return string[] order names of the steps
function patient.look(account, more)
  local who = { account = account, found_in = "the spec" }
  for name, value in pairs(more or {}) do
    who[name] = value
  end
  local client
  function who.open()
    client = assert(numberpool.new(account))
    return client
  end
  local results, code, order = {}, 0, {}
  for result in doctor.steps(who) do
    results[result.step] = result
    order[#order + 1] = result.step
    code = code == 0 and result.exit_code or code
    luassert.equal(result.status == "failed" or result.status == "warning", result.remedy ~= nil, result.message)
  end
  if client then
    client:close()
  end
  assert_no_secrets(results, account and account.auth_token or patient.TOKEN)
  return results, code, order
end

--- Looks at an account where a step has to fail first.
---@param step string
---@param code integer the exit code
---@param account table?
---@param more table?
---@return table result of the step
---@return table results of all
function patient.fail(step, code, account, more)
  local results, got = patient.look(account, more)
  local result = results[step]
  luassert.equal("failed", result.status, step .. ": " .. result.message)
  luassert.equal(code, got)
  return result, results
end

return patient
