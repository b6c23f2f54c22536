--- The address of a proxy, from the option or from the environment. A runtime's message about an address that it can't
-- use may show the password in it. So it is parsed here, more strictly, and the runtime gets it without the
-- credentials, which go beside it.
-- @module numberpool.client.proxy

local core = require "numberpool.core"
local url = require "numberpool.client.url"

local proxy = {}

local SCHEMES = {
  http = true, https = true, socks = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

local MOST_ADDRESS = 4096 -- characters

local ENCODE = "characters such as @ / ? # [ ] \\ % in a user name or a password have to be percent-encoded (@ is %40)"

-- RFC 3986, section 3.2.1, and the other characters that mean nothing else in an address.
local function is_userinfo(text)
  return not text:gsub("%%%x%x", ""):find "[^%w%-._~!$&'()*+,;=:^`{|}\"<>]"
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- Returns { userinfo, user, password }, or nil and why it can't be used. They have no control characters,
-- also where they are percent-encoded.
local function read_credentials(userinfo)
  local user, password = userinfo:match "^([^:]*):(.*)$"
  if not is_userinfo(userinfo) then
    return nil, ENCODE
  elseif decode(userinfo):find "[%z\1-\31\127]" then
    return nil, "a user name or a password can't have control characters"
  end
  return { userinfo = userinfo, user = user or userinfo, password = password or "" }
end

local function is_host(text)
  return #text <= url.MOST_HOST and (text:find "^[%w%-._]+$" or text:find "^%[%x*:[%x:.]*%]$") ~= nil
end

-- Whether this may follow the host and port: nothing but a slash, or the path of a Unix domain socket.
local function is_path(path, scheme, host)
  return path == "" or path == "/"
    or scheme:find "^socks" ~= nil and host:lower() == "localhost" and not path:find "[^%w%-._~/]"
end

--- Reads an address: [scheme://][user[:password]@]host[:port].
---@param text string
---@return table? parts { address, credentials }: the address is without them
---@return string? reason why it can't be used; it shows no part of the address
function proxy.parse(text)
  local scheme, rest = text:match "^([^:/@]*)://(.*)$"
  scheme = scheme and scheme:lower() or "http"
  rest = rest or text
  if #text > MOST_ADDRESS or text:find "[^\33-\126]" then
    return nil, "it has spaces, control characters or others that an address can't have; " .. ENCODE
  elseif not SCHEMES[scheme] then
    return nil, "its scheme is none of http, https, socks4, socks4a, socks5, socks5h"
  end
  local authority, path = rest:match "^([^/?#\\]*)(.*)$"
  local userinfo, place = authority:match "^(.*)@([^@]*)$"
  local credentials, reason
  if userinfo then
    credentials, reason = read_credentials(userinfo)
    if not credentials then
      return nil, reason
    end
  end
  place = place or authority
  local host, port = place:match "^(%b[])(.*)$"
  if not host then
    host, port = place:match "^([^:]*)(.*)$"
  end
  if not is_path(path, scheme, host) or rest:find("@", #authority + 1, true) then
    return nil, "nothing may follow its host and port; " .. ENCODE
  elseif not is_host(host) then
    return nil, "it has no host that can be one"
  elseif not url.is_port(port) then
    return nil, "its port is none of 1 to 65535"
  end
  return { address = scheme .. "://" .. place .. path, credentials = credentials }
end

-- Adds the text as it is and with its percent-encoding decoded.
local function add(secrets, text)
  secrets[#secrets + 1] = text
  secrets[#secrets + 1] = decode(text)
end

--- The texts that must not be shown of a proxy's credentials.
---@param credentials table? of `parse`
---@return string[]
function proxy.secrets(credentials)
  local secrets = {}
  if not credentials then
    return secrets
  end
  local is_key = credentials.password == "" -- then the name is the secret
  add(secrets, credentials.userinfo)
  add(secrets, is_key and credentials.user or credentials.password)
  secrets[#secrets + 1] = core.base64(decode(credentials.user) .. ":" .. decode(credentials.password))
  return secrets
end

--- The proxy that the environment names, and the variable that it is in. An empty variable counts as
-- none. HTTP_PROXY isn't read: in programs run by a web server it holds a header of the request (`Proxy:`).
---@param scheme string of the API's address: http or https
---@return string? value
---@return string? name
function proxy.from_environment(scheme)
  local names = scheme == "https" and { "https_proxy", "HTTPS_PROXY" } or { "http_proxy" }
  names[#names + 1] = "all_proxy"
  names[#names + 1] = "ALL_PROXY"
  for _, name in ipairs(names) do
    local value = os.getenv(name)
    if value and value ~= "" then
      return value, name
    end
  end
  return nil
end

return proxy
