-- What an error says is one printable line of bounded length, made in little time, whatever came.
local errors = require "numberpool.errors"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local server = fixture.scripted_server()
local pool = fixture.pool(server, "p")

-- Printable characters of UTF-8: neither controls, nor line ends, nor what turns the writing around or can't be seen.
local function assert_line(text, most)
  assert.is_true(#text <= most, #text .. " bytes")
  assert.is_nil(text:find "[%z\1-\31\127]", text)
  local rest = text:gsub("[\195-\223][\128-\191]", ""):gsub("\194[\160-\172\174-\191]", "")
    :gsub("[\224-\239][\128-\191][\128-\191]", ""):gsub("[\240-\244][\128-\191][\128-\191][\128-\191]", "")
  assert.is_nil(rest:find "[\128-\255]", text)
  for _, strange in ipairs {
    "\226\128\139", "\226\128\142", "\226\128\143", "\226\128\168", "\226\128\169", "\226\128[\170-\174]",
    "\226\129[\160-\175]", "\216\156", "\239\187\191",
  } do
    assert.is_nil(text:find(strange), text)
  end
end

local function assert_error_of_lines(err)
  assert_line(err.message, 1003)
  assert_line(err.api_id or "", 103)
  assert_line(err.target or "", 103)
  assert_line(tostring(err), 1500)
  assert.is_true(#err.message > 0)
end

local function get(status, body, headers)
  server:script(http.answer(status, body, headers))
  local value, err = pool:get()
  assert.is_nil(value)
  assert_error_of_lines(err)
  return err
end

local STRANGE = {
  ["an escape sequence"] = "\\u001b]0;evil\\u0007\\nFAKE LOG LINE", ["a zero byte"] = "a\\u0000b",
  ["C1 controls"] = "a\\u0085b\\u009bc\\u0080", ["line separators"] = "a\\u2028b\\u2029c",
  ["bidi controls"] = "a\\u202eb\\u202a\\u2066c\\u2069\\u200e\\u200f\\u061cd", ["DEL"] = "a\\u007fb",
  ["invisible characters"] = "a\\u200b\\u00adb\\ufeffc\\udb40\\udc41", ["100,000 bytes"] = ("k"):rep(100000),
  ["100,000 characters"] = ("\\u20ac"):rep(100000), ["control characters alone"] = ("\\u0001"):rep(20000),
}

describe("an error", function()
  for name, text in pairs(STRANGE) do
    it("is one bounded line with " .. name, function()
      for _, body in ipairs {
        '{"error":"@"}', '{"error":"no","api_id":"@"}', '{"error":{"@":"boom"}}', '{"error":{"@":["@",{"@":"@"}]}}',
        '{"message":{"error":{"@":{"@":"boom"}}}}', '{"error":["@"]}', '{"@":"@"}',
      } do
        get(400, (body:gsub("@", (text:gsub("%%", "%%%%")))))
      end
    end)
  end

  it("keeps what can be read", function()
    assert.equal("a b c", get(400, '{"error":"\\u001b\\na\\u0085\\u0000b\\u2028c\\r\\n"}').message)
    assert.equal("abc", get(400, '{"error":"a\\u202eb\\u200bc"}').message)
    local readable = get(400, '{"error":"\\u00e9t\195\169 \\u20ac \\ud83d\\ude00"}').message
    assert.equal("\195\169t\195\169 \226\130\172 \240\159\152\128", readable)
    assert.matches("^k+%.%.%.: boom$", get(400, '{"error":{"' .. ("k"):rep(100000) .. '":"boom"}}').message)
    assert.equal("a-1", get(400, '{"error":"no","api_id":"a\\u200b-1\\n"}').api_id)
  end)

  it("cuts no character in two", function()
    for before = 490, 500 do
      local message = get(400, '{"error":"' .. ("x"):rep(before) .. ("\226\130\172"):rep(20) .. '"}').message
      assert.matches("%.%.%.$", message)
    end
  end)

  it("is a line where headers are strange", function()
    for _, strange in ipairs { "text/x\127y\194\133z", "a\226\128\174b", "caf\233", ("x"):rep(5000) } do
      get(502, "no", { ["Content-Type"] = strange })
      get(200, "no", { ["Content-Type"] = strange })
      get(302, "", { Location = "http://127.0.0.1/" .. strange })
    end
  end)

  it("is a line where it is plain text, and bytes that are none", function()
    for _, text in ipairs { "a\nb\0c\194\155d", "caf\233", "\255\254", "\226\128\168", "\237\160\128" } do
      local err = get(400, text, { ["Content-Type"] = "text/plain" })
      assert.equal(text, err.body)
    end
    assert.equal("a b c d", get(400, "a\nb\0c\194\155d", { ["Content-Type"] = "text/plain" }).message)
    assert.equal("caf?", get(400, "caf\233", { ["Content-Type"] = "text/plain" }).message)
  end)

  it("is a line whoever made it", function()
    local err = errors.new { kind = "network", message = "a\n\27[2J\226\128\174b" .. ("x"):rep(5000), target = "1\n2" }
    assert_error_of_lines(err)
    assert_line(errors.redactor {} (("\n\194\133\255x"):rep(100000)), 503)
  end)

  it("keeps the first 2 KiB of the body as they are", function()
    local body = ("a\n\0\27\226\128\168\255"):rep(1000)
    assert.equal(body:sub(1, 2048), get(500, body, { ["Content-Type"] = "text/html" }).body)
  end)
end)

describe("the API's words in a list or a table", function()
  it("are the first that are there", function()
    assert.equal("one", get(400, '{"error":["one","two"]}').message)
    assert.equal("two", get(400, '{"error":[null,[],{},"two"]}').message)
    assert.equal("a: x", get(400, '{"error":{"b":"y","a":"x","c":"z"}}').message)
    assert.equal("a: x", get(400, '{"error":{"b":"y","a":["x"]}}').message)
  end)
end)

describe("the time that an error takes", function()
  local MEGABYTES_8 = 8 * 1024 * 1024

  -- As many as fit into an answer.
  local function many(text, before, after)
    return before .. text:rep(math.floor((MEGABYTES_8 - 200) / #text)) .. after
  end
  local names = {}
  for i = 1, 300000 do
    names[i] = ('"%d":[]'):format(i)
  end
  local long_names = {}
  for i = 1, 80 do
    long_names[i] = ('"%s%d":[]'):format(("k"):rep(100000), i)
  end

  for what, body in pairs {
    ["lists"] = many("[],", '{"error":[', "[]]}"),
    ["lists in lists"] = many("[" .. ("[],"):rep(999) .. "[]],", '{"error":[', "[]]}"),
    ["objects"] = many('{"a":{}},', '{"error":[', "{}]}"),
    ["names"] = '{"error":{' .. table.concat(names, ",") .. "}}",
    ["long names"] = '{"error":{' .. table.concat(long_names, ",") .. "}}",
    ["words"] = many("words ", '{"error":"', '"}'),
    ["escapes"] = many("\\u0041", '{"error":"', '"}'),
    ["line ends"] = many("\\n", '{"error":"', '"}'),
    ["text"] = many("a ", "", ""),
    ["HTML"] = many("<p>&#61;%25\\u0025</p>\n", "<html>", "</html>"),
    ["brackets"] = many("[", "", ""),
  } do
    it("is short for 8 MB of " .. what, function()
      local content_type = body:find "^{" and "application/json" or "text/html"
      server:script(http.answer(400, body, { ["Content-Type"] = content_type }))
      local began = os.clock()
      local _, err = pool:get()
      local seconds = os.clock() - began
      assert.is_true(seconds < 0.5, ("%.2f s"):format(seconds))
      assert.equal("rejected", err.kind)
      assert_error_of_lines(err)
    end)
  end
end)
