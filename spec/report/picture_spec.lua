-- The picture of a pool on a terminal.
local facts = require "numberpool.report.facts"
local picture = require "numberpool.report.picture"
local summary = require "numberpool.report.summary"

local function result_of(numbers, shortcodes)
  return summary.of_snapshot({ numbers = numbers, tollfree = {}, shortcodes = shortcodes or {} }, "5e1f0a52")
end

local function some()
  local numbers = {}
  for i = 1, 1200 do
    numbers[i] = { number = ("1%03d5550001"):format(i <= 1000 and 512 or 201 + i % 30), country_iso2 = "US",
      type = "fixed", service = i % 4 > 0 and "sms" or nil, added_on = ("20%02d-01-01T00:00:00Z"):format(10 + i % 15) }
  end
  return result_of(numbers, { { shortcode = "12345", country_iso2 = "CA", added_on = "2024-05-01T10:00:00Z" } })
end

local function hostile()
  return result_of {
    { number = "\27[2J\27[H", country_iso2 = "\226\128\174US", type = ("\240\159\152\128"):rep(40),
      service = "a\nb\rc\8", added_on = "\0" },
    { number = "15125550001", type = "a_long_type_that_goes_on_and_on_and_on_for_ever_and_ever",
      service = "caf\195\169" },
  }
end

local function columns(line)
  local _, count = line:gsub("\27%[%d+m", ""):gsub("[^\128-\191]", "")
  return count
end

describe("a picture of a pool", function()
  it("has the figures, right-aligned, with bars beside them", function()
    local drawn = picture.draw(some(), { width = 60 })
    assert.matches("^Number pool 5e1f0a52\n1,201 entries\noldest: 2010%-01%-01 00:00:00, number 1%d+\n", drawn)
    assert.matches("\n  numbers            1,200  99%.9 %%  #+\n  toll%-free numbers      0   0%.0 %%\n", drawn)
    assert.matches("\n  shortcodes             1   0%.1 %%  #\n", drawn)
    assert.matches("\n  %+1 512             1,000  83%.3 %%  #+\n", drawn)
    assert.matches("\n  22 more              144  12%.0 %%\n", drawn)
    assert.matches("\n  not known            300  25%.0 %%\n", drawn)
    assert.matches("\n  2024                  81   6%.7 %%  #+\n", drawn)
    assert.matches("\n\nservice: not known of 300 of 1,200 entries\n$", drawn)
  end)

  it("has finer bars where the locale is UTF-8", function()
    local drawn = picture.draw(some(), { width = 60, is_utf8 = true })
    assert.matches("\n  shortcodes             1   0%.1 %%  ▏\n", drawn)
    assert.matches("99%.9 %%  ██", drawn)
  end)

  it("is ASCII where it isn't, and has no control characters without colours", function()
    for _, result in ipairs { some(), hostile() } do
      assert.is_nil(picture.draw(result, { width = 60 }):gsub("\n", ""):find "[^\32-\126]")
      assert.is_nil(picture.draw(result, { width = 60, is_utf8 = true }):gsub("\n", ""):find "[%c\127]")
    end
  end)

  it("has the server's control characters escaped, colours or none", function()
    local drawn = picture.draw(hostile(), { width = 100, is_utf8 = true, has_colours = true })
    assert.matches("\27%[1mCountry\27%[0m", drawn)
    assert.is_nil(drawn:gsub("\27%[[0-9]+m", ""):gsub("\n", ""):find "[%c\127]")
    assert.matches("\\u{202e}US", drawn)
    assert.matches("a\\x0ab\\x0dc\\x08", drawn)
    assert.matches("café", drawn)
  end)

  it("is never wider than the terminal", function()
    for _, result in ipairs { some(), hostile(), result_of {} } do
      for width = 1, 130 do
        for _, is_utf8 in ipairs { true, false } do
          local drawn = picture.draw(result, { width = width, is_utf8 = is_utf8, has_colours = width % 2 == 0 })
          for line in drawn:gmatch "([^\n]*)\n" do
            assert.is_true(columns(line) <= width, width .. ": " .. line)
          end
        end
      end
    end
  end)

  it("shows counts on any terminal that is wide enough for them", function()
    local result = some()
    for width = 16, 130 do
      assert.matches("1,200", picture.draw(result, { width = width }))
    end
  end)

  it("of an empty pool says so", function()
    assert.equal("Number pool 5e1f0a52\n0 entries\n", picture.draw(result_of {}))
  end)

  it("shows months where they are few", function()
    local total = summary.new()
    for month = 1, 3 do
      total:add(facts.of("numbers", { number = "15125550001", added_on = ("2023-%02d-05T00:00:00Z"):format(month) }))
    end
    assert.matches("\nAdded\n  2023%-01 .-\n  2023%-02 .-\n  2023%-03 ", picture.draw(total:result()))
  end)
end)

describe("a locale", function()
  local function is_utf8(variables)
    return picture.is_utf8(function(name)
      return variables[name]
    end)
  end

  it("is UTF-8 by the first variable that is set", function()
    assert.is_true(is_utf8 { LANG = "en_US.UTF-8" })
    assert.is_true(is_utf8 { LC_ALL = "C.utf8", LANG = "C" })
    assert.is_true(is_utf8 { LC_ALL = "", LC_CTYPE = "de_DE.UTF-8" })
    assert.is_false(is_utf8 { LC_ALL = "C", LANG = "en_US.UTF-8" })
    assert.is_false(is_utf8 { LANG = "de_DE" })
    assert.is_false(is_utf8 {})
  end)
end)
