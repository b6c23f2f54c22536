-- The examples run as they are, and those that take files do with files of one's own.
local interpreter = require "spec.support.interpreter"
local sandbox = require "numberpool.sandbox"

local quote = interpreter.quote

-- Runs an example of this Lua's. Returns what it printed, errors included, and its exit status.
local function run(name, server, ...)
  local words = { quote(interpreter.program), "examples/" .. name .. ".lua" }
  for _, argument in ipairs { ... } do
    words[#words + 1] = quote(argument)
  end
  local environment = server and ("NUMBERPOOL_BASE_URL=%s PLIVO_AUTH_ID=%s PLIVO_AUTH_TOKEN=%s "):format(
    quote(server.base_url), quote(server.auth_id), quote(server.auth_token)) or ""
  local pipe = assert(io.popen(environment .. table.concat(words, " ") .. " 2>&1; echo \" $?\"", "r"))
  local output = pipe:read "*a"
  pipe:close()
  local text, status = output:match "^(.*) (%d+)\n$"
  return text, tonumber(status)
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

for _, case in ipairs {
  { "tour", "All as it should be" },
  { "quickstart", "45 numbers" },
  { "events", "retry +add_number" },
  { "import_csv", "251 of 254 numbers are in the pool, 3 failed" },
  { "export_csv", "150 entries" },
  { "audit", "178 entries" },
} do
  describe("examples/" .. case[1] .. ".lua", function()
    it("runs as it is", function()
      local output, status = run(case[1])
      assert.equal(0, status, output)
      assert.matches(case[2], output)
    end)
  end)
end

describe("the examples that take files", function()
  local server, powerpack, folder

  setup(function()
    server = assert(sandbox.start())
    folder = interpreter.shell("mktemp -d"):gsub("%s+$", "")
  end)

  teardown(function()
    server:stop()
    interpreter.shell("rm -r " .. quote(folder))
  end)

  before_each(function()
    assert(server:reset())
    powerpack = assert(server:seed {}).powerpack
  end)

  it("import what they can, and write what failed so that it can be imported again", function()
    local path, failed = folder .. "/numbers.csv", folder .. "/numbers.failed.csv"
    write(path, '\239\187\191service,"number",note\r\nmms,14155550000,"a ""note"", with a comma"\r\n'
      .. ',"+1 (415) 555-0001",\r\n\r\n'
      .. 'sms,19995550000,"two\nlines"\nsms,14155550002')
    assert(server:fault { method = "POST", path = "19995550000", kind = "status", status = 400, times = 1 })

    local output, status = run("import_csv", server, powerpack, path)
    assert.equal(1, status, output)
    assert.matches("3 of 4 numbers are in the pool, 1 failed", output, 1, true)
    local text = read(failed)
    assert.matches("^number,service,error\r\n19995550000,sms,", text)
    assert.matches("\r\n$", text)

    output, status = run("import_csv", server, powerpack, failed, folder .. "/again.csv")
    assert.equal(0, status, output)
    assert.matches("1 of 1 numbers are in the pool, 0 failed", output, 1, true)
    local exported = folder .. "/all.csv"
    output, status = run("export_csv", server, powerpack, exported)
    assert.equal(0, status, output)
    local lines = {}
    for number, service in read(exported):gmatch "(%d+),(%a+),[^\n]*\r\n" do
      lines[#lines + 1] = number .. " " .. service
    end
    table.sort(lines)
    assert.same({ "14155550000 mms", "14155550001 sms", "14155550002 sms", "19995550000 sms" }, lines)
  end)

  it("write what is exported so that it is imported alike", function()
    local full = assert(server:seed { numbers = 45 }).powerpack
    local first, second = folder .. "/first.csv", folder .. "/second.csv"
    assert.equal(0, select(2, run("export_csv", server, full, first)))
    local output, status = run("import_csv", server, powerpack, first)
    assert.equal(0, status, output)
    assert.equal(0, select(2, run("export_csv", server, powerpack, second)))
    local function numbers(path)
      local found = {}
      for line in read(path):gmatch "[^\r\n]+" do
        found[#found + 1] = line:match "^(.-,.-,.-,.-),"
      end
      table.sort(found)
      return found
    end
    assert.equal(46, #numbers(first))
    assert.same(numbers(first), numbers(second))
  end)

  it("say what is wrong with them", function()
    local path = folder .. "/wrong.csv"
    write(path, "phone\n14155550000\n")
    local output, status = run("import_csv", server, powerpack, path)
    assert.equal(2, status)
    assert.matches("column `number`", output)
    output, status = run("import_csv", server, powerpack, folder .. "/none.csv")
    assert.equal(2, status)
    assert.matches("none.csv", output, 1, true)
    write(path, 'number\n"14155550000\n')
    output, status = run("import_csv", server, powerpack, path)
    assert.equal(2, status)
    assert.matches("quote", output)
    assert.equal(0, #server:requests())
  end)

  it("end with an error where the powerpack isn't there", function()
    for _, name in ipairs { "export_csv", "audit", "quickstart" } do
      local output, status = run(name, server, "no-such-powerpack")
      assert.equal(1, status)
      if jit or _VERSION ~= "Lua 5.1" and _VERSION ~= "Lua 5.2" then -- their assert takes no error objects
        assert.matches("not_found", output)
      end
    end
  end)
end)
