-- The host may set a locale with a decimal comma at any time: numbers in answers are what they are.
local comma_locale = require "spec.support.comma_locale"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

-- A server for the child, which has the locale from the first call on.
local CODE = [[
local http = require "spec.support.http"
local numberpool = require "numberpool"
local client = assert(numberpool.new { base_url = "@base_url", auth_id = "MA", auth_token = "a-token", retries = 0 })
local pool = assert(client:pool "p")
assert(pool:get().rate == 0.5)
assert(os.setlocale("@locale"), "no such locale")
assert(jit or ("%.1f"):format(0.5) == "0,5", "no comma")
local value = assert(pool:get())
assert(value.rate == 5 / 10, value.rate)
assert(value.list[1] == -125 / 100 and value.list[2] == 1 / 1000 and value.list[3] == 5 / 2)
assert(value.id == 20)
assert(value.text == "0.5" and value.comma == "0,5")
local bought, err = pool:buy_number { number = "15125550100" }
assert(bought and bought.rate == 5 / 10, tostring(err))
local _, refused = pool:find_number "15125550100"
assert(refused.kind == "protocol", tostring(refused))
assert(jit or ("%.1f"):format(0.5) == "0,5", "the host's locale is another one")
print "done"
]]

describe("a host's locale with a decimal comma", function()
  local server = fixture.scripted_server()
  local folder = fixture.folder()

  it("leaves the numbers of answers as they are, though it is set after the first call", function()
    if not comma_locale.make(folder) then
      return pending "needs localedef and what it makes locales of"
    end
    local http = require "spec.support.http"
    local body = '{"rate":0.5,"list":[-1.25,1e-3,25e-1],"id":20.0,"text":"0.5","comma":"0,5"}'
    server:script(http.json(body), http.json(body), http.answer(201, '{"number":"15125550100","rate":0.5}'),
      http.json '{"rate":0,5}')
    local code = CODE:gsub("@base_url", server.base_url):gsub("@locale", comma_locale.NAME)
    -- glibc keeps what it makes of LOCPATH, which the sanitizers' run would call a leak.
    local environment = { LOCPATH = folder, LC_ALL = false, LANG = false, ASAN_OPTIONS = "detect_leaks=0" }
    local output, status = interpreter.run(code, environment)
    assert.equal("done\n", output)
    assert.equal(0, status)
  end)
end)
