--- A client: one account, and the way of one call from its arguments to its result.
-- @module numberpool.client

local buy = require "numberpool.client.buy"
local call = require "numberpool.call"
local clear_text = require "numberpool.client.clear_text"
local client_options = require "numberpool.client.options"
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local options = require "numberpool.options"
local proxy = require "numberpool.client.proxy"
local runtimes = require "numberpool.runtime"
local stats = require "numberpool.call.stats"
local window = require "numberpool.limit.window"

local VERSION = require "numberpool.version"

--- Made by `numberpool.new`. Its other methods are in numberpool.annotations.client.
---@class numberpool.Client
---@field auth_id string
---@field powerpacks numberpool.Powerpacks
local Client = {}
Client.__index = Client
Client.__name = "numberpool.client"

local Powerpacks = {}
Powerpacks.__index = Powerpacks
Powerpacks.__name = "numberpool.powerpacks"

local function headers(authorization)
  return {
    "Authorization: " .. authorization,
    "Accept: application/json",
    "User-Agent: numberpool/" .. VERSION,
  }
end

-- Beside them, those of a request with a body. A body of a few bytes waits for no 100 Continue.
local BODY_HEADERS = { "Content-Type: application/json", "Expect:" }

local function open_runtime(settings, authorization, account)
  return runtimes.find(settings.runtime).open {
    origin = settings.url.origin,
    url = settings.url,
    account = account,
    headers = headers(authorization),
    body_headers = BODY_HEADERS,
    connect_timeout = settings.connect_timeout,
    max_body = settings.max_body,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    proxy_credentials = settings.proxy_credentials and settings.proxy_credentials.userinfo,
  }
end

-- Takes what nobody may see out of texts that aren't ours.
local function new_redactor(settings, credentials)
  local secrets = proxy.secrets(settings.proxy_credentials)
  secrets[#secrets + 1] = settings.auth_token
  secrets[#secrets + 1] = credentials
  return errors.redactor(secrets)
end

-- A hook's error is reported once and breaks no call. Ctrl-C may come while it runs, and is no error of its own.
local function guard_hook(hook, warn)
  local is_reported = false
  return function(event)
    local ok, err = pcall(hook, event)
    if ok then
      return
    end
    if errors.is_interrupt(err) then
      error(err, 0)
    elseif not is_reported then
      is_reported = true
      warn("on_event raised an error, which is reported once: " .. errors.text_of(err))
    end
  end
end

local client = {}

--- The methods of pools, powerpacks and clients, for whoever makes some.
---@type table<string, table> by what they are called on
client.methods = { pool = core.pool_methods, powerpacks = Powerpacks, client = Client }

-- Whatever pretends to be a client has no prefix of its own.
local function is_client(value)
  return type(value) == "table" and getmetatable(value) == Client and type(rawget(value, "prefix")) == "string"
end

local function raise_unless(is_right, expected, value, name, level)
  if not is_right then
    local got = value == nil and "no value" or type(value)
    error(name .. ": " .. expected .. " expected, got " .. got .. " (call it with a colon)", level + 2)
  end
end

--- The client itself, where a method is called on one. Raises otherwise.
---@param value any what the method is called on
---@param name string of the method
---@param level integer as for `error`
---@return numberpool.Client
---@package
function client.check(value, name, level)
  raise_unless(is_client(value), "client", value, name, level)
  return value
end

--- The client of the powerpacks that a method is called on. Raises where it is called on something else.
---@param value any
---@param name string of the method
---@param level integer as for `error`
---@return numberpool.Client
---@package
function client.of_powerpacks(value, name, level)
  local owner = type(value) == "table" and rawget(value, "client")
  raise_unless(is_client(owner), "powerpacks", value, name, level)
  return owner
end

--- Makes a client: see `numberpool.new`.
---@param given table? its options
---@param level integer where wrong types are raised, as for `error`
---@return numberpool.Client?
---@return numberpool.Error?
---@package
function client.new(given, level)
  local settings, err = client_options.read(given, level + 1)
  if not settings then
    return nil, err
  end
  local credentials = core.base64(settings.auth_id .. ":" .. settings.auth_token)
  local account = settings.auth_id .. "@" .. settings.url.origin .. settings.url.path
  local runtime, store, limiter, message
  runtime, message = open_runtime(settings, "Basic " .. credentials, account)
  if runtime then
    store, message = runtime:store(account)
  end
  if store then
    limiter, message = window.new(store, settings.rate)
  end
  if not limiter then
    return nil, errors.new { kind = "config", message = message }
  end
  local self = setmetatable({
    auth_id = settings.auth_id,
    prefix = settings.url.path .. "/v1/Account/" .. settings.auth_id .. "/",
    timeout = settings.timeout,
    attempt_timeout = settings.attempt_timeout,
    retries = settings.retries,
    store = store, -- what all who share the account share
    limiter = limiter,
    statistics = stats.new(),
    on_event = settings.on_event and guard_hook(settings.on_event, runtime.warn),
    redact = new_redactor(settings, credentials),
    runtime = runtime,
    pool_uuids = {}, -- by powerpack's uuid: a powerpack keeps its pool for life
  }, Client)
  self.powerpacks = setmetatable({ client = self }, Powerpacks)
  if not settings.insecure then
    clear_text.warn(settings.url, self.on_event, self.redact, runtime.warn)
  end
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
  client.check(self, "close", 2)
  if not self.closed then
    self.closed = true
    self.runtime:close()
  end
end

Client.__gc = Client.close
Client.__close = Client.close

--- Carries out a request of an operation: see `numberpool.call`.
---@package
function Client:run(operation, request, is_part)
  local pretended = self.pretend and self.pretend(operation, request)
  if pretended then
    return pretended
  end
  local value, err = call.run(self, operation, request, is_part)
  if value and request.is_irrevocable and operation.method == "DELETE" then
    buy.note_release(self, request.target)
  end
  return value, err
end

--- Has a function asked for each request before it is sent: what that gives is then the result, and nothing is sent.
---@param pretend fun(operation: table, request: table): table? ; nil: every request is sent again
---@return function? before what was asked before
---@package
function Client:pretend_with(pretend)
  local before = self.pretend
  self.pretend = pretend
  return before
end

--- What a client has done since it was made.
---@class numberpool.Stats
---@field calls integer calls of its methods
---@field attempts integer HTTP exchanges
---@field retries integer requests that were sent again
---@field errors table<numberpool.ErrorKind, integer> calls that failed
---@field bytes_sent integer
---@field bytes_received integer
---@field connections integer that were opened
---@field latency { p50: number?, p90: number?, p99: number? } of HTTP exchanges, seconds, to about 5 %

--- What the client has done so far, as a copy.
---@return numberpool.Stats
function Client:stats()
  client.check(self, "stats", 2)
  local snapshot = self.statistics:snapshot()
  snapshot.bytes_sent, snapshot.bytes_received, snapshot.connections = self.runtime:counters()
  return snapshot
end

--- The error for a value that can't be right: nothing was sent.
---@param operation string
---@param message string
---@return numberpool.Error
---@package
function Client:invalid(operation, message)
  self.statistics:began()
  self.statistics:failed "invalid"
  return errors.new {
    kind = "invalid",
    message = self.redact(message),
    operation = operation,
    attempts = 0,
    elapsed = 0,
  }
end

local read_pool_options = options.reader("pool", {
  powerpack = options.required(options.type "string"),
  retries = options.retries(),
  timeout = options.seconds(),
})

local function pool_of_powerpack(self, uuid, for_call)
  local known = self.pool_uuids[uuid]
  if not known then
    local started = self.runtime.now()
    local powerpack, err = self.powerpacks:get(uuid, for_call)
    if not powerpack then
      return nil, err
    end
    known = tostring(powerpack.number_pool):match "/NumberPool/([%w_-]+)/*$"
    if not known or not core.is_identifier(known) then
      self.statistics:failed "protocol"
      return nil, errors.new {
        kind = "protocol",
        message = "the powerpack names no number pool",
        operation = "pool",
        target = uuid,
        attempts = 1,
        elapsed = self.runtime.now() - started,
      }
    end
    self.pool_uuids[uuid] = known
  end
  return core.pool(self, known)
end

--- A number pool of the account. A uuid sends no request; `{ powerpack = uuid }` reads the powerpack once.
---@param uuid string|numberpool.PoolOptions its uuid, or its powerpack's
---@return numberpool.Pool?
---@return numberpool.Error? err `invalid` for a malformed uuid, or whatever reading the powerpack met
function Client:pool(uuid)
  client.check(self, "pool", 2)
  options.expect(uuid, "string or table", "pool: uuid", 2)
  local pool, message
  if type(uuid) == "table" then
    local own, wrong = read_pool_options(uuid, 2)
    if not wrong then
      return pool_of_powerpack(self, own.powerpack, { retries = own.retries, timeout = own.timeout })
    end
    message = wrong
  else
    pool, message = core.pool(self, uuid)
  end
  if not pool then
    return nil, self:invalid("pool", message)
  end
  return pool
end

return client
