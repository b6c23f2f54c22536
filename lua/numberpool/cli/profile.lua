--- Which account and which pool: from the environment, or from an entry of the profile file.
-- @module numberpool.cli.profile

local exit = require "numberpool.cli.exit"

local profile = {}

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

--- What the options of `numberpool.new` are, and which pool is meant where no option names one.
---@param name string? of the entry; default: the environment, then the entry `default`
---@return { auth_id: string, auth_token: string, base_url: string? }
---@return { pool: string?, powerpack: string? }
function profile.read(name)
  local account = {
    auth_id = environment "PLIVO_AUTH_ID",
    auth_token = environment "PLIVO_AUTH_TOKEN",
    base_url = environment "NUMBERPOOL_BASE_URL",
  }
  local pool = { pool = environment "NUMBERPOOL_POOL", powerpack = environment "NUMBERPOOL_POWERPACK" }
  if name or not (account.auth_id and account.auth_token) then
    exit.raise("no credentials: set PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN", exit.AUTHENTICATION)
  end
  return account, pool
end

return profile
