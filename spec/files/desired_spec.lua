-- From a file to what a plan takes, and from a pool's entries to a file and back.
local desired = require "numberpool.files.desired"
local entries = require "numberpool.files.entries"
local fixture = require "spec.support.fixture"

local folder = fixture.folder()

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

describe("what a file says that a pool should have", function()
  it("is each number once, with its service where it has one", function()
    local path = write("a.csv", "number,service,list\n+1 512 555 0100,mms,\n15125550101,,\n15125550101,SMS,\n"
      .. "18005550100,,tollfree\n20000,,shortcodes\n15125550100,,\n")
    local found = assert(desired.read(path))
    assert.same({
      numbers = { { number = "15125550100", service = "mms" }, { number = "15125550101", service = "sms" } },
      tollfree = { "18005550100" },
      shortcodes = { "20000" },
    }, found.lists)
    assert.equal(4, found.count)
    assert.same({ path .. ": 15125550101 is there again, on line 3 and line 4",
      path .. ": 15125550100 is there again, on line 2 and line 7" }, found.repeated)
  end)

  it("is nothing where a misspelt name would lose the services", function()
    for _, name in ipairs { "srvice", "Services", "sevrice", "servixe" } do
      local wrong = ("line 1: %s: expected another name, or service"):format(name)
      for path, text in pairs {
        ["a.csv"] = ("number,%s\n15125550100,mms\n"):format(name),
        ["a.jsonl"] = ('{"number":"15125550100","%s":"mms"}\n'):format(name),
        ["a.lua"] = ('return { { number = "15125550100", %s = "mms" } }'):format(name),
      } do
        local found, message = desired.read(write(path, text))
        assert.same({ nil, folder .. "/" .. path .. ": " .. wrong }, { found, message })
      end
    end
    for _, name in ipairs { "device", "note", "servers" } do
      assert.is_truthy(desired.read(write("a.csv", ("number,%s\n15125550100,mms\n"):format(name))))
    end
  end)

  it("leaves out lists that aren't in it, and has those that are empty", function()
    assert.same({ numbers = { "15125550100" } }, desired.read(write("a.csv", "number\n15125550100\n")).lists)
    assert.same({ numbers = {}, tollfree = {} },
      desired.read(write("a.json", '{"numbers": [], "tollfree": []}')).lists)
    local found = assert(desired.read(write("a.csv", "number\n")))
    assert.same({ {}, 0 }, { found.lists, found.count })
  end)

  it("is nothing where there is a mistake, and each is told with its line", function()
    local path = write("a.csv", "number,service\n15125550100,mms\n5125550101,\n15125550102,fax\n15125550100,sms\n")
    local found, message = desired.read(path)
    assert.is_nil(found)
    assert.equal(path .. ": line 3: no country code? expected a + and the country code in front, got 5125550101\n"
      .. path .. ": line 4: service: expected sms or mms, got fax\n"
      .. path .. ": line 5: expected one service for 15125550100, got mms on line 2 and sms on line 5", message)
    assert.is_truthy(desired.read(write("b.csv", "5125550101\n"), { calling_code = "1" }))
    message = select(2, desired.read(write("c.csv", ("5125550101\n"):rep(25))))
    assert.matches("\n" .. folder .. "/c.csv: 5 more mistakes", message, 1, true)
  end)

  it("is checked by the caller too", function()
    local path = write("a.jsonl", '"15125550100"\n"number"\n')
    local _, message = desired.read(path, {
      check = function(list, number)
        return nil, number == "number" and list .. ": wrong" or nil
      end,
    })
    assert.equal(path .. ": line 2: numbers: wrong", message)
  end)
end)

describe("entries that are written", function()
  local RECORDS = {
    { "15125550100", "mms", "fixed", "US", "numbers", list = "numbers" },
    { "15125550101", "", "mobile", "US", "numbers", list = "numbers" },
    { "18005550100", "sms", "tollfree", "US", "tollfree", list = "tollfree" },
    { "20000", "", 'short"code\\\n', "", "shortcodes", list = "shortcodes" },
  }

  local function written(format, records)
    local parts = {}
    local to = entries.writer(format, entries.columns(), function(text)
      parts[#parts + 1] = text
      return true
    end)
    for _, record in ipairs(records) do
      assert(to:entry(record))
    end
    assert(to:finish())
    return table.concat(parts)
  end

  it("are read again, in every format", function()
    for _, format in ipairs { "csv", "json", "jsonl", "lua" } do
      local found = assert(desired.read(write("a." .. format, written(format, RECORDS))))
      assert.same({
        numbers = { { number = "15125550100", service = "mms" }, "15125550101" },
        tollfree = { { number = "18005550100", service = "sms" } },
        shortcodes = { "20000" },
      }, found.lists)
    end
  end)

  it("stand in a line each", function()
    local line = '{"number": "15125550100", "service": "mms", "type": "fixed", "country_iso2": "US", "list": "numbers"}'
    local one = { RECORDS[1] }
    assert.equal(line .. "\n", written("jsonl", one))
    assert.equal("[\n  " .. line .. "\n]\n", written("json", one))
    assert.equal('return {\n  { number = "15125550100", service = "mms", type = "fixed", country_iso2 = "US", '
      .. 'list = "numbers" },\n}\n', written("lua", one))
    assert.equal("number,service,type,country_iso2,list\r\n15125550100,mms,fixed,US,numbers\r\n", written("csv", one))
  end)

  it("may be none", function()
    assert.same({ "number,service,type,country_iso2,list\r\n", "[]\n", "", "return {\n}\n" },
      { written("csv", {}), written("json", {}), written("jsonl", {}), written("lua", {}) })
  end)

  it("are no more where they can't be written", function()
    for _, format in ipairs { "csv", "json", "jsonl", "lua" } do
      local to = entries.writer(format, entries.columns(), function()
        return nil, "No space left on device"
      end)
      assert.same({ nil, "No space left on device" }, { to:entry(RECORDS[1]) })
    end
  end)
end)
