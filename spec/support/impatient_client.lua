-- A client that tries again without waiting, unless a server asks for a wait.
local new_client = require "spec.support.new_client"

local function none()
  return 0
end

---@param server table { base_url, auth_id, auth_token, ca_file }
---@param options table? of `numberpool.new`; two retries where it doesn't say
return function(server, options)
  local all = { retries = 2 }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local client = new_client(server, all)
  client.runtime.random = none
  return client
end
