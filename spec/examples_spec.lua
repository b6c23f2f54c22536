-- The examples run as they are, and those that take files do with files of one's own.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

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
  { "import_csv", "252 of 255 numbers are in the pool, 3 failed" },
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
  local server = fixture.sandbox()
  local folder = fixture.folder()
  local powerpack

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
    assert.matches('^service,number,note,error\r\nsms,19995550000,"two\nlines","add_number 19995550000: ', text)
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

  -- What a pool has, as export_csv writes it: but for when it was added, and for shortcodes if need be.
  local function exported(of, without_shortcodes)
    local path = folder .. "/exported.csv"
    local output, status = run("export_csv", server, of, path)
    assert.equal(0, status, output)
    local found = {}
    for line in read(path):gmatch "[^\r\n]+" do
      if not (without_shortcodes and line:find(",shortcode,", 1, true)) then
        found[#found + 1] = line:match "^(.-,.-,.-,.-),"
      end
    end
    table.sort(found)
    return found, path
  end

  it("write what is exported so that it is imported alike, but for shortcodes", function()
    local full = assert(server:seed { numbers = 45, tollfree = 23, shortcodes = 2 }).powerpack
    local all, path = exported(full)
    assert.equal(1 + 45 + 23 + 2, #all)
    local output, status = run("import_csv", server, powerpack, path)
    assert.equal(0, status, output)
    assert.matches("68 of 68 numbers are in the pool, 0 failed", output, 1, true)
    assert.matches("shortcodes left out, since the API can't add them: 2\n", output, 1, true)
    assert.same((exported(full, true)), (exported(powerpack)))
  end)

  it("put toll-free numbers that failed where they can be imported again", function()
    local path = folder .. "/tollfree.csv"
    write(path, "type,number,service\nTollfree,18005550000,sms\ntoll-free,18005550001,\n,18005550002,mms\n")
    assert(server:fault { method = "POST", path = "1800555000[02]", kind = "status", status = 400, times = 2 })
    local output, status = run("import_csv", server, powerpack, path)
    assert.equal(1, status, output)
    assert.matches("1 of 3 numbers are in the pool, 2 failed", output, 1, true)
    output, status = run("import_csv", server, powerpack, folder .. "/tollfree.failed.csv")
    assert.equal(0, status, output)
    local seen = {}
    for _, entry in ipairs(assert(server:requests())) do
      seen[#seen + 1] = entry.method == "POST" and entry.path:match "/(%a+/%d+)/$" or nil
    end
    table.sort(seen)
    assert.same({ "Number/18005550002", "Number/18005550002", "Tollfree/18005550000", "Tollfree/18005550000",
      "Tollfree/18005550001" }, seen)
  end)

  it("name no file that doesn't stay", function()
    local output = run "import_csv"
    assert.is_nil(output:find("failed.csv", 1, true), output)
    assert.matches('\n14155559999,fax,,"add_numbers: service: expected sms or mms', output, 1, true)
  end)

  it("say what is wrong with them", function()
    local path = folder .. "/wrong.csv"
    write(path, "name\n14155550000\n")
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
      local takes_tables = jit or _VERSION ~= "Lua 5.1" and _VERSION ~= "Lua 5.2" -- its assert
      if name ~= "quickstart" or takes_tables then
        assert.matches("not_found", output)
      end
    end
  end)
end)
