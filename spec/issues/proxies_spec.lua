-- Proxies: which one is used, that a wrong address is said when the client is made, and that no password is shown.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local mime = require "mime"
local numberpool = require "numberpool"

local OK = http.json '{"uuid":"p"}'

-- No proxy variable but those that a spec sets.
local function environment(variables)
  local all = { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "token" }
  for _, name in ipairs { "http", "https", "all", "no" } do
    all[name .. "_proxy"] = false
    all[name:upper() .. "_PROXY"] = false
  end
  for name, value in pairs(variables) do
    all[name] = value
  end
  return all
end

local NEW = [[
  local client, err = require("numberpool").new { base_url = %q, retries = 0, rate = false, insecure = true, %s }
  if client then
    local answer, problem = client:pool("p"):get()
    print(answer and answer.uuid or problem)
  else
    print(err.kind, err.message)
  end
]]

local function call(base_url, variables, options)
  return (interpreter.run(NEW:format(base_url, options or ""), environment(variables)))
end

describe("a proxy's address that can't be one", function()
  for _, case in ipairs {
    { "http://user:Secret#Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret/Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:12/SecretWord@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret?Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret\\Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret@Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret%Word@proxy.example:3128", "percent%-encoded" },
    { "http://user:Secret%0aWord@proxy.example:3128", "control characters" },
    { "user:Secret:Word@proxy.example:99999", "port" },
    { "http://user:SecretWord@proxy.example:0", "port" },
    { "foo://user:SecretWord@proxy.example", "scheme" },
    { "http://user:SecretWord@", "host" },
    { "http://user:SecretWord@[::::]", "libcurl can't use http://%[::::%]" },
  } do
    it("is config, and isn't shown: " .. case[1], function()
      local client, err = numberpool.new { auth_id = "MA", auth_token = "token", proxy = case[1] }
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert.matches("^proxy: ", err.message)
      assert.matches(case[2], err.message)
      assert.is_nil(tostring(err):find "Secret")
    end)
  end

  it("is named by its variable where it comes from the environment", function()
    for _, case in ipairs {
      { "http://api.invalid", "http_proxy" }, { "http://api.invalid", "ALL_PROXY" },
      { "https://api.invalid", "all_proxy" }, { "https://api.invalid", "https_proxy" },
      { "https://api.invalid", "HTTPS_PROXY" },
    } do
      local output = call(case[1], { [case[2]] = "foo://user:SecretWord@proxy.example" })
      assert.matches("^config\t" .. case[2] .. " %(in the environment%): ", output)
      assert.is_nil(output:find "Secret")
    end
  end)

  it("doesn't matter where it is another one's, or none is wanted", function()
    local server = fixture.scripted_server()
    server:script(OK)
    local wrong = "foo://user:SecretWord@proxy.example"
    for _, name in ipairs { "HTTP_PROXY", "https_proxy", "HTTPS_PROXY" } do
      assert.equal("p\n", call(server.base_url, { [name] = wrong }))
    end
    assert.equal("p\n", call(server.base_url, { http_proxy = wrong, all_proxy = wrong }, 'proxy = ""'))
  end)
end)

describe("a proxy", function()
  local server, proxy = fixture.scripted_server(), fixture.scripted_server()

  before_each(function()
    server:script(OK)
    proxy:script(OK)
  end)

  it("of the environment is used, unless no_proxy or an empty option says not to", function()
    local variables = { http_proxy = proxy.base_url, https_proxy = "http://127.0.0.1:9" }
    assert.equal("p\n", call(server.base_url, variables))
    assert.same({ 1, 0 }, { #proxy:requests(), #server:requests() })
    variables.no_proxy = "127.0.0.1"
    assert.equal("p\n", call(server.base_url, variables))
    variables.no_proxy = false
    assert.equal("p\n", call(server.base_url, variables, 'proxy = ""'))
    assert.same({ 1, 2 }, { #proxy:requests(), #server:requests() })
  end)

  it("of the option goes before the environment's", function()
    assert.equal("p\n", call(server.base_url, { http_proxy = "http://127.0.0.1:9" },
      ("proxy = %q"):format(proxy.base_url)))
    assert.equal(1, #proxy:requests())
  end)

  it("isn't asked for a sandbox", function()
    local real = fixture.sandbox()
    local output = interpreter.run(([[
      local handle = setmetatable({ base_url = %q, auth_id = %q, auth_token = %q }, { __name = "numberpool.sandbox" })
      print((assert(assert(require("numberpool").new(handle)).powerpacks:list()).meta.total_count))
    ]]):format(real.base_url, real.auth_id, real.auth_token), environment { http_proxy = "http://127.0.0.1:9" })
    assert.equal("0\n", output)
  end)

  it("gets a user and a password, decoded", function()
    local address = proxy.base_url:gsub("//", "//us%%65r:p%%40ss%%2Fw:rd%%25@")
    for _, variables in ipairs { {}, { http_proxy = address } } do
      assert.equal("p\n", call("http://api.invalid", variables,
        not variables.http_proxy and ("proxy = %q"):format(address) or nil))
    end
    local requests = proxy:requests()
    assert.equal(2, #requests)
    for _, request in ipairs(requests) do
      assert.equal("Basic " .. mime.b64 "user:p@ss/w:rd%", request.headers["proxy-authorization"])
    end
  end)

  it("whose port is closed has its password in no error and no event", function()
    local output = interpreter.run([[
      local function look(value, seen, path)
        if type(value) == "string" then
          assert(not value:find "cret", path)
        elseif type(value) == "table" and not seen[value] then
          seen[value] = true
          for key, field in pairs(value) do
            look(key, seen, path)
            look(field, seen, path .. "." .. tostring(key))
          end
        end
      end
      local client = assert(require("numberpool").new {
        base_url = "https://api.invalid", retries = 0, on_event = function(event) look(event, {}, "event") end,
        proxy = "http://user:Se%63ret@127.0.0.1:9",
      })
      local _, err = client:pool("p"):get()
      look(err, {}, "err")
      look(client, {}, "client")
      look({ tostring(err), tostring(client) }, {}, "text")
      print(err.kind)
    ]], environment {})
    assert.equal("network\n", output)
  end)

  it("that echoes its credentials has them taken out", function()
    local encoded = mime.b64 "user:SecretWord!"
    local echo = '{"error":"' .. encoded .. ' is user:SecretWord%21 or SecretWord! or SecretWord%21"}'
    proxy:script(http.answer(407, echo))
    local address = proxy.base_url:gsub("//", "//user:SecretWord%%21@")
    local client = assert(numberpool.new { auth_id = "MA", auth_token = "token", base_url = "http://api.invalid",
      proxy = address, retries = 0, insecure = true })
    local _, err = client:pool("p"):get()
    client:close()
    for _, text in ipairs { err.message, err.body, tostring(err) } do
      assert.is_nil(text:find("Secret", 1, true), text)
      assert.is_nil(text:find(encoded, 1, true), text)
    end
  end)
end)
