--- Steps that ask the account's server, with its credentials.
-- @module numberpool.cli.doctor.account

local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local verdict = require "numberpool.cli.doctor.verdict"

local steps = {}

-- Of each request. It isn't tried again: what fails now and then is to be seen.
local function once(fields)
  fields = fields or {}
  fields.retries, fields.timeout = 0, 10
  return fields
end

-- As for a method that returns nil and an error where it raises one.
local function try(fn, ...)
  local results = { pcall(fn, ...) }
  if results[1] then
    return results[2], results[3]
  elseif errors.is_interrupt(results[2]) then
    error(results[2], 0)
  end
  return nil, results[2]
end

local function field(err, name)
  return type(err) == "table" and err[name] or nil
end

local function is_limited(self, err)
  if field(err, "kind") == "rate_limited" then
    self.limited = err
    return true
  end
  return false
end

-- What to do about an error, by its kind.
local REMEDIES = {
  auth = function(self)
    return "Compare PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN, or the profile's, with those on the first page of "
      .. "https://console.plivo.com. A subaccount has its own; a token that was renewed there is void."
      .. (self.is_clock_wrong and " This machine's clock is wrong: set it first." or "")
  end,
  forbidden = function()
    return "The account may be suspended, or not allowed to do this, or this machine's address isn't on its list: see "
      .. "https://console.plivo.com, or ask Plivo's support."
  end,
  not_found = function()
    return "Check the path in the base URL: https://api.plivo.com has none."
  end,
  protocol = function()
    return "Check the base URL: something else than the API answers there, as a page of a proxy or a hotel's network "
      .. "does."
  end,
  server = function(self)
    return "The server has a problem. Try again later, and see https://status.plivo.com."
      .. (self.proxy and " It may be the proxy that answers: is the base URL's host right?" or "")
  end,
}

local function remedy_of(self, err)
  local remedy = REMEDIES[field(err, "kind")]
  return remedy and remedy(self) or "Try again. If it stays so, `--verbose` shows each request and its answer."
end

local CODES = { auth = exit.AUTHENTICATION, forbidden = exit.AUTHENTICATION }

local function failure_of(self, err, what)
  local status = field(err, "status")
  local message = what .. (status and (" (status %d)"):format(status) or "") .. ": "
    .. (field(err, "message") or errors.text_of(err))
  return verdict.failed(message, remedy_of(self, err),
    { http_status = status, kind = field(err, "kind"), exit_code = CODES[field(err, "kind")] })
end

local WHAT_FAILED = {
  auth = "the server refuses the credentials",
  forbidden = "the server knows the account and refuses it",
}

function steps.account(self)
  local client, err = try(self.patient.open)
  self.client = client
  local list
  if client then
    list, err = try(function()
      return client.powerpacks:list(once { limit = 1 })
    end)
  end
  if list then
    local count = type(list.meta) == "table" and list.meta.total_count
    count = type(count) == "number" and count or nil
    return verdict.ok("the server accepts the credentials" .. (count and (" (powerpacks: %.0f)"):format(count) or ""),
      { powerpacks = count })
  elseif is_limited(self, err) then
    return verdict.warning("the server answers too many requests, and doesn't say whether it accepts the credentials",
      "See the limit, below.", { http_status = field(err, "status") })
  end
  return failure_of(self, err, WHAT_FAILED[field(err, "kind")] or "the account isn't answered for as it should be")
end

-- Looks whether the uuid is one of the other kind, which is easily mistaken for it.
local function remedy_for_unknown(self, uuid, is_powerpack)
  local client = self.client
  local found = try(function()
    if is_powerpack then
      local pool = assert(client:pool(uuid))
      return pool:get(once())
    end
    return client.powerpacks:get(uuid, once())
  end)
  if found and is_powerpack then
    return "It is the uuid of a number pool: give it as --pool or NUMBERPOOL_POOL."
  elseif found then
    return "It is the uuid of a powerpack: give it as --powerpack or NUMBERPOOL_POWERPACK."
  end
  return "Check the uuid: `numberpool powerpacks list` shows those of this account. It may be another account's, or "
    .. "a subaccount's: then use its credentials."
end

local function explain_pool(self, err, uuid, is_powerpack)
  local what, kind = is_powerpack and "powerpack" or "pool", field(err, "kind")
  if is_limited(self, err) then
    return verdict.skipped "not looked at: the server answers too many requests"
  elseif kind == "not_found" then
    return verdict.failed(("the account has no %s %s"):format(what, uuid), remedy_for_unknown(self, uuid, is_powerpack),
      { http_status = 404, kind = kind, exit_code = exit.NOT_FOUND })
  elseif kind == "auth" or kind == "forbidden" then
    local result = failure_of(self, err, ("the account may not see the %s %s"):format(what, uuid))
    result.remedy = ("The %s belongs to another account, or to a subaccount: use that one's credentials."):format(what)
    return result
  elseif kind == "invalid" then
    local result = failure_of(self, err, "what is given is no uuid")
    result.remedy = ("Copy the %s's uuid again: `numberpool powerpacks list` shows them."):format(what)
    return result
  end
  return failure_of(self, err, ("the %s %s can't be read"):format(what, uuid))
end

-- The account that an answer's path names, where it isn't ours.
local function is_of_another(self, found)
  local named = type(found.numbers) == "string" and found.numbers:match "/Account/([^/]+)/"
  return named and named ~= self.client.auth_id
end

local function read_pool(self, uuid, is_powerpack)
  local pool, found, count, err
  pool, err = self.client:pool(is_powerpack and once { powerpack = uuid } or uuid)
  if pool then
    found, err = pool:get(once())
  end
  if found then
    count, err = pool:count_numbers(once())
  end
  return count, err, found, pool
end

function steps.pool(self)
  local patient = self.patient
  local is_powerpack = not patient.pool
  local uuid = patient.pool or patient.powerpack
  if not uuid then
    return verdict.skipped "none is given: --pool UUID or --powerpack UUID looks at one"
  elseif self.limited then
    return verdict.skipped "not looked at: the server answers too many requests"
  end
  local count, err, found, pool = read_pool(self, uuid, is_powerpack)
  if not count then
    return explain_pool(self, err, uuid, is_powerpack)
  end
  local fields = { pool = pool.uuid, numbers = count }
  if is_of_another(self, found) then
    return verdict.warning(("pool %s belongs to another account (numbers: %.0f)"):format(pool.uuid, count),
      "That is right where a main account looks after a subaccount's pool. Else check the uuid.", fields)
  end
  return verdict.ok(("pool %s is there (numbers: %.0f)"):format(pool.uuid, count), fields)
end

local function describe_wait(err)
  return err.retry_after and (" in %.0f s"):format(math.ceil(err.retry_after)) or " in a few seconds"
end

function steps.limit(self)
  local err = self.limited
  if err then
    return verdict.failed("the account is over its limit right now (status 429): " .. err.message,
      ("Try again%s. Other programs use this account: all of them together may send 300 requests in 5 s."):format(
        describe_wait(err)), { http_status = err.status, retry_after = err.retry_after })
  end
  local rate = self.way.settings.rate
  local attempts = self.client:stats().attempts + 1 -- the first one went without the client
  local fields = { requests_sent = attempts }
  if not rate then
    return verdict.warning("no limit is kept: it is turned off", "Leave out the option rate.", fields)
  end
  fields.rate = { requests = rate.requests, seconds = rate.seconds }
  return verdict.ok(("not reached: this took %d of %d requests in %g s, and the server refused none"):format(attempts,
    rate.requests, rate.seconds), fields)
end

return steps
