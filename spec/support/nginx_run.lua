-- Runs pieces of Lua inside nginx: each is sent over HTTP, and runs as a handler of its own.
local nginx = require "spec.support.nginx"

local nginx_run = {}

nginx_run.LOCATION = [[
  location = /run {
    client_body_buffer_size 1m;
    content_by_lua_block {
      ngx.req.read_body()
      ngx.print(assert(loadstring(ngx.req.get_body_data()))())
    }
  }
]]

--- Starts an nginx in which the global `client` is a client for a server. `init_by_lua` makes it.
---@param server table { base_url, auth_id, auth_token }
---@param options table { client: options as source, init: more source, http, server, workers, main }
---@return table handle of spec.support.nginx
function nginx_run.start(server, options)
  local new_client = ([[
    init_by_lua_block {
      numberpool = require "numberpool"
      options = { base_url = %q, auth_id = %q, auth_token = %q, retries = 0, rate = false }
      for name, value in pairs { %s } do
        options[name] = value
      end
      client = assert(numberpool.new(options))
      %s
    }]]):format(server.base_url, server.auth_id, server.auth_token, options.client or "", options.init or "")
  return nginx.start {
    main = options.main,
    workers = options.workers,
    http = (options.http or "") .. new_client,
    server = nginx_run.LOCATION .. (options.server or ""),
  }
end

--- Runs code. Returns what it returns, as text, or raises what it raises.
---@param handle table
---@param code string
---@return string
function nginx_run.run(handle, code)
  local answer = handle:request("POST", "/run", code)
  if answer.status ~= 200 then
    error(answer.status .. ": " .. handle:log(), 2)
  end
  return answer.body
end

return nginx_run
