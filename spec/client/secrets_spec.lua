-- The token, and the Authorization header made of it, are in nothing that a user may print or log.
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local mime = require "mime"
local numberpool = require "numberpool"

local server = fixture.scripted_server()

-- Every string in a value, keys included.
local function each_string(value, visit, seen)
  seen = seen or {}
  if type(value) == "string" then
    visit(value)
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for key, field in pairs(value) do
      each_string(key, visit, seen)
      each_string(field, visit, seen)
    end
  end
end

local function assert_hidden(err, secrets)
  local function check(text)
    for _, secret in ipairs(secrets) do
      assert.is_nil(text:find(secret, 1, true), "the secret is in: …" .. text:sub(-200))
    end
  end
  each_string(err, check)
  check(tostring(err))
end

local function secrets_of(account)
  local encoded = mime.b64(account.auth_id .. ":" .. account.auth_token)
  return { account.auth_token, encoded, (mime.b64(account.auth_token)) }
end

-- Base64 of the last one has a slash, which JSON may write as \/.
local TOKENS = {
  "dG9rZW4tb2YtdGhlLXNwZWNz", "%d+[^%]*$", "a b\"c\\d", "?>?>?>?>?>?>",
}

for _, token in ipairs(TOKENS) do
  describe("the token " .. token, function()
    local account = { base_url = server.base_url, auth_id = "MAZ", auth_token = token }
    local pool = fixture.pool(account, "p")
    local secrets = secrets_of(account)

    local function assert_calls_hide_it(...)
      server:script(...)
      for _, call in ipairs {
        function()
          return pool:get()
        end,
        function()
          return pool:add_number "15125550000"
        end,
        function()
          return pool:count_numbers()
        end,
      } do
        local value, err = call()
        assert.is_nil(value)
        assert_hidden(err, secrets)
      end
    end

    it("is in no error of a server that echoes it", function()
      local header = "Authorization: Basic " .. secrets[2]
      for _, status in ipairs { 400, 401, 403, 404, 500 } do
        local echo = '{"error":' .. cjson.encode("you sent " .. header .. " which is " .. token)
          .. ',"api_id":' .. cjson.encode(token) .. "}"
        assert_calls_hide_it(http.answer(status, echo))
        assert_calls_hide_it(http.answer(status, header .. "\r\n" .. token, { ["Content-Type"] = "text/plain" }))
      end
    end)

    it("is in no error in the way that JSON writes it", function()
      local body = '{"error":' .. cjson.encode { token, secrets[2] } .. "}"
      for _, status in ipairs { 200, 400 } do
        server:script(http.answer(status, body:sub(1, status == 200 and -2 or -1)))
        local _, err = pool:get()
        assert_hidden(err, { cjson.encode(token):sub(2, -2), cjson.encode(secrets[2]):sub(2, -2) })
      end
    end)

    it("is in no error where it stands across the end of what is kept", function()
      for _, before in ipairs { 2040, 2047 } do
        local page = ("x"):rep(before) .. token .. secrets[2]
        assert_calls_hide_it(http.answer(500, page, { ["Content-Type"] = "text/html" }))
      end
      -- All but the last character would be as good as all.
      local most = { token:sub(1, -2), secrets[2]:sub(1, -2) }
      for before = 470, 500 do
        for _, secret in ipairs { token, secrets[2] } do
          server:script(http.answer(400, '{"error":' .. cjson.encode(("x"):rep(before) .. secret) .. "}"))
          local _, err = pool:get()
          assert_hidden({ err.message }, most)
        end
      end
    end)

    it("is in no error of a redirect, a page or a broken answer", function()
      local quoted = token:gsub("[^%w]", function(character)
        return ("%%%02X"):format(character:byte())
      end)
      assert_calls_hide_it(http.answer(302, "", { Location = "http://127.0.0.1/?a=" .. quoted .. "&b=" .. secrets[2] }))
      assert_calls_hide_it(http.answer(200, "Basic " .. secrets[2] .. token, { ["Content-Type"] = "text/html" }))
      assert_calls_hide_it(http.json('{"x":"' .. secrets[2] .. '"'))
      assert_calls_hide_it(http.answer(200, token, { ["Content-Type"] = "text/" .. secrets[2] }))
      assert_calls_hide_it { bytes = secrets[2] .. token .. "\r\n\r\n", after = "close" }
    end)

    it("is in no error of a connection that fails", function()
      assert_calls_hide_it { bytes = "", after = "reset" }
      assert_calls_hide_it { bytes = "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" .. token, after = "close" }
    end)

    it("is in no error about arguments or a closed client", function()
      local client = fixture.client(account)
      local of_client = assert(client:pool "p")
      local _, err = of_client:find_number(token)
      assert_hidden(err, { token })
      _, err = of_client:list_numbers { type = token }
      assert_hidden(err, { token })
      _, err = client:pool(token .. "/")
      assert_hidden(err, { token })
      client:close()
      _, err = of_client:get()
      assert_hidden(err, secrets)
    end)

    it("is in no text of client, pool or powerpacks", function()
      local client = fixture.client(account)
      for _, object in ipairs { client, client.powerpacks, assert(client:pool "p") } do
        assert_hidden({ tostring(object) }, secrets)
      end
      assert.matches("p", tostring(assert(client:pool "p")))
    end)
  end)
end

describe("numberpool.new", function()
  it("shows no token in its errors", function()
    local token = "a-token-with-a-\1-in-it"
    for _, options in ipairs {
      { auth_id = "MA", auth_token = token },
      { auth_id = "MA ", auth_token = "a-token" },
      { auth_id = "MA", auth_token = "a-token", base_url = "http://MA:a-token@127.0.0.1/" },
      { auth_id = "MA", auth_token = "a-token", proxy = "http://me:a-token@ 127.0.0.1" },
      { auth_id = "MA", auth_token = "a-token", base_url = "a-token" },
      { auth_id = "a-token:", auth_token = "a-token" },
    } do
      local client, err = numberpool.new(options)
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert_hidden(err, { token, "a-token" })
    end
  end)

  it("shows no token where it raises", function()
    for _, options in ipairs {
      { auth_id = "MA", auth_token = "a-token", timeout = "30" },
      { auth_id = "MA", auth_token = { "a-token" } },
    } do
      local ok, message = pcall(numberpool.new, options)
      assert.is_false(ok)
      assert.is_nil(message:find("a-token", 1, true))
    end
  end)
end)
