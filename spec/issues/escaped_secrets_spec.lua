-- A secret is taken out in whatever escapes it stands: JSON, percent, HTML, one around the other, any character of it,
-- with what can't be seen between its characters, and where an end cuts it.
local errors = require "numberpool.errors"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local mime = require "mime"

local TOKEN = "dG9r/ZW4+b2Y=tdGhl_LXNwZWNz"
local SECRETS = { TOKEN, "%d+[^%]*$ a b\"c\\d&e'<f>", "p@ss:w\195\182rd/%41\\u0041&amp;" }

local function each_byte(format)
  return function(text)
    return (text:gsub(".", function(byte)
      return (format:gsub("@(%w)", function(how)
        return (how == "d" and "%d" or "%02" .. how):format(byte:byte())
      end))
    end))
  end
end

local function of_special(escape)
  return function(text)
    return (text:gsub("[^%w ]", escape))
  end
end

local function between(what)
  return function(text)
    return (text:gsub("[%z\1-\127\194-\244][\128-\191]*", "%0" .. what):sub(1, -1 - #what))
  end
end

local json = of_special(each_byte "\\u00@x")
local percent = of_special(each_byte "%@X")
local html = of_special(each_byte "&#@d;")

-- Bytes beyond ASCII are characters in JSON and HTML: there only what is ASCII is escaped.
local function ascii(escape)
  return function(text)
    return (text:gsub("[%z\1-\127]+", escape))
  end
end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#039;",
  ["="] = "&equals;", ["+"] = "&plus;", ["/"] = "&sol;" }

local function entities(text)
  return (text:gsub("[&<>\"'=+/]", ENTITIES))
end

local function backslashes(text)
  return (text:gsub('["\\/]', "\\%0"))
end

local function both(first, second)
  return function(text)
    return second(first(text))
  end
end

local function alternating(text)
  local escapes = { each_byte "\\u00@x", each_byte "%@x", each_byte "&#x@x;", function(byte) return byte end }
  local index = 0
  return (text:gsub("[%z\1-\127]", function(byte)
    index = index % #escapes + 1
    return escapes[index](byte)
  end))
end

local SPELLINGS = {
  ["as it is"] = function(text) return text end,
  ["in JSON"] = backslashes,
  ["in JSON, as \\u003d"] = ascii(json),
  ["in JSON, as \\u003D"] = ascii(of_special(each_byte "\\u00@X")),
  ["in JSON, every character"] = ascii(each_byte "\\u00@x"),
  ["as \\x3d"] = ascii(each_byte "\\x@x"),
  ["in a URL"] = percent,
  ["in a URL, small letters"] = of_special(each_byte "%@x"),
  ["in a URL, every character"] = each_byte "%@x",
  ["in a URL twice"] = both(percent, percent),
  ["in a URL, every character twice"] = both(each_byte "%@X", percent),
  ["in a URL three times"] = both(percent, both(percent, percent)),
  ["in HTML"] = entities,
  ["in HTML, as &#61;"] = ascii(html),
  ["in HTML, as &#x3d;"] = ascii(of_special(each_byte "&#x@x;")),
  ["in HTML, as &#X3D;"] = ascii(of_special(each_byte "&#X@X;")),
  ["in HTML, every character, with zeros"] = ascii(each_byte "&#000@d;"),
  ["in HTML twice"] = both(entities, entities),
  ["in JSON twice"] = both(backslashes, backslashes),
  ["in JSON twice, as \\\\u003d"] = both(ascii(json), backslashes),
  ["in a URL in JSON"] = both(percent, ascii(json)),
  ["in JSON in a URL"] = both(backslashes, percent),
  ["in a URL in HTML"] = both(percent, ascii(html)),
  ["in JSON in HTML"] = both(backslashes, entities),
  ["in HTML in JSON in a URL"] = both(entities, both(backslashes, percent)),
  ["in each in turn"] = alternating,
  ["with U+200B between"] = between "\226\128\139",
  ["with U+00AD between"] = between "\194\173",
  ["with zero bytes between"] = between "\0",
  ["with line ends between"] = between "\r\n",
  ["with U+0085 between"] = between "\194\133",
  ["with U+202E and U+FEFF between"] = between "\226\128\174\239\187\191",
  ["with bytes that aren't UTF-8 between"] = between "\255",
  ["with U+FFFD between"] = between "\239\191\189",
  ["with \\u200b between"] = both(both(between "\0", backslashes), function(text)
    return (text:gsub("%z", "\\u200b"))
  end),
  ["with %0A between"] = both(both(between "\0", percent), function(text)
    return (text:gsub("%%00", "%%0A"))
  end),
}

for _, secret in ipairs(SECRETS) do
  describe("the secret " .. secret, function()
    local redact = errors.redactor { secret }

    for name, spell in pairs(SPELLINGS) do
      -- Its own escapes are other characters, once they stand among escapes that are mixed.
      local is_unclear = name == "in each in turn" and secret ~= TOKEN
      it("is taken out " .. name, function()
        local spelled = spell(secret)
        if is_unclear then
          spelled = ascii(each_byte "&#x@x;")(secret)
        end
        assert.equal("before *** after", redact("before " .. spelled .. " after"))
        assert.equal("before *** after", redact("before " .. spelled .. " after", 4096))
        assert.equal("*** and ***", redact(spelled .. " and " .. spelled, 4096))
      end)
    end

    it("is taken out where an end cuts it", function()
      for _, spell in ipairs { SPELLINGS["as it is"], SPELLINGS["in a URL, every character"] } do
        local spelled = spell(secret)
        for before = 1990, 2048 do
          local kept = redact(("x"):rep(before) .. spelled .. " after", 2048)
          assert.is_true(#kept <= 2048)
          assert.matches("^x+%**[ after]*$", kept)
        end
      end
      assert.equal("before ***", redact("before " .. secret:sub(1, -2)))
      assert.equal("before ***", redact("before " .. secret:sub(1, 10)))
    end)
  end)
end

describe("a text without a secret", function()
  local redact = errors.redactor { TOKEN, "another-secret" }

  it("stays as it is", function()
    for _, text in ipairs {
      "", "a", "50 % of it", "a\\b \\u00 %4 &# &#x; & &amp; %", "d", "dG9", "\\", "trailing \\", "%", "trailing %2",
      "anoth", "w\195\182rter, \240\159\152\128", "a  b",
    } do
      assert.equal(text, redact(text, 2048))
      assert.equal(text, redact(text))
    end
  end)

  it("keeps its first bytes, whatever they are", function()
    local bytes = {}
    for i = 1, 5000 do
      bytes[i] = string.char(i * 7 % 256)
    end
    local text = table.concat(bytes)
    assert.equal(text:sub(1, 2048), redact(text, 2048))
  end)

  it("keeps words that are too short to be secrets", function()
    assert.equal("abc and ab", errors.redactor { "abc", "ab", "" }("abc and ab"))
    assert.equal("*** and abc", errors.redactor { "abcd", "abc" }("abcd and abc"))
    assert.equal("any", errors.redactor {}("any"))
  end)
end)

describe("base64", function()
  it("is taken out without its padding too, and with spaces for its pluses", function()
    local redact = errors.redactor { "ab+cd+efgh/==" }
    for _, text in ipairs {
      "ab+cd+efgh/==", "ab+cd+efgh/", "ab cd efgh/==", "ab+cd+efgh%2F%3D%3d", "ab%2Bcd+efgh%2f",
    } do
      assert.equal("a *** b", redact("a " .. text .. " b"))
    end
  end)
end)

describe("time to take secrets out", function()
  it("is short, however long and however escaped a text is", function()
    local redact = errors.redactor { ("a"):rep(255) .. "b", TOKEN }
    for _, text in ipairs {
      ("a"):rep(8000000), ("\\"):rep(8000000), ("%25"):rep(2000000), ("&amp;"):rep(1000000), ("\\u0061"):rep(1000000),
      ("a\226\128\139"):rep(1000000), ("\226\128\139"):rep(2000000), ("%2525&amp;\\\\u0061"):rep(400000),
      ("\0"):rep(8000000), "a" .. ("\226\128\139"):rep(2000000), TOKEN:rep(200000),
    } do
      local began = os.clock()
      redact(text)
      redact(text, 2048)
      assert.is_true(os.clock() - began < 0.5, ("%q took %.2f s"):format(text:sub(1, 20), os.clock() - began))
    end
  end)
end)

describe("a server that echoes what it was sent", function()
  local server = fixture.scripted_server()
  server.auth_token = TOKEN
  local pool = fixture.pool(server, "p")
  local secrets = { TOKEN, mime.b64(server.auth_id .. ":" .. TOKEN) }

  it("gets no secret into an error, in whatever escapes", function()
    for _, secret in ipairs(secrets) do
      for name, spell in pairs(SPELLINGS) do
        local spelled = spell(secret)
        local json_text = spelled:gsub('[%z\1-\31"\\]', each_byte "\\u00@x"):gsub("\255", "\\ufffd")
        local bodies = {
          '{"error":"' .. json_text .. '","api_id":"' .. json_text .. '"}',
          '{"error":{"' .. json_text .. '":["' .. json_text .. '"]}}',
          spelled, "<p>" .. spelled .. "</p>",
        }
        for i, body in ipairs(bodies) do
          local headers = { ["Content-Type"] = i > 2 and "text/plain" or nil }
          server:script(http.answer(i % 2 == 0 and 400 or 500, body, headers))
          local _, err = pool:get()
          for _, text in ipairs { tostring(err), err.message, err.body, err.api_id or "" } do
            local half = spelled:sub(1, math.floor(#spelled / 2))
            for _, part in ipairs { secret, spelled, json_text, secret:sub(1, 8), half } do
              assert.is_nil(text:find(part, 1, true), name .. ": " .. text)
            end
          end
        end
      end
    end
  end)
end)
