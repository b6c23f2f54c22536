--- A client: one account, and the way of one call from its arguments to its result.
-- @module numberpool.client

local config = require "numberpool.config"
local core = require "numberpool.core"
local errors = require "numberpool.errors"

local VERSION = "0.1.0"

--- Made by `numberpool.new`.
---@class numberpool.Client
---@field auth_id string
---@field powerpacks numberpool.Powerpacks
local Client = core.methods.client
Client.__index = Client
Client.__name = "numberpool.client"

local Powerpacks = core.methods.powerpacks
Powerpacks.__index = Powerpacks
Powerpacks.__name = "numberpool.powerpacks"

local RUNTIMES = { curl = "numberpool.runtime.curl" }

local function headers(settings, authorization)
  return {
    "Authorization: " .. authorization,
    "Accept: application/json",
    "Content-Type: application/json",
    "User-Agent: numberpool/" .. VERSION,
    "Expect:", -- a body of a few bytes waits for no 100 Continue
  }
end

local function open_runtime(settings, authorization)
  local name = RUNTIMES[settings.runtime]
  if not name then
    return nil, "runtime: expected curl, got " .. settings.runtime .. ", which isn't to be had yet"
  end
  return require(name).open {
    origin = settings.url.origin,
    headers = headers(settings, authorization),
    connect_timeout = settings.connect_timeout,
    max_body = settings.max_body,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
  }
end

local client = {}

client.VERSION = VERSION

--- Makes a client: see `numberpool.new`.
---@param options table?
---@param level integer where wrong types are raised
---@return numberpool.Client?
---@return numberpool.Error?
function client.new(options, level)
  local settings, err = config.read(options, level + 1)
  if not settings then
    return nil, err
  end
  local credentials = core.base64(settings.auth_id .. ":" .. settings.auth_token)
  local runtime, message = open_runtime(settings, "Basic " .. credentials)
  if not runtime then
    return nil, errors.new { kind = "config", message = message }
  end
  local self = setmetatable({
    auth_id = settings.auth_id,
    prefix = settings.url.path .. "/v1/Account/" .. settings.auth_id .. "/",
    timeout = settings.timeout,
    attempt_timeout = settings.attempt_timeout,
    redact = errors.redactor { settings.auth_token, credentials },
    runtime = runtime,
    pool_uuids = {}, -- by powerpack's uuid: a powerpack keeps its pool for life
  }, Client)
  self.powerpacks = setmetatable({ client = self }, Powerpacks)
  return self
end

function Client:__tostring()
  return "numberpool client " .. self.auth_id
end

function Powerpacks:__tostring()
  return "numberpool powerpacks of " .. self.client.auth_id
end

--- Releases the client's connections. Every later call fails with kind `closed`. May be called twice.
function Client:close()
  if not self.closed then
    self.closed = true
    self.runtime:close()
  end
end

Client.__gc = Client.close
Client.__close = Client.close

local function fail(self, operation, request, started, fields)
  fields.operation = operation.name
  fields.target = request.target
  fields.attempts = 1
  fields.elapsed = self.runtime.now() - started
  return nil, errors.new(fields)
end

-- Whether a change may have been made although the answer doesn't say so.
local function is_ambiguous(operation, kind, sent, status)
  if not operation.change or not sent then
    return nil
  end
  if kind == "server" or not status or (status >= 200 and status < 300) then
    return true
  end
  return nil
end

local function judge_answer(self, operation, request, response)
  local kind = errors.kind_of_status(response.status)
  if not kind then
    local value, why = operation.decode(response.status, response.body, request.limit, request.offset)
    if value ~= nil then
      return value
    end
    local fields = errors.from_unusable(response, why, self.redact)
    fields.ambiguous = is_ambiguous(operation, "protocol", true, response.status)
    return nil, fields
  end
  local fields = errors.from_response(kind, response, self.redact)
  fields.ambiguous = is_ambiguous(operation, kind, true, response.status)
  return nil, fields
end

--- Carries out a request of an operation.
---@param operation table a row of the operation table
---@param request table what the row's `build` made
---@return table|integer|nil
---@return numberpool.Error?
function Client:run(operation, request)
  local runtime = self.runtime
  local started = runtime.now()
  if self.closed then
    return fail(self, operation, request, started, { kind = "closed", message = "the client is closed" })
  end
  local timeout = math.min(request.timeout or self.timeout, self.attempt_timeout)
  local response, failure = runtime:send(operation.method, request.path, request.body, started + timeout)
  if not response then
    return fail(self, operation, request, started, {
      kind = failure.kind,
      message = self.redact(failure.message),
      status = failure.status,
      ambiguous = is_ambiguous(operation, failure.kind, failure.sent, failure.status),
    })
  end
  local value, fields = judge_answer(self, operation, request, response)
  if value == nil then
    return fail(self, operation, request, started, fields)
  end
  return value
end

--- The error for a value that can't be right: nothing was sent.
---@param operation string
---@param message string
---@return numberpool.Error
function Client:invalid(operation, message)
  return errors.new { kind = "invalid", message = self.redact(message), operation = operation }
end

local function pool_of_powerpack(self, options, level)
  local call = {}
  for name, value in pairs(options) do
    if name == "timeout" or name == "retries" then
      call[name] = value
    elseif name ~= "powerpack" then
      error("pool: unknown option " .. core.shown(name) .. ", expected powerpack", level)
    end
  end
  local uuid = options.powerpack
  if type(uuid) ~= "string" then
    error("pool: powerpack: string expected, got " .. type(uuid), level)
  end
  local known = self.pool_uuids[uuid]
  if not known then
    local powerpack, err = self.powerpacks:get(uuid, call)
    if not powerpack then
      return nil, err
    end
    known = tostring(powerpack.number_pool):match "/NumberPool/([%w_-]+)/*$"
    if not known then
      return nil, errors.new { kind = "protocol", message = "the powerpack names no number pool", target = uuid }
    end
    self.pool_uuids[uuid] = known
  end
  return core.pool(self, known)
end

--- A number pool of the account. A uuid sends no request; `{ powerpack = uuid }` reads the powerpack once.
---@param uuid string|{ powerpack: string } uuid of the pool, or of the powerpack it belongs to
---@return numberpool.Pool?
---@return numberpool.Error? err `invalid` for a malformed uuid, or whatever reading the powerpack met
function Client:pool(uuid)
  if type(uuid) == "table" then
    return pool_of_powerpack(self, uuid, 3)
  elseif type(uuid) ~= "string" then
    error("pool: uuid: string or table expected, got " .. (uuid == nil and "no value" or type(uuid)), 2)
  end
  local pool, message = core.pool(self, uuid)
  if not pool then
    return nil, self:invalid("pool", message)
  end
  return pool
end

return client
