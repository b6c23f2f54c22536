-- A client for a server of the specs, with neither retries nor a rate limit, so that one call is one request.
local numberpool = require "numberpool"

--- `options` are those of `numberpool.new` that the spec is about.
---@param server table { base_url, auth_id, auth_token, ca_file }
---@param options table?
return function(server, options)
  local all = {
    base_url = server.base_url,
    auth_id = server.auth_id,
    auth_token = server.auth_token,
    ca_file = server.ca_file,
    retries = 0,
    rate = false,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numberpool.new(all))
end
