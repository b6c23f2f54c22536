--- Steps that look at the way to the server. One request without credentials tells of all of them.
-- @module numberpool.cli.doctor.way

local verdict = require "numberpool.cli.doctor.verdict"

local steps = {}

local SECONDS = 10 -- for the request, at most
local CLOCK_MAY_DIFFER = 5 -- seconds; a date has whole ones

local DEFAULT_PORTS = { http = "80", https = "443" }

-- Looks at the way, the first time, and returns what is known of it.
local function look(self)
  if not self.details then
    self.asked_at = os.time()
    self.details = self.way:look(SECONDS)
    self.answered_at = os.time()
  end
  return self.details
end

-- Where the connection goes to: the server or the proxy, as host and port.
local function place_of(self)
  if self.proxy then
    return self.proxy.address:gsub("^%a[%w]*://", ""):gsub("/$", ""), "the proxy "
  end
  local url = self.url
  return url.host .. ":" .. (url.port ~= "" and url.port or DEFAULT_PORTS[url.scheme]), ""
end

local function host_of(self)
  return (place_of(self):gsub(":%d+$", ""))
end

local function where_proxy_is_set(self)
  return self.proxy.variable or "the option proxy"
end

-- How long a step took, where both its ends are known.
local function took(from, to)
  return from and to and (" (%.0f ms)"):format((to - from) * 1000) or ""
end

local function explain_name(self, details, host)
  local message = details.is_timeout and "no answer to the question for the address of " or "no address is found for "
  local remedy = self.proxy and ("Correct the proxy's name in %s."):format(where_proxy_is_set(self))
    or "Check its spelling in the base URL, this machine's network and its name servers (/etc/resolv.conf). Where the "
    .. "way out is a proxy alone, name it in https_proxy."
  return verdict.failed(message .. host, remedy, { host = host })
end

function steps.name(self)
  local details, host = look(self), host_of(self)
  if details.stage == "name" then
    return explain_name(self, details, host)
  elseif host:find "^[%d.]+$" or host:find "^%[" then
    return verdict.ok(host .. " is an address", { host = host })
  end
  return verdict.ok(host .. (details.address and " is " .. details.address or " has an address")
    .. took(0, details.found), { host = host, address = details.address })
end

-- A proxy that refuses to go on is a part of the connection. The status with which it does, for a tunnel or, without
-- TLS, for the request.
local function refusal_of(self, details)
  local is_refused = self.proxy and details.status == 407
  return is_refused and 407 or details.stage == "proxy" and details.tunnel_status or nil
end

local function explain_proxy(self, details)
  local status = refusal_of(self, details)
  local place = place_of(self)
  local fields = { http_status = status }
  if details.kind == "config" then
    return verdict.failed(details.message, ("Correct %s."):format(where_proxy_is_set(self)), fields)
  elseif status == 407 then
    return verdict.failed(("the proxy %s refuses the user and password for it (status 407)"):format(place),
      ("Write them into %s: http://user:password@%s. Characters such as @ in them are percent-encoded, as %%40.")
      :format(where_proxy_is_set(self), place), fields)
  elseif status then
    return verdict.failed(("the proxy %s refuses to connect to %s (status %d)"):format(place, self.url.host, status),
      "Ask who runs the proxy to let this host through; or name the host in no_proxy, where there is a way without it.",
      fields)
  end
  return verdict.failed(("no connection to %s through the proxy %s: %s"):format(self.url.host, place, details.message),
    ("See that %s names a proxy and its port."):format(where_proxy_is_set(self)), fields)
end

function steps.connection(self)
  local details = look(self)
  local place, what = place_of(self)
  if details.stage == "proxy" or refusal_of(self, details) then
    return explain_proxy(self, details)
  elseif details.stage ~= "connection" then
    return verdict.ok(("connected to %s%s"):format(what, place) .. took(details.found, details.connected),
      { address = details.address, seconds = details.connected })
  end
  local remedy = self.proxy and ("See that %s names the proxy and its port."):format(where_proxy_is_set(self))
    or details.is_timeout and "A firewall may be in the way: ask for this host and port to be let through. Where the "
    .. "way out is a proxy alone, name it in https_proxy."
    or "Check host and port in the base URL, and that the server runs there. A firewall may refuse connections, too."
  local message = details.message:gsub("^Failed to connect to .- ms: ", "")
  return verdict.failed(("no connection to %s%s: %s"):format(what, place, message), remedy)
end

local function utc(time)
  return os.date("!%Y-%m-%d %H:%M UTC", time)
end

local BETWEEN = "If it should be Plivo's, something in between answers in its place, as a proxy that looks into TLS "
  .. "or a hotel's network does. No credentials were sent there."

local TO_TRUST = "To trust it, name a file with its certificate in NUMBERPOOL_CA_FILE, or add it to this machine's "
  .. "authorities (Debian: as a .crt file in /usr/local/share/ca-certificates, then update-ca-certificates). "

-- What is wrong with TLS and what to do, by reason.
local TLS = {
  expired = function()
    return "the server's certificate has expired", ("This machine's clock says %s. If that is wrong, set it; if it is "
      .. "right, who runs the server has to renew the certificate."):format(utc(os.time()))
  end,
  not_yet_valid = function()
    return "the server's certificate isn't valid yet",
      ("This machine's clock says %s, which is likely wrong: set it (timedatectl set-ntp true)."):format(utc(os.time()))
  end,
  self_signed = function()
    return "the server has signed its certificate itself, and nobody vouches for it", TO_TRUST .. BETWEEN
  end,
  unknown_authority = function()
    return "the server's certificate is signed by an authority that isn't trusted here",
      "Bring the system's authorities up to date (Debian: apt-get install ca-certificates). " .. TO_TRUST .. BETWEEN
  end,
  wrong_name = function(self)
    return ("the server's certificate is for another name than %s"):format(self.url.host),
      "Check the host in the base URL. " .. BETWEEN
  end,
  no_authorities = function(self)
    return ("the trusted authorities can't be read: %s"):format(self.details.message),
      "Install your system's authorities again (Debian: apt-get install --reinstall ca-certificates), or correct the "
      .. "file that NUMBERPOOL_CA_FILE or the profile's ca_file names."
  end,
  no_tls = function(self)
    return "the server doesn't speak TLS on this port",
      ("Check the port in the base URL, or use http:// if %s is on this machine."):format(self.url.host)
  end,
}

local function explain_other(self)
  return "no TLS with the server: " .. self.details.message,
    "A firewall or a proxy may cut the connection; or the server, or this machine's TLS library, is too old for the "
    .. "other: bring it up to date."
end

function steps.tls(self)
  local details = look(self)
  if self.url.scheme ~= "https" then
    return verdict.skipped "the base URL is without TLS"
  elseif details.stage ~= "tls" then
    return verdict.ok("the server's certificate is valid" .. took(details.connected, details.secured),
      { seconds = details.secured })
  end
  local message, remedy = (TLS[details.reason] or explain_other)(self)
  return verdict.failed(message, remedy, { reason = details.reason, detail = self.redact(details.message) })
end

function steps.answer(self)
  local details = look(self)
  if details.stage ~= "answer" then
    return verdict.ok("the server answers" .. took(details.secured or details.connected, details.answered),
      { seconds = details.answered, http_status = details.status })
  elseif details.is_timeout then
    return verdict.failed("connected, but no answer: " .. details.message,
      "Try again later. If it stays so, check host and port in the base URL, and https://status.plivo.com.")
  end
  return verdict.failed("what answers isn't the API: " .. details.message,
    "Check scheme, host and port in the base URL: https:// needs a server with TLS, http:// one without.")
end

local UNITS = { { 86400, "days" }, { 3600, "h" }, { 60, "min" } }

local function describe_seconds(seconds)
  for _, unit in ipairs(UNITS) do
    if seconds >= 2 * unit[1] then
      return ("%.0f %s"):format(seconds / unit[1], unit[2])
    end
  end
  return ("%.0f s"):format(seconds)
end

-- How many seconds this machine's clock is ahead of the server's, at least.
local function seconds_ahead(self)
  local date = self.details.date
  return math.max(self.asked_at - date, 0) + math.min(self.answered_at - date, 0)
end

function steps.clock(self)
  local details = look(self)
  if not details.date then
    return verdict.skipped("the server doesn't say what time it is; here it is " .. utc(self.asked_at))
  end
  local ahead = seconds_ahead(self)
  local fields = { seconds_ahead = ahead }
  if math.abs(ahead) <= CLOCK_MAY_DIFFER then
    return verdict.ok("this machine's clock agrees with the server's: " .. utc(self.asked_at), fields)
  end
  self.is_clock_wrong = true
  return verdict.warning(("this machine's clock is %s %s the server's: it says %s"):format(
    describe_seconds(math.abs(ahead)), ahead > 0 and "ahead of" or "behind", utc(self.asked_at)),
    "Set the clock (timedatectl set-ntp true). A wrong one makes certificates and credentials look invalid.", fields)
end

return steps
