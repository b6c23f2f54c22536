-- Names and certificates inside nginx: what is found, what isn't, and in what time. The name server is the spec itself.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local nginx_run = require "spec.support.nginx_run"
local scripted_server = require "spec.support.scripted_server"
local socket = require "socket"

-- What a call says, and how long it took.
local CALL = [[
  ngx.update_time()
  local started = ngx.now()
  local entry, err = client:pool "p":find_number "15125550000"
  ngx.update_time()
  return string.format("%.3f %s", ngx.now() - started, entry and entry.number or err.kind .. " " .. tostring(err))
]]

local function split(text)
  local seconds, rest = text:match "^(%S+) (.*)$"
  return tonumber(seconds), rest
end

describe("a name, inside nginx,", function()
  local server, nginx, names, resolver

  before_each(function()
    server = fixture.scripted_server()
    names = fixture.until_end(assert(socket.udp()))
    assert(names:setsockname("127.0.0.1", 0))
    names:settimeout(10)
    resolver = "resolver 127.0.0.1:" .. select(2, names:getsockname()) .. " ipv6=off valid=1s;"
  end)

  local function start(directives, options)
    local named = {
      base_url = "http://api.example:" .. server.port,
      auth_id = server.auth_id,
      auth_token = server.auth_token,
    }
    nginx = fixture.nginx(named, { http = directives, client = "insecure = true, " .. (options or "") })
  end

  -- Answers one question to the name server with addresses; `flags` are those of RFC 1035, section 4.1.1.
  local function answer_name(flags, ...)
    local question, host, port = assert(names:receivefrom())
    local asked = question:sub(13):match "^.-%z....()" -- the name, its type and class
    local reply = { question:sub(1, 2), flags, "\0\1\0", string.char(select("#", ...)), "\0\0\0\0",
      question:sub(13, 11 + asked) }
    for _, address in ipairs { ... } do
      reply[#reply + 1] = "\192\12\0\1\0\1\0\0\14\16\0\4" .. address:gsub("(%d+)%.?", function(digits)
        return string.char(tonumber(digits))
      end)
    end
    names:sendto(table.concat(reply), host, port)
  end

  it("is looked up, and its host is told to the server", function()
    start(resolver)
    server:script(http.json '{"number":"15125550000"}')
    local connection = nginx:begin("POST", "/run", CALL)
    answer_name("\129\128", "127.0.0.1")
    local _, text = split(assert(nginx:finish(connection)).body)
    assert.equal("15125550000", text)
    assert.equal("api.example:" .. server.port, server:requests()[1].headers.host)
  end)

  it("with an address where nobody listens is called at its other one, at no cost of a try", function()
    start((resolver:gsub("valid=1s", "valid=1h")))
    server:script(http.answer(200, '{"number":"15125550000"}', { Connection = "close" }))
    local connection = nginx:begin("POST", "/run", [[
      local failed = 0
      for _ = 1, 40 do
        failed = failed + (client:pool "p":add_number "15125550000" and 0 or 1)
      end
      return failed .. " " .. client:stats().attempts
    ]])
    answer_name("\129\128", "127.0.0.2", "127.0.0.1")
    local failed, attempts = assert(nginx:finish(connection)).body:match "^(%d+) (%d+)$"
    assert.is_true(tonumber(failed) <= 1, failed .. " of 40 have failed") -- by chance: one of 25 times
    assert.equal("40", attempts)
  end)

  it("that listens nowhere is network, soon and with nothing sent", function()
    start(resolver)
    local connection = nginx:begin("POST", "/run", CALL)
    server:stop()
    answer_name("\129\128", "127.0.0.2", "127.0.0.3")
    local seconds, text = split(assert(nginx:finish(connection)).body)
    server = scripted_server.start()
    assert.matches("^network ", text)
    assert.is_truthy(text:find("refused", 1, true), text)
    assert.is_true(seconds < 4)
  end)

  it("that nobody has is network", function()
    start(resolver)
    local connection = nginx:begin("POST", "/run", CALL)
    answer_name("\129\131")
    local _, text = split(assert(nginx:finish(connection)).body)
    assert.matches("^network ", text)
    assert.is_truthy(text:find("api.example", 1, true), text)
    assert.equal(0, server:counts().accepted)
  end)

  -- The caller's connection and the task's are made in one turn of nginx, the caller's first.
  it("is connected to by a task that is killed then, and the request ends", function()
    start((resolver:gsub("valid=1s", "valid=1h")))
    server:script(http.answer(200, "{}", { Connection = "close" }))
    local connection = nginx:begin("POST", "/run", ([[
      local runtime = client.runtime
      local function send() return runtime:send("GET", "/", nil, runtime.now() + 5) end
      assert(send())
      for _ = 1, 20 do
        local task = runtime:spawn(send, nil, error)
        local socket = ngx.socket.tcp()
        assert(socket:connect("127.0.0.1", %d))
        assert(runtime:kill(task))
        socket:close()
        ngx.sleep(0.001)
      end
      return "done"
    ]]):format(server.port))
    answer_name("\129\128", "127.0.0.1")
    assert.equal("done", assert(nginx:finish(connection)).body)
  end)

  it("whose server is silent takes no longer than connecting may", function()
    start(resolver, "connect_timeout = 0.3")
    local seconds, text = split(nginx_run.run(nginx, CALL))
    assert.matches("^timeout ", text)
    assert.is_true(seconds < 10, seconds .. " s, where nginx alone would take 30")
  end)

  it("without a resolver is config, and says what to set", function()
    start ""
    local _, text = split(nginx_run.run(nginx, CALL))
    assert.matches("^config ", text)
    assert.is_truthy(text:find("set resolver in nginx.conf", 1, true), text)
  end)
end)

describe("a certificate, inside nginx,", function()
  local server = fixture.sandbox { tls = true }

  it("of an authority that lua_ssl_trusted_certificate names is trusted", function()
    local pool = assert(server:seed { numbers = 3 }).pool
    local nginx = fixture.nginx(server, { http = "lua_ssl_trusted_certificate " .. server.ca_file .. ";" })
    local text = nginx_run.run(nginx, ([[
      local pool = client:pool(%q)
      local counts = {}
      for i = 1, 3 do counts[i] = assert(pool:count_numbers()) end
      counts[4] = client:stats().connections
      return table.concat(counts, " ")
    ]]):format(pool))
    assert.equal("3 3 3 1", text)
  end)

  it("of another is tls, for reads and changes, and nothing was sent", function()
    server:reset()
    for _, directives in ipairs { "", "lua_ssl_trusted_certificate spec_ca.pem;" } do
      local other = directives ~= "" and fixture.sandbox { tls = true }
      local nginx = fixture.nginx(server, { http = directives:gsub("spec_ca.pem", other and other.ca_file or "") })
      for _, call in ipairs { "find_number", "add_number", "remove_number" } do
        local text = nginx_run.run(nginx, ([[
          local _, err = client:pool "p":%s "15125550000"
          return err.kind .. " " .. tostring(err.ambiguous) .. " " .. tostring(err)
        ]]):format(call))
        assert.matches("^tls nil ", text)
        assert.matches("certificate", text)
      end
    end
    assert.equal(0, #assert(server:requests()))
  end)

  it("is one that ca_file can't name there", function()
    local nginx = fixture.nginx(server)
    local text = nginx_run.run(nginx, [[
      local _, err = numberpool.new { auth_id = "MA", auth_token = "token", ca_file = "/some/ca.pem" }
      return err.kind .. " " .. tostring(err)
    ]])
    assert.matches("^config ", text)
    assert.matches("lua_ssl_trusted_certificate", text)
  end)
end)
