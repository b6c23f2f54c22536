-- Files that are there as a whole or not at all.
local csv = require "numberpool.files.csv"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local writer = require "numberpool.files.writer"

local folder

before_each(function()
  folder = fixture.folder()
end)

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

local function files()
  return interpreter.shell("ls " .. interpreter.quote(folder))
end

describe("a file that is written", function()
  it("has its name once everything is in it", function()
    local path = folder .. "/it's a \"pool\".csv"
    local file = assert(writer.open(path))
    assert(file:write { "number", "note" })
    assert.is_nil(read(path))
    assert(file:write { "15125550100", "a" })
    assert(file:commit())
    assert.equal("number,note\r\n15125550100,a\r\n", read(path))
    file:discard()
    assert.equal('it\'s a "pool".csv\n', files())
  end)

  it("leaves the one before as it was until then", function()
    local path = folder .. "/pool.csv"
    local file = assert(writer.open(path))
    assert(file:write { "old" })
    assert(file:commit())
    file = assert(writer.open(path))
    assert(file:write { "new" })
    assert(file:flush())
    assert.equal("old\r\n", read(path))
    file:discard()
    assert.equal("old\r\n", read(path))
    assert.equal("pool.csv\n", files())
  end)

  it("can be begun anew", function()
    local file = assert(writer.open(folder .. "/pool.csv"))
    assert(file:write { "a long record that isn't meant to stay" })
    assert.is_true(file:restart())
    assert(file:write { "short" })
    assert(file:commit())
    assert.equal("short\r\n", read(folder .. "/pool.csv"))
  end)

  it("goes where a symbolic link leads, and the link stays", function()
    interpreter.shell(("cd %s && mkdir real && ln -s real/pool.csv link.csv"):format(interpreter.quote(folder)))
    local file = assert(writer.open(folder .. "/link.csv"))
    assert(file:write { "x" })
    assert(file:commit())
    assert.equal("x\r\n", read(folder .. "/real/pool.csv"))
    interpreter.shell("test -L " .. interpreter.quote(folder .. "/link.csv"))
  end)

  it("isn't put in the place of a device", function()
    local file = assert(writer.open "/dev/full")
    local ok, message = file:write { "x" }
    assert.is_nil(ok)
    assert.equal("/dev/full: No space left on device", message)
    file:discard()
    interpreter.shell "test -c /dev/full"
  end)

  it("says where it can't be", function()
    assert.equal(folder .. "/none/pool.csv: No such file or directory",
      (select(2, writer.open(folder .. "/none/pool.csv"))))
    assert.equal(folder .. ": Is a directory", (select(2, writer.open(folder))))
  end)
end)

describe("a record", function()
  it("has quotes where it needs them", function()
    assert.equal('15125550100,"a,b","a ""b""","a\nb"," a",,a;b\r\n',
      csv.format { "15125550100", "a,b", 'a "b"', "a\nb", " a", "", "a;b" })
    assert.equal('a,b;"a;b"\r\n', csv.format({ "a,b", "a;b" }, ";"))
  end)

  it("is read as it was written", function()
    local fields = { "15125550100", "a,b", 'a "b"', "a\r\nb", " a\t", "", "|;", '"' }
    for _, delimiter in ipairs { ",", ";", "\t", "|" } do
      local records = assert(csv.parse(csv.format(fields, delimiter), delimiter))
      assert.equal(1, #records)
      for i, field in ipairs(fields) do
        assert.equal(field, records[1][i])
      end
      assert.equal(#fields, #records[1])
    end
  end)
end)
