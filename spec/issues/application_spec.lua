-- application_type was taken in small letters only, though answers have it in capitals, and an application couldn't be
-- unlinked while a powerpack is made.
local http = require "spec.support.http"
local new_client = require "spec.support.new_client"
local scripted_server = require "spec.support.scripted_server"

describe("a powerpack's application", function()
  local server, powerpacks

  setup(function()
    server = scripted_server.start()
    powerpacks = new_client(server).powerpacks
    server:script(http.json "{}")
  end)

  teardown(function()
    server:stop()
  end)

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
