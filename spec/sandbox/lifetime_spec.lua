-- A sandbox lives no longer than the process that started it.
local sandbox = require "numberpool.sandbox"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local function is_running(pid)
  local file = io.open("/proc/" .. pid .. "/cmdline")
  if not file then return false end
  local text = file:read("*a")
  file:close()
  return text:find("nginx", 1, true) ~= nil
end

-- Starts a sandbox in another process, which then runs `ending`; gives its pid and its folder.
local function start_elsewhere(ending)
  local output = interpreter.run([[
    server = assert(require "numberpool.sandbox".start { tls = true })
    print("pid " .. ("%d"):format(server.pid))
    print("folder " .. server.ca_file:match("^(.*)/"))
    io.stdout:flush()
  ]] .. ending)
  return assert(output:match("pid (%d+)"), output), assert(output:match("folder ([^\n]+)"), output)
end

local function assert_gone(pid, folder)
  sandbox_http.eventually(function() return not is_running(pid) end)
  sandbox_http.eventually(function() return not io.open(folder .. "/nginx.conf") end)
end

describe("a sandbox", function()
  it("is gone when its owner has ended", function()
    local pid, folder = start_elsewhere("")
    assert.is_false(is_running(pid))
    assert.is_nil(io.open(folder .. "/nginx.conf"))
  end)

  it("ends when its owner leaves without closing its state", function()
    assert_gone(start_elsewhere("os.exit(0)"))
  end)

  it("ends when its owner is killed", function()
    assert_gone(start_elsewhere("os.execute('kill -9 $PPID')"))
  end)

  it("ends when nginx's master is killed", function()
    local server = assert(sandbox.start { workers = 2 })
    local workers = sandbox_http.shell("cat /proc/" .. ("%d"):format(server.pid) .. "/task/*/children")
    sandbox_http.shell("kill -9 " .. ("%d"):format(server.pid))
    for worker in workers:gmatch("%d+") do
      sandbox_http.eventually(function() return not is_running(worker) end)
    end
    assert.is_true(server:stop())
  end)

  it("isn't in the terminal's group, where Ctrl-C would reach it", function()
    local server = assert(sandbox.start())
    finally(function() server:stop() end)
    local file = assert(io.open("/proc/" .. ("%d"):format(server.pid) .. "/stat"))
    local text = file:read("*a")
    file:close()
    local session = text:match("%) %a %d+ %d+ (%d+)")
    assert.equal(("%d"):format(server.pid), session)
  end)

  it("outlives a handle that is collected: a client may still use it", function()
    local pid
    do pid = ("%d"):format(assert(sandbox.start()).pid) end
    collectgarbage()
    collectgarbage()
    assert.is_true(is_running(pid))
    sandbox_http.shell("kill " .. pid)
    sandbox_http.eventually(function() return not is_running(pid) end)
  end)

  if jit then
    it("outlives a forked child that had a copy of its handle", function()
      local output = interpreter.run([[
        local ffi = require "ffi"
        ffi.cdef "int fork(void); int waitpid(int pid, int *status, int options);"
        local server = assert(require "numberpool.sandbox".start())
        local child = ffi.C.fork()
        if child == 0 then os.exit(0, true) end
        ffi.C.waitpid(child, nil, 0)
        print(#assert(server:requests()))]])
      assert.equal("0\n", output)
    end)
  end

  if _VERSION == "Lua 5.4" then
    it("stops at the end of a block that it is closed in", function()
      local pid = assert(load([[
        local sandbox = ...
        local server <close> = assert(sandbox.start())
        return server.pid]]))(sandbox)
      assert.is_false(is_running(("%d"):format(pid)))
    end)
  end
end)
