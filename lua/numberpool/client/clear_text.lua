--- Warns once for each origin that credentials are sent there without TLS.
-- @module numberpool.client.clear_text

local clear_text = {}

local known = {} -- origins that were warned of in this process

-- Whether a name or an address is this machine: RFC 6761, section 6.3, and RFC 1122, section 3.2.1.3.
local function is_loopback(name)
  name = name:lower():gsub("%.$", "")
  return name == "localhost" or name:find "%.localhost$" ~= nil or name:find "^127%.[%d.]+$" ~= nil
    or name:find "^%[[0:]*:0*1%]$" ~= nil or name:find "^%[[0:]*:ffff:127%.[%d.]+%]$" ~= nil
end

--- Whether credentials that are sent to an address can be read on the way there.
---@param url table { scheme, host }
---@return boolean
function clear_text.is_readable(url)
  return url.scheme == "http" and not is_loopback(url.host)
end

--- Warns unless the address has TLS or is this machine's.
---@param url table { scheme, host, origin }
---@param on_event function?
---@param redact fun(text: string): string
---@param warn fun(text: string) says it where no hook is needed
function clear_text.warn(url, on_event, redact, warn)
  if not clear_text.is_readable(url) or known[url.origin] then
    return
  end
  known[url.origin] = true
  local reason = redact("base_url: " .. url.origin .. " isn't encrypted: whoever is on the way there can read the "
    .. "auth_token; use https://, or set insecure = true")
  warn(reason)
  if on_event then
    on_event { type = "warning", operation = "new", reason = reason }
  end
end

return clear_text
