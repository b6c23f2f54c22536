-- What `make` gives a person: modules, the exports that use them uninstalled, install and uninstall.
local fixture = require "spec.support.fixture"
local version = require "numberpool.version"
local workspace = require "spec.support.workspace"

local lua, lua_version = workspace.lua, workspace.lua_version
local api_version = _VERSION:match("%d%.%d")
local make = "make -s LUA_VERSION=" .. lua_version .. " "
local suffix = lua_version:find("^5%.[234]$") and "_" .. lua_version:gsub("%.", "_") or "" -- of its variables
local use = "eval \"$(" .. make .. "env)\" && cd / && " .. lua .. " -e "

local function lines(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do list[#list + 1] = line end
  return list
end

-- Every file below a folder, sorted, as paths from there.
local function files(folder)
  return lines((workspace.run_in(folder, "find . -type f | sed 's,^./,,' | LC_ALL=C sort")))
end

describe("the build", function()
  local copy = fixture.until_end(workspace.new())

  it("gives modules that export only what Lua opens", function()
    for _, module in ipairs { "core", "curl" } do
      local path = ("build/%s/numberpool/%s.so"):format(lua_version, module)
      local output = copy:run("nm -D --defined-only " .. path)
      local symbols = {}
      for _, line in ipairs(lines(output)) do symbols[#symbols + 1] = line:match("%S+$") end
      assert.same({ "luaopen_numberpool_" .. module }, symbols)
    end
  end)

  it("links libcurl to numberpool.curl alone, and Lua to neither", function()
    local function needed(module)
      return (copy:run(("readelf -d build/%s/numberpool/%s.so | grep NEEDED"):format(lua_version, module)))
    end
    assert.matches("libcurl", needed("curl"))
    assert.not_matches("libcurl", needed("core"))
    assert.not_matches("[lL]ua", needed("core") .. needed("curl"))
  end)

  it("keeps modules loaded, for libcurl's threads", function()
    for _, module in ipairs { "core", "curl" } do
      assert.matches("NODELETE", (copy:run(("readelf -d build/%s/numberpool/%s.so"):format(lua_version, module))))
    end
  end)

  it("names the versions it can build for", function()
    local output, status = copy:run("make LUA_VERSION=5.9 2>&1")
    assert.not_equal(0, status)
    assert.matches("expected one of 5.4 5.3 5.2 5.1 jit, got 5.9", output, 1, true)
  end)

  it("says what to install where headers are missing", function()
    local output, status = copy:run("PKG_CONFIG_LIBDIR=/nonexistent " .. make .. "2>&1")
    assert.not_equal(0, status)
    assert.matches("make deps", output, 1, true)
    assert.matches(lua_version == "jit" and "libluajit2-5.1-dev" or "liblua" .. lua_version, output, 1, true)
  end)
end)

describe("make env", function()
  local copy = fixture.until_end(workspace.new())

  it("prints the two exports and nothing else, though it has to link first", function()
    copy:run("rm build/*/numberpool/core.so")
    local output, status = copy:run(make .. "env 2>/dev/null")
    assert.equal(0, status)
    local printed = lines(output)
    assert.equal(2, #printed)
    assert.matches("^export LUA_PATH" .. suffix .. "='.*/lua/%?%.lua;.*/lua/%?/init%.lua;;'$", printed[1])
    assert.matches("^export LUA_CPATH" .. suffix .. "='.*/build/" .. lua_version:gsub("%.", "%%.") .. "/%?%.so;;'$",
      printed[2])
  end)

  it("runs the uninstalled build from any folder", function()
    local output, status = copy:run(use .. [['print(require("numberpool")._VERSION)' 2>&1]])
    assert.equal(0, status)
    assert.equal("0.1.0\n", output)
  end)

  it("takes the modules of its own build", function()
    local output = copy:run(use .. [['
      require "numberpool.curl"
      for line in io.lines("/proc/self/maps") do
        local path = line:match("/.*numberpool/curl%.so")
        if path then print(path) break end
      end' 2>&1]])
    assert.equal(("%s/build/%s/numberpool/curl.so\n"):format(copy.folder, lua_version), output)
  end)

  it("goes before search paths of this version that were there", function()
    local preferred = ("export LUA_PATH%s=/none/?.lua LUA_CPATH%s=/none/?.so; "):format(suffix, suffix)
    local output, status = copy:run(preferred .. use .. [['print(require("numberpool")._VERSION)' 2>&1]])
    assert.equal(0, status)
    assert.equal("0.1.0\n", output)
  end)

  if suffix ~= "" then
    it("leaves the search paths of other Luas as they are", function()
      local output = copy:run("unset LUA_PATH LUA_CPATH; eval \"$(" .. make .. "env)\"; "
        .. "echo ${LUA_PATH-} ${LUA_CPATH-}")
      assert.equal("\n", output)
    end)
  end

  it("refuses a folder that Lua can't search", function()
    local output, status = copy:run("cp -a . '../a;b' && cd '../a;b' && " .. make .. "env 2>&1")
    assert.not_equal(0, status)
    assert.matches("Lua can't search a folder with ; or ?", output, 1, true)
  end)

  it("ends what would have used it where it fails", function()
    for _, command in ipairs {
      make .. "env CC=no-such-compiler",
      "cd '../a;b' && " .. make .. "env",
    } do
      local output = copy:run("mkdir -p '../a;b' && cp -a . '../a;b'; eval \"$(" .. command
        .. " 2>/dev/null)\" && echo used")
      assert.equal("", output)
    end
  end)
end)

describe("make install", function()
  local copy, root, shared, modules

  before_each(function()
    copy = fixture.until_end(workspace.new())
    root = copy.parent .. "/the root"
    shared = "usr/share/lua/" .. api_version .. "/"
    modules = "usr/lib/lua/" .. api_version .. "/"
  end)

  local function install(target)
    local output, status = copy:run(make .. target .. " PREFIX=/usr DESTDIR=" .. workspace.quote(root) .. " 2>&1")
    assert.equal(0, status, output)
  end

  local function expected(keep)
    local list = { modules .. "numberpool/core.so", modules .. "numberpool/curl.so", "usr/bin/numberpool",
      "usr/share/man/man1/numberpool.1" }
    for _, path in ipairs(files(copy.folder .. "/lua")) do
      if path:find("%.lua$") and keep(path) then list[#list + 1] = shared .. path end
    end
    table.sort(list)
    return list
  end

  it("puts every module where Lua looks, and uninstall takes exactly these away", function()
    install("install")
    assert.same(expected(function() return true end), files(root))

    local foreign = shared .. "numberpool/of_someone_else.lua"
    copy:run("touch " .. workspace.quote(root .. "/" .. foreign))
    install("uninstall")
    assert.same({ foreign }, files(root))
    assert.equal(0, (select(2, copy:run("test ! -d " .. workspace.quote(root .. "/" .. modules .. "numberpool")))))
  end)

  it("puts a program beside them, that finds them wherever they are", function()
    copy:run(make .. "install PREFIX=" .. workspace.quote(root))
    local program = workspace.quote(root .. "/bin/numberpool")
    assert.equal("numberpool " .. version .. "\n", (workspace.run_in("/", "env -i " .. program .. " version 2>&1")))
    local output, status = workspace.run_in("/", ('env -i HOME=/ PATH="$PATH" %s --sandbox numbers count 2>&1'):format(
      program))
    assert.equal(0, status, output)
    assert.equal("45\n", output)
    local page = workspace.run_in("/", "cat " .. workspace.quote(root .. "/share/man/man1/numberpool.1"))
    assert.matches("^.TH NUMBERPOOL 1 ", page)
    assert.matches("\n.SS numbers list", page, 1, true)
  end)

  it("leaves the sandbox out of a client's install, which runs without it", function()
    install("install-client")
    assert.same(expected(function(path) return not path:find("^numberpool/sandbox[/.]") end), files(root))

    local paths = ("LUA_PATH%s=%s LUA_CPATH%s=%s "):format(
      suffix, workspace.quote(("%s/%s?.lua;%s/%s?/init.lua;;"):format(root, shared, root, shared)),
      suffix, workspace.quote(("%s/%s?.so;;"):format(root, modules)))
    local output = workspace.run_in("/", paths .. lua .. [[ -e '
      local client = assert(require("numberpool").new { auth_id = "A", auth_token = "t" })
      print(assert(client:pool("p")).uuid)' 2>&1]])
    assert.equal("p\n", output)
  end)
end)
