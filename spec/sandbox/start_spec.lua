-- Starting and stopping: options, the handle, what is said where it can't be.
local fixture = require "spec.support.fixture"
local sandbox = require "numberpool.sandbox"
local interpreter = require "spec.support.interpreter"
local raised = require "spec.support.raised"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("sandbox.start", function()
  local function start(options)
    local server, problem = sandbox.start(options)
    if server then fixture.until_end(server) end
    return server, problem
  end

  it("gives a handle with all that a client needs", function()
    local server = assert(start())
    assert.equal("http://127.0.0.1:" .. ("%d"):format(server.port), server.base_url)
    assert.matches("^MA[%u%d]+$", server.auth_id)
    assert.matches("^%w+$", server.auth_token)
    assert.is_nil(server.ca_file)
    assert.equal("numberpool.sandbox", getmetatable(server).__name)
    assert.is_nil(tostring(server):find(server.auth_token, 1, true))
    assert.equal(200, sandbox_http.account(server).get("Powerpack/").status)
  end)

  it("listens on 127.0.0.1 only", function()
    local server = assert(start())
    local listening = sandbox_http.shell(("cat /proc/net/tcp /proc/net/tcp6 | grep ' 0A ' | grep -i ':%04X '")
      :format(server.port))
    assert.matches("0100007F:", listening)
    assert.is_nil(listening:find("00000000:" .. ("%04X"):format(server.port), 1, true))
  end)

  it("takes the port it is given, and says so if that is taken", function()
    local first = assert(start())
    local server, problem = start { port = first.port }
    assert.is_nil(server)
    assert.matches("port " .. ("%d"):format(first.port) .. " can't be used: .*in use", problem)
    first:stop()
    assert.equal(first.port, assert(start { port = first.port }).port)
  end)

  it("runs several at once, each with its own state", function()
    local a, b = assert(start()), assert(start())
    assert.not_equal(a.auth_id, b.auth_id)
    assert(a:seed { numbers = 1 })
    assert.equal(1, #assert(a:state()).powerpacks)
    assert.equal(0, #assert(b:state()).powerpacks)
  end)

  it("raises for wrong types and unknown options, at the caller", function()
    assert.equal("start: options: table expected, got number", raised(function() sandbox.start(5) end))
    assert.equal('start: unknown option "ports", expected one of db, port, quirks, rate, strict, tls, workers',
      raised(function() sandbox.start { ports = 1 } end))
    assert.equal("start: port: integer expected, got string", raised(function() sandbox.start { port = "80" } end))
    assert.equal("start: db: string expected, got boolean", raised(function() sandbox.start { db = true } end))
    assert.equal("start: tls: boolean expected, got string", raised(function() sandbox.start { tls = "yes" } end))
    assert.equal("start: rate: table or boolean expected, got number",
      raised(function() sandbox.start { rate = 5 } end))
    assert.equal('start: rate: unknown option "per", expected one of requests, seconds',
      raised(function() sandbox.start { rate = { requests = 1, seconds = 1, per = 1 } } end))
    assert.equal("start: rate.seconds: number expected, got no value",
      raised(function() sandbox.start { rate = { requests = 1 } } end))
    assert.equal("start: workers: integer expected, got string",
      raised(function() sandbox.start { workers = "2" } end))
    assert.equal("start: strict: boolean expected, got number", raised(function() sandbox.start { strict = 1 } end))
    assert.equal("start: quirks: list expected, got string", raised(function() sandbox.start { quirks = "x" } end))
    assert.equal("start: quirks[1]: string expected, got number",
      raised(function() sandbox.start { quirks = { 1 } } end))
    assert.equal('start: quirks: list expected, got a table with the key "no_meta"',
      raised(function() sandbox.start { quirks = { no_meta = true } } end))
  end)

  it("gives nil and a message for values that can't be right", function()
    for _, case in ipairs {
      { { port = 70000 }, "port: expected 0 to 65535, got 70000" },
      { { port = 1.5 }, "port: expected 0 to 65535, got 1.5" },
      { { workers = 0 }, "workers: expected 1 to 64, got 0" },
      { { db = "" }, 'db: expected a path, got ""' },
      { { rate = { requests = 0, seconds = 1 } }, "rate.requests: expected 1 to 100000, got 0" },
      { { rate = { requests = 1, seconds = 0 } },
        "rate.seconds: expected more than 0 and at most 3600 seconds, got 0" },
      { { quirks = { "slow" } }, "quirks: expected .*numberpool_uuid.*, got \"slow\"" },
    } do
      local server, problem = start(case[1])
      assert.is_nil(server)
      assert.matches(case[2], problem)
    end
  end)

  it("says what to install where nginx isn't there", function()
    -- In a view of the file system of its own, whose /usr/sbin is empty.
    local command = "unshare -m sh -c 'mount -t tmpfs none /usr/sbin && exec \"$0\" \"$@\"'"
    local _, status = sandbox_http.shell(command .. " true")
    if status ~= 0 then return pending("needs the right to mount") end
    local code = 'print(require "numberpool.sandbox".start())'
    local output = sandbox_http.shell(("%s %s -e %s"):format(command, interpreter.quote(interpreter.program),
      interpreter.quote(code)))
    assert.matches("nil%s+nginx isn't installed: install nginx and its Lua module", output)
    assert.matches("apt%-get install nginx libnginx%-mod%-http%-lua", output)
  end)

  it("doesn't hold the caller's own sockets open", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    assert(start())
    listener:close()
    assert.is_nil(socket.tcp():connect("127.0.0.1", tonumber(port)))
  end)
end)

describe("server:stop", function()
  it("ends the server, leaves nothing, and can be called again", function()
    local server = assert(sandbox.start { tls = true, workers = 2 })
    local folder = server.ca_file:match("^(.*)/")
    assert(server:seed { numbers = 5 })
    assert.is_true(server:stop())
    assert.is_true(server:stop())
    assert.is_nil(io.open(folder .. "/nginx.conf"))
    -- Nothing, or a zombie, until whoever adopted it collects it.
    local left = sandbox_http.shell(("cut -d ' ' -f 3 /proc/%d/stat 2>/dev/null"):format(server.pid))
    assert.is_true(left == "" or left == "Z\n", left)
    assert.is_nil((socket.tcp():connect("127.0.0.1", server.port)))
  end)

  it("makes every other method give nil and a message", function()
    local server = assert(sandbox.start())
    server:stop()
    for _, name in ipairs { "seed", "requests", "state", "account", "reset" } do
      local value, problem = server[name](server, {})
      assert.is_nil(value)
      assert.equal("the sandbox has been stopped", problem)
    end
    local value, problem = server:fault { kind = "reset" }
    assert.is_nil(value)
    assert.equal("the sandbox has been stopped", problem)
  end)
end)
