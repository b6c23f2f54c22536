-- Text of a server, on a terminal and in a page.
local text = require "numberpool.report.text"

local E_ACUTE, EURO, EMOJI = "\195\169", "\226\130\172", "\240\159\152\128"
local OVERRIDE, SEPARATOR = "\226\128\174", "\226\128\168"

describe("text on a terminal", function()
  it("is as it came where each character is one column wide", function()
    assert.equal("fixed +1 <b>", text.terminal "fixed +1 <b>")
    assert.equal("caf" .. E_ACUTE, text.terminal("caf" .. E_ACUTE, true))
    assert.equal("caf\\u{e9}", text.terminal("caf" .. E_ACUTE))
  end)

  it("has escapes for what could move the cursor, take more columns, or isn't UTF-8", function()
    assert.equal("\\x1b[2J\\x00\\x7f\\x0a", text.terminal "\27[2J\0\127\n")
    assert.equal("\\u{9b}1m", text.terminal("\194\1551m", true))
    assert.equal("\\u{1f600}\\u{202e}\\u{20ac}", text.terminal(EMOJI .. OVERRIDE .. EURO, true))
    -- A byte alone, too long a form, a surrogate, beyond the last code point, cut short.
    assert.equal("\\xff", text.terminal("\255", true))
    assert.equal("\\xc0\\x80", text.terminal("\192\128", true))
    assert.equal("\\xe0\\x80\\x80", text.terminal("\224\128\128", true))
    assert.equal("\\xed\\xa0\\x80", text.terminal("\237\160\128", true))
    assert.equal("\\xf4\\x90\\x80\\x80", text.terminal("\244\144\128\128", true))
    assert.equal("a\\xe2\\x82", text.terminal("a\226\130", true))
  end)
end)

describe("text in a page", function()
  it("is text in HTML", function()
    assert.equal("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt; &amp;amp; " .. EMOJI .. EURO,
      text.html("<b a=\"1\" c='2'> &amp; " .. EMOJI .. EURO))
    assert.equal("\\x00\\x1b\\u{202e}\\u{2028}\\xff", text.html("\0\27" .. OVERRIDE .. SEPARATOR .. "\255"))
  end)

  it("is text in a script element's JSON", function()
    local written = text.json('</script><!--"\\&' .. SEPARATOR .. "\n" .. EMOJI)
    assert.equal('"\\u003c/script\\u003e\\u003c!--\\"\\\\\\u0026\\\\u{2028}\\\\x0a' .. EMOJI .. '"', written)
  end)
end)

describe("figures", function()
  it("have their thousands apart", function()
    for count, expected in pairs {
      [0] = "0", [7] = "7", [999] = "999", [1000] = "1,000", [100000] = "100,000", [1234567] = "1,234,567",
    } do
      assert.equal(expected, text.count(count))
    end
  end)

  it("have shares that are 100 or 0 only where that is so", function()
    assert.equal("100", text.share(5, 5))
    assert.equal("99.9", text.share(99999, 100000))
    assert.equal("33.3", text.share(1, 3))
    assert.equal("<0.1", text.share(1, 100000))
    assert.equal("0.0", text.share(0, 3))
    assert.equal("0.0", text.share(0, 0))
  end)

  it("have nouns that fit", function()
    assert.equal("1 entry", text.counted(1, "entry", "entries"))
    assert.equal("1,200 entries", text.counted(1200, "entry", "entries"))
  end)
end)
