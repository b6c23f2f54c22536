-- Errors from what the API answers: kinds by status, fields, the API's words, Retry-After.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool, client = fixture.pool(server, "p", { attempt_timeout = 5 })

-- One call of each sort: a read, and every sort of change.
local READS = {
  find_number = function(it)
    return it:find_number("15125550000")
  end,
  list_numbers = function(it)
    return it:list_numbers()
  end,
  count_numbers = function(it)
    return it:count_numbers()
  end,
}
local CHANGES = {
  add_number = function(it)
    return it:add_number("+1 (512) 555-0000")
  end,
  remove_number = function(it)
    return it:remove_number("15125550000")
  end,
  remove_shortcode = function(it)
    return it:remove_shortcode("77777")
  end,
}

-- Every call of `calls` must fail with `kind`, and be ambiguous or not.
local function assert_all_fail(calls, kind, is_ambiguous)
  for operation, call in pairs(calls) do
    local value, err = call(kind == "rate_limited" and fixture.pool(server, "p") or pool)
    assert.is_nil(value)
    assert.equal(kind, err.kind, operation .. ": " .. tostring(err))
    assert.equal(is_ambiguous or nil, err.ambiguous, operation .. ": " .. tostring(err))
    assert.equal(operation, err.operation)
  end
end

local function assert_both_fail(kind, change_is_ambiguous)
  assert_all_fail(READS, kind, false)
  assert_all_fail(CHANGES, kind, change_is_ambiguous)
end

-- On a client of its own, since a client waits after the answer "too many requests".
local function find(...)
  server:script(...)
  local value, err = fixture.pool(server, "p"):find_number "15125550000"
  assert.is_nil(value)
  return err
end

describe("a status", function()
  for status, kind in pairs {
    [400] = "rejected", [401] = "auth", [402] = "rejected", [403] = "forbidden", [404] = "not_found",
    [405] = "rejected", [409] = "conflict", [410] = "rejected", [422] = "rejected", [429] = "rate_limited",
  } do
    it(("of %d is %s, and the change didn't happen"):format(status, kind), function()
      server:script(http.answer(status, '{"api_id":"a-1","error":"the words of the API"}'))
      assert_both_fail(kind, false)
    end)
  end

  for _, status in ipairs { 500, 501, 502, 504, 599 } do
    it(("of %d is server, and the change may have happened"):format(status), function()
      server:script(http.answer(status, '{"api_id":"a-1","error":"the words of the API"}'))
      assert_both_fail("server", true)
    end)
  end

  it("of 503 is server", function()
    server:script(http.answer(503, '{"error":"later"}'))
    assert_all_fail(READS, "server", false)
    local _, err = pool:add_number "15125550000"
    assert.equal("server", err.kind)
  end)

  for _, status in ipairs { 300, 301, 302, 303, 307, 308, 304, 600, 999 } do
    it(("of %d is protocol"):format(status), function()
      local err = find(http.answer(status, "", { Location = "http://127.0.0.1:1/elsewhere/" }))
      assert.equal("protocol", err.kind)
      assert.equal(status, err.status)
    end)
  end
end)

describe("an error", function()
  it("has the fields of the answer and of the call", function()
    server:script(http.answer(404, '{"api_id":"a-1","error":"not found"}'))
    local _, err = pool:find_number "+1 (512) 555-0000"
    assert.equal("not_found", err.kind)
    assert.equal(404, err.status)
    assert.equal("a-1", err.api_id)
    assert.equal('{"api_id":"a-1","error":"not found"}', err.body)
    assert.equal("find_number", err.operation)
    assert.equal("15125550000", err.target)
    assert.equal(1, err.attempts)
    assert.is_true(err.elapsed >= 0 and err.elapsed < 60)
    assert.is_nil(err.retry_after)
    assert.is_nil(err.ambiguous)
    assert.matches("not found", err.message)
    if math.type then
      assert.equal("integer", math.type(err.status))
      assert.equal("integer", math.type(err.attempts))
    end
  end)

  it("names the shortcode or uuid that it is about", function()
    server:script(http.answer(404, "{}"))
    local _, err = pool:find_shortcode(77777)
    assert.equal("77777", err.target)
    _, err = client.powerpacks:get "some-uuid"
    assert.equal("some-uuid", err.target)
    _, err = pool:remove_tollfree "+1 800 555 0000"
    assert.equal("18005550000", err.target)
  end)

  it("reads well in assert and tostring", function()
    server:script(http.answer(404, '{"api_id":"a-1","error":"not found"}'))
    local ok, raised = pcall(function()
      assert(pool:find_number "15125550000")
    end)
    assert.is_false(ok)
    local text = tostring(raised)
    for _, word in ipairs { "find_number", "15125550000", "not found", "not_found", "404" } do
      assert.is_true(text:find(word, 1, true) ~= nil, text)
    end
    assert.is_nil(text:find "[\r\n]")
  end)

  it("keeps the first 2 KiB of the body", function()
    local body = ("x"):rep(5000)
    assert.equal(body:sub(1, 2048), find(http.answer(500, body, { ["Content-Type"] = "text/html" })).body)
  end)

  it("keeps bytes that aren't text, and says one line", function()
    local err = find(http.answer(500, '{"error":"first\\nsecond\\u0000\\tthird\\r\\n"}'))
    assert.equal("server", err.kind)
    assert.is_nil(err.message:find "%c")
    assert.matches("first", err.message)
    err = find(http.answer(500, "\0\1\255", { ["Content-Type"] = "application/octet-stream" }))
    assert.equal("\0\1\255", err.body)
  end)
end)

describe("the API's words", function()
  for body, words in pairs {
    ['{"api_id":"a","error":"\'1111111\' is not a valid phone number."}'] = "'1111111' is not a valid phone number.",
    ['{"error":"authentication credentials were not provided"}'] = "authentication credentials were not provided",
    ['{"error":{"error":"the nested words"}}'] = "the nested words",
    ['{"api_id":"a","error":{"name":["has been taken"]}}'] = "has been taken",
    ['{"message":"other words"}'] = "other words",
  } do
    it("are in the message: " .. body, function()
      local err = find(http.answer(400, body))
      assert.is_true(err.message:find(words, 1, true) ~= nil, err.message)
    end)
  end

  for what, body in pairs {
    ["an empty object"] = "{}", ["nothing"] = "", ["an empty text"] = '{"error":""}', ["null"] = '{"error":null}',
    ["a list"] = "[]", ["a number"] = '{"error":5}', ["broken JSON"] = '{"error', ["deep nesting"] = ("["):rep(5000),
  } do
    it("may be missing: " .. what, function()
      local err = find(http.answer(404, body))
      assert.equal("not_found", err.kind)
      assert.matches("%a", err.message)
    end)
  end

  it("are never a page of HTML", function()
    for _, status in ipairs { 404, 502 } do
      local page = "<html><head><title>502</title></head>\n<body>Bad Gateway</body></html>"
      local err = find(http.answer(status, page, { ["Content-Type"] = "text/html" }))
      assert.is_nil(err.message:find "<html")
      assert.equal(page, err.body)
    end
  end)

  it("are cut where they never end", function()
    local err = find(http.answer(400, '{"error":"' .. ("words "):rep(100000) .. '"}'))
    assert.is_true(#err.message < 1000)
  end)

  it("aren't taken from an api_id that is no string", function()
    local err = find(http.answer(400, '{"api_id":{"x":1},"error":"no"}'))
    assert.is_nil(err.api_id)
  end)
end)

describe("Retry-After", function()
  local function retry_after(status, value)
    return find(http.answer(status, "{}", { ["Retry-After"] = value })).retry_after
  end

  it("in seconds is in the error", function()
    assert.equal(7, retry_after(429, "7"))
    assert.equal(120, retry_after(503, "120"))
    assert.equal(0, retry_after(429, "0"))
  end)

  it("as a date is the seconds until then", function()
    local seconds = retry_after(429, os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3600))
    assert.is_true(seconds > 3500 and seconds <= 3600, tostring(seconds))
  end)

  it("as a date gone by is 0", function()
    assert.equal(0, retry_after(503, "Sun, 06 Nov 1994 08:49:37 GMT"))
  end)

  it("is left out where the server gave none, or one that makes no sense", function()
    assert.is_nil(find(http.answer(429, "{}")).retry_after)
    assert.is_nil(retry_after(429, "soon"))
  end)
end)
