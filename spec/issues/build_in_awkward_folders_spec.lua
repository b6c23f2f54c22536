-- Folders whose names mean something to the shell or to make: the checkout's, the build's and those of an install.
local fixture = require "spec.support.fixture"
local workspace = require "spec.support.workspace"

local quote = workspace.quote
local make = "make -s LUA_VERSION=" .. workspace.lua_version .. " "
local show_version = " && cd / && " .. workspace.lua .. [[ -e 'print(require("numberpool")._VERSION)' 2>&1]]

local copy

before_each(function()
  copy = fixture.until_end(workspace.new())
end)

describe("a folder for the build", function()
  it("may be anywhere, for make env too", function()
    local elsewhere = copy.parent .. "/elsewhere"
    copy:run("mv build/" .. workspace.lua_version .. " " .. elsewhere)
    local output, status = copy:run("exports=$(" .. make .. "env BUILD=" .. elsewhere .. ") && eval \"$exports\" && "
      .. "test ! -e build/" .. workspace.lua_version .. show_version)
    assert.equal(0, status, output)
    assert.matches("^%d+%.%d+%.%d+\n$", output)
  end)

  for _, name in ipairs { "a folder", "it's", "a$$b", "a#b", "a:b", "a%b", "" } do
    it("is refused where make can't build into it: '" .. name .. "'", function()
      local output, status = copy:run(make .. quote("BUILD=" .. name) .. " 2>&1")
      assert.not_equal(0, status)
      assert.matches("BUILD: expected a folder without spaces and .* in its name, got " ..
        name:gsub("%$%$", "$"):gsub("%p", "%%%0"), output)
    end)
  end
end)

describe("a checkout", function()
  for _, name in ipairs { "it's $HOME #1 & \"more\" %d (copy) `id` \\n!", "a=b:c", "~" } do
    it("is used uninstalled from a folder like " .. name, function()
      local folder = copy.parent .. "/" .. name
      local output, status = workspace.run_in(copy.parent, "mv " .. quote(copy.folder) .. " " .. quote("./" .. name)
        .. " && cd " .. quote(folder) .. " && eval \"$(" .. make .. "env)\"" .. show_version)
      assert.equal(0, status, output)
      assert.matches("^%d+%.%d+%.%d+\n$", output)
    end)
  end
end)

describe("a folder to install into", function()
  it("may have spaces, quotes and dollars in its name, PREFIX and DESTDIR alike", function()
    local folders = "PREFIX=" .. quote("/opt/it's \"here\" & `id`") .. " DESTDIR="
      .. quote(copy.parent .. "/the 'root' $$x") -- make's own way to write a dollar
    local root = copy.parent .. "/the 'root' $x/opt/it's \"here\" & `id`"
    local output, status = copy:run(make .. "install " .. folders .. " 2>&1")
    assert.equal(0, status, output)
    local files, found = workspace.run_in(root, "find . -type f")
    assert.equal(0, found, files)
    assert.matches("/numberpool/core.so\n", files, 1, true)
    assert.matches("/numberpool/sandbox/init.lua\n", files, 1, true)

    output, status = copy:run(make .. "uninstall " .. folders .. " 2>&1")
    assert.equal(0, status, output)
    assert.equal("", (workspace.run_in(root, "find . -type f -o -name numberpool")))
  end)
end)
