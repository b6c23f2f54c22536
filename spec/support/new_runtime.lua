-- A runtime for a server of the specs, the one for where they run, without a client around it.
local runtimes = require "numberpool.runtime"

local count = 0

--- `settings` replace the usual ones.
---@param server table { base_url, port }
---@param settings table?
---@return table runtime
return function(server, settings)
  count = count + 1
  local scheme, host, port = server.base_url:match "^(%a+)://([^:]+):(%d+)$"
  local all = {
    origin = server.base_url,
    url = { origin = server.base_url, scheme = scheme, host = host, port = port },
    headers = { "Authorization: Basic TUE6dA==", "Accept: application/json" },
    body_headers = { "Content-Type: application/json", "Expect:" },
    connect_timeout = 5,
    max_body = 1000,
    account = "runtime " .. count, -- connections of an account may be shared
    proxy = "",
  }
  for name, value in pairs(settings or {}) do
    all[name] = value
  end
  return assert(runtimes.find().open(all))
end
