-- Dates of the API.
local dates = require "numberpool.report.dates"

describe("a date", function()
  it("is seconds since 1970 in UTC", function()
    assert.equal(0, dates.seconds "1970-01-01T00:00:00Z")
    assert.equal(951782400, dates.seconds "2000-02-29T00:00:00Z")
    assert.equal(1665313859, math.floor(dates.seconds "2022-10-09T11:10:59.741978Z"))
    assert.equal(-1, dates.seconds "1969-12-31T23:59:59Z")
    assert.equal(1665273600, dates.seconds "2022-10-09")
  end)

  it("is one point in time, however it is written", function()
    local utc = dates.seconds "2022-10-09T11:10:59Z"
    for _, text in ipairs {
      "2022-10-09 11:10:59", "2022-10-09T13:10:59+02:00", "2022-10-09T07:40:59-0330", "2022-10-09T11:10:59.000Z",
    } do
      assert.equal(utc, dates.seconds(text), text)
    end
  end)

  it("is later with a fraction, of any length", function()
    local before
    for _, text in ipairs {
      "2019-09-03T08:50:09Z", "2019-09-03T08:50:09.5106Z", "2019-09-03T08:50:09.510692Z", "2019-09-03T08:50:09.52Z",
      "2019-09-03T08:50:10Z",
    } do
      local seconds = dates.seconds(text)
      assert.is_true(not before or seconds > before, text)
      before = seconds
    end
  end)

  it("isn't known where it can't be read", function()
    for _, text in ipairs {
      "", "yesterday", "2022-13-01T00:00:00Z", "2022-00-01", "2022-10-09T11:10:59+2", "2022-10-09T99:10:59Z",
      "09/10/2022", "2022-10-09Tomorrow", 1665313859, true, {},
    } do
      assert.is_nil(dates.seconds(text), tostring(text))
    end
    assert.is_nil(dates.seconds(nil))
  end)

  it("is the same written again, in any year", function()
    for _, text in ipairs {
      "0001-01-01T00:00:00Z", "1600-02-29T23:59:59Z", "1900-03-01T00:00:00Z", "1969-12-31T23:59:59Z",
      "1970-01-01T00:00:00Z", "2000-02-29T12:00:00Z", "2024-12-31T23:59:59Z", "2100-03-01T00:00:01Z",
      "9999-12-31T23:59:59Z",
    } do
      assert.equal(text, dates.text(dates.seconds(text)))
    end
    for day = -200000, 2000000, 997 do
      local text = dates.text(day * 86400 + 3599)
      assert.equal(day * 86400 + 3599, dates.seconds(text), text)
    end
  end)

  it("is shown to the second, and as it came where it can't be read", function()
    assert.equal("2022-10-09 11:10:59", dates.shown "2022-10-09T13:10:59.741978+02:00")
    assert.equal("soon", dates.shown "soon")
    assert.equal("2022-10", dates.month(dates.seconds "2022-10-31T23:59:59Z"))
  end)
end)
