--- Looks how far a request comes on its way to a server, for whoever asks why none gets there. It is for plain scripts
-- alone, and stands beside the contract of runtimes.
-- @module numberpool.runtime.probe

local load_curl = require "numberpool.runtime.curl".load

local probe = {}

local STEP = 100 -- milliseconds that it waits at a time

-- libcurl's codes for what its times don't tell.
local NO_PROXY_NAME, NO_NAME, NO_CONNECTION, TIMEOUT, TLS_FAILED, PROXY_FAILED, NO_AUTHORITIES =
  5, 6, 7, 28, 35, 97, 77

-- What libcurl and its TLS libraries say of a certificate.
local REASONS = {
  { "not yet valid", "not_yet_valid" },
  { "not activated yet", "not_yet_valid" },
  { "expired", "expired" },
  { "expiration date", "expired" },
  { "self.signed certificate in", "unknown_authority" },
  { "self.signed", "self_signed" },
  { "target host ?name", "wrong_name" },
  { "issuer", "unknown_authority" },
  { "certificate verif", "unknown_authority" },
  { "verify the first certificate", "unknown_authority" },
  { "wrong version number", "no_tls" },
  { "packet length", "no_tls" },
  { "http request", "no_tls" },
}

local function reason_of(code, message)
  if code == NO_AUTHORITIES then
    return "no_authorities"
  end
  for _, row in ipairs(REASONS) do
    if message:find(row[1]) then
      return row[2]
    end
  end
  return nil
end

-- The step that a request without an answer didn't get beyond.
local function stage_of(details, kind, settings, is_proxied)
  local code = details.code
  local is_connected = details.connected or details.address -- libcurl tells the time only once TLS is there, too
  if code == NO_NAME or code == NO_PROXY_NAME or code == TIMEOUT and not details.found then
    return "name"
  elseif code == NO_CONNECTION or code == TIMEOUT and not is_connected then
    return "connection"
  elseif code == PROXY_FAILED or (details.tunnel_status or 200) >= 300
    or is_proxied and not details.tunnel_status and settings.proxy:find "^https:" and kind == "tls" then
    return "proxy"
  elseif kind == "tls" or code == TLS_FAILED then
    return "tls"
  elseif settings.url.scheme == "https" and not details.secured then
    return is_proxied and not details.tunnel_status and "proxy" or "tls"
  end
  return "answer"
end

local function wait(session, transfer)
  local ids = {}
  while not transfer:done() do
    session:step(STEP, ids)
  end
end

local function exchange(curl, session, settings, path, seconds, is_proxied)
  local transfer = assert(session:transfer())
  transfer:start("GET", path, nil, curl.now() + seconds, 0, true)
  wait(session, transfer)
  local details = transfer:details()
  local status, kind, message = transfer:result()
  if settings.url.scheme == "https" and not details.secured then
    details.status = nil -- a proxy's
  end
  details.is_timeout = details.code == TIMEOUT
  if not (status or details.status) then
    details.kind, details.message = kind, message
    details.stage = stage_of(details, kind, settings, is_proxied)
    details.reason = details.stage == "tls" and reason_of(details.code, message) or nil
  end
  return details
end

--- Sends a GET, and tells how far it came.
---@param settings table as for a runtime
---@param path string
---@param seconds number how long it may take
---@param is_proxied boolean whether it goes through the proxy
---@return table details `stage`, `kind`, `message` and `reason` of what went wrong, or `status` where an answer began;
--- `address`, `date` (seconds since 1970), and `found`, `connected`, `secured` and `answered` in seconds from the start
function probe.run(settings, path, seconds, is_proxied)
  local curl = assert(load_curl())
  local session, message = curl.open(settings)
  if not session then
    return { stage = "proxy", kind = "config", message = message }
  end
  local ok, details = pcall(exchange, curl, session, settings, path, seconds, is_proxied)
  session:close()
  if not ok then
    error(details, 0)
  end
  return details
end

--- What sends requests, and what it trusts.
---@return { name: string, version: string, tls: string?, ca_file: string?, ca_folder: string? }?
---@return string? message what is missing
function probe.about()
  local curl, message = load_curl()
  if not curl then
    return nil, message
  end
  local about = curl.version()
  about.name = "libcurl"
  return about
end

return probe
