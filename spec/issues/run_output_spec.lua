-- What a run of the specs says of itself: a line as each file ends, all of what failed, and counts.
local fixture = require "spec.support.fixture"
local workspace = require "spec.support.workspace"

-- One that passes once the run has said that it is under way.
local WAITS = [[
local socket = require "socket"
it("waits", function()
  local deadline = socket.gettime() + 60
  local text
  repeat
    socket.sleep(0.05)
    local file = assert(io.open(os.getenv "OUTPUT"))
    text = file:read "*a"
    file:close()
  until text:find("1 of 2, 2 passed, 0 failed, ", 1, true) or socket.gettime() > deadline
  assert.matches("waits for %d+ s", text)
end)
]]

describe("spec/support/run", function()
  local copy

  setup(function()
    copy = fixture.until_end(workspace.new())
    copy:add_runner {
      good = "it('passes', function() end)\n",
      bad = "it('fails', function() error('on purpose', 0) end)\n",
      waits = WAITS,
      quotes = "it('quotes', function() error('\\n7 passed, 0 failed\\n', 0) end)\n",
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

  it("counts what ran, not what a failure quotes", function()
    local output, status = copy:run("SPEC=spec/quotes_spec.lua " .. run .. " 2>&1")
    assert.equal(1, status, output)
    assert.matches("spec/quotes_spec.lua: 0 passed, 1 failed (", output, 1, true)
    assert.matches("\n1 passed, 1 failed\n$", output)
  end)

  it("says on a terminal how far it is, in a line that is written again", function()
    local command = "SPEC='spec/waits_spec.lua spec/good_spec.lua' " .. run
    local output, status = copy:run("OUTPUT=../output TERM=xterm script -qefc " .. workspace.quote(command)
      .. " ../output </dev/null; rm ../output")
    assert.equal(0, status, output)
    assert.matches("\r\27%[KLua[^\n]* spec/waits_spec.lua: 1 passed %([^\n]*\n", (output:gsub("LuaJIT ", "Lua")))
    assert.matches("\n3 passed, 0 failed\r?\n$", output)
  end)

  it("adds up what programs count, each of the others being one", function()
    copy:run("mv Makefile ../Makefile && printf '%s:\n\t@%s\n' conformance 'echo 3 passed, 1 failed; exit 1' "
      .. "check-soak true >Makefile")
    finally(function() copy:run("mv ../Makefile Makefile") end)
    local output, status = copy:run("spec/support/run conformance soak 2>&1")
    assert.equal(1, status, output)
    assert.matches("\n5 passed, 1 failed\n$", output)
  end)

  it("fails where there is no spec to run", function()
    local output, status = copy:run("mkdir -p spec/none && SPEC=spec/none " .. run .. " 2>&1")
    assert.equal(1, status, output)
    assert.matches("\nno spec ran\n\n1 passed, 1 failed\n$", output)
  end)

  it("names the places there are where it is told another", function()
    local output, status = copy:run("spec/support/run 5.9 2>&1")
    assert.equal(1, status, output)
    assert.matches("^place: expected 5%.4 5%.3 5%.2 5%.1 jit, nginx, .*, got 5%.9\n$", output)
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

describe("a spec's folder, or for a bug the first word of its name", function()
  local function has(place, spec)
    local _, status = workspace.run_in(".", (". spec/support/places && has %s %s"):format(place, spec))
    return status == 0
  end

  it("tells where it runs", function()
    for spec, places in pairs {
      ["spec/call/x_spec.lua"] = "5.4 5.1 jit nginx 5.1-sanitize",
      ["spec/runtime/x_spec.lua"] = "5.4 5.1 jit 5.1-sanitize",
      ["spec/issues/x_spec.lua"] = "5.4 5.1 jit 5.1-sanitize",
      ["spec/issues/sandbox_x_spec.lua"] = "5.4 jit",
      ["spec/sandbox/x_spec.lua"] = "5.4 jit",
      ["spec/build/x_spec.lua"] = "5.4 jit",
      ["spec/nginx/x_spec.lua"] = "jit",
    } do
      local found = {}
      for _, place in ipairs { "5.4", "5.1", "jit", "nginx", "5.1-sanitize" } do
        found[#found + 1] = has(place, spec) and place or nil
      end
      assert.equal(places, table.concat(found, " "), spec)
    end
  end)
end)
