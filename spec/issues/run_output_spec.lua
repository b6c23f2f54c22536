-- What a run of the specs says of itself: a line as each file ends, all of what failed, and counts.
local fixture = require "spec.support.fixture"
local workspace = require "spec.support.workspace"

describe("spec/support/run", function()
  local copy

  setup(function()
    copy = fixture.until_end(workspace.new())
    copy:add_runner {
      good = "it('passes', function() end)\n",
      bad = "it('fails', function() error('on purpose', 0) end)\n",
    }
  end)

  local run = "spec/support/run " .. workspace.lua_version

  it("has a line for each file, all of what failed, and counts at the end", function()
    local output, status = copy:run("SPEC='spec/good_spec.lua spec/bad_spec.lua' " .. run .. " 2>&1")
    assert.equal(1, status, output)
    assert.matches("spec/good_spec.lua: 1 passed (", output, 1, true)
    assert.matches("spec/bad_spec.lua: 0 passed, 1 failed (", output, 1, true)
    assert.matches("on purpose", output, 1, true)
    assert.matches("\n2 passed, 1 failed\n$", output)
  end)

  it("says what is wrong with JOBS", function()
    for _, jobs in ipairs { "0", "-1", "many", "1.5" } do
      local output, status = copy:run("JOBS=" .. jobs .. " timeout 60 " .. run .. " 2>&1")
      assert.equal(1, status, output)
      assert.equal("JOBS: expected 1 to 9999, got " .. jobs .. "\n", output)
    end
  end)

  it("says once that a checkout can't be written to", function()
    local as_user = workspace.run_in(".", "id -u"):find "^0%s" -- but for these two capabilities
      and "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search " or ""
    if select(2, workspace.run_in(".", as_user .. "true 2>&1")) ~= 0 then
      pending "there is nobody who is bound by the modes of files"
      return
    end
    copy:run("chmod -R a-w .")
    finally(function() copy:run("chmod -R u+w .") end)
    local output, status = copy:run(as_user .. run .. " 2>&1")
    assert.equal(1, status, output)
    assert.equal(workspace.run_in(copy.folder, "pwd -P"):gsub("\n", "")
      .. " can't be written to, and specs are built and run in it: run them in a copy\n", output)
  end)
end)
