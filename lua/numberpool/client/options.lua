--- What `numberpool.new` takes: types, ranges, and what comes from the environment.
-- @module numberpool.client.options

local core = require "numberpool.core"
local errors = require "numberpool.errors"
local options = require "numberpool.options"
local proxy = require "numberpool.client.proxy"
local runtimes = require "numberpool.runtime"
local url = require "numberpool.client.url"

local client_options = {}

local MOST_TOKEN = 256 -- characters
local MOST_OF_A_FILE = 16 * 1024 * 1024 -- bytes

local function check_identifier(value)
  if core.is_identifier(value) then
    return true
  end
  return nil, "1 to 64 of [A-Za-z0-9_-]"
end

local function check_token(value)
  if #value <= MOST_TOKEN and value:find "^[\32-\126]+$" then
    return true
  end
  return nil, "1 to 256 printable ASCII characters"
end

local function check_certificates(path)
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

local function check_runtime(value)
  local found, expected = runtimes.find(value)
  return found ~= nil, expected
end

local read = options.reader("new", {
  auth_id = { type = "string", check = check_identifier, environment = "PLIVO_AUTH_ID" },
  auth_token = { type = "string", check = check_token, environment = "PLIVO_AUTH_TOKEN", is_secret = true },
  base_url = { type = "string", environment = "NUMBERPOOL_BASE_URL", default = "https://api.plivo.com" },
  timeout = options.seconds(30),
  attempt_timeout = options.seconds(10),
  connect_timeout = options.seconds(5),
  retries = options.retries(4),
  rate = {
    type = "table or false",
    default = { requests = 300, seconds = 5 },
    fields = {
      requests = options.required(options.integer(1, 1000000)),
      seconds = options.required(options.seconds()),
    },
  },
  max_body = options.integer(1, 2 ^ 31, 8 * 1024 * 1024),
  ca_file = { type = "string", check = check_certificates },
  proxy = options.type "string",
  insecure = options.type "boolean",
  on_event = options.type "function",
  runtime = { type = "string", check = check_runtime },
})

-- A sandbox's handle is known by its metatable, so that nothing of the sandbox needs to be loaded. It is on this
-- machine, behind no proxy. A runtime that takes no authority is told of it in another way.
local function from_handle(handle)
  return {
    base_url = handle.base_url,
    auth_id = handle.auth_id,
    auth_token = handle.auth_token,
    ca_file = not runtimes.find().refused.ca_file and handle.ca_file or nil,
    proxy = "",
  }
end

local function is_handle(value)
  local metatable = type(value) ~= "string" and getmetatable(value)
  return type(metatable) == "table" and metatable.__name == "numberpool.sandbox"
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

local function refused_by(runtime, settings)
  for name, message in pairs(runtime.refused) do
    if settings[name] and settings[name] ~= "" then
      return message
    end
  end
  return nil
end

-- Sets what the runtime is told of the proxy; returns a message where it can't be used. The runtime reads `no_proxy` by
-- itself, at each connection.
local function set_proxy(settings, runtime)
  local given, name = settings.proxy, "proxy"
  settings.proxy, settings.proxy_credentials = "", nil
  if not given and not runtime.refused.proxy then
    given, name = proxy.from_environment(settings.url.scheme)
    name = name and name .. " (in the environment)"
  end
  if not given or given == "" then
    return nil
  end
  local parts, reason = proxy.parse(given)
  if not parts then
    return name .. ": expected the address of a proxy, [http://][user:password@]host[:port], or \"\" for none: "
      .. reason
  end
  settings.proxy, settings.proxy_credentials = parts.address, parts.credentials
  return nil
end

local function set_url(settings)
  local message
  settings.url, message = url.parse(settings.base_url)
  return message and "base_url: " .. message
end

--- Reads the options of a client. Raises for unknown options and wrong types.
---@param given table? options of `numberpool.new`, or a sandbox's handle
---@param level integer as for `error`
---@return table? settings
---@return numberpool.Error? err of kind `config`
function client_options.read(given, level)
  if is_handle(given) then
    given = from_handle(given)
  end
  local settings, wrong = read(given, level + 1)
  local runtime = runtimes.find(settings.runtime)
  local message = runtime and refused_by(runtime, settings) or missing_credentials(settings) or wrong
    or set_url(settings) or set_proxy(settings, runtime)
  if message then
    local redact = errors.redactor { settings.auth_token or "" } -- another value may hold the token
    return nil, errors.new { kind = "config", message = redact(message) }
  end
  return settings
end

return client_options
