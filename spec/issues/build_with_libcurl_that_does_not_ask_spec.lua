-- Below 7.80 libcurl doesn't ask before it starts a request. A build that takes the one at hand for such a one sends
-- changes on connections of their own, of HTTP/1.1, and they arrive once there too.
local fixture = require "spec.support.fixture"
local workspace = require "spec.support.workspace"

describe("a build for a libcurl that doesn't ask", function()
  local copy = fixture.until_end(workspace.new())

  it("sends no change twice", function()
    assert.equal(0, select(2, copy:run 'cp -a "$OLDPWD/spec" .'))
    local lua = workspace.lua_version
    local command = ([[
      rm -rf build && make -s CPPFLAGS=-DNP_WITHOUT_PREREQUEST LUA_VERSION=%s 2>&1 &&
      eval "$(make -s env CPPFLAGS=-DNP_WITHOUT_PREREQUEST LUA_VERSION=%s)" &&
      %s "$(command -v busted)" --output=plainTerminal --lpath= --cpath= --filter="a change" \
        spec/issues/changes_sent_twice_spec.lua 2>&1]]):format(lua, lua, workspace.lua)
    local output, status = copy:run(command)
    assert(status == 0, output)
    assert.matches("8 successes / 0 failures / 0 errors", output)
  end)
end)
