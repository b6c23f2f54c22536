-- `numberpool export`, and that plan and import take what it writes.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"

local unpack = table.unpack or unpack

local server = fixture.sandbox()
local folder = fixture.folder()
local pool

before_each(function()
  assert(server:reset())
  pool = assert(server:seed {
    numbers = { { number = "15125550109", service = "mms" }, "447946010000", "15125550101", "18005550100" },
    tollfree = { "18005550100", "18005550099" }, shortcodes = 1,
  }).pool
  interpreter.shell(("rm -rf %s/*"):format(interpreter.quote(folder)))
end)

local function settings()
  return { server = server, pool = pool }
end

local run = command_line.runner(settings)

local function words(...)
  return command_line.words(settings(), ...)
end

local function read(name)
  local file = assert(io.open(folder .. "/" .. name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function files()
  return interpreter.shell("ls " .. interpreter.quote(folder))
end

local SORTED = "number,service,type,country_iso2,list\r\n15125550101,sms,fixed,US,numbers\r\n"
  .. "15125550109,mms,fixed,US,numbers\r\n18005550100,sms,toll-free,US,numbers\r\n"
  .. "447946010000,sms,mobile,GB,numbers\r\n18005550099,sms,tollfree,US,tollfree\r\n"
  .. "18005550100,sms,tollfree,US,tollfree\r\n20000,,shortcode,US,shortcodes\r\n"

describe("numberpool export", function()
  it("writes the same file for the same pool, and after an import into an empty one", function()
    local _, errors, status = run("export", "--sort", folder .. "/before.csv")
    assert.same({ "7 entries\n", 0 }, { errors, status })
    assert.equal(SORTED, read "before.csv")
    pool = assert(server:seed {}).pool
    _, errors, status = run("import", folder .. "/before.csv")
    assert.equal(0, status)
    assert.matches("shortcodes left out, since the API can't add them: 1\n", errors, 1, true)
    run("export", "--sort", folder .. "/after.csv")
    assert.equal((SORTED:gsub("20000[^\n]*\n", "")), read "after.csv")
    assert.equal("after.csv\nbefore.csv\n", files())
  end)

  it("writes a file for which plan finds nothing to do, in every format", function()
    for _, format in ipairs { "csv", "json", "jsonl", "lua" } do
      local output, errors, status = run("export", "-o", format)
      assert.same({ "7 entries\n", 0 }, { errors, status })
      local _, named = run("export", folder .. "/pool." .. format)
      assert.same({ output, "7 entries\n" }, { read("pool." .. format), named })
      output, errors, status = run("plan", folder .. "/pool." .. format, "--prune", "--detailed-exitcode")
      assert.same({ "", 0 }, { errors, status })
      assert.matches(": 0 to add, 0 to remove, 0 to replace, 7 to keep, 0 impossible\n$", output)
      _, errors, status = command_line.shell(words("export", "-q", "-o", format) .. " | "
        .. words("plan", "-", "--prune", "--detailed-exitcode"))
      assert.same({ "", 0 }, { errors, status })
    end
  end)

  it("writes pages as they come", function()
    pool = assert(server:seed { numbers = 300 }).pool
    assert(server:reset())
    pool = assert(server:seed { numbers = 300 }).pool
    local output = command_line.shell(words("export") .. " | head -n 3")
    assert.equal(3, select(2, output:gsub("\n", "")))
    assert.is_true(#server:requests() < 16 + 2, "the whole pool was read before the first line was written")
  end)

  it("leaves the file before as it was where it fails", function()
    for _, option in ipairs { "--sort", "--quiet" } do
      local file = assert(io.open(folder .. "/pool.csv", "wb"))
      file:write "old"
      file:close()
      assert(server:fault { method = "GET", path = "/Tollfree/", kind = "status", status = 400, times = 1 })
      local _, errors, status = run("export", folder .. "/pool.csv", option)
      assert.equal(1, status)
      assert.matches("list_tollfree", errors)
      assert.equal("old", read "pool.csv")
      assert.equal("pool.csv\n", files())
    end
  end)

  it("says when each was added, on request", function()
    local output = run("export", "--added-on")
    assert.matches(",list,added_on\r\n%d+,mms,fixed,US,numbers,%d+-%d+-%d+T", output)
  end)

  it("says that its output is lost, and is quiet where nobody reads on", function()
    local _, errors, status = command_line.shell(words("export") .. " >/dev/full")
    assert.equal(1, status)
    assert.matches("standard output: No space left on device\n$", errors)
    _, errors, status = run("export", "/dev/full")
    assert.equal(1, status)
    assert.matches("/dev/full: No space left on device\n$", errors)
    for _, signal in ipairs { "", "trap '' PIPE; " } do
      local output
      output, errors = command_line.shell(("(%s%s) | head -c 5"):format(signal, words("export")))
      assert.equal("numbe", output)
      assert.is_true(errors == "" or errors == "7 entries\n", errors)
    end
  end)

  it("does nothing to a terminal", function()
    local page = '{"meta":{"total_count":1},"objects":[{"number":"15125550100","service":"a\\u001b[2Jb\\nc"}]}'
    local empty = '{"meta":{"total_count":0},"objects":[]}'
    local scripted = fixture.scripted_server()
    for format, expected in pairs {
      csv = 'number,service,type,country_iso2,list\n15125550100,"a\\x1b[2Jb\nc",,,numbers\n',
      jsonl = '{"number": "15125550100", "service": "a\\u001b[2Jb\\nc", "list": "numbers"}\n',
    } do
      scripted:script(http.json(page), http.json(empty), http.json(empty))
      assert.equal(expected .. "1 entries\n",
        (command_line.on_terminal({ server = scripted, pool = "p" }, 80, "", "export", "-o", format)))
    end
  end)

  it("ends where the server's entries can't be a pool's", function()
    local scripted = fixture.scripted_server()
    local target = { server = scripted, pool = "p" }
    for entry, shown in pairs { ["5"] = "5", ['{"number":"abc"}'] = '"abc"', ['{"number":[1]}'] = "table",
      ["{}"] = "nil" } do
      local path = folder .. "/wrong.csv"
      for _, arguments in ipairs { { "export", path }, { "export", "--sort", path } } do
        scripted:script(http.json(('{"meta":{"total_count":1},"objects":[%s]}'):format(entry)))
        local _, errors, status = command_line.runner(target)(unpack(arguments))
        assert.same({ "the list has an entry whose number can't be one: " .. shown .. " (protocol)\n", 1 },
          { errors, status })
      end
    end
    assert.equal("", files())
    scripted:script(http.json '{"meta":{"total_count":2},"objects":[{"uuid":5},7]}')
    local _, errors, status = command_line.runner(target)("numbers", "where", "15125550100")
    assert.same({ "the list of powerpacks has an entry without a uuid\n", 1 }, { errors, status })
  end)

  it("knows its formats", function()
    local output, errors, status = run("export", "-o", "table")
    assert.same({ "", "--output: expected csv, json, jsonl or lua, got table\n", 2 }, { output, errors, status })
    output, errors, status = run("numbers", "list", "-o", "lua")
    assert.same({ "", "--output: expected table, json, jsonl, csv or tsv, got lua\n", 2 }, { output, errors, status })
  end)
end)
