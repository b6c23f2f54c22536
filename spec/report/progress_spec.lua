-- How far a job is, on a terminal and elsewhere.
local progress = require "numberpool.report.progress"

local function recorder(is_live, width)
  local written, time = {}, 100
  local line = progress.new {
    stream = {
      write = function(_, ...)
        written[#written + 1] = table.concat { ... }
      end,
      flush = function() end,
    },
    is_live = is_live,
    width = width,
    now = function()
      return time
    end,
  }
  return line, function(seconds)
    time = time + seconds
  end, function()
    local text = table.concat(written)
    written = {}
    return text
  end
end

describe("progress", function()
  it("is a line every few seconds where there is no terminal", function()
    local line, pass, written = recorder(false)
    for i = 1, 12 do
      line:show(i .. " of 12", i / 12)
      pass(1)
    end
    assert.equal("6 of 12\n11 of 12\n", written())
    line:clear()
    assert.equal("", written())
  end)

  it("is one line that changes where there is one, and goes away", function()
    local line, _, written = recorder(true)
    line:show("1 of 2", 0.5)
    line:show("2 of 2", 1)
    line:show("2 of 2", 1)
    assert.equal("\r1 of 2\27[K\r2 of 2\27[K", written())
    line:clear()
    line:clear()
    assert.equal("\r\27[K", written())
  end)

  it("doesn't flood a terminal", function()
    local line, pass, written = recorder(true)
    for i = 1, 100000 do
      line:show(i .. " of 100000", i / 100000)
    end
    local _, count = written():gsub("\r", "")
    assert.is_true(count >= 150 and count <= 210, count)
    line:show("a", 0)
    pass(1)
    line:show("b", 0)
    assert.matches("b\27%[K$", written())
  end)
end)

describe("a count", function()
  it("is a bar on a terminal, with the rate and the time that is left", function()
    local line, pass, written = recorder(true, 80)
    line:count(0, 1000)
    assert.equal("\r[..............................] 0 of 1000\27[K", written())
    pass(10)
    line:count(500, 1000, "3 failed")
    assert.equal("\r[###############...............] 500 of 1000, 3 failed, 50 a second, 10 s left\27[K", written())
    pass(1)
    line:count(550, 10000)
    assert.matches("550 of 10000, 50 a second, 3:09 left", written(), 1, true)
    pass(3589)
    line:count(7200)
    assert.equal("\r7200, 2 a second\27[K", written())
  end)

  it("takes no more columns than there are", function()
    local line, pass, written = recorder(true, 20)
    pass(100)
    line:count(50, 1000)
    assert.equal("\r50 of 1000, 1 a sec\27[K", written())
  end)

  it("is a line every few seconds where there is no terminal", function()
    local line, pass, written = recorder(false)
    for i = 1, 12 do
      pass(1)
      line:count(i, 1000)
    end
    assert.equal("5 of 1000, 1 a second, 16:35 left\n10 of 1000, 1 a second, 16:30 left\n", written())
  end)
end)
