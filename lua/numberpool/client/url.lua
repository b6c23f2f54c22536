--- The address of the API: scheme://host[:port][/path].
-- @module numberpool.client.url

local core = require "numberpool.core"

local url = {}

local MOST_PATH = 256 -- characters

url.MOST_HOST = 255 -- characters of a name: RFC 1035, section 2.3.4

--- Whether a text is a port behind its colon, or empty.
---@param text string
---@return boolean
function url.is_port(text)
  local port = text:match "^:(%d+)$"
  return text == "" or port ~= nil and #port <= 5 and tonumber(port) >= 1 and tonumber(port) <= 65535
end

--- Takes an address apart. Anything more than a plain path would end up in every request or, as with credentials, in
-- every log.
---@param text string
---@return { origin: string, scheme: string, host: string, port: string, path: string }?
---@return string? message without the credentials that the text may hold
function url.parse(text)
  local got = ", got " .. (text:find("@", 1, true) and "one that holds credentials" or core.shown(text))
  local scheme, rest = text:match "^(%a+)://(.+)$"
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then
    return nil, "expected http://… or https://…" .. got
  end
  local authority, path = rest:match "^([^/]*)(.*)$"
  local host, port = authority:match "^(%[[%x:.]+%])(.*)$"
  if not host then
    host, port = authority:match "^([%w%-._]+)(.*)$"
  end
  if not host or #host > url.MOST_HOST or not url.is_port(port) then
    return nil, "expected a host and perhaps a port" .. got
  end
  path = path:gsub("/+$", "")
  if #path > MOST_PATH or path:find "[^%w%-._~/]" or path:find("/.", 1, true) then
    return nil, "expected a plain path" .. got
  end
  return { origin = scheme .. "://" .. host .. port, scheme = scheme, host = host, port = port:sub(2), path = path }
end

return url
