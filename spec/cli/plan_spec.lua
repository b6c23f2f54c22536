-- `numberpool plan`: what there is to change, and what a wrong file says.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local folder = fixture.folder()
local pool

before_each(function()
  assert(server:reset())
  pool = assert(server:seed { numbers = { { number = "15125550100", service = "mms" }, "15125550101", "15125550102" },
    tollfree = { "18005550100" }, shortcodes = { { shortcode = "444444" } } }).pool
end)

local run = command_line.runner(function()
  return { server = server, pool = pool }
end)

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function check_unchanged()
  for _, entry in ipairs(assert(server:requests())) do
    assert.equal("GET", entry.method)
  end
end

describe("numberpool plan", function()
  it("prints what there is to change, and changes nothing", function()
    local path = write("pool.csv", "number,service,list\n15125550100,sms,\n15125550101,,\n15125550199,mms,\n"
      .. "555555,,shortcodes\n")
    local output, errors, status = run("plan", path)
    assert.same({ "", 0 }, { errors, status })
    assert.matches("^plan for pool [^\n]*: 1 to add, 0 to remove, 1 to replace, 1 to keep, 1 impossible\n", output)
    for _, line in ipairs { "  + 15125550199 mms\n", "  ~ 15125550100 mms -> sms\n", "  ! shortcode 555555: " } do
      assert.matches(line, output, 1, true)
    end
    output, errors, status = run("plan", path, "--prune", "--detailed-exitcode")
    assert.same({ "not in the file, and left alone: tollfree\n", 6 }, { errors, status })
    assert.matches("  - 15125550102 sms\n  - shortcode 444444\n", output, 1, true)
    check_unchanged()
  end)

  it("prints JSON, lines of it, and saves itself", function()
    local path = write("pool.txt", "15125550199\n")
    local output, _, status = run("plan", path, "-o", "json", "--out", folder .. "/pool.plan", "--detailed-exitcode")
    assert.equal(6, status)
    assert.matches('"changes": 1,\n  "keep": 0,\n  "add": [{', output, 1, true)
    assert.matches("numberpool plan", read(folder .. "/pool.plan"), 1, true)
    output = run("plan", path, "-o", "jsonl")
    assert.matches('^{"action":"add","kind":"number","number":"15125550199","reason":"[^"]*"}\n$', output)
    output, _, status = run("plan", write("same.txt", "15125550101\n"), "--detailed-exitcode", "-o", "csv")
    assert.same({ "action,kind,number,shortcode,service,from,reason\n", 0 }, { output, status })
  end)

  it("isn't saved over its own file", function()
    local path = write("pool.txt", "15125550199\n")
    for _, out in ipairs { path, folder .. "/./pool.txt" } do
      local _, errors, status = run("plan", path, "--out", out)
      assert.same({ "--out: expected another file than the one that is read, got " .. out .. "\n", 2 },
        { errors, status })
    end
    assert.equal("15125550199\n", read(path))
  end)

  it("refuses an empty file with --prune, unless that is what is meant", function()
    local nothing, header = write("nothing.csv", ""), write("header.csv", "number,service\n")
    local list = write("list.json", "[]")
    for path, message in pairs { [nothing] = "is empty: expected numbers", [header] = "has no numbers, and --prune",
      [list] = "has no numbers, and --prune" } do
      local output, errors, status = run("plan", path, "--prune")
      assert.same({ "", 2 }, { output, status })
      assert.matches(path .. ": " .. message, errors, 1, true)
      output, errors, status = run("plan", path, "--prune", "--allow-empty")
      assert.same({ "", 0 }, { errors, status })
      assert.matches(": 0 to add, 5 to remove, ", output, 1, true)
    end
    check_unchanged()
  end)

  it("names file and line of all that is wrong, and sends nothing", function()
    local lines = { "number,service" }
    for i = 1, 73411 do
      lines[#lines + 1] = 15125500000 + i
    end
    lines[73412] = "1512555010"
    local many = write("many.csv", table.concat(lines, "\n"))
    for path, message in pairs {
      [many] = "many.csv: line 73412: no country code? expected a + and the country code in front, got 1512555010",
      [write("words.csv", "number\n15125550100\nsome words\n")] = 'words.csv: line 3: ',
      [write("twice.csv", "number,service\n15125550100,mms\n\n+15125550100,sms\n")] =
        "twice.csv: line 4: expected one service for 15125550100, got mms on line 2 and sms on line 4",
      [write("loop.lua", "\nwhile true do end")] = "loop.lua: line 2: the file doesn't come to an end",
      [write("os.lua", "return {\nos.execute 'touch " .. folder .. "/touched' }")] = "os.lua: line 2: os isn't there",
      [write("open.json", '[\n"15125550100",\n"1512555')] = "open.json: line 3: a string is never closed",
      [folder .. "/none.csv"] = "none.csv: No such file or directory",
      [folder] = folder .. ": Is a directory",
      [write("empty.csv", "")] = "empty.csv: is empty: expected numbers",
    } do
      local output, errors, status = run("plan", path)
      assert.same({ "", 2 }, { output, status })
      assert.matches(message, errors, 1, true)
      assert.matches("\nnothing was sent\n$", errors)
    end
    assert.same({}, server:requests())
    assert.is_nil((io.open(folder .. "/touched")))
  end)

  it("takes files of national numbers, and says which number is there again", function()
    local path = write("pool.csv", "\239\187\191number;service\r\n\r\n(512) 555-0101;sms\r\n\"512 555 0101\";\r\n")
    local output, errors, status = run("plan", path, "--default-calling-code", "1")
    assert.equal(0, status)
    assert.equal(path .. ": 15125550101 is there again, on line 3 and line 4\n", errors)
    assert.matches(": 0 to add, 0 to remove, 0 to replace, 1 to keep,", output, 1, true)
  end)
end)
