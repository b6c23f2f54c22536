-- What is JSON by RFC 8259 is taken, what isn't is refused, and both are the same on every Lua and with every
-- lua-cjson: bare keys, leading zeros, text after the value and the like once reached the caller as an answer.
local cjson = require "cjson"
local core = require "numberpool.core"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool = fixture.pool(server, "p")

local BIG = math.type and 1234567890123456789 or "1234567890123456789"

-- Text and value.
local RIGHT = {
  { "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-7", -7 }, { "123456789012345", 123456789012345 },
  { "1234567890123456", 1234567890123456 }, { "-1234567890123456", -1234567890123456 },
  { "1234567890123456789", BIG }, { "123456789012345678901", "123456789012345678901" },
  { "-123456789012345678901", "-123456789012345678901" },
  { "0.5", 0.5 }, { "-0.5", -0.5 }, { "1.0", 1 }, { "0.0", 0 }, { "-0.0", 0 }, { "1.25e2", 125 }, { "1E3", 1000 },
  { "1e+3", 1000 }, { "1e-3", 0.001 }, { "0e0", 0 }, { "0.1", 0.1 }, { "123456789012345678.5", 123456789012345678.5 },
  { "2.2250738585072011e-308", 2.2250738585072011e-308 }, { "1.7976931348623157e308", 1.7976931348623157e308 },
  { "9007199254740993.0", 9007199254740992.0 }, { "0.30000000000000004", 0.30000000000000004 },
  { "4.35", 4.35 }, { "1e22", 1e22 }, { "1e23", 1e23 }, { "5e-324", 5e-324 }, { "1e-400", 0 },
  { "true", true }, { "false", false },
  { '""', "" }, { '"a"', "a" }, { '"a b"', "a b" }, { '"\127"', "\127" }, { '"/"', "/" }, { "\"'\"", "'" },
  { [["\""]], '"' }, { [["\\"]], "\\" }, { [["\/"]], "/" }, { [["\b\f\n\r\t"]], "\b\f\n\r\t" },
  { [["\u0041"]], "A" }, { [["\u00e9\u00E9"]], "\195\169\195\169" }, { [["\u20ac"]], "\226\130\172" },
  { [["\ud83d\ude00"]], "\240\159\152\128" }, { [["\uD83D\uDE00!"]], "\240\159\152\128!" }, { [["\u0000"]], "\0" },
  { [["a\u0000b"]], "a\0b" }, { [["\uffff"]], "\239\191\191" }, { [["\\u0041"]], "\\u0041" },
  { '"\195\169"', "\195\169" }, { '"\240\159\152\128 x"', "\240\159\152\128 x" }, { '"\226\128\168"', "\226\128\168" },
  { '"\194\128\\n\195\169"', "\194\128\n\195\169" }, { '"\239\187\191"', "\239\187\191" },
  { "[]", {} }, { "{}", {} }, { "[ ]", {} }, { "{ }", {} }, { "[1]", { 1 } }, { "[1,2]", { 1, 2 } },
  { " [ 1 , 2 ] ", { 1, 2 } }, { "\t\r\n[\n1\t,\r2]", { 1, 2 } }, { "[[],[[]]]", { {}, { {} } } },
  { '{"a":1}', { a = 1 } }, { ' { "a" : 1 } ', { a = 1 } }, { '{"":1}', { [""] = 1 } }, { '{"1":1}', { ["1"] = 1 } },
  { '{"a":{"b":{"c":[1]}}}', { a = { b = { c = { 1 } } } } }, { '{"a":null}', {} }, { '{"a":null,"b":1}', { b = 1 } },
  { [[{"\u0061":1}]], { a = 1 } }, { '{"\195\169":1}', { ["\195\169"] = 1 } },
  { [[{"a\nb":"c\td"}]], { ["a\nb"] = "c\td" } },
  { '{"a":1,"a":2}', { a = 2 } }, { '{"a":2,"b":0.5,"a":1}', { a = 1, b = 0.5 } }, { '{"a":1,"a":null}', {} },
  { [[{"a":1,"\u0061":2}]], { a = 2 } }, { '[{"a":1,"a":2},{"a":3}]', { { a = 2 }, { a = 3 } } },
  { '[{"a":"x","b":"y"},{"a":"x","b":"z"},{"b":"y","a":"x"}]',
    { { a = "x", b = "y" }, { a = "x", b = "z" }, { b = "y", a = "x" } } },
  { [=[[{"a":"\u0078"},{"a":"x"},{"a":"\u0078"},{"a":"\u0079"}]]=],
    { { a = "x" }, { a = "x" }, { a = "x" }, { a = "y" } } },
  { '[{"a":1},2,"x",{"a":[{"a":1},{"a":2}]},true]', { { a = 1 }, 2, "x", { a = { { a = 1 }, { a = 2 } } }, true } },
  { "[true,false,0.5]", { true, false, 0.5 } }, { "[1,null,3]", { 1, nil, 3 } },
  { ("["):rep(62) .. ("]"):rep(62), nil, "deep" }, { ('{"a":'):rep(62) .. "1" .. ("}"):rep(62), nil, "deep" },
  { '{"api_id":"x","cost":0.0055,"text":"a\\"b","id":33660394121755210}', nil, "any" },
}

-- lua-cjson has these another way: as doubles, or not at all.
local UNLIKE_CJSON = {
  ["1234567890123456789"] = true, ["123456789012345678901"] = true, ["-123456789012345678901"] = true,
}

local WRONG = {
  "", " ", "\n", "nul", "nulll", "tru", "True", "TRUE", "fals", "None", "undefined", "a", "-", "+", ".", "e1",
  "+1", "--1", "-+1", "1.", ".5", "-.5", "1.e1", "1e", "1e+", "1E-", "1.5.5", "1e5.5", "1e1e1", "01", "-01", "00",
  "00.5", "01.5", "01e1", "01234567890123456", "-01234567890123456", "00000000000000000", "012345678901234567890",
  "0x10", "0X1F", "0b1", "1_000", "1,000", "1 000", "0x1p3", "1f", "1L", "1n", "\217\161",
  "NaN", "nan", "-NaN", "Infinity", "-Infinity", "inf", "-inf", "+Infinity", "1e5inf",
  "'a'", "`a`", '"a', 'a"', '"', '"a\\"', '"\\', '"a\nb"', '"a\tb"', '"\0"', '"a\0b"', '"\1"', '"\31"', '"\r"',
  [["\a"]], [["\x41"]], [["\'"]], [["\0"]], [["\u"]], [["\u1"]], [["\u12"]], [["\u123"]], [["\u123g"]], [["\U0041"]],
  [["\u 041"]], [["\u+041"]], [["\u{41}"]], "\"\\\n\"",
  [["\ud800"]], [["\udc00"]], [["\ud83d"]], [["\ude00\ud83d"]], [["\ud83d\ud83d"]], [["\ud83dx"]], [["\ud83d\u0041"]],
  [["\ud83d\n"]], [["\ud83d\ude0"]],
  '"\128"', '"\255"', '"\195"', '"\195("', '"\192\128"', '"\224\128\128"', '"\237\160\128"', '"\244\144\128\128"',
  '"\240\159\152"', '"caf\233"', '"\\n\195"', '"\195\169\\n\255"',
  "[", "]", "[1", "[1,", "[,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[}", "[1}", '["a",',
  "[1]]", "[1][", "{", "}", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{,}", '{,"a":1}', '{"a"}',
  '{"a",}', '{"a"=1}',
  '{"a" 1}', '{"a"::1}', '{"a":1;"b":2}', '{"a":1 "b":2}', '{"a":1}}', "{]", '{"a":}', '{:1}',
  '{"a":1:2}', "{{}}", "{[]:1}",
  "{a:1}", "{1:1}", "{-1:1}", "{1234567890123456:1}", "{-1234567890123456:1}", "{12345678901234567890:1}", "{0.5:1}",
  "{1e3:1}", "{'a':1}", "{null:1}", "{true:1}", '{"a":1,1234567890123456:2}', '{"a":1,b:2}',
  '{"a":{1234567890123456:1}}', "1 2", "{}{}", "{} {}", '{"a":1}x',
  '{"a":1} x', "[] ,", "{};", "{}\0", "{}\0x", '{"a":1}\0',
  "\0", "\0{}", "{\0}", "[1\0]", '{"a":1}\0{"b":2}', '"a" "b"', "true false", "1\0",
  "// no\n1", "1 // no", "/* no */ 1", "1 /* no */", "[1 /* no */]", "# no\n1", "[1, # no\n2]", "<!-- no -->",
  "\v1", "\f1", "\194\1601", "1\194\160", "\226\128\1681", "{\194\160}", "\239\1871", "\254\255\0001", "1\239\187\191",
  "\239\187\191", "\239\187\191\239\187\1911", ")]}'\n{}", "for(;;);{}", "callback({})", "<html></html>", "success",
  ("["):rep(65) .. ("]"):rep(65), ("["):rep(100000), ('{"a":'):rep(100000), ("["):rep(100000) .. ("]"):rep(100000),
  ('[{"a":'):rep(5000) .. "1" .. ("}]"):rep(5000),
}

local function shown(text)
  return ("%q"):format(#text > 60 and text:sub(1, 60) .. "..." or text)
end

-- Alone, and beside what is read another way: fractions, escapes, long integers, rows of a list.
local SURROUNDINGS = {
  { '{"v":', "}" }, { '{"f":0.5,"s":"\\u00e9","i":33660394121755210,"v":', ',"after":"\\n"}' },
  { '{"rows":[{"a":"x"},{"a":"x"}],"v":', '  }' },
}

-- lua-cjson's value the way this library has it.
local function without_nulls(value)
  if type(value) == "table" then
    for key, field in pairs(value) do
      if field == cjson.null then
        value[key] = nil
      else
        without_nulls(field)
      end
    end
  end
  return value
end

describe("JSON that is right", function()
  for _, case in ipairs(RIGHT) do
    local text, expected, shape = case[1], case[2], case[3]
    it("is decoded: " .. shown(text), function()
      local value, why = core.decode(text)
      assert.is_true(value ~= nil, why)
      if not shape then
        assert.same(expected, value)
      end
      if not UNLIKE_CJSON[text] and shape ~= "any" then
        assert.same(without_nulls(cjson.decode(text)), value)
      end
      for _, around in ipairs(SURROUNDINGS) do
        local object = assert(core.decode(around[1] .. text .. around[2]))
        assert.same(value, object.v)
      end
    end)
  end

  it("is decoded by calls just so", function()
    for _, case in ipairs(RIGHT) do
      for _, around in ipairs(SURROUNDINGS) do
        local text = around[1] .. case[1] .. around[2]
        server:script(http.json(text))
        assert.same(core.decode(text), assert(pool:get()), text)
      end
    end
  end)

  it("may be null, which is nothing", function()
    assert.is_nil(core.decode "null")
    assert.is_nil(select(2, core.decode "null"))
    assert.same({}, core.decode "[null]")
    assert.equal(2, #core.decode "[null,1]")
  end)

  it("may have a byte order mark in front", function()
    assert.same({ a = 1 }, core.decode '\239\187\191{"a":1}')
    assert.same({ a = 0.5 }, core.decode '\239\187\191 {"a":0.5}')
  end)

  it("may be nested 64 deep", function()
    for _, pair in ipairs { { "[", "]" }, { '{"a":', "}", "{}" }, { '[{"a":', "}]", "[]" } } do
      local levels = #pair[2] == 2 and 32 or 64
      assert.is_table(core.decode(pair[1]:rep(levels - 1) .. (pair[3] or "[]") .. pair[2]:rep(levels - 1)))
      assert.is_nil(core.decode(pair[1]:rep(levels) .. (pair[3] or "[]") .. pair[2]:rep(levels)))
    end
  end)

  it("keeps integers integers, and fractions fractions", function()
    local list = core.decode "[1, 1.0, 1e3, -0, 0.5, 1234567890123456, 1e300]"
    for i, kind in ipairs { "integer", "integer", "integer", "integer", "float", "integer", "float" } do
      assert.equal(math.type and kind or nil, math.type and math.type(list[i]))
    end
    assert.equal("0", tostring(list[4]))
    assert.equal("0", tostring(core.decode "-0.0"))
  end)

  it("may be long", function()
    local digits = ("9"):rep(100000)
    assert.equal(digits, core.decode(digits))
    assert.equal(1, core.decode("1." .. ("0"):rep(100000)))
    local text = ("\\u00e9x"):rep(100000)
    assert.equal(("\195\169x"):rep(100000), core.decode('"' .. text .. '"'))
    local list = core.decode("[" .. ("0.5,"):rep(100000) .. "1]")
    assert.equal(100001, #list)
    local many = core.decode('[{"a":1' .. (',"k%d":%d'):rep(50):gsub("%%d", "7") .. "}]")
    assert.equal(7, many[1].k7)
  end)
end)

describe("JSON that isn't", function()
  for _, text in ipairs(WRONG) do
    it("is refused with a reason: " .. shown(text), function()
      for _, around in ipairs { { "", "" }, SURROUNDINGS[1], SURROUNDINGS[2], SURROUNDINGS[3] } do
        local value, why = core.decode(around[1] .. text .. around[2])
        assert.is_nil(value)
        assert.is_string(why)
        assert.matches("^expected ", why)
      end
    end)
  end

  it("is protocol from every call", function()
    for _, text in ipairs(WRONG) do
      for _, body in ipairs { text, '{"v":' .. text .. "}", '{"f":0.5,"v":' .. text .. "}" } do
        server:script(http.json(body))
        local value, err = pool:get()
        assert.is_nil(value, shown(body))
        assert.equal("protocol", err.kind, shown(body))
        assert.is_nil(err.message:find "%c", shown(body))
        assert.is_true(#err.message < 200)
      end
    end
    for _, text in ipairs { "{1234567890123456:1}", '{"objects":[],}', '{"meta":{"total_count":01},"objects":[]}' } do
      server:script(http.json(text))
      for _, name in ipairs { "list_numbers", "count_numbers", "get" } do
        local value, err = pool[name](pool)
        assert.is_nil(value)
        assert.equal("protocol", err.kind)
      end
    end
  end)

  it("says where it is wrong", function()
    assert.equal("expected a comma or } at byte 8", select(2, core.decode '{"a":1 "b":2}'))
    assert.equal("expected a key in quotes at byte 2", select(2, core.decode "{1234567890123456:1}"))
    assert.equal("expected a comma or ], got the end of the text", select(2, core.decode "[1"))
    assert.equal("expected the end at byte 3", select(2, core.decode "{}\0x"))
    assert.equal("expected less deep nesting at byte 65", select(2, core.decode(("["):rep(100))))
  end)

  it("neither raises nor crashes in a deep stack", function()
    local function below(depth, text)
      if depth == 0 then
        return core.decode(text)
      end
      local value, why = below(depth - 1, text)
      return value, why
    end
    for _, depth in ipairs { 10, 100, 5000 } do
      assert.is_nil(below(depth, ("["):rep(1000)))
      assert.is_table(below(depth, ("["):rep(60) .. ("]"):rep(60)))
    end
  end)

  it("is what any single wrong byte makes of it, or other JSON", function()
    local text = '{"a":[{"n":-1.5e3,"s":"x\\u00e9\195\169"},{"n":0,"s":null}],"b":true}'
    assert.is_table(core.decode(text))
    for i = 1, #text do
      for _, byte in ipairs { 0, 1, 10, 34, 43, 44, 46, 48, 58, 92, 93, 101, 117, 123, 125, 128, 195, 255 } do
        local changed = text:sub(1, i - 1) .. string.char(byte) .. text:sub(i + 1)
        local value, why = core.decode(changed)
        assert.is_true(value ~= nil or type(why) == "string")
      end
      assert.equal(i == #text, core.decode(text:sub(1, i)) ~= nil)
    end
  end)
end)

describe("a host's cjson", function()
  it("has settings of its own, which reach no answer", function()
    local depth = cjson.decode_max_depth()
    cjson.decode_max_depth(1)
    local value, why = core.decode '{"a":{"b":[0.5,"\\u00e9"]}}'
    local kept = cjson.decode_max_depth()
    cjson.decode_max_depth(depth)
    assert.same({ a = { b = { 0.5, "\195\169" } } }, assert(value, why))
    assert.equal(1, kept)
  end)
end)
