-- Where in nginx calls can be made, and what the others are told. One client, made in init_by_lua.
local fixture = require "spec.support.fixture"
local nginx_lib = require "spec.support.nginx"
local nginx_run = require "spec.support.nginx_run"

-- `try()` is how a phase counts the numbers; what came of it is in a shared dictionary, by phase.
local HTTP = [[
  lua_shared_dict results 1m;
  init_worker_by_lua_block {
    function try(phase)
      local count, err = client:pool(POOL):count_numbers()
      ngx.shared.results:set(phase or ngx.get_phase(), count and "count " .. count or err.kind .. " " .. tostring(err))
    end
    try()
    ngx.timer.at(0, function() try() end)
  }
  upstream balanced {
    server 127.0.0.1:1;
    balancer_by_lua_block { try() ngx.exit(500) }
  }
]]

local SERVER = [[
  location = /results { content_by_lua_block { ngx.print(ngx.shared.results:get(ngx.var.arg_phase) or "nothing") } }
  location = /works {
    rewrite_by_lua_block { try() }
    access_by_lua_block { try() }
    content_by_lua_block { try() ngx.say "done" }
  }
  location = /set { set_by_lua_block $value { try() return "" } return 200 $value; }
  location = /header { header_filter_by_lua_block { try() } return 200 "done"; }
  location = /body { body_filter_by_lua_block { try() } return 200 "done"; }
  location = /log { log_by_lua_block { try() } return 200 "done"; }
  location = /balancer { proxy_pass http://balanced; }
]]

describe("a call inside nginx", function()
  local server = fixture.sandbox()
  local pool = assert(server:seed { numbers = 5 }).pool
  local nginx = fixture.nginx(server, {
    http = HTTP:gsub("POOL", ("%q"):format(pool)),
    init = 'local _, err = client:pool "p":get() of_init = err.kind .. " " .. tostring(err)',
    server = SERVER,
  })

  local function result_of(phase)
    return nginx:wait(5, function()
      local text = nginx:get("/results?phase=" .. phase).body
      return text ~= "nothing" and text
    end)
  end

  for _, phase in ipairs { "rewrite", "access", "content" } do
    it("works in " .. phase, function()
      assert.equal("done\n", nginx:get("/works").body)
      assert.equal("count 5", result_of(phase))
    end)
  end

  it("works in timer", function()
    assert.equal("count 5", result_of "timer")
  end)

  for phase, path in pairs {
    init_worker = "/results",
    set = "/set",
    header_filter = "/header",
    body_filter = "/body",
    log = "/log",
    balancer = "/balancer",
  } do
    it("says in " .. phase .. " that a timer is the way", function()
      nginx:get(path)
      local text = assert(result_of(phase))
      assert.matches("^config ", text)
      assert.is_truthy(text:find(phase, 1, true), text)
      assert.is_truthy(text:find("ngx.timer.at", 1, true), text)
    end)
  end

  it("says in exit_worker that nothing can be sent any more", function()
    local ending = nginx_run.start(server, { http = [[
      exit_worker_by_lua_block {
        local _, err = client:pool "p":count_numbers()
        local file = assert(io.open(ngx.config.prefix() .. "/said", "w"))
        file:write(err.kind, " ", tostring(err))
        file:close()
      }
    ]] })
    ending:signal "HUP"
    local text = ending:wait(10, function()
      local said = nginx_lib.read_file(ending.folder .. "/said")
      return said ~= "" and said
    end)
    ending:stop()
    assert.matches("^config ", text)
    assert.is_truthy(text:find("exit_worker", 1, true), text)
    assert.is_nil(text:find("ngx.timer.at", 1, true), text)
  end)

  it("says so in init as well, where the client is made", function()
    local text = nginx_run.run(nginx, "return of_init")
    assert.matches("^config ", text)
    assert.is_truthy(text:find("phase init,", 1, true), text)
    assert.is_truthy(text:find("init_worker_by_lua", 1, true), text)
    assert.is_truthy(text:find("ngx.timer.at", 1, true), text)
  end)

  it("raises under require, in a comparison and in a replacement, and has sent nothing", function()
    local text = nginx_run.run(nginx, [[
      local pool = client:pool "p"
      local attempts = client:stats().attempts
      local lines = {}
      local function note(ok, err)
        lines[#lines + 1] = tostring(ok) .. " " .. tostring(err)
      end
      package.preload["a module"] = function() pool:get() return true end
      note(pcall(require, "a module"))
      note(pcall(table.sort, { 2, 1 }, function(a, b) pool:get() return a < b end))
      note(pcall(string.gsub, "a", "a", function() pool:get() end))
      lines[#lines + 1] = client:stats().attempts - attempts
      return table.concat(lines, "\n")
    ]])
    local count = 0
    for line in text:gmatch "[^\n]+" do
      count = count + 1
      assert.matches(count <= 3 and "^false .*nothing was sent" or "^0$", line)
    end
    assert.equal(4, count)
  end)
end)
