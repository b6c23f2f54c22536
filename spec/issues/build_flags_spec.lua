-- Flags of who builds: they may name a level of the C library's features, and their compiler may warn of what ours
-- doesn't. pkg-config's own variables are taken as arguments of make too, which is what gets past sudo.
local fixture = require "spec.support.fixture"
local workspace = require "spec.support.workspace"

local quote = workspace.quote
local make = "make -s LUA_VERSION=" .. workspace.lua_version .. " "

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local copy = fixture.until_end(workspace.new())

describe("a build", function()
  local objects = "build/other/obj/curl.o build/other/obj/transfer.o"

  for _, flags in ipairs {
    "CFLAGS='-O2 -D_XOPEN_SOURCE=600'",
    "CPPFLAGS=-D_POSIX_C_SOURCE=199309L",
    "CPPFLAGS='-D_POSIX_SOURCE -D_XOPEN_SOURCE=500'",
    "CPPFLAGS=-D_GNU_SOURCE",
  } do
    it("has no warnings with " .. flags, function()
      local output, status = copy:run(make .. "BUILD=build/other WERROR=-Werror " .. flags .. " " .. objects .. " 2>&1")
      assert.equal("", output)
      assert.equal(0, status)
    end)
  end

  it("warns and goes on where a compiler is stricter", function()
    copy:run("printf 'static int unused;\\n' >>csrc/base64.c")
    local output, status = copy:run(make .. "BUILD=build/other build/other/obj/base64.o 2>&1")
    assert.equal(0, status, output)
    assert.matches("unused", output)
  end)

  it("that has to have no warnings makes again what may have had some", function()
    copy:run("printf 'static int unused;\\n' >>csrc/ascii.c; " .. make
      .. "BUILD=build/other build/other/obj/ascii.o 2>&1")
    local output, status = copy:run(make .. "BUILD=build/other WERROR=-Werror build/other/obj/ascii.o 2>&1")
    assert.not_equal(0, status)
    assert.matches("unused", output)
  end)

  it("leaves what was built without warnings as it is", function()
    local target = "build/other/obj/buffer.o"
    copy:run(make .. "BUILD=build/other WERROR=-Werror " .. target)
    local output, status = copy:run(make:gsub("-s ", "") .. "BUILD=build/other " .. target .. " 2>&1")
    assert.equal(0, status, output)
    assert.not_matches("-c -o", output, 1, true)
  end)
end)

describe("pkg-config's folder", function()
  local folder, name

  setup(function()
    folder = copy.parent .. "/it's pkgconfig"
    name = jit and "luajit" or "lua" .. workspace.lua_version
    copy:run("mkdir -p " .. quote(folder))
    write(folder .. "/" .. name .. ".pc",
      ("Name: %s\nDescription: of a place of its own\nVersion: 1\nCflags: -I/a/lua/of/its/own\n"):format(name))
  end)

  for how, command in pairs {
    ["as an argument"] = "make -n LUA_VERSION=%s PKG_CONFIG_PATH=%s build/%s/obj/core.o -B",
    ["as an argument of make install"] = "make -n LUA_VERSION=%s PKG_CONFIG_PATH=%s install BUILD=build/%s-anew",
    ["in the environment"] = "version=%s; PKG_CONFIG_PATH=%s make -n LUA_VERSION=$version build/%s/obj/core.o -B",
  } do
    it("is used " .. how, function()
      local version = workspace.lua_version
      local output, status = copy:run(command:format(version, quote(folder), version) .. " 2>&1")
      assert.equal(0, status, output)
      assert.matches(" -I/a/lua/of/its/own ", output, 1, true)
    end)
  end

  it("is used for libcurl too", function()
    write(folder .. "/libcurl.pc",
      "Name: libcurl\nDescription: another\nVersion: 9\nCflags: -I/a/curl\nLibs: -lanother\n")
    local output = copy:run(make .. "-n -B PKG_CONFIG_PATH=" .. quote(folder) .. " 2>&1")
    assert.matches(" -I/a/curl ", output, 1, true)
    assert.matches(" -lanother", output, 1, true)
  end)

  it("may be a replacement of all others", function()
    local output, status = copy:run(make .. "PKG_CONFIG_LIBDIR=/nonexistent 2>&1")
    assert.not_equal(0, status)
    assert.matches("pkg-config finds no headers", output, 1, true)
  end)
end)
