-- `make sandbox` gave its options to a shell inside quotes, so that quotes in them were lost.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

describe("make sandbox", function()
  it("keeps quotes, dollars and backslashes in its options", function()
    local folder = fixture.folder()
    local output = folder .. "/output"
    local options = ([[quirks = { 'delete_204', "empty_404" }, db = "%s/it's \100 $HOME `x`" -- kept]]):format(folder)
    local pid = sandbox_http.shell(("make -s sandbox SANDBOX=%s >%s 2>&1 & echo $!"):format(quote(options), output))
      :match("%d+")
    finally(function() sandbox_http.shell("kill " .. pid) end)
    sandbox_http.eventually(function() return read(output):find("# 45 numbers", 1, true) end)
    local exports = read(output)
    local url = ("-u %s:%s %s/v1/Account/%s/NumberPool/%s/Number/"):format(exports:match("PLIVO_AUTH_ID=(%S+)"),
      exports:match("PLIVO_AUTH_TOKEN=(%S+)"), exports:match("NUMBERPOOL_BASE_URL=(%S+)"),
      exports:match("PLIVO_AUTH_ID=(%S+)"), exports:match("pool (%S+):"))
    local status = sandbox_http.shell("curl -s -o /dev/null -w '%{http_code}' -X DELETE " .. url .. "15125550001/")
    assert.equal("204", status)
    assert.equal("{}", (sandbox_http.shell("curl -s " .. url .. "15125550001/")))
    assert.matches("^SQLite format 3", read(folder .. "/it's d $HOME `x`"))
  end)

  it("says where the options can't be read", function()
    assert.matches("SANDBOX:%d: ", (sandbox_http.shell("make -s sandbox SANDBOX='port = '")))
  end)
end)
