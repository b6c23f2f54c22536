--- Which account and which pool: from the environment, or from an entry of the profile file.
-- @module numberpool.cli.profile

local exit = require "numberpool.cli.exit"
local quote = require "numberpool.files.shell".quote

local profile = {}

local MOST_BYTES = 1024 * 1024

local FIELDS = { "auth_id", "auth_token", "base_url", "ca_file", "pool", "powerpack" }

local IS_FIELD = {}
for _, name in ipairs(FIELDS) do
  IS_FIELD[name] = true
end

local ENOENT, ENOTDIR = 2, 20 -- errno.h

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- Where the file is; nil where nothing says so. XDG's specification has relative paths ignored.
local function find_path()
  local folder, home = environment "XDG_CONFIG_HOME", environment "HOME"
  if folder and folder:sub(1, 1) == "/" then
    return folder .. "/numberpool/config.lua"
  end
  return home and home .. "/.config/numberpool/config.lua"
end

-- Raises where somebody else may know or change what is in the file.
local function check_owner(path)
  local process = io.popen(("stat -Lc '%%a %%u' -- %s 2>&1 && id -u"):format(quote(path)), "r")
  local text = process and process:read "*a" or ""
  if process then
    process:close()
  end
  local mode, owner, user = text:match "^(%d+) (%d+)\n(%d+)\n$"
  if not mode then
    exit.raise(("%s: whose it is can't be found out: %s"):format(path, text))
  elseif owner ~= user then
    exit.raise(path .. ": it has credentials and isn't yours: expected a file of your own")
  elseif not ("00" .. mode):find "[01][01]$" then
    exit.raise(("%s: it has credentials, and others may read or change it: chmod 600 %s"):format(path, path))
  end
end

-- The text of the file; nil where there is none.
local function read_text(path)
  local file, message, code = io.open(path, "rb")
  if not file and (code == ENOENT or code == ENOTDIR) then
    return nil
  elseif not file then
    exit.raise(message)
  end
  local text
  text, message = file:read(MOST_BYTES)
  file:close()
  if not text and message then -- a folder
    exit.raise(path .. ": " .. message)
  end
  return text or ""
end

-- Messages about a file may have parts of it, and it has a secret.
local function without_contents(message)
  message = message:gsub(" near .*$", "")
  local name = message:match "^line %d+: (%S+) isn't there"
  if name and _G[name] == nil then
    message = message:gsub(": %S+ isn't there", ": a name isn't there", 1)
  end
  return message
end

local function names_of(entries)
  local names = {}
  for name in pairs(entries) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  return #names > 0 and table.concat(names, ", ") or "none"
end

-- The entries of the file, as they are.
local function read_entries(path)
  local text = read_text(path)
  if not text then
    return nil
  end
  check_owner(path)
  local entries, message = require "numberpool.files.lua_table".evaluate(text)
  if not entries then
    exit.raise(path .. ": " .. without_contents(message))
  end
  return entries
end

local function check_entry(path, name, entry)
  if type(entry) ~= "table" then
    exit.raise(("%s: %s: table expected, got %s"):format(path, name, type(entry)))
  end
  for field, value in pairs(entry) do
    if not IS_FIELD[field] then
      exit.raise(("%s: %s: unknown field %s, expected some of %s"):format(path, name, tostring(field),
        table.concat(FIELDS, ", ")))
    elseif type(value) ~= "string" then
      exit.raise(("%s: %s.%s: string expected, got %s"):format(path, name, field, type(value)))
    end
  end
  return entry
end

-- An entry; nil where there is none of that name. Its name need not be in the file where none was asked for.
local function find_entry(name)
  local path = find_path()
  local entries = path and read_entries(path)
  if not entries then
    if name then
      exit.raise(path and path .. ": no such file, and so no profile " .. name
        or "where is the profile file? Neither XDG_CONFIG_HOME nor HOME is set", exit.AUTHENTICATION)
    end
    return nil, path
  end
  local entry = entries[name or "default"]
  if entry == nil then
    if name then
      exit.raise(("%s: no profile %s, expected one of %s"):format(path, name, names_of(entries)), exit.AUTHENTICATION)
    end
    return nil, path
  end
  return check_entry(path, name or "default", entry), path
end

local function missing_credentials(account, path)
  local missing = {}
  missing[#missing + 1] = not account.auth_id and "PLIVO_AUTH_ID" or nil
  missing[#missing + 1] = not account.auth_token and "PLIVO_AUTH_TOKEN" or nil
  exit.raise(("no credentials: set %s in the environment%s"):format(table.concat(missing, " and "),
    #missing == 2 and path and ", or write an entry default into " .. path or ""), exit.AUTHENTICATION)
end

local function account_of_entry(path, name, entry, given)
  for _, field in ipairs { "auth_id", "auth_token" } do
    if not entry[field] then
      exit.raise(("%s: %s: %s: expected one, got none"):format(path, name, field), exit.AUTHENTICATION)
    end
  end
  return { auth_id = entry.auth_id, auth_token = entry.auth_token, base_url = entry.base_url or given.base_url,
    ca_file = entry.ca_file or given.ca_file }
end

-- The first of two places that names a pool says which one.
local function first_pool(first, second)
  return (first.pool or first.powerpack) and first or second
end

--- What the options of `numberpool.new` are, and which pool is meant where no option names one. An entry that is asked
--- for wins against the environment, which wins against the entry `default`. Credentials come from one of them whole.
---@param name string? of the entry
---@return { auth_id: string, auth_token: string, base_url: string?, ca_file: string? }
---@return { pool: string?, powerpack: string? }
---@return string found_in where the credentials were, in words
function profile.read(name)
  local account = { auth_id = environment "PLIVO_AUTH_ID", auth_token = environment "PLIVO_AUTH_TOKEN",
    base_url = environment "NUMBERPOOL_BASE_URL", ca_file = environment "NUMBERPOOL_CA_FILE" }
  local pool = { pool = environment "NUMBERPOOL_POOL", powerpack = environment "NUMBERPOOL_POWERPACK" }
  if not name and account.auth_id and account.auth_token then
    return account, pool, "PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN, in the environment"
  elseif not name and (account.auth_id or account.auth_token) then
    missing_credentials(account)
  end
  local entry, path = find_entry(name)
  if not entry then
    missing_credentials(account, path)
  end
  account = account_of_entry(path, name or "default", entry, account)
  return account, name and first_pool(entry, pool) or first_pool(pool, entry),
    ("the entry %s of %s"):format(name or "default", path)
end

return profile
