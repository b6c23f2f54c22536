-- What the command line writes: formats, and what a terminal shows.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local json = require "numberpool.cli.json"
local tables = require "numberpool.cli.table"
local text = require "numberpool.cli.text"

local EVIL = "a\\u001b[31mb\\u0007\\u009b\\u202ec\\n"

local server = fixture.scripted_server()
local settings = { server = server, pool = "p" }
local run = command_line.runner(settings)

-- A page of powerpacks, as JSON.
local function page(...)
  local objects = { ... }
  return http.json(('{"meta":{"limit":20,"offset":0,"total_count":%d},"objects":[%s]}'):format(#objects,
    table.concat(objects, ",")))
end

local FIRST = '{"uuid":"u1","name":"one, two","sticky_sender":true,"n":5,"f":1.5,"list":[1,{"a":"b"}],"empty":null}'
local SECOND = ('{"uuid":"u2","name":"%s"}'):format(EVIL)

describe("a list", function()
  before_each(function()
    server:script(page(FIRST, SECOND))
  end)

  it("is JSON lines in a pipe: the API's fields as they came", function()
    assert.equal('{"uuid":"u1","name":"one, two","sticky_sender":true,"f":1.5,"list":[1,{"a":"b"}],"n":5}\n'
      .. '{"uuid":"u2","name":"' .. EVIL .. '"}\n', (run("powerpacks", "list")))
  end)

  it("is JSON, CSV or TSV, with the fields that are asked for", function()
    assert.equal('[\n  {"n":5,"name":"one, two"},\n  {"name":"' .. EVIL .. '"}\n]\n',
      (run("powerpacks", "list", "-o", "json", "--fields", "n,name")))
    assert.equal('uuid,name,list,none\nu1,"one, two","[1,{""a"":""b""}]",\nu2,"a\27[31mb\7\194\155\226\128\174c\n",,\n',
      (run("powerpacks", "list", "-o", "csv", "--fields", "uuid,name,list,none")))
    assert.equal("uuid\tname\nu1\tone, two\nu2\ta\27[31mb\7\194\155\226\128\174c\\n\n",
      (run("powerpacks", "list", "-o", "tsv", "--fields", "uuid,name")))
  end)

  it("has objects without the fields that an entry doesn't have, and names those that none has", function()
    local message = "--fields: no entry has nmae; the first has f, list, n, name, sticky_sender, uuid\n"
    local output, errors, status = run("powerpacks", "list", "--fields", "nmae,n")
    assert.same({ '{"n":5}\n{}\n', message, 0 }, { output, errors, status })
    output, errors = run("powerpacks", "list", "--fields", "nmae", "-o", "json", "--quiet")
    assert.same({ "[\n  {},\n  {}\n]\n", "" }, { output, errors })
    server:script(http.json(FIRST))
    output, errors = run("powerpacks", "get", "u1", "--fields", "nmae", "-o", "json")
    assert.same({ "{}\n", message }, { output, errors })
  end)

  it("is a table on a terminal, on which nothing from the server acts", function()
    local output, status = command_line.on_terminal(settings, 60, "", "powerpacks", "list", "--fields", "uuid,name")
    assert.equal(0, status)
    assert.equal("\27[1muuid  name\27[0m\nu1    one, two\nu2    a\\x1b[31mb\\x07\\u{9b}\\u{202e}c\\n\n", output)
    for name, value in pairs { NO_COLOR = "1", TERM = "dumb" } do
      local plain = { server = server, pool = "p", environment = { [name] = value } }
      output = command_line.on_terminal(plain, 60, "", "powerpacks", "list", "--fields", "uuid,name")
      assert.matches("^uuid  name\nu1 ", output)
    end
    output = command_line.on_terminal(settings, 60, "", "powerpacks", "list", "-o", "csv", "--fields", "name")
    assert.equal('name\n"one, two"\na\\x1b[31mb\\x07\\u{9b}\\u{202e}c\\n\n', output)
  end)

  it("is cut to the terminal's width", function()
    local output = command_line.on_terminal(settings, 20, "", "powerpacks", "list")
    for line in output:gsub("\27%[%d*m", ""):gmatch "[^\n]+" do
      assert.is_true(text.width(line) <= 20, line)
    end
    assert.matches("u2    a\\x1b[31mb\\x0…", output, 1, true)
  end)

  it("may have entries without fields, and fields with any name", function()
    server:script(page('"x"', '5'))
    assert.equal('{"value":"x"}\n{"value":5}\n', (run("powerpacks", "list")))
    server:script(http.json('{"\\u001b[31m":"\\u001b[31m"}'))
    assert.equal("\\x1b[31m  \\x1b[31m\n", (run("powerpacks", "get", "u1", "-o", "table")))
  end)

  it("is nothing, or its header, where there is nothing", function()
    server:script(page())
    assert.equal("", (run("powerpacks", "list")))
    assert.equal("[]\n", (run("powerpacks", "list", "-o", "json")))
    assert.equal("uuid,name\n", (run("powerpacks", "list", "-o", "csv", "--fields", "uuid,name")))
    assert.equal("none\n", (command_line.on_terminal(settings, 60, "", "powerpacks", "list")))
  end)
end)

describe("an error of the server's", function()
  it("moves no cursor", function()
    server:script(http.answer(400, '{"error":"' .. EVIL .. '"}'))
    local _, errors, status = run("powerpacks", "get", "u1")
    assert.equal(1, status)
    assert.is_nil(errors:find("[%z\1-\9\11-\31\127]"))
  end)
end)

describe("JSON", function()
  it("has whole numbers as they are, and nothing that isn't UTF-8", function()
    assert.equal('[15125550000,9007199254740991,1.5,0.1,-3,true]',
      json.encode { 15125550000, 9007199254740991, 1.5, 0.1, -3, true })
    assert.equal('"\\ufffd\\u0000\\"\\\\é\\ud83d"', json.encode("\255\0\"\\é") :gsub('"$', "") .. '\\ud83d"')
    assert.equal("[]", json.encode {})
    assert.equal("{}", json.encode(json.object {}))
  end)
end)

describe("a text", function()
  it("is measured and cut by columns", function()
    assert.equal(4, text.width "日本")
    assert.equal(1, text.width "e\204\129")
    assert.equal("日…", text.cut("日本語", 4))
    assert.equal("ab", text.cut("ab", 2))
    assert.equal("…", text.cut("abc", 1))
    assert.equal("ab ", text.pad("ab", 3))
  end)
end)

describe("a table", function()
  it("is written while entries come, with the widths of the first", function()
    local lines, taken = {}, 0
    tables.write(function()
      taken = taken + 1
      return taken <= 300 and { a = taken == 250 and ("x"):rep(50) or "a" .. taken, b = "b" } or nil
    end, {
      columns = function() return { "a", "b" } end,
      cell = function(entry, name) return entry[name] end,
      width = 20,
      write = function(line)
        lines[#lines + 1] = line
        assert.is_true(taken >= #lines - 2 and taken <= math.max(101, #lines + 1))
      end,
    })
    assert.equal(301, #lines)
    assert.equal("a    b\n", lines[1])
    assert.equal("xx…  b\n", lines[251])
  end)
end)
