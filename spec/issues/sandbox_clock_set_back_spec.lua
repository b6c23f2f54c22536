-- The limit was counted by the time of day: after the clock had gone back an hour, the sandbox refused for two.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local quote = interpreter.quote

-- Run with the wrong clock preloaded, so that the sandbox and its owner have it. Seconds are counted by the clock that
-- nobody sets.
local code = [[
  local clock = require "numberpool.sandbox.clock"
  local sandbox_http = require "spec.support.sandbox_http"
  local server = assert(require "numberpool.sandbox".start { workers = 2, rate = { requests = 3, seconds = 1 } })
  local account = sandbox_http.account(server)
  local function set(seconds)
    local file = assert(io.open(os.getenv "WRONG_CLOCK", "w"))
    file:write(seconds)
    file:close()
  end
  local function fill()
    local answer
    for _ = 1, 20 do
      answer = account.get("Powerpack/")
      if answer.status == 429 then return answer end
    end
    error("nothing was refused")
  end
  for _, moved in ipairs { "-3600", "3600", "0" } do
    fill()
    local day = os.time()
    set(moved)
    print("moved", math.abs(os.time() - day) > 1800)
    -- A clock that goes on by an hour gives nobody more than the limit.
    print("retry after", fill().headers["retry-after"])
    local since = clock.now()
    local again = clock.wait(10, function() return account.get("Powerpack/").status == 200 end)
    print("again", again, clock.now() - since < 5)
  end
  print("stopped", (server:stop()))
]]

describe("a sandbox with a limit", function()
  it("keeps to it when the clock is set", function()
    local folder = fixture.folder()
    local library = folder .. "/wrong_clock.so"
    if select(2, sandbox_http.shell("command -v cc")) ~= 0 then return pending("needs a C compiler") end
    assert.equal("", interpreter.shell(("cc -std=c11 -O1 -shared -fPIC -o %s spec/support/wrong_clock.c -ldl 2>&1")
      :format(quote(library))))
    local output = interpreter.run(code, { LD_PRELOAD = library, WRONG_CLOCK = folder .. "/seconds" })
    local once = "moved\ttrue\nretry after\t1\nagain\ttrue\ttrue\n"
    assert.equal(once:rep(3) .. "stopped\ttrue\n", output)
  end)
end)
