-- The sandbox as a rock of its own: what it installs, and that it runs from its tree.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local workspace = require "spec.support.workspace"
local sandbox_http = require "spec.support.sandbox_http"

-- LuaRocks builds for a version of Lua, and LuaJIT has none of its own there.
if jit then return end

describe("the sandbox's rock", function()
  local copy, tree

  setup(function()
    copy = fixture.until_end(workspace.new())
    tree = copy.parent .. "/tree"
    local output, status = copy:run(("luarocks --lua-version %s make --deps-mode=none --tree %s %s 2>&1"):format(
      workspace.lua_version, workspace.quote(tree), "rockspec/numberpool-sandbox-scm-1.rockspec"))
    assert.equal(0, status, output)
  end)

  it("has the sandbox's files and nothing of the client", function()
    local list = "find . -type f | sed 's,^./,,' | LC_ALL=C sort"
    local expected = copy:run("cd lua && " .. list .. " | grep -E '^numberpool/sandbox[/.]'")
    assert.matches("numberpool/sandbox/server/init.lua", expected)
    assert.equal(expected, (workspace.run_in(tree .. "/share/lua/" .. workspace.lua_version, list)))
    assert.not_equal(0, select(2, workspace.run_in(tree, "ls lib/lua/*/numberpool 2>/dev/null")))
  end)

  it("runs from its tree", function()
    local shared = tree .. "/share/lua/" .. workspace.lua_version
    local code = [[
      local server = assert(require "numberpool.sandbox".start())
      print(#assert(server:seed { numbers = 2 }).pool)
      server:stop()]]
    local output = sandbox_http.shell(("cd / && %s=%s %s=';;' %s -e %s"):format(interpreter.PATH_VARIABLE,
      workspace.quote(shared .. "/?.lua;" .. shared .. "/?/init.lua;;"), interpreter.CPATH_VARIABLE, workspace.lua,
      workspace.quote(code)))
    assert.equal("36\n", output)
  end)
end)
