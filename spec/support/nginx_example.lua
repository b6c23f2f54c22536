-- Starts an example of examples/nginx against a sandbox. Its nginx.conf is used as it is, but for the port, the places
-- of temporary files and the number of workers.
local interpreter = require "spec.support.interpreter"
local nginx = require "spec.support.nginx"
local nginx_place = require "spec.support.nginx_place"

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
  local place = nginx_place.find()
  for _, change in ipairs {
    { "127%.0%.0%.1:%d+", "127.0.0.1:" .. port },
    { "pid /tmp/[%w-]+%.pid", "pid nginx.pid" },
    { "/tmp/numberpool%-" .. name, "temporary" },
    { "%$prefix/%.%./%.%./%.%.", (root:gsub('[\\"]', "\\%0")) },
    { "load_module %S+ndk_http_module%.so;\nload_module %S+ngx_http_lua_module%.so;", place.modules },
    { "error_log stderr", "error_log error.log" },
    { "worker_processes auto", place.user .. " worker_processes 2" },
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
