-- `numberpool apply`: the pool becomes what a file says, or a saved plan.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"

local quote = interpreter.quote

local server = fixture.sandbox()
local folder = fixture.folder()
local pool

before_each(function()
  assert(server:reset())
  pool = assert(server:seed { numbers = { { number = "15125550100", service = "mms" }, "15125550101", "15125550102" },
    tollfree = { "18005550100" } }).pool
end)

local function settings()
  return { server = server, pool = pool }
end

local run = command_line.runner(settings)

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

-- The numbers of the pool with their services, sorted.
local function numbers()
  local list = {}
  for _, entry in ipairs(assert(server:state()).pools[1].numbers) do
    list[#list + 1] = entry.number .. " " .. entry.service
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function changes()
  local count = 0
  for _, entry in ipairs(assert(server:requests())) do
    count = count + (entry.method ~= "GET" and 1 or 0)
  end
  return count
end

local BEFORE = "15125550100 mms, 15125550101 sms, 15125550102 sms"
local FILE = "number,service\n15125550100,sms\n15125550101,sms\n15125550199,mms\n"
local AFTER = "15125550100 sms, 15125550101 sms, 15125550199 mms"

describe("numberpool apply", function()
  it("makes the pool what the file says, and again finds nothing to do", function()
    local path = write("pool.csv", FILE)
    local output, errors, status = run("apply", path, "--prune", "--yes")
    assert.same({ "not in the file, and left alone: tollfree, shortcodes\n3 of 3 changes done\n", 0 },
      { errors, status })
    assert.matches("\n  + 15125550199 mms\n  - 15125550102 sms\n  ~ 15125550100 mms -> sms\n", output, 1, true)
    assert.equal(AFTER, numbers())
    local before = changes()
    output, errors, status = run("apply", path, "--prune")
    assert.same({ "not in the file, and left alone: tollfree, shortcodes\nnothing to do\n", 0 }, { errors, status })
    assert.matches(": 0 to add, 0 to remove, 0 to replace, 3 to keep,", output, 1, true)
    assert.equal(before, changes())
    assert.equal(1, #server:state().pools[1].tollfree)
  end)

  it("needs --yes where something is removed and nobody can be asked", function()
    local path = write("pool.csv", FILE)
    local _, errors, status = run("apply", path, "--prune", "--unrent")
    assert.equal(2, status)
    assert.matches("--yes is needed where nobody can be asked: 1 number will be lost for good. Change the number pool",
      errors, 1, true)
    assert.same({ 0, BEFORE }, { changes(), numbers() })
    _, errors, status = run("apply", write("more.csv", "15125550199\n"))
    assert.same({ "1 of 1 changes done\n", 0 }, { errors, status })
  end)

  it("asks on a terminal", function()
    local path = write("pool.csv", "15125550199\n")
    local output, status = command_line.on_terminal(settings(), 80, "n\n", "apply", path)
    assert.matches("Change the number pool [%x-]+: 1 to add%? %[y/N%]", output)
    assert.same({ 1, 0 }, { status, changes() })
    output, status = command_line.on_terminal(settings(), 80, "y\n", "apply", path)
    assert.matches("1 of 1 changes done", output, 1, true)
    assert.same({ 0, 1 }, { status, changes() })
  end)

  it("brakes before it removes too much", function()
    local path = write("pool.csv", "15125550100\n")
    local _, errors, status = run("apply", path, "--prune", "--yes", "--max-removals", "1")
    assert.equal(1, status)
    assert.matches("2 of 3 entries would be removed, and --max-removals is 1: nothing was done; --force does it",
      errors, 1, true)
    assert.equal(BEFORE, numbers())
    _, errors, status = run("apply", path, "--prune", "--max-removals", "1")
    assert.equal(1, status)
    assert.is_nil(errors:find("--yes", 1, true), "it isn't asked for what would be refused")
    _, _, status = run("apply", path, "--prune", "--yes", "--max-removals", "1", "--force")
    assert.same({ 0, "15125550100 mms" }, { status, numbers() })
  end)

  it("shows what it would send", function()
    local path = write("pool.csv", FILE)
    local output, errors, status = run("apply", path, "--prune", "--dry-run", "--fields", "method")
    assert.equal(0, status, errors)
    assert.matches('^{"method":"POST"}\n{"method":"DELETE"}\n', output)
    assert.same({ 0, BEFORE }, { changes(), numbers() })
  end)

  it("says what failed and exits with 5, and does the rest when it is run again", function()
    local path = write("pool.csv", FILE)
    assert(server:fault { method = "POST", path = "15125550199", kind = "status", status = 400, times = 1 })
    local _, errors, status = run("apply", path, "--yes")
    assert.equal(5, status)
    assert.matches("15125550199: add_number 15125550199: simulated fault .*\n1 of 2 changes done, 1 failed\n$", errors)
    _, errors, status = run("apply", path, "--yes")
    assert.same({ "1 of 1 changes done\n", 0 }, { errors, status })
    assert.equal("15125550100 sms, 15125550101 sms, 15125550102 sms, 15125550199 mms", numbers())
  end)

  it("carries out a saved plan, which knows what it is to do", function()
    local path, plan = write("pool.csv", FILE), folder .. "/pool.plan"
    run("plan", path, "--prune", "--unrent", "--out", plan)
    local _, errors, status = run("apply", plan)
    assert.equal(2, status)
    assert.matches("1 number will be lost for good", errors, 1, true)
    _, errors, status = run("apply", plan, "--prune")
    assert.same({ "--prune: a saved plan knows already what it is to do\n", 2 }, { errors, status })
    _, errors, status = run("apply", plan, "--yes")
    assert.same({ "3 of 3 changes done\n", 0 }, { errors, status })
    assert.equal(AFTER, numbers())
  end)

  it("says at Ctrl-C what was done, and does the rest when it is run again", function()
    local lines = {}
    for i = 1, 100 do
      lines[i] = ("1415555%04d"):format(i)
    end
    local path = write("many.txt", table.concat(lines, "\n"))
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.2, times = 60 })
    local line = ("echo $$; exec %s >%s/output 2>&1"):format(command_line.words(settings(), "apply", path, "--yes"),
      folder)
    local pipe = assert(io.popen("env --default-signal=INT sh -c " .. quote(line) .. '; echo "status $?"', "r"))
    local pid = pipe:read "*l"
    local deadline = socket.gettime() + 20
    repeat
      socket.sleep(0.01)
    until changes() >= 20 or socket.gettime() > deadline
    interpreter.shell("kill -INT " .. pid)
    local status = pipe:read "*a"
    pipe:close()
    local output = interpreter.shell("cat " .. folder .. "/output")
    assert.equal("status 130\n", status, output)
    assert.matches("\ninterrupted: %d+ of 100 changes done, %d+ may be, %d+ not begun; run it again to do the rest\n$",
      output)
    local _, errors
    _, errors, status = run("apply", path)
    assert.equal(0, status, errors)
    assert.equal(103, select(2, numbers():gsub("%d+ ", "")))
  end)

  it("ends well where two do it at once", function()
    pool = assert(server:seed { numbers = 30 }).pool
    local lines, wanted = { "number,service" }, {}
    for i = 1, 30 do
      lines[#lines + 1] = ("151255500%02d,%s"):format(i + 14, i % 2 == 0 and "mms" or "sms")
      wanted[i] = (lines[#lines]:gsub(",", " "))
    end
    local path = write("both.csv", table.concat(lines, "\n"))
    local words = command_line.words(settings(), "apply", path, "--prune", "--yes", "--force")
    local output, errors = command_line.shell(("(%s; echo $? >>%s/codes) & %s; echo $? >>%s/codes; wait"):format(words,
      folder, words, folder))
    assert.equal("0\n0\n", interpreter.shell("cat " .. folder .. "/codes"), output .. errors)
    local found = {}
    for _, of in ipairs(assert(server:state()).pools) do
      for _, entry in ipairs(of.uuid == pool and of.numbers or {}) do
        found[#found + 1] = entry.number .. " " .. entry.service
      end
    end
    table.sort(found)
    assert.same(wanted, found)
  end)

  it("does nothing for a file that is wrong, or empty with --prune", function()
    for _, path in ipairs { write("empty.csv", "number\n"), write("wrong.csv", FILE .. "none\n") } do
      local output, errors, status = run("apply", path, "--prune", "--yes", "--force")
      assert.same({ "", 2 }, { output, status })
      assert.matches(path .. ": ", errors, 1, true)
    end
    assert.equal(0, #server:requests())
    local _, _, status = run("apply", folder .. "/empty.csv", "--prune", "--yes", "--allow-empty")
    assert.same({ 0, "" }, { status, numbers() })
  end)
end)
