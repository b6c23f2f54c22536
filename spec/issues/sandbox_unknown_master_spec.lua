-- Debian's nginx writes the file with its pid after its workers begin: a worker that read it then took a healthy
-- sandbox for an orphan, or never watched its owner. And the ports were free until nginx took them.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

local quote = interpreter.quote

local function children(pid)
  local list = {}
  for child in sandbox_http.shell(("cat /proc/%d/task/*/children 2>/dev/null"):format(pid)):gmatch("%d+") do
    list[#list + 1] = child
  end
  return list
end

-- Kills the workers one after another; gives the ones that nginx has made in their places.
local function replace_workers(pid)
  local before = children(pid)
  for _, worker in ipairs(before) do sandbox_http.shell("kill -9 " .. worker) end
  return sandbox_http.eventually(function()
    local now = children(pid)
    return #now == #before and now[1] ~= before[1] and now
  end)
end

local function folder_of(server)
  return (sandbox_http.shell(("readlink /proc/%d/cwd"):format(server.pid)):gsub("%s+$", ""))
end

describe("a sandbox whose nginx.pid isn't written yet", function()
  for _, case in ipairs { { "empty", ": >nginx.pid" }, { "missing", "rm nginx.pid" } } do
    it("goes on with new workers where it is " .. case[1], function()
      local server = fixture.sandbox()
      sandbox_http.shell(("cd %s && %s"):format(quote(folder_of(server)), case[2]))
      replace_workers(server.pid)
      -- Its worker looks ten times a second.
      local ends = socket.gettime() + 0.5
      repeat
        assert.equal(200, sandbox_http.account(server).get("Powerpack/").status)
      until socket.gettime() > ends
      assert.is_not_nil(io.open(folder_of(server) .. "/nginx.conf"))
    end)
  end

  it("ends with its owner all the same", function()
    local output = interpreter.run([==[
      local server = assert(require "numberpool.sandbox".start())
      local folder = io.popen(("readlink /proc/%d/cwd"):format(server.pid)):read("*l")
      assert(os.remove(folder .. "/nginx.pid"))
      print("pid " .. ("%d"):format(server.pid), "folder " .. folder)
      io.stdout:flush()
      os.execute(([[
        workers() { cat /proc/%d/task/*/children; }
        old=$(workers)
        kill -9 $old
        until [ -n "$(workers)" ] && [ "$(workers)" != "$old" ]; do sleep 0.01; done
        kill -9 $PPID]]):format(server.pid))]==])
    local pid, folder = output:match("pid (%d+)"), output:match("folder (%S+)")
    assert(pid, output)
    sandbox_http.eventually(function() return not io.open("/proc/" .. pid .. "/cmdline") end)
    sandbox_http.eventually(function() return not io.open(folder .. "/nginx.conf") end)
  end)
end)

describe("sandbox.start", function()
  it("keeps its ports from others until nginx listens", function()
    local folder = fixture.folder()
    -- An nginx that first tries whether somebody else could have its ports.
    local try = [[
      local socket = require "socket"
      for line in io.lines("nginx.conf") do
        local port = line:match("listen 127%.0%.0%.1:(%d+)")
        if port then print("port", socket.tcp():bind("127.0.0.1", tonumber(port))) end
      end]]
    local file = assert(io.open(folder .. "/nginx", "w"))
    file:write(("#!/bin/sh\nif [ \"$1\" != -V ]; then\n%s -e %s >%s\nfi\nexec /usr/sbin/nginx \"$@\"\n"):format(
      quote(interpreter.program), quote(try), quote(folder .. "/tried")))
    file:close()
    sandbox_http.shell("chmod +x " .. quote(folder .. "/nginx"))
    local output = interpreter.run([[local server, problem = require "numberpool.sandbox".start()
      print(server, problem) assert(server:stop())]], { NUMBERPOOL_NGINX = folder .. "/nginx" })
    assert.matches("^numberpool.sandbox: ", output)
    local tried = assert(io.open(folder .. "/tried")):read("*a")
    assert.equal("port nil address already in use\nport nil address already in use\n", (tried:gsub("\t", " ")))
  end)

  it("works in many loops at once, and leaves nothing", function()
    local output, status = sandbox_http.shell(quote(interpreter.program) .. " spec/soak/starts.lua count=40 loops=8")
    assert.equal(0, status, output)
    assert.matches("40 starts in 8 loops: 0 failed", output)
  end)
end)
