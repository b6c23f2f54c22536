-- import_csv.lua, export_csv.lua and audit.lua with files and terminals as they come.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"

local quote = interpreter.quote

local server = fixture.sandbox()
local folder = fixture.folder()
local powerpack

before_each(function()
  assert(server:reset())
  powerpack = assert(server:seed {}).powerpack
  interpreter.shell(("rm -rf %s/*"):format(quote(folder)))
end)

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

local function command(name, ...)
  local words = { ("NUMBERPOOL_BASE_URL=%s PLIVO_AUTH_ID=%s PLIVO_AUTH_TOKEN=%s exec %s examples/%s.lua"):format(
    quote(server.base_url), quote(server.auth_id), quote(server.auth_token), quote(interpreter.program), name) }
  for _, argument in ipairs { ... } do
    words[#words + 1] = quote(argument)
  end
  return table.concat(words, " ")
end

-- Returns what a command of the shell printed on standard output, on standard error, and its exit status.
local function shell(line)
  local pipe = assert(io.popen(("(%s) 2>%s/stderr; echo \" $?\""):format(line, quote(folder)), "r"))
  local text, status = pipe:read "*a":match "^(.*) (%d+)\n$"
  pipe:close()
  local errors = read "stderr"
  os.remove(folder .. "/stderr")
  return text, errors, tonumber(status)
end

local function run(...)
  return shell(command(...))
end

local function sent()
  local count = 0
  for _, entry in ipairs(assert(server:requests())) do
    count = count + (entry.method == "GET" and 0 or 1)
  end
  return count
end

local function files()
  return interpreter.shell("ls " .. quote(folder))
end

describe("an import", function()
  it("sends nothing for a file that can't be read as it is meant", function()
    for _, text in ipairs { 'number\n15125550100\n"15125550101"x\n', "number\n15125550100\nnumber\n",
      'number,note\n15125550100,"x\n15125550101,y"\n', "number\n15125550100\n15125550101,mms\n" } do
      local path = write("numbers.csv", text)
      local _, errors, status = run("import_csv", powerpack, path)
      assert.equal(2, status)
      assert.matches("^" .. path:gsub("%p", "%%%0") .. ": line [23]: ", errors)
      assert.equal("numbers.csv\n", files())
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
      local _, errors, status = run("import_csv", powerpack, path, failed)
      assert.equal(2, status)
      assert.matches(message, errors, 1, true)
    end
    assert.equal(0, #server:requests())
    assert.equal("numbers.csv\nothers.csv\n", files())
  end)

  it("takes a calling code for numbers that have none", function()
    local path = write("numbers.csv", "5125550100\n+15125550101\n02079460100\n")
    local output, _, status = run("import_csv", powerpack, path, "--calling-code", "1")
    assert.equal(1, status)
    assert.matches("2 of 3 numbers are in the pool, 1 failed", output, 1, true)
    assert.matches('^number,error\r\n02079460100,"?begins with 0: ', read "numbers.failed.csv")
    local errors
    output, errors, status = run("import_csv", "--calling-code=us", powerpack, path)
    assert.same({ "", 2 }, { output, status })
    assert.matches("^calling code: expected 1 to 3 digits, got us\n", errors)
  end)

  it("tells numbers that are there more than once, with their lines", function()
    local path = write("numbers.csv", "number\n15125600000\n15125600000\n15125600000\n")
    local output, errors, status = run("import_csv", powerpack, path)
    assert.equal(0, status)
    assert.matches("3 of 3 numbers are in the pool, 0 failed", output, 1, true)
    assert.matches("15125600000 is there 3 times, on lines 2, 3 and 4: what a spreadsheet", errors, 1, true)
    assert.equal(1, sent())
  end)

  it("doesn't count a number as done that is in the pool with another service", function()
    powerpack = assert(server:seed { numbers = { { number = "15125550100", service = "mms" } } }).powerpack
    local path = write("numbers.csv", "number,service\n15125550100,sms\n15125550101,sms\n")
    local output, _, status = run("import_csv", powerpack, path)
    assert.equal(1, status)
    assert.matches("1 of 2 numbers are in the pool, 1 failed", output, 1, true)
    assert.matches("line 2: 15125550100: is in the pool already, with service mms and not sms", output, 1, true)
  end)

  it("keeps what failed as it stood there, and takes an old file away once nothing fails", function()
    local path = write("numbers.csv", "Phone;Owner;Service\n15125550100;\"A; B\"; MMS\n15125550101;C;\n")
    assert(server:fault { method = "POST", path = "15125550100", kind = "status", status = 400, times = 1 })
    local _, _, status = run("import_csv", powerpack, path)
    assert.equal(1, status)
    assert.matches('^Phone;Owner;Service;error\r\n15125550100;"A; B";" MMS";add_number [^\n]*\r\n$',
      read "numbers.failed.csv")
    local again = interpreter.shell(("cp %s/numbers.failed.csv %s/again.csv; echo %s/again.csv"):format(folder, folder,
      folder)):gsub("%s+$", "")
    _, _, status = run("import_csv", powerpack, path)
    assert.equal(0, status)
    assert.equal("again.csv\nnumbers.csv\n", files())
    assert(server:fault { method = "POST", path = "15125550100", kind = "status", status = 400 })
    run("import_csv", powerpack, again)
    assert.matches("^Phone;Owner;Service;error\r\n15125550100;", read "again.failed.csv")
  end)

  it("writes what failed to standard error on request, and begins no more on request", function()
    local path = write("numbers.csv", "number\n5125550100\n15125550101\n")
    local output, errors, status = run("import_csv", powerpack, path, "-", "--stop-on-error")
    assert.equal(1, status)
    assert.matches("0 of 2 numbers are in the pool, 1 failed, 1 not begun", output, 1, true)
    assert.matches("^number,error\r\n5125550100,[^\n]*\r\n15125550101,not begun\r\n$", errors)
    assert.equal(0, sent())
  end)

  it("says at Ctrl-C what was done, and keeps the rest so that it can be run again", function()
    local lines = { "number" }
    for i = 1, 200 do
      lines[#lines + 1] = ("1512555%04d"):format(i)
    end
    local path = write("numbers.csv", table.concat(lines, "\n"))
    assert(server:fault { method = "POST", kind = "delay", seconds = 0.2 })
    local line = ("echo $$; %s >%s/output 2>&1"):format(command("import_csv", powerpack, path), folder)
    local pipe = assert(io.popen("env --default-signal=INT sh -c " .. quote(line) .. '; echo "status $?"', "r"))
    local pid = pipe:read "*l"
    local deadline = socket.gettime() + 60
    repeat
      socket.sleep(0.01)
    until sent() >= 20 or socket.gettime() > deadline
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
    powerpack = assert(server:seed {}).powerpack
    output, _, status = run("import_csv", powerpack, folder .. "/numbers.failed.csv")
    assert.equal(0, status)
    assert.matches(("%d of %d numbers are in the pool, 0 failed"):format(not_begun + uncertain, not_begun + uncertain),
      output, 1, true)
  end)
end)

describe("an export", function()
  it("gives the same file again after an import into an empty pool", function()
    local full = assert(server:seed {
      numbers = { { number = "15125550109", service = "mms" }, "447946010000", "15125550101", "18005550100" },
      tollfree = { "18005550100", "18005550099" }, shortcodes = 1,
    }).powerpack
    local _, _, status = run("export_csv", full, folder .. "/before.csv")
    assert.equal(0, status)
    local before = read "before.csv"
    assert.equal("number,service,type,country_iso2,list\r\n15125550101,sms,fixed,US,numbers\r\n"
      .. "15125550109,mms,fixed,US,numbers\r\n18005550100,sms,toll-free,US,numbers\r\n"
      .. "447946010000,sms,mobile,GB,numbers\r\n18005550099,sms,tollfree,US,tollfree\r\n"
      .. "18005550100,sms,tollfree,US,tollfree\r\n", (before:gsub("20000[^\n]*\n", "")))
    local output
    output, _, status = run("import_csv", powerpack, folder .. "/before.csv")
    assert.equal(0, status)
    assert.matches("shortcodes left out, since the API can't add them: 1\n", output, 1, true)
    run("export_csv", powerpack, folder .. "/after.csv")
    assert.equal((before:gsub("20000[^\n]*\n", "")), read "after.csv")
    assert.equal("after.csv\nbefore.csv\n", files())
  end)

  it("leaves the file before as it was where it fails", function()
    local path = write("pool.csv", "old")
    assert(server:fault { method = "GET", path = "/Tollfree/", kind = "status", status = 400 })
    local _, errors, status = run("export_csv", powerpack, path)
    assert.equal(1, status)
    assert.matches("list_tollfree", errors)
    assert.equal("old", read "pool.csv")
    assert.equal("pool.csv\n", files())
  end)

  it("says when each was added, on request", function()
    local full = assert(server:seed { numbers = 1 }).powerpack
    local output = run("export_csv", full, "--added-on")
    assert.matches(",list,added_on\r\n15125550000,sms,fixed,US,numbers,%d+-%d+-%d+T", output)
  end)
end)

for name, usage in pairs { import_csv = "POWERPACK FILE.csv", export_csv = "POWERPACK", audit = "POWERPACK" } do
  describe("examples/" .. name .. ".lua", function()
    it("prints its usage", function()
      local output, errors, status = run(name, "--help")
      assert.matches("^usage: " .. name .. ".lua .*" .. usage, output)
      assert.same({ "", 0 }, { errors, status })
      for _, argument in ipairs { "--no-such-option", "a b c d" } do
        output, errors, status = shell(command(name) .. " " .. argument)
        assert.same({ "", 2 }, { output, status })
        assert.matches("\n\nusage: " .. name, errors)
      end
      assert.equal(0, #server:requests())
    end)

    it("says that its output is lost, and is quiet where nobody reads on", function()
      powerpack = assert(server:seed { numbers = 30 }).powerpack
      local path = name == "import_csv" and write("numbers.csv", "number\n15125559999\n") or nil
      local _, errors, status = shell(command(name, powerpack, path) .. " >/dev/full")
      assert.equal(1, status)
      assert.matches("standard output: No space left on device\n$", errors)
      local output
      for _, signal in ipairs { "", "trap '' PIPE; " } do
        output, errors = shell(("(%s%s) | head -c 5"):format(signal, command(name, powerpack, path)))
        assert.equal(5, #output)
        assert.is_true(errors == "" or errors == "30 entries\n", errors)
      end
    end)
  end)
end
