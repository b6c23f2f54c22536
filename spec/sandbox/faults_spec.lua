-- Faults: what each does on the wire over plain HTTP/1.1, and when it strikes.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("server:fault", function()
  local server = fixture.sandbox { workers = 2 }
  local account = sandbox_http.account(server)
  local pool

  before_each(function()
    assert(server:reset())
    pool = "NumberPool/" .. assert(server:seed { numbers = 30 }).pool .. "/"
  end)

  local function count()
    return account.get(pool .. "Number/?limit=1").json.meta.total_count
  end

  local function fault(fields)
    return assert(server:fault(fields))
  end

  it("status answers what it is told to", function()
    fault { kind = "status", status = 503, headers = { ["Retry-After"] = "7", ["X-Number"] = 5 },
      body = { error = { error = "nested" } }, times = 1 }
    local answer = account.get(pool)
    assert.equal(503, answer.status)
    assert.equal("7", answer.headers["retry-after"])
    assert.equal("5", answer.headers["x-number"])
    assert.same({ error = { error = "nested" } }, answer.json)
    fault { kind = "status", times = 1 }
    answer = account.get(pool)
    assert.equal(500, answer.status)
    assert.equal("string", type(answer.json.error))
    fault { kind = "status", status = 200, body = "<html>", headers = { ["Content-Type"] = "text/html" }, times = 1 }
    answer = account.get(pool)
    assert.equal("<html>", answer.text)
    assert.equal("text/html", answer.headers["content-type"])
    assert.equal(200, account.get(pool).status)
  end)

  it("delay answers late, and as it would have", function()
    fault { kind = "delay", seconds = 0.3, times = 2 }
    local began = socket.gettime()
    assert.equal(200, account.get(pool).status)
    assert.is_true(socket.gettime() - began >= 0.29)
    assert.equal(201, account.post(pool .. "Number/14155550000/").status)
    assert.equal(31, count())
  end)

  it("reset is a TCP reset", function()
    fault { kind = "reset", times = 1 }
    local output = sandbox_http.shell("curl -sS " .. server.base_url .. "/v1/")
    assert.matches("Connection reset by peer", output)
  end)

  it("truncate closes within a body of known length", function()
    fault { kind = "truncate", when = "after", times = 1 }
    local answer = account.get(pool .. "Number/")
    assert.equal(200, answer.status)
    assert.equal("closed", answer.problem)
    assert.equal(math.floor(tonumber(answer.headers["content-length"]) / 2), #answer.text)
    assert.matches('^{"api_id"', answer.text)
  end)

  it("truncate closes within a chunked body", function()
    for _, options in ipairs {
      { fault = { ["Transfer-Encoding"] = "chunked" }, request = {} },
      { fault = {}, request = { ["Accept-Encoding"] = "gzip" } },
    } do
      fault { kind = "truncate", when = "after", times = 1, headers = next(options.fault) and options.fault or nil }
      local answer = account.get(pool .. "Number/", { headers = options.request })
      assert.equal("chunked", answer.headers["transfer-encoding"])
      assert.equal("closed", answer.problem)
      assert.is_true(#answer.text > 0)
    end
  end)

  it("garbage isn't JSON", function()
    fault { kind = "garbage", times = 1 }
    local answer = account.get(pool)
    assert.equal(200, answer.status)
    assert.equal("application/json", answer.headers["content-type"])
    assert.is_true(#answer.text > 0)
    assert.is_nil(answer.json)
  end)

  it("stall sends a head and then nothing", function()
    fault { kind = "stall", times = 1 }
    local connection = sandbox_http.connect(server)
    connection:send("GET " .. account.base .. " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
    assert.matches("^HTTP/1.1 %d+", connection:receive("*l"))
    repeat local line = assert(connection:receive("*l")) until line == ""
    connection:settimeout(0.5)
    local byte, problem = connection:receive(1)
    assert.is_nil(byte)
    assert.equal("timeout", problem)
    connection:close()
  end)

  it("huge is 64 MiB of JSON", function()
    fault { kind = "huge", times = 2 }
    local url = ("-u %s:%s %s%s%s"):format(server.auth_id, server.auth_token, server.base_url, account.base, pool)
    assert.equal("67108864", (sandbox_http.shell("curl -s " .. url .. " | wc -c"):gsub("%s", "")))
    assert.matches('^{"api_id":"[^"]+","padding":"x',
      (sandbox_http.shell("curl -s --compressed " .. url .. " | head -c 80")))
  end)

  it("before leaves the state alone; after has made the change", function()
    local number = 14155550000
    for _, kind in ipairs { "status", "reset", "truncate", "garbage" } do
      local before = count()
      fault { kind = kind, when = "before", times = 1, method = "POST" }
      account.post(pool .. ("Number/%d/"):format(number))
      assert.equal(before, count(), kind)
      fault { kind = kind, when = "after", times = 1, method = "POST" }
      account.post(pool .. ("Number/%d/"):format(number))
      assert.equal(before + 1, count(), kind)
      number = number + 1
    end
    fault { kind = "stall", when = "after", times = 1, method = "DELETE", seconds = 0 }
    account.delete(pool .. "Number/14155550000/")
    assert.equal(404, account.get(pool .. "Number/14155550000/").status)
    fault { kind = "huge", when = "after", times = 1, method = "DELETE" }
    sandbox_http.shell(("curl -s -X DELETE -u %s:%s %s%s%sNumber/14155550001/ | head -c 1"):format(
      server.auth_id, server.auth_token, server.base_url, account.base, pool))
    assert.equal(404, account.get(pool .. "Number/14155550001/").status)
  end)

  it("strikes by method and by a pattern in the path", function()
    fault { kind = "status", method = "delete", path = "/Number/%d+/$" }
    assert.equal(200, account.get(pool .. "Number/15125550000/").status)
    assert.equal(200, account.delete("Powerpack/" .. assert(server:seed()).powerpack .. "/").status)
    assert.equal(500, account.delete(pool .. "Number/15125550000/").status)
  end)

  it("uses the first that matches, as often as it was told to, over all workers", function()
    fault { kind = "status", status = 501, times = 3 }
    fault { kind = "status", status = 502, path = "Tollfree", times = 1 }
    fault { kind = "status", status = 503 }
    local statuses = {}
    for index = 1, 6 do statuses[index] = account.get(pool .. "Tollfree/").status end
    assert.same({ 501, 501, 501, 502, 503, 503 }, statuses)
  end)

  it("strikes with a probability, the same way for the same seed", function()
    local function pattern()
      assert.equal(200, sandbox_http.request(server, "DELETE", "/_sandbox/faults").status)
      fault { kind = "status", status = 500, probability = 0.3, seed = 42 }
      local statuses = {}
      for index = 1, 200 do statuses[index] = account.get(pool).status == 500 and "x" or "." end
      return table.concat(statuses)
    end
    local first = pattern()
    assert.equal(first, pattern())
    local _, struck = first:gsub("x", "")
    assert.is_true(struck > 30 and struck < 90, first)
  end)

  it("is used up, listed with its uses, and cleared", function()
    local id = fault { kind = "status", times = 1, path = "Tollfree" }
    account.get(pool .. "Tollfree/")
    assert.equal(200, account.get(pool .. "Tollfree/").status)
    local listed = sandbox_http.request(server, "GET", "/_sandbox/faults").json[1]
    assert.equal(id, listed.id)
    assert.equal(1, listed.used)
    fault { kind = "status" }
    assert(server:reset())
    assert.equal(200, account.get("Powerpack/").status)
  end)
end)
