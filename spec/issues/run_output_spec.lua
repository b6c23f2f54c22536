-- What a run of the specs says of itself: a line as each file ends, all of what failed, and counts.
local workspace = require "spec.support.workspace"

local quote = workspace.quote

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

describe("spec/support/run", function()
  local copy

  setup(function()
    copy = workspace.new()
    copy:run("mkdir -p spec/support")
    workspace.run_in(".", "cp .luacheckrc " .. quote(copy.folder) .. " && cp spec/support/run "
      .. quote(copy.folder .. "/spec/support"))
    write(copy.folder .. "/spec/good_spec.lua", "it('passes', function() end)\n")
    write(copy.folder .. "/spec/bad_spec.lua", "it('fails', function() error('on purpose', 0) end)\n")
  end)
  teardown(function() copy:remove() end)

  local run = "spec/support/run " .. workspace.lua_version

  it("has a line for each file, all of what failed, and counts at the end", function()
    local output, status = copy:run("SPEC='spec/good_spec.lua spec/bad_spec.lua' " .. run .. " 2>&1")
    assert.equal(1, status, output)
    assert.matches("spec/good_spec.lua: 1 passed (", output, 1, true)
    assert.matches("spec/bad_spec.lua: 0 passed, 1 failed (", output, 1, true)
    assert.matches("on purpose", output, 1, true)
    assert.matches("\n2 passed, 1 failed\n$", output)
  end)
end)
