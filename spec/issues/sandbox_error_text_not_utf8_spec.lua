-- An error that quoted bytes of the request which aren't UTF-8 was no JSON.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("an error of the sandbox", function()
  it("is UTF-8, whatever the request was", function()
    local server = fixture.sandbox()
    local account = sandbox_http.account(server)
    local pool = "NumberPool/" .. assert(server:seed()).pool .. "/"
    for path, message in pairs {
      [pool .. "Number/%ff%fe1/"] = "'??1' is not a valid phone number.",
      [pool .. "Shortcode/%ed%a0%80/"] = "'???' is not a valid shortcode.",
      [pool .. "Number/?type=%c3"] = "type: ? is not a valid choice",
      [pool .. "Number/?type=%c3%bc"] = "type: \195\188 is not a valid choice",
      ["PhoneNumber/?country_iso=US&lata=%ff"] = "lata: ? is not a LATA's number",
    } do
      local answer = account.get(path)
      assert.equal(400, answer.status)
      assert.equal(message, answer.json.error)
    end
  end)
end)
