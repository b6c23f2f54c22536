-- application_type was taken in small letters only, though answers have it in capitals, and an application couldn't be
-- unlinked while a powerpack is made.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

describe("a powerpack's application", function()
  local server = fixture.scripted_server()
  local powerpacks = fixture.client(server).powerpacks
  server:script(http.json "{}")

  it("has a type in any case, which is sent in small letters", function()
    for _, case in ipairs { { "XML", "xml" }, { "Phlo", "phlo" } } do
      server:script(http.json "{}")
      assert(powerpacks:update("x", { application_type = case[1], application_id = "1" }))
      assert.matches('"application_type":"' .. case[2] .. '"', server:requests()[1].body, 1, true)
    end
  end)

  it("is unlinked by none alone", function()
    server:script(http.json "{}")
    assert(powerpacks:create { name = "x", application_id = "none" })
    assert.equal('{"name":"x","application_id":"none"}', server:requests()[1].body)
    local _, err = powerpacks:create { name = "x", application_id = "1" }
    assert.equal("invalid", err.kind)
  end)
end)
