-- What a call returns for an answer of success: JSON as Lua tables, the same on every Lua.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool, client = fixture.pool(server, "p")

local function get(body)
  server:script(http.json(body))
  local value, err = pool:get()
  return assert(value, err)
end

local function assert_integer(value)
  assert.is_number(value)
  if math.type then
    assert.equal("integer", math.type(value))
  end
end

describe("a JSON value", function()
  it("is a Lua table with the same fields", function()
    local value = get '{"flag":true,"off":false,"list":["a","b"],"object":{"a":{"b":"c"}},"text":"x\\"y\\u00e9"}'
    assert.same({
      flag = true, off = false, list = { "a", "b" }, object = { a = { b = "c" } }, text = "x\"y\195\169",
    }, value)
  end)

  it("has no metatable and nothing added", function()
    local value = get '{"uuid":"p"}'
    assert.is_nil(getmetatable(value))
    assert.same({ uuid = "p" }, value)
  end)

  it("that is an integer is one, wherever it stands", function()
    local value = get '{"a":20,"b":0,"c":-7,"list":[1,2,[3]],"meta":{"limit":20,"deep":{"n":5}}}'
    for _, number in ipairs {
      value.a, value.b, value.c, value.list[1], value.list[2], value.list[3][1], value.meta.limit, value.meta.deep.n,
    } do
      assert_integer(number)
    end
    assert.equal("20", tostring(value.meta.limit))
    assert.equal("-7", tostring(value.c))
  end)

  it("that is a fraction stays one", function()
    local value = get '{"a":0.5,"b":-1.25}'
    assert.equal(0.5, value.a)
    assert.equal(-1.25, value.b)
  end)

  it("that is null is an absent field", function()
    local value = get '{"a":null,"b":{"c":null,"d":1},"meta":{"next":null,"previous":null,"limit":20}}'
    assert.same({ b = { d = 1 }, meta = { limit = 20 } }, value)
    local names = {}
    for name in pairs(value.meta) do
      names[#names + 1] = name
    end
    assert.same({ "limit" }, names)
  end)

  it("may come with spaces around it, and with a status of 201 or 202", function()
    server:script(http.answer(201, ' \r\n\t{ "uuid" : "p" } \n'))
    assert.same({ uuid = "p" }, pool:get())
    server:script(http.answer(202, '{"uuid":"p"}'))
    assert.same({ uuid = "p" }, pool:get())
  end)

  it("needs no Content-Type", function()
    server:script('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"uuid":"p"}')
    assert.same({ uuid = "p" }, pool:get())
  end)

  it("may come in chunks, or up to the connection's end", function()
    server:script 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"uu\r\n8\r\nid":"p"}\r\n0\r\n\r\n'
    assert.same({ uuid = "p" }, pool:get())
    server:script { bytes = 'HTTP/1.0 200 OK\r\n\r\n{"uuid":"p"}', after = "close" }
    assert.same({ uuid = "p" }, pool:get())
  end)

  it("may come a few bytes at a time", function()
    server:script { bytes = http.json '{"uuid":"p"}', drip = 7 }
    assert.same({ uuid = "p" }, pool:get())
  end)

  it("may follow an answer that says to go on", function()
    server:script("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" .. http.json '{"uuid":"p"}')
    assert.same({ uuid = "p" }, pool:get())
  end)
end)

describe("an integer beyond 2^53", function()
  -- Where Lua can't hold it exactly it is a string of its digits: it reads the same.
  for _, digits in ipairs {
    "33660394121755210", "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "18446744073709551616", "123456789012345678901234567890",
  } do
    it("keeps all its digits: " .. digits, function()
      local value = get(('{"application_id":@,"list":[@,1],"deep":{"x":[[@]]}}'):gsub("@", digits))
      assert.equal(digits, tostring(value.application_id))
      assert.equal(digits, tostring(value.list[1]))
      assert.equal(digits, tostring(value.deep.x[1][1]))
      assert_integer(value.list[2])
    end)
  end

  it("is an integer where Lua has them", function()
    local value = get '{"id":33660394121755210,"max":9223372036854775807}'
    if math.type then
      assert.equal("integer", math.type(value.id))
      assert.equal("integer", math.type(value.max))
    end
  end)

  it("that is a string stays a string", function()
    local value = get '{"id":"33660394121755210","quoted":"a\\"33660394121755210\\\\","key33660394121755210":1}'
    assert.equal("33660394121755210", value.id)
    assert.equal('a"33660394121755210\\', value.quoted)
    assert.equal(1, value.key33660394121755210)
  end)

  it("beside it leaves no string as anything else", function()
    local value = get '{"id":33660394121755210,"text":"\\u0001integer:5","other":"5"}'
    assert.equal("\1integer:5", value.text)
    assert.equal("5", value.other)
  end)

  it("may have a fraction or an exponent", function()
    local value = get '{"a":12345678901234567.5,"b":1e3,"c":-1.5E+2}'
    assert.equal(12345678901234567.5, value.a)
    assert.equal(1000, value.b)
    assert.equal(-150, value.c)
  end)

  it("is safe in a count", function()
    server:script(http.json '{"meta":{"total_count":4294967297},"objects":[]}')
    local count = pool:count_numbers()
    assert_integer(count)
    assert.equal(4294967297, count)
  end)
end)

describe("a 204", function()
  it("is a success", function()
    for _, call in ipairs {
      function()
        return pool:remove_number "15125550000"
      end,
      function()
        return pool:remove_shortcode "77777"
      end,
      function()
        return pool:remove_tollfree "18005550000"
      end,
      function()
        return client.powerpacks:delete "x"
      end,
    } do
      server:script "HTTP/1.1 204 No Content\r\n\r\n"
      assert.same({ response = "success" }, call())
    end
  end)

  it("is no count", function()
    server:script "HTTP/1.1 204 No Content\r\n\r\n"
    local count, err = pool:count_numbers()
    assert.is_nil(count)
    assert.equal("protocol", err.kind)
  end)
end)

local LISTS = {
  list_numbers = function(options)
    return pool:list_numbers(options)
  end,
  list_shortcodes = function(options)
    return pool:list_shortcodes(options)
  end,
  list_tollfree = function(options)
    return pool:list_tollfree(options)
  end,
  ["powerpacks:list"] = function(options)
    return client.powerpacks:list(options)
  end,
}

for name, list in pairs(LISTS) do
  describe("a list without meta from " .. name, function()
    it("gets one where it is empty", function()
      server:script(http.json '{"api_id":"a","objects":[]}')
      local page = assert(list())
      assert.same({ limit = 20, offset = 0, total_count = 0, next = "", previous = "" }, page.meta)
      for _, field in ipairs { "limit", "offset", "total_count" } do
        assert_integer(page.meta[field])
      end
    end)

    it("gets one where the page isn't full", function()
      server:script(http.json '{"objects":[{"a":1},{"a":2}]}')
      local page = assert(list { limit = 3, offset = 5 })
      assert.same({ limit = 3, offset = 5, total_count = 7, next = "", previous = "" }, page.meta)
      assert.equal(2, #page.objects)
      for _, field in ipairs { "limit", "offset", "total_count" } do
        assert_integer(page.meta[field])
      end
    end)

    it("gets one where meta is null", function()
      server:script(http.json '{"meta":null,"objects":[]}')
      assert.equal(0, assert(list()).meta.total_count)
    end)

    it("gets none where the page is full", function()
      server:script(http.json '{"objects":[{},{}]}')
      local page = assert(list { limit = 2 })
      assert.equal(2, #page.objects)
      assert.is_nil(page.meta)
    end)
  end)

  describe("an answer that is no list from " .. name, function()
    for _, body in ipairs {
      '{"api_id":"a"}', '{"objects":null}', '{"objects":"none"}', '{"objects":5}', '{"objects":{"a":1}}',
    } do
      it("is no success: " .. body, function()
        server:script(http.json(body))
        local page, err = list()
        assert.is_nil(page)
        assert.equal("protocol", err.kind)
      end)
    end
  end)
end

describe("pool:count_numbers", function()
  local function count(body)
    server:script(http.json(body))
    return pool:count_numbers()
  end

  it("is the integer meta.total_count", function()
    local number = count '{"meta":{"limit":1,"offset":0,"total_count":45,"next":"","previous":""},"objects":[{}]}'
    assert.equal(45, number)
    assert_integer(number)
  end)

  it("is 0 for an empty pool without meta", function()
    local number = count '{"objects":[]}'
    assert.equal(0, number)
    assert_integer(number)
  end)

  for what, body in pairs {
    ["a full page came without meta"] = '{"objects":[{}]}',
    ["more than a page came without meta"] = '{"objects":[{},{},{}]}',
    ["the objects are no list"] = '{"objects":{"a":1}}',
    ["meta lacks the count"] = '{"meta":{"limit":1},"objects":[]}',
    ["the count is null"] = '{"meta":{"total_count":null},"objects":[]}',
    ["the count is a string"] = '{"meta":{"total_count":"45"},"objects":[]}',
    ["the count is negative"] = '{"meta":{"total_count":-1},"objects":[]}',
    ["the count is a fraction"] = '{"meta":{"total_count":1.5},"objects":[]}',
    ["the answer is no list"] = '{"api_id":"a"}',
    ["the answer is an empty object"] = '{}',
  } do
    it("is an error where " .. what, function()
      local number, err = count(body)
      assert.is_nil(number)
      assert.equal("protocol", err.kind)
      assert.equal("count_numbers", err.operation)
    end)
  end

  for status, kind in pairs { [401] = "auth", [404] = "not_found", [429] = "rate_limited", [500] = "server" } do
    it("is never 0 for a " .. status, function()
      server:script(http.answer(status, '{"error":"no","objects":[],"meta":{"total_count":0}}'))
      local number, err = fixture.pool(server, "p"):count_numbers()
      assert.is_nil(number)
      assert.equal(kind, err.kind)
    end)
  end
end)

describe("an answer of success that isn't a JSON object", function()
  for what, body in pairs {
    ["nothing"] = "", ["a space"] = " ", ["null"] = "null", ["true"] = "true", ["a number"] = "42",
    ["a string"] = '"x"', ["half an object"] = '{"uuid":"p"', ["two objects"] = '{"a":1}{"b":2}',
    ["a word"] = "success", ["a long integer alone"] = "33660394121755210", ["bytes"] = "\0\1\2\255",
    ["nested without end"] = ("["):rep(100000), ["HTML"] = "<!DOCTYPE html><html><body>No</body></html>",
    ["an unended string"] = '{"a":"\\',
  } do
    it("is an error: " .. what, function()
      server:script(http.json(body))
      local value, err = pool:get()
      assert.is_nil(value)
      assert.equal("protocol", err.kind)
      assert.equal(200, err.status)
      assert.is_nil(err.message:find "%c", err.message)
    end)
  end
end)
