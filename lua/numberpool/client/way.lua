--- The way from here to the API's server, as a client's options and the environment have it, and a look at it that
-- sends no credentials. For plain scripts alone.
-- @module numberpool.client.way

local client_options = require "numberpool.client.options"
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local no_proxy = require "numberpool.runtime.no_proxy"
local probe = require "numberpool.runtime.probe"
local proxy = require "numberpool.client.proxy"

local VERSION = require "numberpool.version"

local way = {}

local MOST_BODY = 64 * 1024 -- bytes of an answer that nobody reads

-- So that the other options are read where there are none. They are sent nowhere, and too short to be taken out of
-- messages.
local NO_CREDENTIALS = { auth_id = "x", auth_token = "x" }

local Way = {}
Way.__index = Way

-- The options that a part is read from.
local PARTS = {
  credentials = { auth_id = true, auth_token = true },
  base_url = { base_url = true },
  proxy = { base_url = true, proxy = true },
}

local DEFAULTS = { base_url = "https://api.plivo.com", proxy = "" }

-- The options of a part, with others that are right, so that the environment's don't count.
local function options_of(part, given)
  local picked = {}
  for name, value in pairs(NO_CREDENTIALS) do
    picked[name] = part ~= "credentials" and value or nil
  end
  local wanted = PARTS[part]
  for name, value in pairs(DEFAULTS) do
    picked[name] = not wanted[name] and value or nil
  end
  for name in pairs(wanted) do
    if given[name] ~= nil then
      picked[name] = given[name]
    end
  end
  return picked
end

--- Whether a part of a client's options is right: `credentials`, `base_url` or `proxy`.
---@param part "credentials"|"base_url"|"proxy"
---@param given table options of `numberpool.new`
---@return table? settings with `url`
---@return numberpool.Error?
function way.check(part, given)
  return client_options.read(options_of(part, given), 2)
end

--- Which proxy is on the way. It has no `address` where there is none, and never its credentials.
---@param given table options of `numberpool.new`
---@param url table of `check`
---@return { address: string?, variable: string?, passed_by: string? }? `variable` names it, unless the option does;
--- `passed_by` is the variable that lets the host be reached without it
---@return numberpool.Error?
function way.proxy(given, url)
  local settings, err = way.check("proxy", given)
  if not settings then
    return nil, err
  elseif settings.proxy == "" then
    return {}
  end
  local variable
  if given.proxy == nil then
    variable = select(2, proxy.from_environment(url.scheme))
  end
  return { address = settings.proxy, variable = variable, passed_by = no_proxy.variable(url.host) }
end

--- The way that a client with these options takes.
---@param given table options of `numberpool.new`; those of credentials may be left out
---@param is_proxied boolean
---@return table? way
---@return numberpool.Error?
function way.new(given, is_proxied)
  local all = {}
  for name, value in pairs(given) do
    all[name] = value
  end
  for name, value in pairs(NO_CREDENTIALS) do
    all[name] = value
  end
  local settings, err = client_options.read(all, 2)
  if not settings then
    return nil, err
  end
  return setmetatable({ settings = settings, is_proxied = is_proxied }, Way)
end

--- Sends one request without credentials.
---@param seconds number how long that may take at most
---@return table details of `numberpool.runtime.probe`
function Way:look(seconds)
  local settings = self.settings
  seconds = math.min(seconds, settings.attempt_timeout)
  return probe.run({
    origin = settings.url.origin,
    url = settings.url,
    headers = { "Accept: application/json", "User-Agent: numberpool/" .. VERSION },
    body_headers = {},
    connect_timeout = math.min(settings.connect_timeout, seconds),
    max_body = MOST_BODY,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    proxy_credentials = settings.proxy_credentials and settings.proxy_credentials.userinfo,
  }, settings.url.path .. "/v1/Account/", seconds, self.is_proxied)
end

--- What sends the requests, and which authorities it trusts by itself: see `numberpool.runtime.probe`.
---@return table? about
---@return string? message what is missing
function way.about()
  return probe.about()
end

--- Takes what nobody may see out of a text, and makes it one line: the credentials of the account and of a proxy.
---@param given table options of `numberpool.new`
---@return fun(text: string): string
function way.redactor(given)
  local settings = way.check("proxy", given) or {}
  local secrets = proxy.secrets(settings.proxy_credentials)
  local id, token = given.auth_id, given.auth_token
  secrets[#secrets + 1] = type(token) == "string" and token or nil
  secrets[#secrets + 1] = type(id) == "string" and id or nil
  if type(id) == "string" and type(token) == "string" then
    secrets[#secrets + 1] = core.base64(id .. ":" .. token)
  end
  return errors.redactor(secrets)
end

return way
