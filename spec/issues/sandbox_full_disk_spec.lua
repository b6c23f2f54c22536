-- A database that could not be written once kept every later change from being made: "internal error", from every
-- worker, until the sandbox was started anew.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("a sandbox whose database can't be written", function()
  local server, pool, account

  local function start(options)
    server = fixture.sandbox(options)
    pool = assert(server:seed { numbers = 1 }).pool
    account = sandbox_http.account(server)
  end

  local function add(index)
    return account.post(("NumberPool/%s/Number/1415%07d/"):format(pool, 2000000 + index))
  end

  -- Adds numbers until it's refused; gives how many were taken and the refusal.
  local function fill()
    for index = 1, 20000 do
      local answer = add(index)
      if not answer or answer.status ~= 201 then return index - 1, answer end
    end
    error("the database took everything")
  end

  -- What was taken is there and nothing else; changes work again within a second, on every worker.
  local function check_whole(taken)
    local deadline = socket.gettime() + 1
    local answer = add(taken + 1)
    while answer.status ~= 201 and socket.gettime() < deadline do answer = add(taken + 1) end
    assert.equal(201, answer.status, answer.text)
    for index = 2, 20 do assert.equal(201, add(taken + index).status) end
    local list = account.get("NumberPool/" .. pool .. "/Number/?limit=1").json
    assert.equal(1 + taken + 20, list.meta.total_count)
    assert.equal(1 + taken + 20, #assert(server:state()).pools[1].numbers)
    assert(server:account())
    assert(server:reset())
    assert(server:seed { numbers = 1000 })
  end

  -- Workers are forks of the master: a limit on the size of their files is anyone's to set and to lift.
  local function limit(bytes)
    sandbox_http.shell(("for worker in $(cat /proc/%d/task/*/children); do prlimit --pid $worker --fsize=%s:; done")
      :format(server.pid, bytes))
  end

  it("goes on once there is room, after a limit on the size of files", function()
    start { workers = 2 }
    limit(600000)
    local taken, refusal = fill()
    assert.equal(500, refusal.status)
    assert.matches("^the database failed: .*I/O error", refusal.json.error)
    for _ = 1, 10 do assert.equal(500, add(taken + 1).status) end
    -- What only reads isn't touched, and the control calls say why too.
    assert.equal(200, account.get("NumberPool/" .. pool .. "/").status)
    assert.equal(1 + taken, #assert(server:state()).pools[1].numbers)
    local value, problem = server:seed { numbers = 20000 }
    assert.is_nil(value)
    assert.matches("^the database failed: .*I/O error", problem)
    limit("unlimited")
    check_whole(taken)
  end)

  it("goes on once there is room, after a full disk", function()
    local folder = fixture.folder()
    local _, status = sandbox_http.shell("mount -t tmpfs -o size=3m tmpfs " .. folder)
    if status ~= 0 then return pending("needs the right to mount") end
    fixture.until_end(function() sandbox_http.shell("umount " .. folder) end)
    start { workers = 2, db = folder .. "/kept.sqlite" }
    local taken, refusal = fill()
    assert.equal(500, refusal.status)
    assert.matches("^the database failed: .*disk is full", refusal.json.error)
    local value, problem = server:reset()
    assert.is_nil(value)
    assert.matches("^the database failed: .*disk is full", problem)
    sandbox_http.shell("mount -o remount,size=64m " .. folder)
    check_whole(taken)
  end)

  -- Runs statements on a database in another program.
  local function run_elsewhere(folder, path, statements, after)
    local script = folder .. "/change.lua"
    local file = assert(io.open(script, "w"))
    file:write([[
      local connection = assert(require "DBI".Connect("SQLite3", arg[1]))
      connection:autocommit(true)
      for index = 2, #arg do assert(assert(connection:prepare(arg[index])):execute()) end]])
    file:write("\n", after or "")
    file:close()
    local words = { "luajit", script, path }
    for _, sql in ipairs(statements) do words[#words + 1] = sql end
    for index, word in ipairs(words) do words[index] = interpreter.quote(word) end
    return table.concat(words, " ")
  end

  it("goes on once a table is back that another program took away", function()
    local folder = fixture.folder()
    local path = folder .. "/kept.sqlite"
    start { db = path }
    local function run(sql)
      local output, status = sandbox_http.shell(run_elsewhere(folder, path, { sql }))
      assert.equal(0, status, output)
    end
    assert.equal(201, add(1).status)
    run "ALTER TABLE totals RENAME TO others"
    assert.equal(500, add(2).status)
    assert.matches("^the database failed: no such table: [%a.]*totals$", add(2).json.error)
    run "ALTER TABLE others RENAME TO totals"
    check_whole(1)
  end)

  it("waits for another program that writes to it, and goes on", function()
    local folder = fixture.folder()
    local path = folder .. "/kept.sqlite"
    start { db = path, workers = 2 }
    assert.equal(201, add(1).status)
    -- It keeps the lock until a file is there, at most some seconds.
    local command = run_elsewhere(folder, path, { "BEGIN IMMEDIATE", "UPDATE totals SET pool = pool" },
      ("os.execute 'touch %s/locked; for try in $(seq 400); do [ -f %s/release ] && break; sleep 0.01; done'")
        :format(folder, folder))
    sandbox_http.shell(("(%s; touch %s/over) >%s/said 2>&1 &"):format(command, folder, folder))
    sandbox_http.eventually(function() return io.open(folder .. "/locked") end)
    assert.equal(200, account.get("NumberPool/" .. pool .. "/").status)
    local connection = sandbox_http.connect(server)
    connection:settimeout(0.2)
    local path_of_two = account.base .. ("NumberPool/%s/Number/1415%07d/"):format(pool, 2000002)
    assert.is_nil((sandbox_http.exchange(connection, server, "POST", path_of_two)))
    sandbox_http.shell("touch " .. folder .. "/release")
    connection:settimeout(10)
    assert.equal(201, sandbox_http.read(connection).status)
    connection:close()
    sandbox_http.eventually(function() return io.open(folder .. "/over") end)
    assert.equal("", assert(io.open(folder .. "/said")):read("*a"))
    check_whole(2)
  end)

  it("says so at the start, and starts once there is room", function()
    local folder = fixture.folder()
    local output = interpreter.run(([[
      local sandbox = require "numberpool.sandbox"
      os.execute("prlimit --pid $PPID --fsize=16384:")
      print(sandbox.start { db = %q })
      os.execute("prlimit --pid $PPID --fsize=unlimited:")
      print(assert(sandbox.start { db = %q }):stop())]]):format(folder .. "/kept.sqlite", folder .. "/kept.sqlite"))
    assert.matches("^nil\tnginx did not start: cannot use the database .*kept.sqlite: .*I/O error", output)
    assert.matches("\ntrue", output)
  end)
end)
