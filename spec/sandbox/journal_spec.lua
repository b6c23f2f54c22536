-- server:requests: what was seen, in which order, and how much of it is kept.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("server:requests", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)

  before_each(function() assert(server:reset()) end)

  it("has what came, oldest first, with its answer's status", function()
    account.get("Powerpack/?limit=5&x=%20y", { headers = { ["X-Custom"] = "one" } })
    account.post("Powerpack/", '{"name": "ünï\\u0000"}')
    account.get("None%2F/")
    local entries = assert(server:requests())
    assert.equal(3, #entries)
    local first = entries[1]
    assert.equal("GET", first.method)
    assert.equal(account.base .. "Powerpack/", first.path)
    assert.equal("limit=5&x=%20y", first.query)
    assert.equal("", first.body)
    assert.equal(200, first.status)
    assert.equal("200", tostring(first.status))
    assert.is_nil(first.fault)
    assert.equal("one", first.headers["x-custom"])
    assert.equal("Basic ***", first.headers.authorization)
    assert.equal('{"name": "ünï\\u0000"}', entries[2].body)
    assert.equal(400, entries[2].status)
    assert.equal(account.base .. "None%2F/", entries[3].path)
    assert.equal(404, entries[3].status)
  end)

  it("never holds the token", function()
    account.get("Powerpack/")
    sandbox_http.request(server, "GET", "/v1/", { headers = { Authorization = "Bearer " .. server.auth_token } })
    local answer = sandbox_http.request(server, "GET", "/_sandbox/requests")
    assert.is_nil(answer.text:find(server.auth_token, 1, true))
    assert.is_nil(answer.text:find((sandbox_http.basic(server.auth_id, server.auth_token):gsub("Basic ", "")), 1, true))
  end)

  it("has the requests that were refused and those that went wrong", function()
    account.get("Powerpack/", { headers = { Authorization = false } })
    for _, kind in ipairs { "reset", "truncate", "garbage" } do
      assert(server:fault { kind = kind, times = 1 })
      account.get("Powerpack/")
    end
    local seen = {}
    for index, entry in ipairs(assert(server:requests())) do
      seen[index] = tostring(entry.status) .. " " .. tostring(entry.fault)
    end
    assert.same({ "401 nil", "nil reset", "200 truncate", "200 garbage" }, seen)
  end)

  it("has a request that is still under way", function()
    assert(server:fault { kind = "delay", seconds = 60, times = 1 })
    local connection = sandbox_http.connect(server)
    assert(connection:send("GET /v1/Account/x/Powerpack/ HTTP/1.1\r\nHost: x\r\n\r\n"))
    local entries = sandbox_http.eventually(function()
      local found = assert(server:requests())
      return #found == 1 and found
    end)
    connection:close()
    assert.is_nil(entries[1].status)
  end)

  it("keeps the first 64 KiB of a body, byte for byte", function()
    local bytes = {}
    for code = 0, 255 do bytes[#bytes + 1] = string.char(code) end
    local body = table.concat(bytes):rep(300)
    account.post("Powerpack/", body)
    assert.equal(body:sub(1, 65536), assert(server:requests())[1].body)
  end)

  it("keeps the last 10,000", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    for index = 1, 10050 do file:write(('url = "%s/v1/?n=%d"\noutput = /dev/null\n'):format(server.base_url, index)) end
    file:close()
    sandbox_http.shell("curl -s -K " .. path)
    os.remove(path)
    local entries = assert(server:requests())
    assert.equal(10000, #entries)
    assert.equal("n=51", entries[1].query)
    assert.equal("n=10050", entries[10000].query)
  end)

  it("stays within its memory when bodies are large", function()
    local connection = sandbox_http.connect(server)
    local body = ("b"):rep(65536)
    for _ = 1, 1700 do
      assert.equal(401, sandbox_http.exchange(connection, server, "POST", account.base .. "Powerpack/",
        { body = body, headers = { Authorization = false } }).status)
    end
    connection:close()
    local kept = sandbox_http.shell(("curl -s %s/_sandbox/requests | wc -l"):format(server.base_url))
    assert.is_true(tonumber(kept) > 500 and tonumber(kept) < 1700, kept)
    local sequence = sandbox_http.request(server, "GET", "/_sandbox/requests?after=999999").headers["sandbox-sequence"]
    local last = sandbox_http.request(server, "GET", ("/_sandbox/requests?after=%d"):format(sequence - 1)).json
    assert.equal(1, #last)
    assert.equal(401, last[1].status)
    assert.equal(65536, #last[1].body)
  end)
end)
