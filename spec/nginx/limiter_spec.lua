-- The rate limit that the workers of an nginx share, against a sandbox that has the same limit.
local fixture = require "spec.support.fixture"
local nginx_run = require "spec.support.nginx_run"

local RATE = "rate = { requests = 20, seconds = 1 }, timeout = 60, attempt_timeout = 1"

local LOCATION = [[
  location = /call {
    content_by_lua_block {
      local count, err = client:pool(POOL):count_numbers()
      ngx.print(ngx.worker.pid(), " ", count and "ok" or err.kind)
    }
  }
]]

describe("the rate limit of two workers", function()
  local server, nginx

  before_each(function()
    server = fixture.sandbox { rate = { requests = 20, seconds = 1 } }
    local pool = assert(server:seed { numbers = 3 }).pool
    nginx = fixture.nginx(server, {
      client = RATE,
      workers = 2,
      http = "lua_shared_dict numberpool 1m;",
      server = LOCATION:gsub("POOL", ("%q"):format(pool)),
    })
  end)

  local function call(count)
    local connections, pids, results = {}, {}, {}
    for i = 1, count do
      connections[i] = nginx:begin("GET", "/call")
    end
    for _, connection in ipairs(connections) do
      local answer = nginx:finish(connection)
      local pid, result = (answer and answer.body or ""):match "^(%d+) (%S+)$"
      pids[pid or "none"] = true
      results[result or "none"] = (results[result or "none"] or 0) + 1
    end
    return results, pids
  end

  local function refused()
    local count = 0
    for _, request in ipairs(assert(server:requests())) do
      count = count + (request.status == 429 and 1 or 0)
    end
    return count
  end

  it("is kept by both together", function()
    local pids = {}
    assert.is_truthy(nginx:wait(10, function()
      local results, used = call(10)
      assert.same({ ok = 10 }, results)
      for pid in pairs(used) do
        pids[pid] = true
      end
      local first = next(pids)
      return first and next(pids, first)
    end))
    assert.same({ ok = 60 }, (call(60)))
    assert.equal(0, refused())
  end)

  it("gives back what a worker held that was killed", function()
    assert(server:fault { kind = "stall", times = 40 })
    local connections = {}
    for i = 1, 20 do
      connections[i] = nginx:begin("GET", "/call")
    end
    assert.is_truthy(nginx:wait(10, function()
      return #assert(server:requests()) >= 20
    end))
    for _, pid in ipairs(nginx:workers()) do
      os.execute("kill -KILL " .. pid)
    end
    for _, connection in ipairs(connections) do
      connection:close()
    end
    assert(server:reset())
    assert.is_truthy(nginx:wait(20, function()
      local results = call(1)
      return results.ok or results.not_found
    end))
  end)

  it("holds nobody back for more than a minute, whatever an answer or an older version said", function()
    local text = nginx_run.run(nginx, [[
      local limiter, dictionary = client.limiter, ngx.shared.numberpool
      limiter:hold(1e9)
      local wait = limiter:acquire(1)
      for _, key in ipairs(dictionary:get_keys(0)) do
        if key:find "held$" then
          dictionary:set(key, 1, 1e6)
        end
      end
      local of_older = client.store:held_for()
      dictionary:flush_all()
      return (wait > 59 and wait <= 60 and "bounded " or wait .. " ") .. (of_older <= 0 and "free" or of_older)
    ]])
    assert.equal("bounded free", text)
  end)

  it("says where the dictionary is too small for the rate", function()
    local text = nginx_run.run(nginx, [[
      local rate = { requests = 100000, seconds = 5 }
      local _, err = numberpool.new { auth_id = "MA", auth_token = "token", rate = rate }
      return err.kind .. " " .. tostring(err)
    ]])
    assert.matches("^config ", text)
    assert.is_truthy(text:find("lua_shared_dict numberpool", 1, true), text)
  end)
end)
