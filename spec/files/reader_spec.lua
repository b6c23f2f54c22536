-- Files of numbers, as people and spreadsheet programs write them.
local numbers = require "numberpool.files.numbers"
local reader = require "numberpool.files.reader"
local repeated = require "numberpool.files.repeated"

local path

setup(function()
  path = os.tmpname()
end)

teardown(function()
  os.remove(path)
end)

local function read(text, code)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return reader.read(path, { calling_code = code })
end

-- What the rows ask for, a word each: list, number and service; or why not.
local function asked(text, code)
  local contents = assert(read(text, code))
  local list = {}
  for i, row in ipairs(contents.rows) do
    list[i] = row.error or table.concat({ row.list, row.number or row.text, row.service }, " ")
  end
  return list, contents
end

local function utf16(text, is_little)
  local mark = is_little and "\255\254" or "\254\255"
  return mark .. text:gsub(".", is_little and "%0\0" or "\0%0")
end

local TWO = { "numbers 15125550100 mms", "numbers +1 512 555 0101 sms" }

describe("a file of numbers", function()
  for name, text in pairs {
    ["commas"] = "number,service\n15125550100,mms\n+1 512 555 0101,sms\n",
    ["semicolons"] = "number;service\n15125550100;mms\n+1 512 555 0101;sms\n",
    ["tabs"] = "number\tservice\n15125550100\tmms\n+1 512 555 0101\tsms\n",
    ["bars"] = "number|service\n15125550100|mms\n+1 512 555 0101|sms\n",
    ["a line that names the delimiter"] = "sep=;\r\nnumber;service\r\n15125550100;mms\r\n+1 512 555 0101;sms\r\n",
    ["a byte order mark"] = "\239\187\191number,service\r\n15125550100,mms\r\n+1 512 555 0101,sms\r\n",
    ["a byte order mark and a delimiter"] = "\239\187\191sep=,\nnumber,service\n15125550100,mms\n+1 512 555 0101,sms",
    ["UTF-16, the low byte first"] = utf16("number,service\r\n15125550100,mms\r\n+1 512 555 0101,sms\r\n", true),
    ["UTF-16, the high byte first"] = utf16("number\tservice\r\n15125550100\tmms\r\n+1 512 555 0101\tsms\r\n", false),
    ["line ends of one CR"] = "number,service\r15125550100,mms\r+1 512 555 0101,sms\r",
    ["a delimiter's line that ends with a CR"] = "sep=;\rnumber;service\r15125550100;mms\r+1 512 555 0101;sms\r",
    ["no end of the last line"] = "number,service\n15125550100,mms\n+1 512 555 0101,sms",
    ["spaces around quotes"] = 'number,service\n"15125550100" ,mms\n "+1 512 555 0101",\t"sms" \n',
    ["services in any case"] = "number,service\n15125550100, mms\n+1 512 555 0101,SMS \n",
    ["empty records"] = "\n\nnumber,service\n,\n15125550100,mms\n  , \n\r\n+1 512 555 0101,sms\n,,\n",
    ["empty fields at the end"] = "number,service,,\n15125550100,mms,,\n+1 512 555 0101,sms\n",
    ["other columns"] = 'note,NUMBER,Service\n"a ""note"",\nof two lines",15125550100,mms\n5" pipe,+1 512 555 0101,sms',
  } do
    it("may have " .. name, function()
      assert.same(TWO, (asked(text)))
    end)
  end

  it("may call the column of numbers by other names", function()
    for _, name in ipairs { "Number", "phone", "Phone Number", "phone-number", " PHONE_NUMBER ", "MSISDN", "did",
      "E164", "E.164", "Phone\194\160number" } do
      assert.same({ "numbers 15125550100" }, (asked("id," .. name .. "\n7,15125550100\n")))
    end
  end)

  it("may have no header, if it has numbers alone", function()
    for _, text in ipairs {
      "15125550100\n+1 (512) 555-0101\n", "\239\187\19115125550100\r\n\r\n+1 (512) 555-0101", utf16(
        "15125550100\r\n+1 (512) 555-0101\r\n", true), '"15125550100"\r"+1 (512) 555-0101"\r',
    } do
      assert.same({ "numbers 15125550100", "numbers +1 (512) 555-0101" }, (asked(text)))
    end
  end)

  it("tells lists apart, by a column of their own or by the type", function()
    assert.same({ "tollfree 18005550100", "tollfree 18005550101 mms", "shortcodes 20000", "numbers 18005550102",
      "numbers 15125550100 sms", "list: expected numbers, tollfree or shortcodes, got mine" },
      (asked("number,list,type,service\n18005550100,toll free,,\n18005550101,TOLL_FREE,,MMS\n20000,Short Codes,,\n"
        .. "18005550102,numbers,toll-free,\n15125550100,,fixed,sms\n15125550101,mine,,\n")))
    assert.same({ "tollfree 18005550100", "tollfree 18005550101", "tollfree 18005550102", "shortcodes 20000",
      "numbers 15125550100" }, (asked("number,type\n18005550100,toll-free\n18005550101,Tollfree\n"
        .. "18005550102,TOLL_FREE\n20000,shortcode\n15125550100,mobile\n")))
    assert.same({ "tollfree 18005550100" }, (asked "number,service\n18005550100,Toll Free\n"))
  end)

  it("keeps the fields of each row, and their lines", function()
    local _, contents = asked 'note,number\n"two\nlines",15125550100\n\nx,15125550101\n'
    assert.equal("note number", table.concat(contents.columns, " "))
    assert.same({ { "two\nlines", "15125550100" }, { "x", "15125550101" } },
      { contents.rows[1].fields, contents.rows[2].fields })
    assert.same({ 2, 5 }, { contents.rows[1].line, contents.rows[2].line })
  end)
end)

describe("a file that can't be read as it is meant", function()
  for name, case in pairs {
    ["has text after a closing quote"] = {
      'number,service\n15125550100,sms\n"15125550101"x,mms\n', "line 3: text after" },
    ["has a quote that is never closed"] = { 'number,note\n15125550100,"oops\n15125550101,x\n', "line 2: a quote" },
    ["has no column of numbers"] = { "name,city\nx,y\n", "line 1: expected a first line .* got: name | city$" },
    ["has a quoted field that swallows records"] = {
      'number,note\n15125550100,"oops\n15125550101,x\n15125550102,y"\n', "line 2: .* line 3, which looks like" },
    ["has one that swallows its beginning"] = {
      'note,number\n"oops,15125550100\nx",15125550101\n', "line 2: .* line 3, which looks like" },
    ["has one that swallows a short record"] = {
      'number,service,note\r15125550100,mms,"oops\r15125550101\r"\r', "line 2: .* line 3, which looks like a record" },
    ["has two numbers in a quoted field"] = { 'number\n"15125550100\n15125550101"\n', "line 2: .* line 3" },
    ["has a header that swallows a record"] = {
      'number,"note\n15125550100,x"\n15125550101,y\n', "line 1: .* line 2" },
    ["has a record longer than the header"] = {
      "number,service\n15125550100,sms\n15125550101,mms,extra\n", "line 3: expected at most 2 fields.* 3.*extra" },
    ["has a number with commas in it"] = {
      "number,service\n15,125,550,100,mms\n", "line 2: expected at most 2 fields" },
    ["has its header twice"] = {
      "number,service\n15125550100,sms\nNumber,Service\n", "line 3: the names of the columns" },
    ["has two columns of one name"] = {
      "number,service,number\n1,2,3\n", "line 1: columns 1 .* and 3 .* are both" },
    ["has two columns of numbers"] = {
      "phone,number\n15125550100,7\n", "line 1: columns 1 %(phone%) and 2 %(number%)" },
    ["has no header, and more than numbers"] = {
      "15125550100,mms\n15125550101,sms\n", "got: 15125550100 | mms" },
    ["has no header, and a word among its numbers"] = {
      "15125550100\nx\n", "line 2: expected a number alone, .* got x" },
    ["has no header, and a quote too many"] = { '15125550100\n"15125550101\n', "line 2: a quote is never closed" },
    ["is empty"] = { " \n\n", "is empty" },
    ["has empty records alone"] = { ",,\n,\n", "line 1: expected a first line" },
    ["names a delimiter that none is"] = { "sep=:\nnumber:service\n", "line 1: sep: .* got :" },
    ["is a workbook"] = { "PK\3\4....", "save as CSV" },
    ["is UTF-16 without a mark"] = { utf16("number\n15125550100\n", true):sub(3), "zero bytes" },
    ["is half a UTF-16 character short"] = { utf16("number\n15125550100\n", true) .. "\13", "broken UTF%-16" },
    ["has half a pair in UTF-16"] = { "\255\254n\0\0\216x\0", "broken UTF%-16" },
  } do
    it(name, function()
      local contents, message = read(case[1])
      assert.is_nil(contents)
      assert.equal(path .. ": ", message:sub(1, #path + 2))
      assert.matches(case[2], message)
    end)
  end

  it("isn't there, or is a folder", function()
    assert.matches("/none%.csv: No such file", (select(2, reader.read "/none.csv")))
    assert.matches("^/tmp: ", (select(2, reader.read "/tmp")))
  end)
end)

describe("a number in a file", function()
  it("needs its country code, or a calling code for all", function()
    local text = "number\n5125550100\n(512) 555-0101\n15125550102\n+44 20 7946 0100\n"
    local list = asked(text)
    assert.matches("^no country code%?.*, got 5125550100$", list[1])
    assert.matches("^no country code%?.*, got %(512%) 555%-0101$", list[2])
    assert.same({ "numbers +15125550100", "numbers +1 (512) 555-0101", "numbers 15125550102",
      "numbers +44 20 7946 0100" }, (asked(text, "1")))
  end)

  it("isn't guessed where the calling code leaves two readings", function()
    for text, code in pairs { ["1512555010"] = "1", ["4930123456"] = "49", ["15123456789"] = "49" } do
      local list = asked("number\n" .. text .. "\n", code)
      assert.matches("expected a %+ in front, got " .. text .. "$", list[1])
    end
  end)

  it("with a trunk zero is refused, whatever the calling code", function()
    for _, code in ipairs { false, "44", "39" } do
      for _, text in ipairs { "02079460100", "(020) 7946 0100", "0015125550100" } do
        assert.matches("^begins with 0", asked("number\n" .. text .. "\n", code or nil)[1])
      end
    end
  end)

  it("that a spreadsheet program has shortened is refused, and it is said why", function()
    for _, text in ipairs { "1.51256E+10", "+1.51256E+10", "1.5E10", '"1,51256E+10"' } do
      assert.matches("spreadsheet program has shortened it", asked("number\n" .. text .. "\n")[1])
    end
    assert.matches("expected a phone number, got a decimal one", asked("number\n15125550100.0\n")[1])
  end)

  it("is told with its lines where it is there more than once", function()
    local _, contents = asked("number\n15125600000\n+1 (512) 555-0100\n15125600000\n15125550100\n15125600000\n"
      .. "15125550101\n")
    assert.same({
      path .. ": 15125600000 is there 3 times, on lines 2, 4 and 6: what a spreadsheet program leaves of others that it"
        .. " shows as 1.51256E+10?",
      path .. ": 15125550100 is there 2 times, on lines 3 and 5",
    }, repeated.describe(contents))
    _, contents = asked "number,list\n18005550100,numbers\n18005550100,tollfree\n"
    assert.same({}, repeated.describe(contents))
  end)

  it("that stands there with two services is refused both times", function()
    local list = asked "number,service\n15125550100,mms\n15125550101,mms\n15125550100,\n+15125550101,MMS\n"
    assert.matches("got mms on line 2 and sms on line 4$", list[1])
    assert.matches("got sms on line 4 and mms on line 2$", list[3])
    assert.same({ "numbers 15125550101 mms", "numbers +15125550101 mms" }, { list[2], list[4] })
  end)

  it("takes a calling code of 1 to 3 digits", function()
    assert.same({ "1", "44", "353" }, { numbers.calling_code "1", (numbers.calling_code "+44"),
      (numbers.calling_code "353") })
    for _, text in ipairs { "", "0", "01", "1234", "us", "+", "1 " } do
      assert.equal("calling code: expected 1 to 3 digits, got " .. text, (select(2, numbers.calling_code(text))))
    end
  end)
end)
