-- TLS inside nginx: who is told which name, and that a second connection resumes the session of the first. The server
-- is another port of the same nginx, which closes every connection after an answer.
local interpreter = require "spec.support.interpreter"
local nginx_lib = require "spec.support.nginx"
local nginx_run = require "spec.support.nginx_run"

-- A certificate for localhost that is its own authority.
local CERTIFICATE = "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
  .. "-keyout key.pem -out certificate.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>&1"

local SERVER = [[
  lua_ssl_trusted_certificate $folder/certificate.pem;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $folder/certificate.pem;
    ssl_certificate_key $folder/key.pem;
    ssl_protocols TLSv1.2;
    ssl_session_cache shared:sessions:1m;
    keepalive_timeout 0;
    location / {
      default_type application/json;
      return 200 '{"reused":"$ssl_session_reused","name":"$ssl_server_name","encoding":"$http_accept_encoding"}';
    }
  }
]]

local CALLS = [[
  local lines = {}
  for i = 1, 3 do
    local answer = assert(client:pool "p":get())
    lines[i] = answer.reused .. " " .. answer.name .. " " .. answer.encoding
  end
  return table.concat(lines, "\n")
]]

describe("a TLS connection, inside nginx,", function()
  local folder, nginx

  before_each(function()
    folder = nginx_lib.new_folder()
    interpreter.shell(CERTIFICATE:format(interpreter.quote(folder)))
  end)

  after_each(function()
    nginx:stop()
    interpreter.shell("rm -rf " .. interpreter.quote(folder))
  end)

  for _, host in ipairs { "localhost", "127.0.0.1" } do
    it("to " .. host .. " asks for localhost, and resumes the session of the last one", function()
      local port = nginx_lib.free_port()
      local values = { folder = folder, port = tostring(port) }
      nginx = nginx_run.start({ base_url = ("https://%s:%d"):format(host, port), auth_id = "MA", auth_token = "t" },
        { http = SERVER:gsub("%$([%l_]+)", values) })
      assert.equal(". localhost \nr localhost \nr localhost ", nginx_run.run(nginx, CALLS))
    end)
  end
end)
