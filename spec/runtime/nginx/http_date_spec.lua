-- Dates of HTTP, in the ways of RFC 9110, section 5.6.7.
local http_date = require "numberpool.runtime.nginx.http_date"

describe("a date of HTTP", function()
  local now = 1700000000

  for text, time in pairs {
    ["Sun, 06 Nov 1994 08:49:37 GMT"] = 784111777,
    ["Sunday, 06-Nov-94 08:49:37 GMT"] = 784111777,
    ["Sun Nov  6 08:49:37 1994"] = 784111777,
    ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0,
    ["Thu, 29 Feb 2024 12:00:00 GMT"] = 1709208000,
    ["Wed, 31 Dec 2098 23:59:59 GMT"] = 4070908799,
    ["Tuesday, 01-Jan-30 00:00:00 GMT"] = 1893456000,
  } do
    it("is read: " .. text, function()
      assert.equal(time, http_date.parse(text, now))
    end)
  end

  for _, text in ipairs { "", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 32 Jan 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z" } do
    it("isn't seen in: " .. text, function()
      assert.is_nil(http_date.parse(text, now))
    end)
  end
end)
