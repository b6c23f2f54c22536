-- Starts an example of examples/nginx with its own configuration, against a sandbox: only the port, the places of
-- temporary files and the number of workers are others'.
local interpreter = require "spec.support.interpreter"
local nginx = require "spec.support.nginx"

---@param name string
---@param server table a sandbox's handle
---@param environment table more variables by name
---@return table handle of spec.support.nginx
return function(name, server, environment)
  local root = interpreter.shell("pwd -P"):gsub("%s+$", "")
  local folder, port = nginx.new_folder(), nginx.free_port()
  local source = "examples/nginx/" .. name
  interpreter.shell("cp " .. source .. "/*.lua " .. interpreter.quote(folder))
  local text = assert(nginx.read_file(source .. "/nginx.conf"))
  for _, change in ipairs {
    { "127%.0%.0%.1:%d+", "127.0.0.1:" .. port },
    { "pid /tmp/[%w-]+%.pid", "pid nginx.pid" },
    { "/tmp/numberpool%-" .. name, folder .. "/temporary" },
    { "%$prefix/%.%./%.%./%.%.", root },
    { "error_log stderr", "error_log error.log" },
    { "worker_processes auto", "user root; worker_processes 2" },
  } do
    local count
    text, count = text:gsub(change[1], (change[2]:gsub("%%", "%%%%")))
    assert(count > 0, change[1] .. ": not in the configuration of " .. name)
  end
  nginx.write_file(folder .. "/nginx.conf", text)
  local words = {
    "NUMBERPOOL_BASE_URL=" .. server.base_url,
    "PLIVO_AUTH_ID=" .. server.auth_id,
    "PLIVO_AUTH_TOKEN=" .. server.auth_token,
  }
  for variable, value in pairs(environment) do
    words[#words + 1] = variable .. "=" .. value
  end
  return nginx.run(folder, port, words)
end
