-- The client as a rock: builds in a copy of the sources, has every module, and runs from its tree alone.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox = require "numberpool.sandbox"
local workspace = require "spec.support.workspace"

-- LuaRocks builds for a version of Lua, and LuaJIT has none of its own there.
if jit then return end

local lua_version = workspace.lua_version
local quote = workspace.quote

describe("the rock", function()
  local copy, tree

  local function install(rockspec)
    local output, status = copy:run(("luarocks --lua-version %s make --deps-mode=none --tree %s %s 2>&1"):format(
      lua_version, quote(tree), rockspec))
    assert.equal(0, status, output)
  end

  setup(function()
    copy = fixture.until_end(workspace.new())
    tree = copy.parent .. "/tree"
    copy:run("rm -rf build")
    install("rockspec/numberpool-scm-1.rockspec")
  end)

  -- Every file below a folder of the tree.
  local function installed(folder)
    local output = workspace.run_in(tree .. "/" .. folder, "find . -type f | sed 's,^./,,' | LC_ALL=C sort")
    local list = {}
    for path in output:gmatch("[^\n]+") do list[#list + 1] = path end
    return list
  end

  -- The Lua modules of the sources, with those of the sandbox or without.
  local function modules_of_the_sources(with_sandbox)
    local output = copy:run("cd lua && find . -name '*.lua' | sed 's,^./,,' | LC_ALL=C sort")
    local list = {}
    for path in output:gmatch("[^\n]+") do
      if with_sandbox or not path:find("^numberpool/sandbox[/.]") then list[#list + 1] = path end
    end
    assert.is_true(#list > 0)
    return list
  end

  it("has every Lua module of the client, and not the sandbox", function()
    assert.same(modules_of_the_sources(false), installed("share/lua/" .. lua_version))
  end)

  it("has both C modules", function()
    assert.same({ "numberpool/core.so", "numberpool/curl.so" }, installed("lib/lua/" .. lua_version))
  end)

  it("builds them as the Makefile does: nothing else is exported, and they stay loaded", function()
    for _, module in ipairs { "core", "curl" } do
      local path = quote(("%s/lib/lua/%s/numberpool/%s.so"):format(tree, lua_version, module))
      assert.matches(" luaopen_numberpool_" .. module .. "\n$", (copy:run("nm -D --defined-only " .. path)))
      assert.equal("1\n", (copy:run("nm -D --defined-only " .. path .. " | wc -l")))
      assert.matches("NODELETE", (copy:run("readelf -d " .. path)))
    end
  end)

  it("has the program", function()
    local shared, modules = tree .. "/share/lua/" .. lua_version, tree .. "/lib/lua/" .. lua_version
    local environment = ('env -i HOME=/ PATH="$PATH" %s %s'):format(
      quote(interpreter.PATH_VARIABLE .. ("=%s/?.lua;%s/?/init.lua;;"):format(shared, shared)),
      quote(interpreter.CPATH_VARIABLE .. "=" .. modules .. "/?.so;;"))
    local program = quote(tree .. "/bin/numberpool")
    local output, status = workspace.run_in("/", ("%s %s version 2>&1"):format(environment, program))
    assert.equal(0, status, output)
    assert.matches("^numberpool %d", output)
    output, status = workspace.run_in("/", ("%s %s numbers list 2>&1"):format(environment, program))
    assert.equal(3, status, output)
  end)

  it("runs the quickstart against a sandbox", function()
    local server = assert(sandbox.start {})
    finally(function() server:stop() end)
    local seeded = assert(server:seed { numbers = 3 })
    local here = workspace.run_in(".", "pwd"):gsub("\n$", "")
    local shared, modules = tree .. "/share/lua/" .. lua_version, tree .. "/lib/lua/" .. lua_version
    local environment = {
      [interpreter.PATH_VARIABLE] = ("%s/?.lua;%s/?/init.lua;;"):format(shared, shared),
      [interpreter.CPATH_VARIABLE] = modules .. "/?.so;;",
      NUMBERPOOL_BASE_URL = server.base_url,
      PLIVO_AUTH_ID = server.auth_id,
      PLIVO_AUTH_TOKEN = server.auth_token,
    }
    local settings = {}
    for name, value in pairs(environment) do settings[#settings + 1] = quote(name .. "=" .. value) end
    local output, status = workspace.run_in("/", ("env %s %s %s %s 2>&1"):format(table.concat(settings, " "),
      workspace.lua, quote(here .. "/examples/quickstart.lua"), quote(seeded.powerpack)))
    assert.equal(0, status, output)
    assert.matches("3 numbers", output, 1, true)
    assert.is_true(#server:requests() > 0)
  end)

  it("shares a tree with the sandbox's rock, which has the modules that this one lacks", function()
    install("rockspec/numberpool-sandbox-scm-1.rockspec")
    assert.same(modules_of_the_sources(true), installed("share/lua/" .. lua_version))
    local output, status = copy:run(("luarocks --lua-version %s remove --tree %s numberpool-sandbox 2>&1"):format(
      lua_version, quote(tree)))
    assert.equal(0, status, output)
    assert.same(modules_of_the_sources(false), installed("share/lua/" .. lua_version))
  end)
end)
