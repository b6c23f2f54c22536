-- SIGINT held, in interpreters of their own that send it to themselves.
local interpreter = require "spec.support.interpreter"

local quote, shell = interpreter.quote, interpreter.shell

-- The signal is there once the shell that sent it has ended.
local PRELUDE = [[
local curl = require "numberpool.curl"
local pid = assert(io.open "/proc/self/stat"):read "*n"
local function interrupt()
  io.popen("kill -INT " .. pid):close()
end
-- Sends it once this process sleeps. Returns what to keep until then.
local function interrupt_sleep()
  local is_asleep = "grep -q 'State:.S' /proc/" .. pid .. "/status"
  return io.popen("until " .. is_asleep .. "; do sleep 0.01; done; kill -INT " .. pid)
end
local function raises(fn)
  local ok, err = pcall(fn)
  return not ok and tostring(err):find "interrupted!" ~= nil
end
if jit then
  jit.off() -- compiled code calls no hooks
end
]]

local folder

setup(function()
  folder = shell("mktemp -d"):gsub("%s+$", "")
end)

teardown(function()
  shell("rm -r " .. quote(folder))
end)

local function run(code)
  local output, status = interpreter.run(PRELUDE .. code)
  assert.equal("ok\n0", output .. status)
end

-- Runs the code in the same interpreter under another name.
local function run_as(name, code)
  local program, script = folder .. "/" .. name, folder .. "/script.lua"
  shell("cp " .. quote(interpreter.program) .. " " .. quote(program))
  local file = assert(io.open(script, "w"))
  file:write(PRELUDE, code)
  file:close()
  return shell(quote(program) .. " " .. quote(script) .. " 2>&1")
end

describe("hold_interrupts", function()
  it("only notes SIGINT from then on", function()
    run [[
      assert(curl.hold_interrupts() == true)
      assert(curl.was_interrupted() == false)
      assert(not raises(interrupt))
      assert(curl.was_interrupted() == true)
      assert(curl.was_interrupted() == true)
      print "ok"
    ]]
  end)

  it("starts with none noted", function()
    run [[
      assert(curl.hold_interrupts())
      interrupt()
      assert(curl.release_interrupts() == true)
      assert(curl.hold_interrupts())
      assert(curl.was_interrupted() == false)
      assert(curl.release_interrupts() == false)
      print "ok"
    ]]
  end)

  it("leaves a second SIGINT to the interpreter", function()
    run [[
      assert(curl.hold_interrupts())
      interrupt()
      assert(raises(interrupt))
      assert(curl.was_interrupted() == true)
      assert(curl.release_interrupts() == true)
      assert(not curl.hold_interrupts()) -- the interpreter's handler has set the default
      print "ok"
    ]]
  end)

  it("lets a third one end the program", function()
    local output, status = interpreter.run(PRELUDE .. [[
      io.stdout:setvbuf "no"
      assert(curl.hold_interrupts())
      interrupt()
      assert(raises(interrupt))
      print "still there"
      interrupt()
      print "not reached"
    ]])
    assert.matches("^still there\n", output)
    assert.not_matches("not reached", output)
    assert.equal(130, status)
  end)

  it("is false where it is held already", function()
    run [[
      assert(curl.hold_interrupts())
      assert(curl.hold_interrupts() == false)
      assert(not raises(interrupt))
      assert(curl.release_interrupts() == true)
      print "ok"
    ]]
  end)

  it("is false where SIGINT has its default", function()
    run [[
      assert(raises(interrupt)) -- the interpreter's handler sets the default
      assert(curl.hold_interrupts() == false)
      assert(curl.was_interrupted() == false)
      print "ok"
    ]]
  end)

  if jit then
    it("is false where SIGINT is ignored, or has a handler that isn't the interpreter's", function()
      run [[
        local ffi = require "ffi"
        ffi.cdef "void (*signal(int, void (*)(int)))(int); void abort(void);"
        for _, handler in ipairs { ffi.cast("void (*)(int)", 1), ffi.cast("void (*)(int)", ffi.C.abort) } do
          local interpreters = ffi.C.signal(2, handler)
          assert(curl.hold_interrupts() == false)
          assert(ffi.C.signal(2, interpreters) == handler)
        end
        assert(curl.hold_interrupts())
        print "ok"
      ]]
    end)

    it("leaves a handler that was set meanwhile", function()
      run [[
        local ffi = require "ffi"
        ffi.cdef "void (*signal(int, void (*)(int)))(int);"
        local ignore = ffi.cast("void (*)(int)", 1)
        assert(curl.hold_interrupts())
        ffi.C.signal(2, ignore)
        assert(curl.release_interrupts() == false)
        assert(ffi.C.signal(2, ignore) == ignore)
        print "ok"
      ]]
    end)
  end

  it("is true in interpreters by any of their names, and false in other programs", function()
    for name, is_held in pairs {
      ["lua"] = true, ["lua5.4"] = true, ["lua-5.4"] = true, ["lua54"] = true, ["luajit"] = true,
      ["luajit-2.1.0-beta3"] = true, ["luajit-2.1.ROLLING"] = true,
      ["luac"] = false, ["luatex"] = false, ["application"] = false, ["lua-server"] = false, ["lua5.4 server"] = false,
    } do
      assert.equal(name .. " " .. tostring(is_held) .. "\n",
        run_as(name, ("print(%q, curl.hold_interrupts())"):format(name)):gsub("\t", " "))
    end
  end)

  it("leaves SIGINT alone where it is false", function()
    assert.equal("true\n", run_as("application", "curl.hold_interrupts() print(raises(interrupt))"))
  end)

  it("ends a nap", function()
    run [[
      assert(curl.hold_interrupts())
      local started = curl.now()
      local shell = interrupt_sleep()
      curl.nap(60)
      assert(curl.now() - started < 50)
      assert(curl.was_interrupted())
      print "ok"
    ]]
  end)

  it("ends a step of libcurl", function()
    run [[
      local session = assert(curl.open {
        origin = "http://127.0.0.1:1", proxy = "", headers = {}, body_headers = {}, connect_timeout = 60, max_body = 1,
      })
      assert(curl.hold_interrupts())
      local started = curl.now()
      local shell = interrupt_sleep()
      assert(session:step(60000, {}) == 0)
      assert(curl.now() - started < 50)
      assert(curl.was_interrupted())
      print "ok"
    ]]
  end)
end)

describe("release_interrupts", function()
  it("lets the interpreter raise again", function()
    run [[
      assert(curl.hold_interrupts())
      assert(curl.release_interrupts() == false)
      assert(curl.was_interrupted() == false)
      assert(raises(interrupt))
      print "ok"
    ]]
  end)

  it("does nothing where nothing is held", function()
    run [[
      assert(curl.release_interrupts() == false)
      assert(raises(interrupt))
      print "ok"
    ]]
  end)
end)

-- Each opening of the module is a holder of its own, as each Lua state's is.
describe("a hold of another Lua state", function()
  local OTHER = [[
    package.loaded["numberpool.curl"] = nil
    local other = require "numberpool.curl"
  ]]

  it("isn't ours to use or to release", function()
    run(OTHER .. [[
      assert(curl.hold_interrupts())
      assert(other.hold_interrupts() == false)
      interrupt()
      assert(other.was_interrupted() == false)
      assert(other.release_interrupts() == false)
      assert(curl.release_interrupts() == true)
      assert(other.hold_interrupts())
      assert(curl.hold_interrupts() == false)
      print "ok"
    ]])
  end)

  it("is released when that state ends", function()
    run(OTHER .. [[
      assert(other.hold_interrupts())
      other, package.loaded["numberpool.curl"] = nil, nil
      collectgarbage()
      collectgarbage()
      assert(raises(interrupt))
      print "ok"
    ]])
  end)
end)

if jit then
  describe("a hold in a forked process", function()
    local FORK = [[
      package.loaded["numberpool.curl"] = nil
      local other = require "numberpool.curl"
      local ffi = require "ffi"
      ffi.cdef "int fork(void); int wait(int *status);"
      local function fork(in_child)
        if ffi.C.fork() == 0 then
          os.exit(pcall(in_child) and 0 or 1)
        end
        local status = ffi.new "int[1]"
        ffi.C.wait(status)
        assert(status[0] == 0)
      end
    ]]

    it("is its own", function()
      run(FORK .. [[
        assert(curl.hold_interrupts())
        fork(function()
          assert(curl.hold_interrupts() == false)
          interrupt()
          assert(curl.release_interrupts() == false) -- the parent was sent it
          assert(curl.hold_interrupts())
        end)
        assert(curl.release_interrupts() == true)
        print "ok"
      ]])
    end)

    it("is to be had where the process it comes from holds it for another Lua state", function()
      run(FORK .. [[
        assert(other.hold_interrupts())
        fork(function()
          assert(curl.hold_interrupts())
          assert(other.release_interrupts() == false)
        end)
        assert(other.release_interrupts() == false)
        print "ok"
      ]])
    end)
  end)
end
