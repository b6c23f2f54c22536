--- Options of a client: types, ranges, and what comes from the environment.
-- @module numberpool.client.options

local core = require "numberpool.core"
local errors = require "numberpool.errors"
local here = require "numberpool.runtime.host"
local proxy = require "numberpool.client.proxy"

local config = {}

local MAX_SECONDS = 2147483
local MAX_HOST = 255 -- characters of a name: RFC 1035, section 2.3.4

local function seconds(value)
  if value > 0 and value <= MAX_SECONDS then
    return true
  end
  return nil, "more than 0 and at most " .. MAX_SECONDS .. " seconds"
end

local function whole(least, most)
  return function(value)
    if value >= least and value <= most and math.floor(value) == value then
      return true
    end
    return nil, string.format("a whole number from %d to %d", least, most)
  end
end

local MOST_OF_A_FILE = 16 * 1024 * 1024

local function certificates(path)
  local file = path ~= "" and not path:find("\0", 1, true) and io.open(path, "rb")
  if not file then
    return nil, "a file that can be read"
  end
  local text = file:read(MOST_OF_A_FILE) -- nil for a folder
  file:close()
  if text and text:find("-----BEGIN", 1, true) then
    return true
  end
  return nil, "a file of certificates in PEM"
end

local function identifier(value)
  if core.is_identifier(value) then
    return true
  end
  return nil, "1 to 64 of [A-Za-z0-9_-]"
end

local function token(value)
  if #value <= 256 and value:find "^[\32-\126]+$" then
    return true
  end
  return nil, "1 to 256 printable ASCII characters"
end

local function known_runtime(value)
  local is_in_nginx = here.is_nginx()
  if value == "curl" or value == "nginx" and is_in_nginx then
    return true
  end
  return nil, is_in_nginx and "curl or nginx" or "curl, or, inside nginx, nginx"
end

-- { Lua types, check of the value, default }; the value of a secret one is never shown.
local OPTIONS = {
  auth_id = { "string", identifier },
  auth_token = { "string", token, secret = true },
  base_url = { "string" },
  timeout = { "number", seconds, 30 },
  attempt_timeout = { "number", seconds, 10 },
  connect_timeout = { "number", seconds, 5 },
  retries = { "number", whole(0, 100), 4 },
  rate = { "table or false" },
  max_body = { "number", whole(1, 2 ^ 31), 8 * 1024 * 1024 },
  ca_file = { "string", certificates },
  proxy = { "string", secret = true },
  insecure = { "boolean" },
  on_event = { "function" },
  runtime = { "string", known_runtime },
}

local function names()
  local list = {}
  for name in pairs(OPTIONS) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function wrong(message)
  return nil, errors.new { kind = "config", message = message }
end

local DEFAULT_RATE = { requests = 300, seconds = 5 }

local function has_type(value, expected)
  if expected == "table or false" then
    return type(value) == "table" or value == false
  end
  return type(value) == expected
end

local function check_types(options, level)
  for name, value in pairs(options) do
    local option = OPTIONS[name]
    if not option then
      error("new: unknown option " .. core.shown(name) .. ", expected one of " .. names(), level)
    end
    if not has_type(value, option[1]) then
      error("new: " .. name .. ": " .. option[1] .. " expected, got " .. type(value), level)
    end
  end
end

local RATE = { requests = whole(1, 1000000), seconds = seconds }

local function check_rate_types(rate, level)
  for name in pairs(rate) do
    if not RATE[name] then
      error("new: rate: unknown field " .. core.shown(name) .. ", expected requests and seconds", level)
    end
  end
  for _, name in ipairs { "requests", "seconds" } do
    if type(rate[name]) ~= "number" then
      local got = rate[name] == nil and "no value" or type(rate[name])
      error("new: rate." .. name .. ": number expected, got " .. got, level)
    end
  end
end

local function check_rate(rate)
  for name, check in pairs(RATE) do
    local ok, expected = check(rate[name])
    if not ok then
      return nil, "rate." .. name .. ": expected " .. expected .. ", got " .. core.shown(rate[name])
    end
  end
  return true
end

local function check_values(options)
  if options.rate then
    local ok, message = check_rate(options.rate)
    if not ok then
      return wrong(message)
    end
  end
  for name, option in pairs(OPTIONS) do
    local value = options[name]
    local check = option[2]
    if value ~= nil and check then
      local ok, expected = check(value)
      if not ok then
        local got = option.secret and "something else" or core.shown(value)
        return wrong(name .. ": expected " .. expected .. ", got " .. got)
      end
    end
  end
  return true
end

local function is_port(text)
  local port = text:match "^:(%d+)$"
  return text == "" or port ~= nil and tonumber(port) >= 1 and tonumber(port) <= 65535
end

-- The parts of a base URL: scheme://host[:port][/path]. Anything more would end up in every request or, as
-- with credentials, in every log.
local function parse_base_url(url)
  local shown = url:find("@", 1, true) and "one that holds credentials" or core.shown(url)
  local scheme, rest = url:match "^(%a+)://(.+)$"
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then
    return wrong("base_url: expected http://… or https://…, got " .. shown)
  end
  local authority, path = rest:match "^([^/]+)(.*)$"
  local host, port = (authority or ""):match "^(%[[%x:.]+%])(.*)$"
  if not host then
    host, port = (authority or ""):match "^([%w%-._]+)(.*)$"
  end
  if not host or #host > MAX_HOST or not is_port(port) then
    return wrong("base_url: expected a host and perhaps a port, got " .. shown)
  end
  path = path:gsub("/+$", "")
  if #path > 256 or path:find "[^%w%-._~/]" or path:find("/.", 1, true) then
    return wrong("base_url: expected a plain path, got " .. shown)
  end
  return { origin = scheme .. "://" .. host .. port, scheme = scheme, host = host, port = port:sub(2), path = path }
end

local function from_environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- A sandbox's handle is known by its metatable, so that nothing of the sandbox needs to be loaded. It is on this
-- machine, behind no proxy. nginx has its own way to be told of an authority.
local function from_handle(handle)
  return {
    base_url = handle.base_url,
    auth_id = handle.auth_id,
    auth_token = handle.auth_token,
    ca_file = not here.is_nginx() and handle.ca_file or nil,
    proxy = "",
  }
end

local function is_handle(value)
  local metatable = type(value) ~= "string" and getmetatable(value)
  return type(metatable) == "table" and metatable.__name == "numberpool.sandbox"
end

-- What a table has of itself: what is checked is then what is used, whatever its metatable says or becomes of it.
local function raw_copy(source)
  local copy = {}
  for name, value in next, source do
    copy[name] = value
  end
  return copy
end

local function complete(options)
  local settings = {}
  for name, option in pairs(OPTIONS) do
    local value = options[name]
    if value == nil then
      value = option[3]
    end
    settings[name] = value
  end
  settings.auth_id = options.auth_id or from_environment "PLIVO_AUTH_ID"
  settings.auth_token = options.auth_token or from_environment "PLIVO_AUTH_TOKEN"
  settings.base_url = options.base_url or from_environment "NUMBERPOOL_BASE_URL" or "https://api.plivo.com"
  settings.rate = options.rate == nil and DEFAULT_RATE or options.rate
  settings.runtime = options.runtime or (here.is_nginx() and "nginx" or "curl")
  return settings
end

local function missing_credentials(settings)
  local missing = {}
  if not settings.auth_id then
    missing[#missing + 1] = "auth_id (or PLIVO_AUTH_ID in the environment)"
  end
  if not settings.auth_token then
    missing[#missing + 1] = "auth_token (or PLIVO_AUTH_TOKEN in the environment)"
  end
  if #missing > 0 then
    return "no credentials: set " .. table.concat(missing, " and ")
  end
  return nil
end

local NOT_IN_NGINX = {
  ca_file = "set lua_ssl_trusted_certificate in nginx.conf instead",
  proxy = "no proxy can be used there; of the options about connections nginx.conf has lua_ssl_trusted_certificate",
}

local function refused_by_nginx(settings)
  for name, advice in pairs(NOT_IN_NGINX) do
    if settings.runtime == "nginx" and settings[name] and settings[name] ~= "" then
      return name .. ": not to be had inside nginx: " .. advice
    end
  end
  return nil
end

-- What libcurl is told of the proxy. `no_proxy` is libcurl's to read, at each connection.
local function settle_proxy(settings)
  local given, name = settings.proxy, "proxy"
  settings.proxy, settings.proxy_credentials = "", nil
  if not given and settings.runtime == "curl" then
    given, name = proxy.from_environment(settings.url.scheme)
    name = name and name .. " (in the environment)"
  end
  if not given or given == "" then
    return true
  end
  local parts, reason = proxy.parse(given)
  if not parts then
    return wrong(name .. ": expected the address of a proxy, [http://][user:password@]host[:port], or \"\" for none: "
      .. reason)
  end
  settings.proxy, settings.proxy_credentials = parts.address, parts.credentials
  return true
end

-- The settings, or an error that may still show a value which holds the token.
local function read(options)
  local settings = complete(options)
  local refused = refused_by_nginx(settings) or missing_credentials(settings)
  if refused then
    return wrong(refused)
  end
  local ok, err = check_values(settings)
  if not ok then
    return nil, err
  end
  settings.url, err = parse_base_url(settings.base_url)
  if not settings.url then
    return nil, err
  end
  ok, err = settle_proxy(settings)
  if not ok then
    return nil, err
  end
  return settings
end

--- Reads the options of a client. Raises for unknown options and wrong types, at the level given.
---@param options table? options of `numberpool.new`, or a sandbox's handle
---@param level integer where a wrong type is raised, as for `error`
---@return table? settings
---@return numberpool.Error? err of kind `config`
function config.read(options, level)
  if is_handle(options) then
    options = from_handle(options)
  elseif options ~= nil and type(options) ~= "table" then
    error("new: options: table expected, got " .. type(options), level)
  end
  options = raw_copy(options or {})
  check_types(options, level + 1)
  if options.rate then
    options.rate = raw_copy(options.rate)
    check_rate_types(options.rate, level + 1)
  end
  local settings, err = read(options)
  local secret = options.auth_token or os.getenv "PLIVO_AUTH_TOKEN" or ""
  if err then
    err.message = errors.redactor { secret } (err.message)
  end
  return settings, err
end

return config
