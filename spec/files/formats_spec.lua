-- JSON, JSON lines and Lua files of numbers, and files larger than what is read at once.
local fixture = require "spec.support.fixture"
local reader = require "numberpool.files.reader"

local folder = fixture.folder()

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- What the rows ask for, a word each: place, list, number and service; or why not.
local function asked(name, text, options)
  local contents = assert(reader.read(write(name, text), options))
  local list = {}
  for i, row in ipairs(contents.rows) do
    list[i] = row.place .. ": " .. (row.error or table.concat({ row.list, row.number or row.text, row.service }, " "))
  end
  return list, contents
end

local function message_of(name, text)
  local path = write(name, text)
  local contents, message = reader.read(path)
  assert.is_nil(contents)
  assert.equal(path .. ": ", message:sub(1, #path + 2))
  return message:sub(#path + 3)
end

local ALL = { "line 2: numbers 15125550100 mms", "line 3: numbers +1 512 555 0101", "line 4: tollfree 18005550100",
  "line 5: shortcodes 20000" }

describe("a file of entries", function()
  for name, text in pairs {
    ["list.json"] = '[\n{"number": "15125550100", "service": "mms"},\n"+1 512 555 0101",\n'
      .. '{"phone_number": 18005550100, "type": "tollfree", "country_iso2": null},\n{"shortcode": "20000"}\n]\n',
    ["lists.json"] = '{"numbers": [\n{"number": 15125550100, "service": "MMS", "x": {"y": [1, 2.5e3, true]}},\n'
      .. '"\\u002b1 512 555 0101"], "tollfree": [\n"18005550100"], "shortcodes": [\n20000]}',
    ["lines.jsonl"] = '\n{"number": "15125550100", "service": "mms"}\r\n"+1 512 555 0101"\n'
      .. '{"list":"tollfree","number":"18005550100"}\n{"shortcode":"20000","service":null}',
    ["list.lua"] = "return {\n  { number = 15125550100, service = 'mms' },\n\"+1 512 555 0101\", -- a comment\n"
      .. "{ ['number'] = '18005550100', list = [[tollfree]] },\n{ shortcode = '20000' };\n}",
    ["lists.lua"] = "return { --[[ all ]] numbers = {\n{ number = 15125550100, service = 'mms', },\n"
      .. "'+1 512 555 0101', }, tollfree = {\n18005550100 }, ['shortcodes'] = {\n20000 }\n};",
  } do
    it("may be " .. name, function()
      if name == "list.lua" then
        text = text:gsub("%[%[tollfree%]%]", "'tollfree'")
      end
      local list, contents = asked(name, text)
      assert.same(ALL, list)
      assert.same({ numbers = true, tollfree = true, shortcodes = true }, contents.lists)
      assert.equal(name:match "%.(.*)$", contents.format)
    end)
  end

  it("is known by what stands in it, where its name doesn't tell", function()
    for text, format in pairs { ['\n[{"number": 15125550100}]'] = "json", ['{"number": 15125550100}\n'] = "json",
      ["return { 15125550100 }"] = "lua", ["-- mine\nreturn { 15125550100 }"] = "lua", ["15125550100\n"] = "csv",
      ["number\n15125550100\n"] = "csv" } do
      local list, contents = asked("numbers", text)
      assert.equal(format, contents.format)
      assert.matches("^line %d: numbers 15125550100$", list[1])
    end
    assert.same({ "line 1: numbers 15125550100" }, (asked("numbers.txt", "[15125550100]", { format = "json" })))
  end)

  it("tells lists that are empty from those that aren't there", function()
    for name, text in pairs { ["a.json"] = '{"numbers": [], "tollfree": []}', ["a.lua"] = "return { numbers = {}, "
      .. "tollfree = {} }", ["b.lua"] = "local n = {} return { numbers = n, tollfree = n }" } do
      local list, contents = asked(name, text)
      assert.same({ {}, { numbers = true, tollfree = true } }, { list, contents.lists })
    end
  end)

  it("may be a Lua file that computes its entries", function()
    assert.same({ "numbers[1]: numbers 15125550101 mms", "numbers[2]: numbers 15125550102 mms",
      "numbers[3]: no country code? expected a + and the country code in front, got 5125550100" }, (asked("a.lua", [[
        local list = {}
        for i = 1, 2 do
          list[i] = { number = 15125550100 + i, service = "mms" }
        end
        list[3] = "5125550100"
        return { numbers = list }
      ]])))
  end)

  it("names the line of an entry that can't be right", function()
    assert.same({
      "line 2: expected a number or an entry with fields, got a boolean",
      "line 3: expected an entry with the field `number`",
      "line 4: number: expected a string or a number, got a table",
      "line 5: list: expected numbers, tollfree or shortcodes, got mine",
      "line 6: two fields are both the number",
      "line 7: begins with 0: expected a + and the country code in front, got 0512",
      "line 8: service: expected a string, got a boolean",
      "line 9: expected a shortcode, got none",
      "line 10: 1.5e10: a spreadsheet program has shortened it, and its last digits are lost: format the column as text"
        .. " and export it again",
    }, (asked("a.json", '[\ntrue,\n{"name": 1},\n{"number": {}},\n{"number": 1, "list": "mine"},\n'
        .. '{"number": 1, "phone": 2},\n"0512",\n{"number": "15125550100", "service": true},\n{"shortcode": ""},\n'
        .. '1.5e10]')))
  end)

  it("is refused with its line where it is broken", function()
    for text, message in pairs {
      ['[\n{"number": "15125550100"},\n{"number" "15125550101"}]'] = 'line 3: expected a colon, got "',
      ['[\n{"number": "15125550100"}\n{"number": "15125550101"}]'] = "line 3: expected a comma or ], got {",
      ['[\n{"number": "15125550100}\n]'] = "line 2: a string isn't closed on its line",
      ['[\n{"number": "15125550100"},\n'] = "line 3: expected a value, got the end",
      ['[\n"15125550100",\nnumber]'] = "line 3: expected a value, got number",
      ['["15125550100"]\n]'] = "line 2: expected a value, got ]",
      ['{\n"numbers": ["15125550100"],\n"meta": {}}'] =
        "line 3: expected lists of entries alone (numbers, tollfree, shortcodes), got the field meta",
      [("["):rep(60)] = "line 1: lists within lists, too deep",
      ['[{"number": "15125550100",\n"number": "15125550101"}]'] = "line 2: two fields are both named number",
      ['{"numbers": [],\n"numbers": ["15125550101"]}'] = "line 2: two fields are both named numbers",
      ['["\\q"]'] = "line 1: a string has an escape that is none",
    } do
      assert.equal(message, message_of("a.json", text))
    end
    assert.matches("^line 2: ", message_of("a.lua", "return {\n15125550100 15125550101 }"))
    assert.matches("^line 2: os isn't there", message_of("a.lua", "return {\nos.execute 'true' }"))
    for text, message in pairs {
      ["return { 15125550100 + 0, nil, 15125550101 }"] = "the table: expected a list, got one with gaps",
      ["return { 15125550100 + 0, numbers = {} }"] = "the table: expected a list, got one with gaps, or with fields",
      ["local t = {} return { numbers = t, x = t }"] = "alone (numbers, tollfree, shortcodes), got the field x",
      ["local t = 1 return { numbers = t, tollfree = {} }"] = "numbers: expected a list, got a number",
    } do
      assert.matches(message, message_of("a.lua", text), 1, true)
    end
    assert.matches("^line 1: the file doesn't come to an end", message_of("a.lua", "while true do end"))
    for _, name in ipairs { "a.csv", "a.json", "a.jsonl", "a.lua", "a" } do
      assert.matches("is empty", message_of(name, ""))
      assert.matches("is empty", message_of(name, "\239\187\191\n \n"))
    end
  end)
end)

describe("a large file", function()
  -- Lines of different lengths, so that what is read at once ends everywhere.
  local function lines_of(count, line_of)
    local lines = {}
    for i = 1, count do
      lines[i] = line_of(15125500000 + i, ("x"):rep(i % 97), i)
    end
    return lines
  end

  local function check(name, text, first, place)
    local count, last = 0, nil
    local contents, message = reader.each(write(name, text), nil, function(row)
      count = count + 1
      assert(row.number == ("%d"):format(15125500000 + count) and row.line == count + first, row.error)
      last = row.place
    end)
    assert.is_table(contents, message)
    assert.same({ 4000, place }, { count, last })
  end

  it("is read as a small one is", function()
    check("a.csv", "note,number\n" .. table.concat(lines_of(4000, function(number, note)
      return ('"a ""%s"",",%d'):format(note, number)
    end), "\n"), 1, "line 4001")
    check("b.csv", "number,note\r\n" .. table.concat(lines_of(4000, function(number, note)
      return ("%d,%s"):format(number, note)
    end), "\r\n"), 1, "line 4001")
    check("a.json", "[\n" .. table.concat(lines_of(4000, function(number, note)
      return ('{"note": "%s\\"", "number": %d}'):format(note, number)
    end), ",\n") .. "]", 1, "line 4001")
    check("a.jsonl", table.concat(lines_of(4000, function(number, note)
      return ('{"number": %d, "note": "%s"}'):format(number, note)
    end), "\n"), 0, "line 4000")
    check("a.lua", "return {\n" .. table.concat(lines_of(4000, function(number, note)
      return ('{ number = "%d", note = "%s" }'):format(number, note)
    end), ",\n") .. "}", 1, "line 4001")
  end)

  it("has each mistake named with its line, however far down", function()
    local text = "number\n" .. table.concat(lines_of(73409, function(number)
      return ("%d"):format(number)
    end), "\n")
    local wrong = {}
    assert(reader.each(write("a.csv", text .. "\n\n5125550100\n"), nil, function(row)
      wrong[#wrong + 1] = row.error and row.place
    end))
    assert.same({ "line 73412" }, wrong)
    assert.matches("^line 73412: text after a closing quote", message_of("a.csv", text .. '\n\n"x"y\n'))
  end)
end)
