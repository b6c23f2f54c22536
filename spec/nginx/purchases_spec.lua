-- Purchases by search in two workers at once, which share a dictionary.
local nginx_run = require "spec.support.nginx_run"
local rents = require "spec.support.rents"
local sandbox = require "numberpool.sandbox"
local socket = require "socket"

local LOCATION = [[
  lua_check_client_abort on;
  location = /buy {
    content_by_lua_block {
      local number, err = client:pool(POOL):buy_number {
        country_iso2 = "US", pattern = ngx.var.arg_pattern, timeout = tonumber(ngx.var.arg_timeout) or 20,
      }
      ngx.print(ngx.worker.pid(), " ", number and "bought" or err.ambiguous and "ambiguous" or err.kind, " ",
        number and number.number or err.target or "none")
    }
  }
]]

describe("purchases by search in two workers", function()
  local server, nginx

  before_each(function()
    server = assert(sandbox.start())
    local pool = assert(server:seed {}).pool
    nginx = nginx_run.start(server, {
      client = "retries = 8",
      workers = 2,
      http = "lua_shared_dict numberpool 1m;",
      server = LOCATION:gsub("POOL", ("%q"):format(pool)),
    })
  end)

  after_each(function()
    nginx:stop()
    server:stop()
  end)

  -- Buys so many times at once. Returns the results, and how many workers had a part in it.
  local function buy(count, query)
    local connections, results, pids, workers = {}, {}, {}, 0
    for i = 1, count do
      connections[i] = nginx:begin("GET", "/buy?" .. (query or ""))
    end
    for i, connection in ipairs(connections) do
      local body = assert(nginx:finish(connection)).body
      local pid, outcome, number = body:match "^(%d+) (%S+) (%S+)$"
      assert(pid, body)
      results[i] = {
        number = outcome == "bought" and number or nil,
        doubtful = outcome == "ambiguous" and number or nil,
        outcome = outcome,
      }
      workers = workers + (pids[pid] and 0 or 1)
      pids[pid] = true
    end
    return results, workers
  end

  -- nginx gives requests to whichever worker is faster.
  local function buy_in_both(count, query)
    local all = {}
    assert.is_truthy(nginx:wait(60, function()
      local results, workers = buy(count, query)
      for _, result in ipairs(results) do
        all[#all + 1] = result
      end
      return workers == 2
    end))
    return all
  end

  it("get a number each, with answers that are lost and servers that fail", function()
    assert(server:fault { method = "POST", kind = "reset", probability = 0.3, seed = 3 })
    assert(server:fault { method = "POST", kind = "reset", probability = 0.3, seed = 4, when = "after" })
    assert(server:fault { method = "POST", kind = "status", status = 500, probability = 0.2, seed = 5, when = "after" })
    assert(server:fault { kind = "delay", seconds = 0.1, probability = 0.5, seed = 7 })
    assert.is_true(rents.check(server, buy_in_both(20)) > 10)
  end)

  it("buy the last number once", function()
    local number = nginx_run.run(nginx, [[
      return client:search_numbers { country_iso2 = "US", services = "sms" }.objects[1].number
    ]])
    assert(server:fault { kind = "delay", seconds = 0.1 })
    local results = buy(8, "pattern=" .. number:sub(2))
    assert.equal(1, rents.check(server, results))
    for _, result in ipairs(results) do
      assert.is_true(result.outcome == "bought" or result.outcome == "not_found", result.outcome)
    end
  end)

  it("go on at once where the client of one hangs up", function()
    for _, part in ipairs { { method = "GET", path = "/PhoneNumber/" }, { method = "POST" } } do
      assert(server:fault { method = part.method, path = part.path, kind = "delay", seconds = 60, times = 1 })
      local before = #assert(server:requests())
      local connection = nginx:begin("GET", "/buy")
      assert.is_truthy(nginx:wait(10, function()
        return #assert(server:requests()) == before + (part.method == "GET" and 1 or 2)
      end))
      connection:close()
      local started = socket.gettime()
      assert.equal("bought", buy(1)[1].outcome)
      assert.is_true(socket.gettime() - started < 10)
    end
  end)

  it("leave a number alone that a worker was at which is killed", function()
    assert(server:fault { method = "POST", kind = "delay", seconds = 60, times = 1 })
    local connection = nginx:begin("GET", "/buy")
    local requests
    assert.is_truthy(nginx:wait(10, function()
      requests = assert(server:requests())
      return #requests == 2
    end))
    local number = requests[2].path:match "/(%d+)/$"
    for _, pid in ipairs(nginx:workers()) do
      os.execute("kill -KILL " .. pid)
    end
    connection:close()
    local bought
    assert.is_truthy(nginx:wait(20, function()
      local ok, results = pcall(buy, 1)
      bought = ok and results[1].number
      return bought
    end))
    assert.are_not.equal(number, bought)
  end)
end)
