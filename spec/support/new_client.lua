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
  local client = assert(numberpool.new(all))
  -- All clients of an account share what is taken of its limit, and what a 429 holds back. An earlier case's is over.
  client.store.ends, client.store.held_until = {}, 0
  return client
end
