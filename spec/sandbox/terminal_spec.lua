-- The sandbox in a terminal: what it prints, and how Ctrl-C ends it.
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

describe("a sandbox in the foreground", function()
  it("prints the exports and each request, and ends with Ctrl-C", function()
    local folder = sandbox_http.shell("mktemp -d"):gsub("%s+$", "")
    local output = folder .. "/output"
    finally(function() sandbox_http.shell("rm -rf " .. folder) end)
    local code = [[os.exit(require("numberpool.sandbox.terminal") { strict = true }, true)]]
    -- A shell that isn't interactive has its background jobs ignore SIGINT; env gives it back.
    local pid = sandbox_http.shell(("env --default-signal=INT %s -e %s >%s 2>&1 & echo $!")
      :format(interpreter.quote(interpreter.program), interpreter.quote(code), output)):match("%d+")
    sandbox_http.eventually(function() return read(output):find("# 45 numbers", 1, true) end)
    local exports = read(output)
    local url = exports:match("export NUMBERPOOL_BASE_URL=(http://%S+)")
    local auth_id = exports:match("export PLIVO_AUTH_ID=(%S+)")
    local auth_token = exports:match("export PLIVO_AUTH_TOKEN=(%S+)")
    local pool = exports:match("export NUMBERPOOL_POOL=(%S+)")
    assert.equal(exports:match("pool (%S+):"), pool)
    local powerpack = exports:match("powerpack (%S+),")
    local status = sandbox_http.shell(("curl -s -o /dev/null -w '%%{http_code}' -u %s:%s " ..
      "%s/v1/Account/%s/Powerpack/%s/"):format(auth_id, auth_token, url, auth_id, powerpack))
    assert.equal("200", status)
    sandbox_http.shell(("curl -s -o /dev/null -d x '%s/v1/none/?a=b'"):format(url))
    sandbox_http.eventually(function() return read(output):find("404 POST   /v1/none/?a=b x", 1, true) end)
    assert.is_truthy(read(output):find("200 GET    /v1/Account/" .. auth_id .. "/Powerpack/" .. powerpack, 1, true))
    sandbox_http.shell("kill -INT " .. pid)
    sandbox_http.eventually(function() return read(output):find("stopped", 1, true) end)
    sandbox_http.eventually(function() return select(2, sandbox_http.shell("curl -s " .. url)) == 7 end)
    assert.is_nil(read(output):find("traceback", 1, true))
  end)
end)
