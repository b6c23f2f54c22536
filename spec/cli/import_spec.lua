-- `numberpool import`: files as people have them, and what becomes of each row.
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
  pool = assert(server:seed {}).pool
  interpreter.shell(("rm -rf %s/*"):format(quote(folder)))
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

local function read(name)
  local file = io.open(folder .. "/" .. name, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

-- The changes that the server was sent, as "Number/15125550100".
local function sent()
  local list = {}
  for _, entry in ipairs(assert(server:requests())) do
    list[#list + 1] = entry.method == "POST" and entry.path:match "/(%a+/%d+)/$" or nil
  end
  table.sort(list)
  return list
end

local function files()
  return interpreter.shell("ls " .. quote(folder))
end

local function contents()
  local list = {}
  for _, entry in ipairs(assert(server:state()).pools[1].numbers) do
    list[#list + 1] = entry.number .. " " .. entry.service
  end
  table.sort(list)
  return list
end

describe("numberpool import", function()
  it("adds what it can, and writes what failed so that it can be imported again", function()
    local path = write("numbers.csv", '\239\187\191service,"number",note\r\n'
      .. 'mms,14155550000,"a ""note"", with a comma"\r\n,"+1 (415) 555-0001",\r\n\r\n'
      .. 'sms,19995550000,"two\nlines"\nsms,14155550002')
    assert(server:fault { method = "POST", path = "19995550000", kind = "status", status = 400, times = 1 })
    local output, errors, status = run("import", path)
    assert.same({ "", 5 }, { output, status })
    assert.matches("^3 of 4 numbers are in the pool, 1 failed\nwhat failed, and why: " .. folder:gsub("%p", "%%%0")
      .. "/numbers.failed.csv\n  line 5: add_number 19995550000: ", errors)
    local text = read "numbers.failed.csv"
    assert.matches('^service,number,note,error\r\nsms,19995550000,"two\nlines","add_number 19995550000: ', text)
    assert.matches("\r\n$", text)
    output, errors, status = run("import", folder .. "/numbers.failed.csv")
    assert.same({ "", 0 }, { output, status })
    assert.equal("1 of 1 numbers are in the pool, 0 failed\n", errors)
    assert.same({ "14155550000 mms", "14155550001 sms", "14155550002 sms", "19995550000 sms" }, contents())
  end)

  it("takes JSON, JSON lines, Lua and standard input", function()
    local paths = { write("a.json", '{"numbers": ["14155550000"], "tollfree": ["18005550000"]}'),
      write("a.jsonl", '{"number": "14155550001"}\n'), write("a.lua", "return { '14155550002' }") }
    local words = command_line.words(settings(), "import", "-", paths[1], paths[2], paths[3])
    local _, errors, status = command_line.shell("echo 14155550003 | " .. words)
    assert.equal(0, status, errors)
    assert.same({ "Number/14155550000", "Number/14155550001", "Number/14155550002", "Number/14155550003",
      "Tollfree/18005550000" }, sent())
    assert.equal("a.json\na.jsonl\na.lua\n", files())
    _, errors, status = run("import", paths[1], paths[1])
    assert.equal(2, status)
    assert.matches("would be written for two files", errors, 1, true)
    assert(server:fault { method = "POST", kind = "status", status = 400 })
    _, _, status = run("import", paths[1])
    assert.equal(1, status)
    assert.matches('^number,service,list,error\r\n14155550000,,numbers,"add_number .*\r\n18005550000,,tollfree,"',
      read "a.json.failed.csv")
  end)

  it("sends nothing for a file that can't be read as it is meant", function()
    for text, line in pairs {
      ['number\n15125550100\n"15125550101"x\n'] = 3, ["number\n15125550100\nnumber\n"] = 3,
      ['number,note\n15125550100,"x\n15125550101,y"\n'] = 2, ["number\n15125550100\n15125550101,mms\n"] = 3,
      ["number\n15125550100\n5125550100\n"] = 3, ["number\n15125550100\nnone\n"] = 3,
      ["number,service\n15125550100,sms\n15125550101,fax\n"] = 3,
      ["number,service\n15125550100,sms\n15125550100,mms\n"] = 2,
    } do
      local path = write("numbers.csv", text)
      local output, errors, status = run("import", path)
      assert.same({ "", 2 }, { output, status })
      assert.matches("^" .. path:gsub("%p", "%%%0") .. ": line " .. line .. ": .*\nnothing was sent\n$", errors)
      assert.equal("numbers.csv\n", files())
    end
    for _, path in ipairs { folder, folder .. "/none.csv", write("empty.csv", "") } do
      local _, errors, status = run("import", path)
      assert.equal(2, status)
      assert.matches("^" .. path:gsub("%p", "%%%0") .. ": ", errors)
    end
    assert.equal(0, #server:requests())
  end)

  it("sends nothing where there is no room or place for what fails", function()
    local path = write("numbers.csv", "number\n15125550100\n")
    write("others.csv", "number\n15125550199\n")
    for failed, message in pairs {
      ["/dev/full"] = "No space left on device", [folder .. "/none/failed.csv"] = "No such file or directory",
      [path] = "is the file that is read", [folder .. "/others.csv"] = "expected another file",
    } do
      local _, errors, status = run("import", path, "--failures", failed)
      assert.equal(2, status)
      assert.matches(message, errors, 1, true)
    end
    assert.equal(0, #server:requests())
    assert.equal("numbers.csv\nothers.csv\n", files())
  end)

  it("imports the rest of a file with mistakes on request, and takes a calling code", function()
    local path = write("numbers.csv", "5125550100\n+15125550101\n02079460100\n")
    local _, errors, status = run("import", path, "--default-calling-code", "1", "--skip-malformed")
    assert.equal(5, status)
    assert.matches("2 of 3 numbers are in the pool, 1 failed", errors, 1, true)
    assert.matches('^number,error\r\n02079460100,"?begins with 0: ', read "numbers.failed.csv")
    local output
    output, errors, status = run("import", "--default-calling-code", "us", path)
    assert.same({ "", 2 }, { output, status })
    assert.matches("calling code: expected 1 to 3 digits, got us", errors, 1, true)
  end)

  it("tells numbers that are there more than once, with their lines", function()
    local path = write("numbers.csv", "number\n15125600000\n15125600000\n15125600000\n")
    local _, errors, status = run("import", path)
    assert.equal(0, status)
    assert.matches("3 of 3 numbers are in the pool, 0 failed", errors, 1, true)
    assert.matches("15125600000 is there 3 times, on lines 2, 3 and 4: what a spreadsheet", errors, 1, true)
    assert.equal(1, #sent())
  end)

  it("doesn't count a number as done that is in the pool with another service", function()
    pool = assert(server:seed { numbers = { { number = "15125550100", service = "mms" } } }).pool
    local path = write("numbers.csv", "number,service\n15125550100,sms\n15125550101,sms\n")
    local output, errors, status = run("import", path, "-o", "json")
    assert.equal(5, status)
    assert.matches("1 of 2 numbers are in the pool, 1 failed", errors, 1, true)
    assert.matches("line 2: 15125550100: is in the pool already, with service mms and not sms", errors, 1, true)
    assert.matches('"total": 2,\n  "done": 1,\n  "failed": 1,', output, 1, true)
  end)

  it("keeps what failed as it stood there, and takes an old file away once nothing fails", function()
    local path = write("numbers.csv", "Phone;Owner;Service\n15125550100;\"A; B\"; MMS\n15125550101;C;\n")
    assert(server:fault { method = "POST", path = "15125550100", kind = "status", status = 400, times = 1 })
    local _, _, status = run("import", path)
    assert.equal(5, status)
    assert.matches('^Phone;Owner;Service;error\r\n15125550100;"A; B";" MMS";add_number [^\n]*\r\n$',
      read "numbers.failed.csv")
    local again = write("again.csv", read "numbers.failed.csv")
    _, _, status = run("import", path)
    assert.equal(0, status)
    assert.equal("again.csv\nnumbers.csv\n", files())
    assert(server:fault { method = "POST", path = "15125550100", kind = "status", status = 400 })
    run("import", again)
    assert.matches("^Phone;Owner;Service;error\r\n15125550100;", read "again.failed.csv")
  end)

  it("puts toll-free numbers that failed where they can be imported again, and leaves out shortcodes", function()
    local path = write("tollfree.csv",
      "type,number,service\nTollfree,18005550000,sms\ntoll-free,18005550001,\n,18005550002,mms\nshortcode,20000,\n")
    assert(server:fault { method = "POST", path = "1800555000[02]", kind = "status", status = 400, times = 2 })
    local _, errors, status = run("import", path)
    assert.equal(5, status, errors)
    assert.matches("1 of 3 numbers are in the pool, 2 failed\nshortcodes left out, since the API can't add them: 1\n",
      errors, 1, true)
    _, errors, status = run("import", folder .. "/tollfree.failed.csv")
    assert.equal(0, status, errors)
    assert.same({ "Number/18005550002", "Number/18005550002", "Tollfree/18005550000", "Tollfree/18005550000",
      "Tollfree/18005550001" }, sent())
  end)

  it("writes what failed to standard error on request, and begins no more on request", function()
    local path = write("numbers.csv", "number\n5125550100\n15125550101\n")
    local _, errors, status = run("import", path, "--failures", "-", "--stop-on-error", "--skip-malformed")
    assert.equal(1, status)
    assert.matches("0 of 2 numbers are in the pool, 1 failed, 1 not begun", errors, 1, true)
    assert.matches("^number,error\r\n5125550100,[^\n]*\r\n15125550101,not begun\r\n", errors)
    assert.same({}, sent())
  end)

  it("shows what it would send", function()
    local path = write("a.csv", "15125550100\n")
    local output, errors, status = run("import", path, "--dry-run", "--fields", "method,path")
    assert.equal(0, status, errors)
    assert.matches('^{"method":"POST","path":"[^"]*/Number/15125550100/"}\n$', output)
    assert.same({ {}, "a.csv\n" }, { sent(), files() })
  end)

  it("says that its output is lost", function()
    local words = command_line.words(settings(), "import", write("a.csv", "15125550100\n"), "-o", "json")
    local _, errors, status = command_line.shell(words .. " >/dev/full")
    assert.equal(1, status)
    assert.matches("standard output: No space left on device\n$", errors)
  end)

  it("says at Ctrl-C what was done, and keeps the rest so that it can be run again", function()
    local lines = { "number" }
    for i = 1, 200 do
      lines[#lines + 1] = ("1512555%04d"):format(i)
    end
    local path = write("numbers.csv", table.concat(lines, "\n"))
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.2 })
    local line = ("echo $$; exec %s >%s/output 2>&1"):format(command_line.words(settings(), "import", path), folder)
    local pipe = assert(io.popen("env --default-signal=INT sh -c " .. quote(line) .. '; echo "status $?"', "r"))
    local pid = pipe:read "*l"
    local deadline = socket.gettime() + 20
    repeat
      socket.sleep(0.01)
    until #sent() >= 20 or socket.gettime() > deadline
    interpreter.shell("kill -INT " .. pid)
    local status = pipe:read "*a"
    pipe:close()
    local output = read "output"
    assert.equal("status 130\n", status, output)
    assert.is_nil(output:find("traceback", 1, true), output)
    local done, failed, uncertain, not_begun = output:match
      "(%d+) of 200 numbers are in the pool, (%d+) failed, (%d+) may be in it, (%d+) not begun"
    assert.equal(200, done + failed + uncertain + not_begun)
    assert.equal("0", failed)
    assert.is_true(tonumber(not_begun) > 0)
    local _, kept = read "numbers.failed.csv":gsub("\n%d+,not begun", "")
    assert.equal(tonumber(not_begun), kept)
    assert(server:reset())
    pool = assert(server:seed {}).pool
    local errors
    _, errors, status = run("import", folder .. "/numbers.failed.csv")
    assert.equal(0, status)
    assert.matches(("%d of %d numbers are in the pool, 0 failed"):format(not_begun + uncertain, not_begun + uncertain),
      errors, 1, true)
  end)
end)
