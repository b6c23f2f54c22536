--- Steps that look at this machine alone: what is installed, and what it is told of the account and of the way there.
-- @module numberpool.cli.doctor.machine

local clear_text = require "numberpool.client.clear_text"
local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local verdict = require "numberpool.cli.doctor.verdict"
local way = require "numberpool.client.way"

local VERSION = require "numberpool.version"

local machine = {}

local PLIVO = "https://api.plivo.com"

-- nil for a module that doesn't say it.
local function version_of_cjson()
  local ok, cjson = pcall(require, "cjson")
  return ok and type(cjson) == "table" and cjson._VERSION or nil
end

function machine.versions()
  local jit = rawget(_G, "jit")
  local about, missing = way.about()
  local lua, cjson = jit and jit.version or _VERSION, version_of_cjson()
  local fields = { numberpool = VERSION, lua = lua, lua_cjson = cjson }
  if not about then
    missing = missing:gsub(": no field package.*$", "") -- where else it was looked for
    return verdict.failed(missing, "If it is installed, install numberpool again: it was built with another version.",
      fields)
  end
  fields[about.name], fields.tls = about.version, about.tls
  return verdict.ok(("numberpool %s, %s, %s %s%s, lua-cjson %s"):format(VERSION, lua, about.name, about.version,
    about.tls and " with " .. about.tls or "", cjson or "of an unknown version"), fields)
end

local HOW_TO_SET = "Both are on the first page of https://console.plivo.com: set PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN to "
  .. "them. `numberpool --help` says how a profile file is written."

function machine.credentials(self)
  local patient = self.patient
  local fields = { exit_code = exit.AUTHENTICATION }
  if not patient.account then
    return verdict.failed(errors.text_of(patient.err), HOW_TO_SET, fields)
  end
  local settings, err = way.check("credentials", patient.account)
  if not settings then
    return verdict.failed(err.message, "Copy them again, without spaces or quotes around them, from the first page of "
      .. "https://console.plivo.com.", fields)
  end
  return verdict.ok(patient.found_in, { found_in = patient.found_in })
end

-- The message of an option that is named beside it already.
local function message_of(err, option)
  return (err.message:gsub("^" .. option .. ": ", ""))
end

function machine.base_url(self)
  local settings, err = way.check("base_url", self.account)
  if not settings then
    return verdict.failed(message_of(err, "base_url"),
      "Correct NUMBERPOOL_BASE_URL, or the profile's base_url; without either it is " .. PLIVO .. ".")
  end
  self.url = settings.url
  local shown = self.url.origin .. self.url.path
  local fields = { base_url = shown }
  if clear_text.is_readable(self.url) then
    return verdict.warning(shown .. " isn't encrypted: whoever is on the way there can read the auth_token",
      "Use https:// in NUMBERPOOL_BASE_URL or the profile's base_url.", fields)
  end
  return verdict.ok(shown .. (shown == PLIVO and "" or ", which isn't Plivo's own"), fields)
end

local function describe_proxy(proxy)
  local named = proxy.address .. ", from " .. (proxy.variable and proxy.variable .. " in the environment"
    or "the option proxy")
  if proxy.passed_by then
    return named .. ", isn't used for this host: " .. proxy.passed_by .. " names it"
  end
  return named .. ", is used"
end

-- For an address without TLS this variable isn't read, since web servers put a header of their requests into it.
local function warn_of_unread(self)
  local value = os.getenv "HTTP_PROXY"
  if self.url.scheme ~= "http" or self.account.proxy or not value or value == "" then
    return nil
  end
  return verdict.warning("none; HTTP_PROXY is set, but isn't read", "Set http_proxy, in small letters, if this "
    .. "address is behind a proxy.")
end

function machine.proxy(self)
  local proxy, err = way.proxy(self.account, self.url)
  if not proxy then
    return verdict.failed(message_of(err, "proxy"), "Correct it, or set it to an empty text if there is no proxy.")
  elseif not proxy.address then
    return warn_of_unread(self) or verdict.ok "none"
  end
  self.proxy = not proxy.passed_by and proxy or nil
  return verdict.ok(describe_proxy(proxy),
    { address = proxy.address, variable = proxy.variable, passed_by = proxy.passed_by })
end

local function can_read(path)
  local file = path and io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil and file ~= false
end

local INSTALL = "Install your system's authorities (Debian: apt-get install ca-certificates)."

-- Those that are trusted where no option names others.
local function system_authorities()
  local about = way.about()
  local file, folder = about.ca_file, about.ca_folder
  local readable = can_read(file) and file or can_read(folder) and folder
  if readable then
    return verdict.ok("the system's are trusted, in " .. readable, { ca_file = file, ca_folder = folder })
  elseif file or folder then
    return verdict.failed(("there are none: %s can't be read"):format(file or folder), INSTALL)
  end
  return verdict.ok "those that are built in are trusted"
end

function machine.authorities(self)
  local found, err = way.new(self.account, self.proxy ~= nil)
  if not found then
    return verdict.failed(err.message, "Correct this option.")
  end
  self.way = found
  if self.url.scheme ~= "https" then
    return verdict.skipped "not needed without TLS"
  elseif self.account.ca_file then
    local file = self.account.ca_file
    return verdict.ok("those in " .. file .. " are trusted, instead of the system's", { ca_file = file })
  end
  return system_authorities()
end

return machine
