-- One client for all requests of a worker: answers that aren't mixed up, clients that hang up, a reload in flight, and
-- what a worker has loaded.
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local nginx_lib = require "spec.support.nginx"
local nginx_run = require "spec.support.nginx_run"

local function find_location(pool)
  return ([[
    lua_check_client_abort on;
    location = /map {
      content_by_lua_block {
        local pool = client:pool(%q)
        client:map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function()
          return pool:get()
        end)
      }
    }
    location = /find {
      content_by_lua_block {
        local entry, err = client:pool(%q):find_number(ngx.var.arg_number)
        ngx.print(entry and tostring(entry.number) or err.kind)
      }
    }
  ]]):format(pool, pool)
end

describe("one client in a worker", function()
  local server = fixture.sandbox()
  local numbers = {}
  for i = 1, 60 do
    numbers[i] = ("1512555%04d"):format(i)
  end
  local nginx = fixture.nginx(server, { server = find_location(assert(server:seed { numbers = numbers }).pool) })

  it("gives each of many requests its own answer, whichever comes first", function()
    assert(server:fault { kind = "delay", seconds = 0.2, probability = 0.5, seed = 7, path = "/Number/" })
    assert(server:fault { kind = "reset", probability = 0.2, seed = 8, path = "/Number/" })
    local is_mixed, answered = false, 0
    for _ = 1, 3 do
      local connections = {}
      for i, number in ipairs(numbers) do
        connections[i] = nginx:begin("GET", "/find?number=" .. number)
      end
      for i, connection in ipairs(connections) do
        local body = assert(nginx:finish(connection)).body
        is_mixed = is_mixed or body ~= numbers[i] and body ~= "network"
        answered = answered + (body == numbers[i] and 1 or 0)
      end
    end
    assert.is_false(is_mixed)
    assert.is_true(answered > 60)
  end)

  it("loads no libcurl, and no module of ours that needs it", function()
    nginx:get("/find?number=" .. numbers[1])
    local workers = nginx:workers()
    assert.equal(1, #workers)
    local maps = nginx_lib.read_file("/proc/" .. workers[1] .. "/maps")
    assert.is_truthy(maps:find("numberpool/core.so", 1, true))
    assert.is_nil(maps:find("libcurl", 1, true))
    assert.is_nil(maps:find("numberpool/curl.so", 1, true))
  end)

  it("runs many calls at a time with map", function()
    server:reset()
    local pool = assert(server:seed { numbers = numbers }).pool
    local text = nginx_run.run(nginx, ([[
      local numbers = require("cjson").decode(%q)
      local pool = client:pool(%q)
      local results = client:map(numbers, function(number)
        return assert(pool:find_number(number)).number
      end, { concurrency = 20 })
      for i, result in ipairs(results) do
        assert(result.ok and result.value == numbers[i], tostring(result.error))
      end
      return #results
    ]]):format(cjson.encode(numbers), pool))
    assert.equal("60", text)
  end)
end)

-- nginx runs one request in the coroutines of another that has ended.
describe("whole jobs of one request after another", function()
  local JOBS = [[
    location = /job {
      content_by_lua_block {
        local pool = client:pool(%q)
        local jobs = {
          whole = function()
            local count = 0
            for _ in pool:numbers() do count = count + 1 end
            return count
          end,
          part = function()
            for entry in pool:numbers() do return entry.number end
          end,
          raising = function()
            local ok = pcall(function()
              for _ in pool:numbers { prefetch = 3 } do error "enough" end
            end)
            return ok
          end,
          snapshot = function()
            return #assert(pool:snapshot()).numbers
          end,
          map = function()
            return #client:map({ 15125550000, 15125550001, 15125550002 }, function(number)
              return assert(pool:find_number(number))
            end)
          end,
          timer = function()
            ngx.timer.at(0, function()
              for _ in pool:numbers() do collectgarbage "step" end
            end)
            return "begun"
          end,
        }
        ngx.print(tostring(jobs[ngx.var.arg_name]()))
      }
    }
  ]]
  local RESULTS = {
    whole = "100", part = "15125550000", raising = "false", snapshot = "100", map = "3", timer = "begun",
  }
  local server = fixture.sandbox()
  local nginx = fixture.nginx(server, { server = JOBS:format(assert(server:seed { numbers = 100 }).pool) })

  it("know nothing of each other", function()
    local worker = nginx:workers()[1]
    for round = 1, 20 do
      local connections, expected = {}, {}
      for name, result in pairs(RESULTS) do
        for _ = 1, round % 2 + 1 do
          connections[#connections + 1] = nginx:begin("GET", "/job?name=" .. name)
          expected[#expected + 1] = result
        end
      end
      for i, connection in ipairs(connections) do
        assert.equal(expected[i], assert(nginx:finish(connection)).body)
      end
    end
    assert.same({ worker }, nginx:workers())
    assert.is_nil(nginx:log():find "%[error%]")
    assert.is_nil(nginx:log():find "exited on signal")
  end)
end)

describe("a call in flight", function()
  local server, nginx

  before_each(function()
    server = fixture.scripted_server()
    nginx = fixture.nginx(server, { server = find_location "p", client = "attempt_timeout = 60, timeout = 60" })
  end)

  local function is_waiting(count)
    return function()
      return #server:requests() == count
    end
  end

  it("ends with the client that hangs up, and leaves no connection behind", function()
    server:script { bytes = "", after = "stall" }
    local connections = {}
    for i = 1, 10 do
      connections[i] = nginx:begin("GET", "/find?number=15125550000")
    end
    assert.is_truthy(nginx:wait(10, is_waiting(10)))
    for _, connection in ipairs(connections) do
      connection:close()
    end
    assert.is_truthy(nginx:wait(10, function()
      return server:counts().open == 0
    end))
    server:script(http.json '{"number":"15125550000"}')
    assert.equal("15125550000", nginx:get("/find?number=15125550000").body)
  end)

  it("inside map leaves nothing in memory where the client hangs up", function()
    server:script { bytes = "", after = "stall" }
    local function hang_up(times)
      for _ = 1, times do
        local connections = {}
        for i = 1, 10 do
          connections[i] = nginx:begin("GET", "/map")
        end
        assert.is_truthy(nginx:wait(10, function()
          return server:counts().open == 80
        end))
        for _, connection in ipairs(connections) do
          connection:close()
        end
        assert.is_truthy(nginx:wait(10, function()
          return server:counts().open == 0
        end))
      end
      return tonumber(nginx_run.run(nginx, 'collectgarbage() collectgarbage() return collectgarbage "count"'))
    end
    local before = hang_up(2)
    assert.is_true(hang_up(4) - before < 200) -- kB; 320 tasks were left
  end)

  it("has its answer though nginx reloads, and then the old worker ends", function()
    local answer = http.json '{"number":"15125550000"}'
    server:script({ bytes = answer, drip = 4 }, answer)
    local old = nginx:workers()[1]
    local connection = nginx:begin("GET", "/find?number=15125550000")
    assert.is_truthy(nginx:wait(10, is_waiting(1)))
    nginx:signal "HUP"
    assert.is_truthy(nginx:wait(10, function()
      local workers = nginx:workers()
      return workers[1] ~= old or #workers > 1
    end))
    assert.equal("15125550000", assert(nginx:finish(connection)).body)
    assert.is_truthy(nginx:wait(10, function()
      local workers = nginx:workers()
      return #workers == 1 and workers[1] ~= old
    end))
    assert.equal("15125550000", nginx:get("/find?number=15125550000").body)
  end)

  it("doesn't keep nginx from stopping, and then nothing is connected any more", function()
    server:script { bytes = "", after = "stall" }
    nginx:begin("GET", "/find?number=15125550000")
    assert.is_truthy(nginx:wait(10, is_waiting(1)))
    nginx:stop()
    assert.is_truthy(nginx:wait(10, function()
      return server:counts().open == 0
    end))
  end)

  it("was the last one of a client that is closed: its connections are gone", function()
    server:script(http.json '{"number":"15125550000"}')
    nginx_run.run(nginx, [[
      assert(client:pool "p":find_number "15125550000")
      client:close()
      return select(2, client:pool "p":find_number "15125550000").kind
    ]])
    assert.is_truthy(nginx:wait(10, function()
      return server:counts().open == 0
    end))
  end)
end)
