-- The gateway of examples/nginx, over HTTP, with two workers and a sandbox behind it.
local arrivals = require "spec.support.arrivals"
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local start_example = require "spec.support.nginx_example"

describe("the gateway", function()
  local server = fixture.sandbox()
  local pool, gateway

  before_each(function()
    server:reset()
    pool = assert(server:seed { numbers = { "15125550100", "15125550101", "14155550100" } }).pool
  end)

  local function start(fresh, timeout)
    gateway = start_example("gateway", server, {
      NUMBERPOOL_POOL = pool,
      GATEWAY_FRESH = fresh or 60,
      GATEWAY_TIMEOUT = timeout or 30,
    })
    fixture.until_end(gateway)
  end

  local function ask(method, path)
    local answer = gateway:request(method, path)
    local ok, value = pcall(cjson.decode, answer.body)
    return answer.status, ok and value or answer.body, answer.headers
  end

  it("lists numbers, and keeps the answer for all workers", function()
    start()
    local status, page, headers = ask("GET", "/numbers")
    assert.equal(200, status)
    assert.equal(3, page.meta.total_count)
    assert.equal(3, #page.objects)
    assert.equal("miss", headers["x-cache"])
    for _ = 1, 20 do
      status, page, headers = ask("GET", "/numbers")
      assert.equal(200, status)
      assert.equal(3, #page.objects)
      assert.equal("hit", headers["x-cache"])
    end
    assert.same({ ["GET Number/"] = 1 }, arrivals.count(server))
  end)

  it("hands filters on, in whatever order they come", function()
    start()
    local _, page = ask("GET", "/numbers?starts_with=512&country_iso2=US&limit=1")
    assert.equal(2, page.meta.total_count)
    assert.equal(1, #page.objects)
    local _, _, headers = ask("GET", "/numbers?limit=1&country_iso2=US&starts_with=512")
    assert.equal("hit", headers["x-cache"])
  end)

  it("gives an empty list as a list", function()
    start()
    local answer = gateway:get "/numbers?type=mobile"
    assert.equal(200, answer.status)
    assert.matches('"objects":%[', answer.body)
  end)

  it("finds a number, and says what isn't there", function()
    start()
    local status, entry = ask("GET", "/numbers/15125550100")
    assert.equal(200, status)
    assert.equal("15125550100", entry.number)
    local _, _, headers = ask("GET", "/numbers/15125559999")
    assert.equal("miss", headers["x-cache"])
    status, entry, headers = ask("GET", "/numbers/15125559999")
    assert.equal(404, status)
    assert.equal("not_found", entry.error)
    assert.equal("hit", headers["x-cache"])
  end)

  it("adds and removes, and forgets what was kept before", function()
    start()
    ask("GET", "/numbers")
    ask("GET", "/numbers/14155550111")
    local status, entry = ask("PUT", "/numbers/14155550111")
    assert.equal(200, status)
    assert.equal("14155550111", entry.number)
    assert.equal(200, (ask("GET", "/numbers/14155550111")))
    local _, page = ask("GET", "/numbers")
    assert.equal(4, page.meta.total_count)
    assert.equal(200, (ask("DELETE", "/numbers/14155550111")))
    assert.equal(404, (ask("GET", "/numbers/14155550111")))
    _, page = ask("GET", "/numbers")
    assert.equal(3, page.meta.total_count)
  end)

  it("refuses what can't be right, and sends nothing", function()
    start()
    for path, expected in pairs {
      ["/numbers?limit=many"] = "limit: expected a number, got many",
      ["/numbers?limit"] = "limit: expected one value",
      ["/numbers?type=fixed&type=mobile"] = "type: expected one value",
      ["/numbers?color=red"] = "color: no such argument",
      ["/numbers?limit=nan"] = "limit: expected",
      ["/numbers?limit=50"] = "limit: expected 1 to 20, got 50",
      ["/numbers?" .. ("type=fixed&"):rep(200) .. "color=red"] = "too many arguments",
      ["/numbers/abc"] = "abc",
      ["/numbers/15125550100?limit=1"] = "limit: no such argument",
    } do
      local status, body, headers = ask("GET", path)
      assert.equal(400, status, path)
      assert.equal("invalid", body.error)
      assert.is_truthy(body.message:find(expected, 1, true), body.message)
      assert.is_nil(headers["x-cache"])
    end
    assert.equal(404, (ask("GET", "/numbers/1/2")))
    assert.same({}, arrivals.count(server))
    assert.is_nil(gateway:get("/metrics").body:find "gateway_answers_total{")
  end)

  it("refuses a change that it doesn't understand whole, and changes nothing", function()
    start()
    for request, expected in pairs {
      ["DELETE /numbers/15125550100?unrent=yes"] = "unrent: expected true or false, got yes",
      ["DELETE /numbers/15125550100?unrent"] = "unrent: expected one value",
      ["DELETE /numbers/15125550100?unrent=true&unrent=false"] = "unrent: expected one value",
      ["DELETE /numbers/15125550100?Unrent=true"] = "Unrent: no such argument",
      ["DELETE /numbers/15125550100?service=mms"] = "service: no such argument",
      ["PUT /numbers/14155550111?unrent=true"] = "unrent: no such argument",
      ["PUT /numbers/14155550111?service=fax"] = "service: expected sms or mms, got",
    } do
      local method, path = request:match "^(%S+) (%S+)$"
      local status, body = ask(method, path)
      assert.equal(400, status, request)
      assert.equal("invalid", body.error)
      assert.is_truthy(body.message:find(expected, 1, true), body.message)
    end
    local answer = gateway:request("DELETE", "/numbers/15125550100", "unrent=true")
    assert.equal(400, answer.status)
    assert.matches("expected no body", answer.body)
    assert.same({}, arrivals.count(server))
  end)

  it("says which methods there are", function()
    start()
    for request, allowed in pairs {
      ["POST /numbers"] = "GET",
      ["DELETE /numbers?unrent=true"] = "GET",
      ["POST /numbers/15125550100"] = "DELETE, GET, PUT",
    } do
      local status, body, headers = ask(request:match "^(%S+) (%S+)$")
      assert.equal(405, status, request)
      assert.equal("invalid", body.error)
      assert.equal(allowed, headers.allow)
    end
    assert.same({}, arrivals.count(server))
  end)

  it("hands arguments on to the API", function()
    start()
    local _, entry = ask("PUT", "/numbers/14155550111?service=mms")
    assert.equal("mms", entry.service)
    assert.equal(200, (ask("GET", "/numbers/14155550111?service=mms")))
    assert.equal(404, (ask("GET", "/numbers/14155550111?service=sms")))
    assert.equal(200, (ask("DELETE", "/numbers/14155550111?unrent=true")))
    assert.equal(200, (ask("DELETE", "/numbers/15125550100?unrent=false")))
    assert.equal(200, (ask("DELETE", "/numbers/15125550101")))
    local state = arrivals.state(server)
    assert.equal(1, state.ledger("14155550111").unrents)
    assert.equal(0, state.ledger("15125550100").unrents)
    assert.equal(0, state.ledger("15125550101").unrents)
  end)

  it("asks once, however many want an answer that isn't there yet", function()
    start()
    assert(server:fault { kind = "delay", seconds = 0.3, path = "/Number/", times = 1 })
    local connections = {}
    for i = 1, 20 do
      connections[i] = gateway:begin("GET", "/numbers")
    end
    for _, connection in ipairs(connections) do
      assert.equal(200, assert(gateway:finish(connection)).status)
    end
    assert.same({ ["GET Number/"] = 1 }, arrivals.count(server))
  end)

  it("gives everybody who waits the failure of one call, and asks again for whoever comes later", function()
    start(60, 1)
    assert(server:fault { kind = "stall", path = "/Number/", times = 1 })
    local connections = {}
    for i = 1, 10 do
      connections[i] = gateway:begin("GET", "/numbers/15125550100")
    end
    local bodies = {}
    for _, connection in ipairs(connections) do
      local answer = assert(gateway:finish(connection))
      assert.equal(504, answer.status, answer.body)
      assert.equal("miss", answer.headers["x-cache"])
      bodies[answer.body] = true
    end
    assert.matches("find_number 15125550100", next(bodies), 1, true)
    assert.is_nil(next(bodies, (next(bodies))))
    assert.equal(1, arrivals.count(server)["GET Number/15125550100/"])
    assert.equal(200, (ask("GET", "/numbers/15125550100")))
  end)

  it("asks again if the worker that asked has died", function()
    start(60, 1)
    assert(server:fault { kind = "stall", path = "/Number/", times = 1 })
    local connection = gateway:begin("GET", "/numbers")
    assert.is_truthy(gateway:wait(10, function() return arrivals.count(server)["GET Number/"] end))
    for _, pid in ipairs(gateway:workers()) do
      interpreter.shell("kill -KILL " .. pid)
    end
    connection:close()
    assert.is_truthy(gateway:wait(30, function() return ask("GET", "/numbers") == 200 end)) -- it waits a second at most
  end)

  it("gives a stale answer at once, while one timer fetches a new one", function()
    start(0.05)
    ask("GET", "/numbers")
    assert(server:fault { kind = "delay", seconds = 10, path = "/Number/", times = 1 })
    local stale = 0
    assert.is_truthy(gateway:wait(10, function()
      local _, _, headers = ask("GET", "/numbers")
      stale = stale + (headers["x-cache"] == "stale" and 1 or 0)
      return stale >= 20
    end))
    assert.is_true(arrivals.count(server)["GET Number/"] <= 2)
  end)

  it("goes on giving a stale answer while the API is broken", function()
    start(0.05)
    ask("GET", "/numbers")
    assert(server:fault { kind = "status", status = 401, path = "/Number/" })
    assert.is_truthy(gateway:wait(30, function()
      ask("GET", "/numbers")
      return gateway:log():find("an old answer is returned", 1, true)
    end))
    local status, page, headers = ask("GET", "/numbers")
    assert.equal(200, status)
    assert.equal(3, #page.objects)
    assert.equal("stale", headers["x-cache"])
  end)

  it("counts for Prometheus, over all workers", function()
    start()
    ask("GET", "/numbers")
    ask("GET", "/numbers")
    ask("GET", "/numbers/15125559999")
    local answer = gateway:get "/metrics"
    assert.equal(200, answer.status)
    assert.matches("^text/plain; version=0%.0%.4", answer.headers["content-type"])
    local lines = {}
    for line in answer.body:gmatch "[^\n]+" do
      assert.is_truthy(line:find "^# HELP [%w_]+ .+$" or line:find "^# TYPE [%w_]+ %l+$"
        or line:find "^[%w_]+ [%d.e+-]+$" or line:find '^[%w_]+{[^{}]+} [%d.e+-]+$', line)
      lines[line] = true
    end
    for _, line in ipairs {
      'gateway_requests_total{method="GET",status="200"} 2',
      'gateway_requests_total{method="GET",status="404"} 1',
      'gateway_answers_total{how="hit"} 1',
      'gateway_answers_total{how="miss"} 2',
      'numberpool_calls_total{operation="list_numbers",outcome="success"} 1',
      'numberpool_calls_total{operation="find_number",outcome="not_found"} 1',
      "numberpool_attempts_total 2",
      "numberpool_call_seconds_count 2",
      'numberpool_call_seconds_bucket{le="+Inf"} 2',
    } do
      assert.is_true(lines[line] or false, line .. " is not in:\n" .. answer.body)
    end
  end)

  it("gives a histogram in the order of its bounds, each with what is below it", function()
    start()
    assert(server:fault { kind = "delay", seconds = 0.03, path = "/Number/", times = 1 })
    ask("GET", "/numbers")
    ask("GET", "/numbers/15125559999")
    local names, bounds, counts = {}, {}, {}
    for name, labels, value in gateway:get("/metrics").body:gmatch "\nnumberpool_call_seconds_(%l+)(%S*) (%S+)" do
      local bound = labels:match '^{le="(.+)"}$'
      names[#names + 1] = name
      bounds[#bounds + 1] = bound == "+Inf" and math.huge or tonumber(bound)
      counts[#counts + 1] = tonumber(value)
    end
    assert.equal(13, #bounds)
    for i = 1, 13 do
      assert.equal("bucket", names[i])
      assert.is_true(i == 1 or bounds[i - 1] < bounds[i], "bounds aren't in order")
      assert.is_true(i == 1 or counts[i - 1] <= counts[i], "counts aren't of all that is below")
      assert.is_true(bounds[i] >= 0.03 or counts[i] < 2, "what took longer is below " .. bounds[i])
    end
    assert.equal(math.huge, bounds[13])
    assert.equal(2, counts[13])
    assert.same({ "sum", "count" }, { names[14], names[15] })
    assert.is_true(counts[14] >= 0.03)
    assert.equal(2, counts[15])
  end)
end)
