-- A run of the specs that is interrupted ends at once, with all that it started, and says that it wasn't a whole one.
local socket = require "socket"
local workspace = require "spec.support.workspace"

local quote = workspace.quote

local WITHIN = 30 -- seconds

-- One that doesn't end, with a server in a session of its own and a temporary file.
local ENDLESS = [[
it("doesn't end", function()
  os.execute("setsid sleep 600 & echo text >\"$TMPDIR/file\"; touch \"$BEGUN\"; sleep 600")
end)
]]

describe("a run of the specs", function()
  local copy, places

  before_each(function()
    copy = workspace.new()
    copy:add_runner { good = "it('passes', function() end)" .. ("\n"):rep(20), slow = ENDLESS } -- the longer one first
    places = { temporary = copy.parent .. "/temporary", programs = copy.parent .. "/programs",
      begun = copy.parent .. "/begun", output = copy.parent .. "/output" }
    copy:run("mkdir " .. quote(places.temporary) .. " " .. quote(places.programs))
  end)

  -- The processes that have the temporary folder's name, and a slash for what is below it, in their environment.
  local function processes(ending)
    return copy:run(("grep -lsF -f - /proc/[0-9]*/environ <<END | cut -d / -f 3\n%s%s\nEND"):format(places.temporary,
      ending))
  end

  after_each(function()
    copy:run("kill -KILL " .. processes(""):gsub("\n", " ") .. " 2>&1")
    copy:remove()
  end)

  local function read(path)
    local file = io.open(path)
    local text = file and file:read "*a" or ""
    if file then
      file:close()
    end
    return text
  end

  local function eventually(check, what)
    local deadline = socket.gettime() + WITHIN
    while not check() do
      if socket.gettime() > deadline then
        error(("not within %d seconds: %s\n%s"):format(WITHIN, what, read(places.output)), 2)
      end
      socket.sleep(0.01)
    end
  end

  local function has_begun()
    local file = io.open(places.begun)
    return file and file:close()
  end

  -- The command that runs the two specs; SIGINT isn't ignored, as it is in what a shell runs in the background.
  local function command()
    return ("exec env --default-signal=INT PATH=%s:\"$PATH\" TMPDIR=%s BEGUN=%s JOBS=1 "
      .. "SPEC='spec/good_spec.lua spec/slow_spec.lua' spec/support/run %s"):format(quote(places.programs),
      quote(places.temporary), quote(places.begun), workspace.lua_version)
  end

  local function assert_nothing_left()
    assert.equal("", (copy:run("ls -A " .. quote(places.temporary))))
    assert.equal("", processes "/")
    local text = read(places.output)
    assert.is_nil(("\n" .. text):find "\n%d+ passed, %d+ failed", text)
  end

  -- Sends a signal to that process alone, once the endless thing has begun; returns its status.
  local function interrupt(signal)
    local pipe = assert(io.popen(("cd %s && { sh -c %s >%s 2>&1; echo $?; }"):format(quote(copy.folder),
      quote("echo $$ >" .. quote(copy.parent .. "/pid") .. "; " .. command()), quote(places.output))))
    eventually(has_begun, "the start")
    copy:run(("kill -%s %s"):format(signal, read(copy.parent .. "/pid")))
    eventually(function() return read(places.output):find "interrupted" end, "the end after " .. signal)
    local status = pipe:read "*l"
    pipe:close()
    return tonumber(status)
  end

  it("ends at SIGINT while specs run", function()
    assert.equal(130, interrupt "INT")
    assert.matches("\ninterrupted after 1 of 2 spec files: 2 passed, 0 failed so far\n$", read(places.output))
    assert_nothing_left()
  end)

  it("ends at SIGTERM", function()
    assert.equal(143, interrupt "TERM")
    assert_nothing_left()
  end)

  -- A luacheck that doesn't end.
  local function add_luacheck()
    copy:run(("printf '#!/bin/sh\\ntouch \"$BEGUN\"\\nsleep 600\\n' >%s && chmod +x %s"):format(
      quote(places.programs .. "/luacheck"), quote(places.programs .. "/luacheck")))
  end

  it("ends at SIGINT while it waits for another program", function()
    add_luacheck()
    assert.equal(130, interrupt "INT")
    assert.matches("\ninterrupted before the specs: 0 passed, 0 failed so far\n$", read(places.output))
    assert_nothing_left()
  end)

  it("ends if the one who waits for it is killed", function()
    assert.equal(137, interrupt "KILL")
    eventually(function() return processes "/" == "" end, "the end of what it started")
    eventually(function() return copy:run("ls -A " .. quote(places.temporary)) == "" end, "its temporary folder")
  end)

  it("ends with the other program if the one who waits for it is killed", function()
    add_luacheck()
    assert.equal(137, interrupt "KILL")
    eventually(function() return processes "" == "" end, "the end of what it started")
  end)

  it("ends at Ctrl-C in a terminal", function()
    local line = ("cd %s && timeout %d script -qec %s /dev/null >%s 2>&1"):format(quote(copy.folder), 2 * WITHIN,
      quote(command()), quote(places.output))
    local terminal = assert(io.popen(line, "w"))
    eventually(has_begun, "the start")
    terminal:write "\3"
    terminal:flush()
    eventually(function() return read(places.output):find "interrupted" end, "the end after Ctrl-C")
    terminal:close()
    assert.matches("\ninterrupted after 1 of 2 spec files: 2 passed, 0 failed so far\r?\n$", read(places.output))
    assert_nothing_left()
  end)
end)
