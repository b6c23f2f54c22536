-- What other clients send, and a server has to take; and what nobody should send, which harms nothing.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("the sandbox", function()
  local server = fixture.sandbox { workers = 2 }
  local account = sandbox_http.account(server)
  local seeded, pool, connection

  before_each(function()
    assert(server:reset())
    seeded = assert(server:seed { numbers = 5, tollfree = 1, shortcodes = 1 })
    pool = "NumberPool/" .. seeded.pool .. "/"
  end)

  after_each(function()
    if connection then connection:close() end
    connection = nil
  end)

  describe("takes", function()
    it("one slash, two or none at the end of a path", function()
      for _, ending in ipairs { "", "/", "//" } do
        assert.equal(5, account.get(pool .. "Number" .. ending).json.meta.total_count)
        assert.equal(200, account.get(pool .. "Number/15125550001" .. ending).status)
        assert.equal(200, account.get("Powerpack/" .. seeded.powerpack .. ending).status)
        assert.equal(seeded.pool, account.get("NumberPool/" .. seeded.pool .. ending).json.uuid)
      end
      assert.equal(2, #account.get(pool .. "Number//?limit=2").json.objects)
    end)

    it("stray marks in a query", function()
      local list = account.get(pool .. "Number/?type=fixed&limit=2&?search=hack").json
      assert.equal(2, list.meta.limit)
      assert.equal(5, list.meta.total_count)
      assert.equal(5, account.get(pool .. "Number/?&?search=hack").json.meta.total_count)
      assert.equal(5, account.get(pool .. "Number/?").json.meta.total_count)
      assert.equal(20, account.get(pool .. "Number/?limit=&offset=").json.meta.limit)
    end)

    it("GET and DELETE with an empty body and a content type, or with what the query has again", function()
      local json = { ["Content-Type"] = "application/json", ["Accept-Encoding"] = "*" }
      assert.equal(200, account.get(pool, { headers = json, body = "" }).status)
      assert.equal(200, account.get(pool, { headers = json }).status)
      assert.equal(1, account.get(pool .. "Number/?limit=1", { headers = json, body = '{"limit": 1}' }).json.meta.limit)
      assert.equal(200, account.get(pool, { headers = json, body = "not JSON" }).status)
      for index, body in ipairs { "", "{}", '""', " " } do
        assert.equal(200, account.delete(pool .. ("Number/1512555000%d/"):format(index), body).status)
      end
    end)

    it("POST with no body, an empty object, unknown keys or null values", function()
      for index, body in ipairs { "", "{}", '{"colour":"red","rent":null,"service":null}', '""' } do
        local answer = account.post(pool .. ("Number/1415555000%d/"):format(index), body)
        assert.equal(201, answer.status)
        assert.equal("sms", answer.json.service)
      end
      assert.equal(201, account.post(pool .. "Number/14155550009/").status)
      local powerpack = account.post("Powerpack/", '{"name":"n","application_id":null,"sticky_sender":null,"x":[1]}')
      assert.equal(201, powerpack.status)
      assert.is_true(powerpack.json.sticky_sender)
    end)

    it("a chunked body, and a client that waits for 100 Continue", function()
      local output = sandbox_http.shell(("curl -s -u %s:%s -H 'Transfer-Encoding: chunked' " ..
        "-H 'Expect: 100-continue' " ..
        "-d '{\"name\":\"chunked\"}' %s%sPowerpack/"):format(server.auth_id, server.auth_token, server.base_url,
        account.base))
      assert.matches('"name":"chunked"', output)
    end)
  end)

  -- An error, and everything as it was.
  local function assert_harmless(answer, lowest)
    assert.is_true(answer == nil or answer.status >= (lowest or 400) and answer.status < 500,
      answer and answer.status .. " " .. answer.text)
    assert.equal(5, account.get(pool .. "Number/").json.meta.total_count)
    assert.equal(1, account.get("Powerpack/").json.meta.total_count)
  end

  describe("isn't harmed by", function()
    it("a body of 10 MB", function()
      local answer = account.post("Powerpack/", '{"name":"' .. ("x"):rep(10 * 1024 * 1024) .. '"}')
      assert_harmless(answer)
      if answer then assert.equal(413, answer.status) end
      assert_harmless(account.post("Powerpack/", '{"name":"' .. ("x"):rep(3 * 1024 * 1024) .. '"}'))
    end)

    it("a path of 100 kB", function()
      assert_harmless(account.get("Powerpack/" .. ("x"):rep(100000)))
      assert_harmless(account.get(pool .. "Number/" .. ("1"):rep(20000) .. "/"))
      assert_harmless(account.get("PhoneNumber/?country_iso=US&pattern=" .. ("1"):rep(20000)))
    end)

    it("SQL in any field", function()
      local sql = "' OR 1=1 --"
      local encoded = "%27%20OR%201=1%20--"
      for _, path in ipairs {
        "Powerpack/" .. encoded .. "/", "NumberPool/" .. encoded .. "/", "NumberPool/" .. encoded .. "/Number/",
        pool .. "Number/" .. encoded .. "/", pool .. "Shortcode/" .. encoded .. "/",
        pool .. "Tollfree/" .. encoded .. "/",
      } do
        assert_harmless(account.get(path))
        assert_harmless(account.delete(path))
        assert_harmless(account.post(path, {}))
      end
      for _, name in ipairs { "limit", "offset", "type", "service", "country_iso2", "starts_with" } do
        assert_harmless(account.get(pool .. "Number/?" .. name .. "=" .. encoded))
      end
      assert_harmless(account.get("PhoneNumber/?country_iso=" .. encoded))
      for _, name in ipairs { "type", "pattern", "services" } do
        assert_harmless(account.get("PhoneNumber/?country_iso=US&" .. name .. "=" .. encoded))
      end
      assert.equal(0, account.get("PhoneNumber/?country_iso=US&region=" .. encoded).json.meta.total_count)
      local answer = account.post("Powerpack/" .. seeded.powerpack .. "/", { name = sql })
      assert.equal(sql, answer.json.name)
      assert_harmless(sandbox_http.request(server, "GET", "/v1/Account/" .. encoded .. "/Powerpack/",
        { headers = { Authorization = sandbox_http.basic(sql, sql) } }))
    end)

    it("invalid UTF-8, NUL and newlines", function()
      for _, text in ipairs { "%ff%fe", "%00", "%0a", "%c3", "%ed%a0%80", "15125550001%00", "15125550001%0a" } do
        assert_harmless(account.get(pool .. "Number/" .. text .. "/"))
        assert_harmless(account.get(pool .. "Number/?type=" .. text))
        assert_harmless(account.get("Powerpack/" .. text .. "/"))
      end
      for _, text in ipairs { "\255", "\192\128", "\237\160\128", "a\\u0000b", "\\n" } do
        assert_harmless(account.post("Powerpack/", '{"name":"' .. text .. '"}'))
      end
      connection = sandbox_http.connect(server)
      assert(connection:send("GET /v1/\255\254\1 HTTP/1.1\r\nHost: x\r\nX-Odd: \255\r\n\r\n"))
      assert_harmless((sandbox_http.read(connection)))
      assert(server:requests())
    end)

    it("paths that climb", function()
      for _, path in ipairs {
        pool .. "Number/../../../Powerpack/", pool .. "Number/%2e%2e/", pool .. "Number/..%2f..%2f/",
        "../" .. server.auth_id .. "/../x/Powerpack/", pool .. "Number/15125550001%2f/",
        pool .. "Number/15125550001%3f/",
      } do
        assert_harmless(account.get(path))
        assert_harmless(account.delete(path))
      end
    end)

    it("JSON that is deep, wide or of another kind", function()
      for _, body in ipairs {
        ("["):rep(100000), ('{"a":'):rep(5000) .. "1" .. ("}"):rep(5000), '{"name":1e999}',
        '{"name":NaN}', "[]", "null", "5", '{"name":{}}', '{"name":["x"]}',
        '{"name":"x","number_priority":"x"}', '{"name":"x","sticky_sender":"x"}', "{'a':1}",
      } do
        assert_harmless(account.post("Powerpack/", body))
      end
    end)

    it("many headers, long headers, and headers that aren't", function()
      local many = {}
      for index = 1, 20000 do many[index] = "X-" .. index .. ": 1" end
      for _, head in ipairs {
        table.concat(many, "\r\n"), "X-Long: " .. ("x"):rep(100000), "no colon here\r\n: nothing", "Content-Length: -5",
        "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: strange",
      } do
        connection = sandbox_http.connect(server)
        connection:send("GET /v1/ HTTP/1.1\r\nHost: x\r\n" .. head .. "\r\n\r\n")
        assert_harmless((sandbox_http.read(connection)))
        connection:close()
      end
      local fifty = {}
      for index = 1, 50 do fifty["X-" .. index] = ("y"):rep(500) end
      assert.equal(200, account.get(pool, { headers = fifty }).status)
    end)

    it("what isn't HTTP", function()
      for _, bytes in ipairs {
        "hello\r\n\r\n", "\22\3\1\2\0\1\0", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", ("\0"):rep(1000),
      } do
        connection = sandbox_http.connect(server)
        connection:send(bytes)
        connection:settimeout(0.2)
        local line = connection:receive("*l")
        connection:close()
        assert.is_nil((line or ""):match("^HTTP/1.1 [235]"))
        assert_harmless(nil)
      end
    end)

    it("half a request and silence", function()
      local idle = {}
      for index = 1, 20 do
        idle[index] = sandbox_http.connect(server)
        idle[index]:send(index % 2 == 0 and "POST " .. account.base or
          "POST /v1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
      end
      assert_harmless(nil)
      for _, other in ipairs(idle) do other:close() end
      assert_harmless(nil)
    end)
  end)
end)
