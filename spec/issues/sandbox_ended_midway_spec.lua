-- What a sandbox leaves and says when it, or a part of it, ends in the middle of a request.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

local function is_running(pid)
  local text, status = sandbox_http.shell(("cut -d ' ' -f 3 /proc/%d/stat"):format(pid))
  return status == 0 and text ~= "Z\n"
end

local function children(pid)
  local list = {}
  for child in sandbox_http.shell(("cat /proc/%d/task/*/children 2>/dev/null"):format(pid)):gmatch("%d+") do
    list[#list + 1] = child
  end
  return list
end

local function folder_of(server)
  return (sandbox_http.shell(("readlink /proc/%d/cwd"):format(server.pid)):gsub("%s+$", ""))
end

describe("a sandbox with a request under way", function()
  local server, folder, workers, connection

  before_each(function()
    server = fixture.sandbox { workers = 2 }
    folder, workers = folder_of(server), children(server.pid)
    assert(server:fault { kind = "delay", seconds = 60, times = 1 })
    connection = fixture.until_end(sandbox_http.connect(server))
    assert(connection:send(("GET /v1/Account/%s/Powerpack/ HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n")
      :format(server.auth_id, sandbox_http.basic(server.auth_id, server.auth_token))))
    sandbox_http.eventually(function() return #assert(server:requests()) == 1 end)
  end)

  local function assert_closed()
    local answer, problem = connection:receive("*l")
    assert.is_nil(answer)
    assert.equal("closed", problem)
  end

  local function assert_nothing_left()
    for _, pid in ipairs { server.pid, workers[1], workers[2] } do
      sandbox_http.eventually(function() return not is_running(pid) end)
    end
    assert.equal("", (sandbox_http.shell("ls -d " .. folder .. " 2>/dev/null")))
  end

  it("stops at once, however often it's asked", function()
    local began = socket.gettime()
    assert.is_true(server:stop())
    assert.is_true(server:stop())
    assert.is_true(socket.gettime() - began < 4)
    assert_closed()
    assert_nothing_left()
  end)

  it("says that it doesn't answer once its master was killed, and stops", function()
    sandbox_http.shell(("kill -9 %d"):format(server.pid))
    assert_closed()
    for _, worker in ipairs(workers) do
      sandbox_http.eventually(function() return not is_running(worker) end)
    end
    local state, problem = server:state()
    assert.is_nil(state)
    assert.matches("^the sandbox doesn't answer: ", problem) -- refused, or closed where it was just taken
    assert.is_true(server:stop())
    assert.is_true(server:stop())
    assert_nothing_left()
  end)

  it("stops when its master and its workers hang", function()
    sandbox_http.shell(("kill -STOP %d %s"):format(server.pid, table.concat(workers, " ")))
    assert.is_true(server:stop())
    assert_nothing_left()
  end)

  it("goes on once its workers were killed, with what it had", function()
    assert(server:seed { numbers = 7 })
    sandbox_http.shell("kill -9 " .. table.concat(workers, " "))
    assert_closed()
    sandbox_http.eventually(function() return #children(server.pid) == 2 end)
    assert.equal(7, #assert(server:state()).pools[1].numbers)
    assert.equal(1, #assert(server:requests()))
    assert.equal(200, sandbox_http.account(server).get("Powerpack/").status)
  end)
end)

describe("a sandbox whose owner is killed while it starts", function()
  it("leaves nothing, though its certificates were being made", function()
    local folder = fixture.folder()
    -- An openssl that first kills who wants a certificate.
    local file = assert(io.open(folder .. "/openssl", "w"))
    file:write(('#!/bin/sh\nkill -9 $(cat %s/owner)\necho >>%s/called\nPATH=${PATH#*:}\nexec openssl "$@"\n')
      :format(folder, folder))
    file:close()
    sandbox_http.shell(("cd %s && chmod +x openssl && mkdir temporary"):format(folder))
    interpreter.run(([[
      os.execute("echo $PPID >%s/owner")
      require "numberpool.sandbox".start { tls = true }]]):format(folder),
      { TMPDIR = folder .. "/temporary", PATH = folder .. ":" .. os.getenv("PATH") })
    sandbox_http.eventually(function() return io.open(folder .. "/called") end)
    sandbox_http.eventually(function() return sandbox_http.shell(("ls %s/temporary"):format(folder)) == "" end)
  end)
end)

describe("a database that two sandboxes want", function()
  it("goes to one of them, and to the next as soon as that was killed", function()
    local folder = fixture.folder()
    -- Four at once: each says whether it was the one, and waits until all have said.
    local script = folder .. "/start.lua"
    local file = assert(io.open(script, "w"))
    file:write(([[
      local server, problem = require "numberpool.sandbox".start { db = %q }
      io.stdout:write(server and "started\n" or problem .. "\n")
      io.stdout:flush()
      if server then
        assert(server:seed { numbers = 3 })
        os.execute("until [ $(wc -l <%s/said) = 4 ]; do sleep 0.01; done; kill -9 $PPID")
      end]]):format(folder .. "/kept.sqlite", folder))
    file:close()
    sandbox_http.shell(("for try in 1 2 3 4; do %s %s >>%s/said 2>&1 & done; wait")
      :format(interpreter.quote(interpreter.program), script, folder))
    local said = assert(io.open(folder .. "/said")):read("*a")
    assert.equal(1, select(2, said:gsub("started\n", "")), said)
    assert.equal(3, select(2, said:gsub("the database [^\n]*kept.sqlite is used by another sandbox\n", "")), said)
    local server = fixture.sandbox { db = folder .. "/kept.sqlite" }
    assert.equal(3, #assert(server:state()).pools[1].numbers)
  end)
end)
