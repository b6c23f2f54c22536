-- ngx.ctx belongs to the application: whatever it does to that, jobs in a request end, and know nothing of another's.
local fixture = require "spec.support.fixture"
local nginx_run = require "spec.support.nginx_run"

local HTTP = [[
  init_worker_by_lua_block {
    local shared = {}
    local changes = {
      function() end,
      function() ngx.ctx = {} end,
      function() ngx.ctx = shared end,
      function() ngx.ctx.seen = (ngx.ctx.seen or 0) + 1 end,
      function() ngx.ctx = _G end,
    }
    function touch() changes[math.random(#changes)]() end
  }
]]

local JOBS = [[
  location = /job {
    content_by_lua_block {
      touch()
      local pool = client:pool(%q)
      local jobs = {
        whole = function()
          local count = 0
          for _ in pool:numbers() do touch() count = count + 1 end
          return count
        end,
        part = function()
          for entry in pool:numbers() do touch() return entry.number end
        end,
        raising = function()
          return pcall(function()
            for _ in pool:numbers { prefetch = 3 } do touch() error "enough" end
          end)
        end,
        snapshot = function()
          return #assert(pool:snapshot()).numbers
        end,
        map = function()
          return #client:map({ 15125550000, 15125550001, 15125550002 }, function(number)
            touch()
            local inner = client:map({ number }, function(one) touch() return assert(pool:find_number(one)) end)
            return inner[1].value
          end)
        end,
        timer = function()
          ngx.timer.at(0, function()
            touch()
            for _ in pool:numbers() do touch() collectgarbage "step" end
          end)
          return "begun"
        end,
      }
      ngx.print(tostring((jobs[ngx.var.arg_name]())))
    }
  }
]]

local RESULTS = {
  whole = "100", part = "15125550000", raising = "false", snapshot = "100", map = "3", timer = "begun",
}

describe("jobs of requests that replace ngx.ctx", function()
  local server = fixture.sandbox()
  local pool = assert(server:seed { numbers = 100 }).pool
  local nginx = fixture.nginx(server, { http = HTTP, server = JOBS:format(pool) })

  it("end, with their own results, and let the worker end", function()
    local worker = nginx:workers()[1]
    for round = 1, 20 do
      local connections, expected = {}, {}
      for name, result in pairs(RESULTS) do
        for _ = 1, round % 2 + 1 do
          local connection = nginx:begin("GET", "/job?name=" .. name)
          if (round + #connections) % 7 == 0 then
            connection:close() -- a client that hangs up
          else
            connections[#connections + 1] = connection
            expected[#expected + 1] = result
          end
        end
      end
      for i, connection in ipairs(connections) do
        assert.equal(expected[i], assert(nginx:finish(connection)).body)
      end
    end
    assert.same({ worker }, nginx:workers())
    assert.is_nil(nginx:log():find "%[error%]")
    assert.is_nil(nginx:log():find "exited on signal")
    nginx:signal "QUIT"
    assert.is_truthy(nginx:wait(15, function()
      return not io.open("/proc/" .. worker .. "/cmdline")
    end), "the worker hasn't ended")
  end)

  it("leave no light thread behind in a request that has many of them", function()
    local text = nginx_run.run(fixture.nginx(server, { http = HTTP }), [[
      local function used()
        collectgarbage() collectgarbage()
        return collectgarbage "count"
      end
      local function job()
        client:map({ 1, 2, 3 }, function(i) ngx.sleep(0.001) if i == 2 then error "no" end return i end)
      end
      for _ = 1, 20 do job() end
      local before = used()
      for _ = 1, 200 do touch() job() end
      return used() - before < 100 and "even" or used() - before
    ]])
    assert.equal("even", text)
  end)

  -- nginx keeps something of each light thread until the request ends.
  it("take a light thread for each item that is under way, not for each item", function()
    local text = nginx_run.run(fixture.nginx(server, { http = HTTP }), [[
      local threads, count = {}, 0
      local items = {}
      for i = 1, 1000 do items[i] = i end
      for _, concurrency in ipairs { 1, 8 } do
        client:map(items, function()
          local thread = coroutine.running()
          count = count + (threads[thread] and 0 or 1)
          threads[thread] = true
          ngx.sleep(0)
        end, { concurrency = concurrency })
      end
      return count
    ]])
    assert.is_true(tonumber(text) <= 9, text)
  end)
end)
