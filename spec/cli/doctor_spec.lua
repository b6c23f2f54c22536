-- `numberpool doctor` as a person runs it.
local command_line = require "spec.support.command_line"
local core = require "numberpool.core"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"
local stalls = require "spec.support.stalls"

local quote = interpreter.quote

-- Runs it for JSON. Returns what each step found, by name, the exit status and all that it wrote.
local function run(settings, ...)
  local output, errors, status = command_line.runner(settings)("doctor", "-o", "json", ...)
  local steps = {}
  for _, result in ipairs(assert(core.decode(output), output .. errors)) do
    steps[result.step] = result
  end
  return steps, status, output .. errors
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

describe("numberpool doctor", function()
  local server = fixture.sandbox()
  local seeded = assert(server:seed { numbers = 12 })

  it("ends with 0 where everything works", function()
    local steps, status = run { server = server, pool = seeded.pool }
    assert.equal(0, status)
    assert.equal(12, steps.pool.numbers)
    assert.matches("environment", steps.credentials.found_in)
  end)

  it("ends with the exit code of the first failure", function()
    local stranger = { base_url = server.base_url, auth_id = server.auth_id, auth_token = "not-the-Token" }
    local steps, status, all = run({ server = stranger }, "--pool", "nosuch")
    assert.equal(3, status)
    assert.equal("failed", steps.account.status)
    assert.is_nil(all:find("not-the-Token", 1, true))
    steps, status = run({ server = server }, "--pool", "nosuch")
    assert.equal(4, status)
    assert.equal("failed", steps.pool.status)
  end)

  it("fails with 3 where there are no credentials", function()
    local steps, status = run { environment = { NUMBERPOOL_BASE_URL = server.base_url, HOME = "/nonexistent" } }
    assert.equal(3, status)
    assert.equal("ok", steps.answer.status)
    assert.equal("skipped", steps.account.status)
  end)

  it("names the profile file that has the credentials", function()
    local folder = fixture.folder()
    interpreter.shell("mkdir " .. quote(folder .. "/numberpool"))
    local path = write(folder .. "/numberpool/config.lua", ("return { default = { auth_id = %q, auth_token = %q } }")
      :format(server.auth_id, server.auth_token))
    interpreter.shell("chmod 600 " .. quote(path))
    local steps, status, all = run { environment = {
      XDG_CONFIG_HOME = folder, NUMBERPOOL_BASE_URL = server.base_url,
    } }
    assert.equal(0, status)
    assert.matches(path, steps.credentials.found_in, 1, true)
    assert.is_nil(all:find(server.auth_token, 1, true))
    assert.is_nil(all:find(server.auth_id, 1, true))
  end)

  it("says which variable names a proxy, and which one lets the host be reached without it", function()
    local proxy = fixture.scripted_server()
    proxy:script(http.json '{"meta":{"limit":1,"offset":0,"total_count":0},"objects":[]}')
    local address = proxy.base_url:gsub("^http://", "http://user:pass-of-proxy@")
    local environment = { http_proxy = address, no_proxy = "other.example" }
    local elsewhere = { base_url = "http://api.invalid", auth_id = "MA", auth_token = "a-token" }
    local steps, status, all = run { server = elsewhere, environment = environment }
    assert.equal(0, status, all)
    assert.equal("http_proxy", steps.proxy.variable)
    assert.equal("ok", steps.account.status)
    assert.is_nil(all:find("pass-of-proxy", 1, true))
    environment.no_proxy = "127.0.0.1"
    steps, status = run { server = server, environment = environment }
    assert.equal(0, status)
    assert.equal("no_proxy", steps.proxy.passed_by)
  end)

  -- The settings with which it finds these modules in C alone.
  local function with_modules(...)
    local folder = fixture.folder()
    for _, name in ipairs { ... } do
      local path = folder .. "/" .. name:gsub("%.", "/") .. ".so"
      interpreter.shell(("mkdir -p %s && cp %s %s"):format(quote(path:match "^.*/"),
        quote(interpreter.find(name, package.cpath)), quote(path)))
    end
    return { server = server, environment = { [interpreter.CPATH_VARIABLE] = folder .. "/?.so" } }
  end

  it("says what is missing, in a line", function()
    local steps, status = run(with_modules("numberpool.core", "cjson"))
    assert.equal(1, status)
    assert.matches("^numberpool needs libcurl to send requests: install it", steps.versions.message)
    assert.equal("versions", steps.account.because)
    local output, errors
    output, errors, status = command_line.runner(with_modules "numberpool.core") "doctor"
    assert.equal(1, status)
    assert.equal("", output)
    assert.matches("^numberpool needs lua%-cjson: install it [^\n]+\n$", errors)
  end)

  it("fits a narrow terminal, and shows what to do below what is wrong", function()
    local output, status = command_line.on_terminal({ server = server, pool = "nosuch" }, 40, nil, "doctor")
    assert.equal(4, status)
    for line in output:gsub("\27%[[%d;]*[mK]", ""):gmatch "[^\r\n]+" do
      assert.is_true(#line <= 40, line)
    end
    assert.matches("failed +.-pool: the account has no pool\n +nosuch\n +> Check the uuid", output)
    assert.matches("1 failed, 2 skipped", output)
  end)

  it("ends with 130 where it is interrupted while a server stalls", function()
    local address, close = stalls.silent_listener()
    local silent = { base_url = "http://" .. address, auth_id = "MA", auth_token = "a-token" }
    local path = fixture.folder() .. "/output"
    local output = interpreter.shell(([[%s >%s 2>&1 & p=$!; n=0
      until grep -q authorities %s || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
      kill -INT $p; wait $p; echo $?]]):format(command_line.words({ server = silent }, "doctor", "-o", "table"),
      quote(path), quote(path)))
    close()
    assert.equal("130\n", output)
  end)
end)

-- Prints what each step finds of a server.
local CODE = [[
  local doctor = require "numberpool.cli.doctor"
  local account = { base_url = %q, ca_file = %s, proxy = "", attempt_timeout = %s }
  for result in doctor.steps { account = account, found_in = "x", open = function() error "no" end } do
    print(result.step, result.status, result.reason, result.message, result.remedy)
  end
  os.exit(0)
]]

-- Runs that with a library from spec/support preloaded.
local function look_with(library, settings, environment)
  local path = fixture.folder() .. "/library.so"
  interpreter.shell(("cc -std=c11 -O1 -shared -fPIC -o %s spec/support/%s.c -ldl 2>&1"):format(quote(path), library))
  environment.LD_PRELOAD = path
  local file = settings.ca_file and ("%q"):format(settings.ca_file) or "nil"
  return (interpreter.run(CODE:format(settings.base_url, file, settings.attempt_timeout or 10), environment))
end

describe("a clock that is wrong", function()
  -- The clock is so many seconds ahead.
  local function look(server, seconds)
    local path = write(fixture.folder() .. "/seconds", ("%d"):format(seconds))
    return look_with("wrong_clock", server, { WRONG_CLOCK = path })
  end

  it("is warned of", function()
    assert.matches("clock\twarning\tnil\tthis machine's clock is 10 days ahead", look(fixture.sandbox(), 864000))
  end)

  it("is the likely reason for a certificate that isn't valid yet", function()
    local server = fixture.scripted_server { tls = true }
    server:script(http.json "{}")
    local output = look(server, -864000)
    assert.matches("tls\tfailed\tnot_yet_valid\t[^\t]+\tThis machine's clock says [^\n]+ set it", output)
  end)
end)

describe("a name server that doesn't answer", function()
  it("is found in time", function()
    local started = socket.gettime()
    local output = look_with("slow_names", { base_url = "http://api.invalid", attempt_timeout = 0.3 }, {})
    assert.matches("name\tfailed\tnil\tno answer to the question for the address of api%.invalid", output)
    assert.is_true(socket.gettime() - started < 20)
  end)
end)
