-- What no result says is in nginx's log.
local nginx_run = require "spec.support.nginx_run"
local scripted_server = require "spec.support.scripted_server"

describe("nginx's log", function()
  local server, nginx

  setup(function()
    server = scripted_server.start()
    server:script { bytes = "", after = "close" }
    nginx = nginx_run.start(server, {})
  end)

  teardown(function()
    nginx:stop()
    server:stop()
  end)

  local function warnings(pattern)
    local count = 0
    for line in nginx:log():gmatch "[^\n]+" do
      if line:find("[warn]", 1, true) and line:find(pattern, 1, true) then
        count = count + 1
      end
    end
    return count
  end

  it("has an error of on_event, once", function()
    nginx_run.run(nginx, [[
      options.on_event = function() error "of the hook" end
      local watched = assert(numberpool.new(options))
      for _ = 1, 3 do watched:pool "p":get() end
      return ""
    ]])
    assert.equal(1, warnings "numberpool: on_event raised an error")
    assert.equal(1, warnings "of the hook")
  end)

  it("has an address without TLS, once", function()
    nginx_run.run(nginx, [[
      options.base_url = "http://api.example.com"
      for _ = 1, 3 do assert(numberpool.new(options)) end
      return ""
    ]])
    assert.equal(1, warnings "base_url: http://api.example.com isn't encrypted")
  end)
end)
