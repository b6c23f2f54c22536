-- TLS inside nginx: who is told which name, that a second connection resumes the session of the first, and what is said
-- where none comes about. The server is another port of the same nginx, which closes every connection after an answer.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local nginx_lib = require "spec.support.nginx"
local nginx_run = require "spec.support.nginx_run"

-- A certificate for localhost that is its own authority.
local CERTIFICATE = "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
  .. "-keyout key.pem -out certificate.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>&1"

local SERVER = [[
  lua_ssl_trusted_certificate "$folder/certificate.pem";
  lua_ssl_protocols $ours;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate "$folder/certificate.pem";
    ssl_certificate_key "$folder/key.pem";
    ssl_protocols $theirs;
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
    folder = fixture.folder()
    interpreter.shell(CERTIFICATE:format(interpreter.quote(folder)))
  end)

  local function start(base_url, ours, theirs)
    local port = nginx_lib.free_port()
    local values = { folder = folder, port = tostring(port), ours = ours, theirs = theirs }
    nginx = fixture.nginx({ base_url = base_url:format(port), auth_id = "MA", auth_token = "t" },
      { http = SERVER:gsub("%$([%l_]+)", values) })
    return port
  end

  for _, version in ipairs { "TLSv1.2", "TLSv1.3" } do
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      it("of " .. version .. " to " .. host .. " asks for localhost, and resumes the last session", function()
        start("https://" .. host .. ":%d", "TLSv1.2 TLSv1.3", version)
        assert.equal(". localhost \nr localhost \nr localhost ", nginx_run.run(nginx, CALLS))
      end)
    end

    it("of " .. version .. " is hardly ever a whole handshake with many calls at a time", function()
      start("https://localhost:%d", "TLSv1.2 TLSv1.3", version)
      local whole = nginx_run.run(nginx, [[
        local pool, items, whole = client:pool "p", {}, 0
        assert(pool:get())
        for i = 1, 100 do items[i] = i end
        for _, result in ipairs(client:map(items, function() return assert(pool:get()) end)) do
          whole = whole + (result.value.reused == "r" and 0 or 1)
        end
        return whole
      ]])
      assert.equal("0", whole)
    end)
  end

  local ERROR = [[
    local _, err = client:pool "p":add_number "15125550000"
    return err.kind .. " " .. tostring(err.ambiguous) .. " " .. tostring(err)
  ]]

  it("in no version that both have names lua_ssl_protocols, and nothing was sent", function()
    local port = start("https://localhost:%d", "TLSv1.2", "TLSv1.3")
    local text = nginx_run.run(nginx, ERROR)
    assert.matches("^tls nil ", text)
    assert.is_truthy(text:find("lua_ssl_protocols", 1, true), text)
    assert.is_truthy(text:find("port " .. port, 1, true), text)
  end)

  it("with a server that speaks plain HTTP asks whether it speaks TLS there", function()
    local server = fixture.scripted_server()
    server:script { bytes = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", greets = true, after = "close" }
    start("https://localhost:" .. server.port, "TLSv1.2 TLSv1.3", "TLSv1.3")
    local text = nginx_run.run(nginx, ERROR)
    assert.matches("^tls nil ", text)
    assert.is_truthy(text:find("does the server speak TLS on port " .. server.port, 1, true), text)
    assert.is_nil(text:find("base_url", 1, true), text)
  end)

  it("with a certificate for another name says so, and asks for no name where there is one", function()
    interpreter.shell(CERTIFICATE:gsub("localhost", "other.example"):format(interpreter.quote(folder)))
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      start("https://" .. host .. ":%d", "TLSv1.2 TLSv1.3", "TLSv1.3")
      local text = nginx_run.run(nginx, ERROR)
      assert.matches("^tls nil ", text)
      assert.is_truthy(text:find("the certificate isn't one for localhost", 1, true), text)
      assert.is_nil(text:find("base_url", 1, true), text)
    end
  end)
end)
