-- What a program sets for itself, its cjson, its locale, its globals, its TMPDIR, reached the sandbox.
local comma_locale = require "spec.support.comma_locale"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local USE = [[
  local server = assert(sandbox.start { rate = { requests = 5, seconds = 0.5 }, quirks = { "no_meta" } })
  local folder = io.popen(("readlink /proc/%d/cwd"):format(server.pid)):read("*l")
  assert(server:seed { numbers = { 15125550000, { number = "15125550001", service = "mms" } } })
  assert(server:fault { kind = "status", status = 418, body = { ratio = 0.25, list = { { { 1, 2.5 } } } } })
  assert(server:fault { kind = "delay", seconds = 0.125, times = 1 })
  local sandbox_http = require "spec.support.sandbox_http"
  local faults = sandbox_http.request(server, "GET", "/_sandbox/faults").text
  print(faults:match('"ratio":([%d.]+)'), faults:match('"seconds":([%d.]+)'), faults:match('"list":([%[%]%d.,]+)'))
  print(#assert(server:state()).pools[1].numbers, server:requests() ~= nil)
  assert(server:stop())
  print(io.open(folder .. "/nginx.conf"))
]]

local RIGHT = "^0%.25\t0%.125\t%[%[%[1,2%.5%]%]%],?\n2\ttrue\nnil\t[^\n]*\n?$"

describe("a sandbox in a program", function()
  local folder

  before_each(function()
    folder = fixture.folder()
  end)

  for name, setting in pairs {
    ["few digits"] = "encode_number_precision(3)",
    ["flat tables"] = "encode_max_depth(1)",
    ["no sparse lists"] = "encode_sparse_array(false, 1, 1)",
    ["flat texts"] = "decode_max_depth(1)",
  } do
    it("works where that has its cjson take " .. name, function()
      local output = interpreter.run(('local sandbox = require "numberpool.sandbox"\nrequire "cjson".%s\n%s')
        :format(setting, USE))
      assert.matches(RIGHT, output)
    end)
  end

  it("works where that sets a locale with a decimal comma later", function()
    if not comma_locale.make(folder) then return pending("needs localedef and what it makes locales of") end
    local output = interpreter.run([[
      local sandbox = require "numberpool.sandbox"
      assert(os.setlocale("comma"))
      assert(rawget(_G, "jit") or ("%.1f"):format(0.5) == "0,5")
    ]] .. USE, { LOCPATH = folder })
    assert.matches(RIGHT, output)
  end)

  it("works where that refuses globals that nobody declared", function()
    local output = interpreter.run([[
      require "spec.support.sandbox_http"
      setmetatable(_G, { __index = function(_, name)
        if debug.getinfo(2, "S").what ~= "C" then error("variable '" .. name .. "' is not declared", 2) end
      end })
      local sandbox = require "numberpool.sandbox"
    ]] .. USE)
    assert.matches(RIGHT, output)
  end)

  for _, name in ipairs { "tmp", "./a b", "it's \"quoted\" $HOME `x` \\" } do
    it("works where TMPDIR is a relative " .. name, function()
      local path = interpreter.quote(folder .. "/" .. name)
      sandbox_http.shell("mkdir -p " .. path)
      local script = folder .. "/use.lua"
      local file = assert(io.open(script, "w"))
      file:write('local sandbox = require "numberpool.sandbox"\n', USE,
        'local tls = assert(sandbox.start { tls = true })\nprint(io.open(tls.ca_file) ~= nil)\nassert(tls:stop())')
      file:close()
      -- The search paths of the build are absolute; the specs' own helpers are beside us.
      local output = sandbox_http.shell(("here=$(pwd); cd %s && HERE=$here TMPDIR=%s %s -e %s use.lua"):format(folder,
        interpreter.quote(name), interpreter.quote(interpreter.program),
        interpreter.quote [[package.path = package.path .. ";" .. os.getenv("HERE") .. "/?.lua"]]))
      assert.matches("\ntrue\n$", output)
      assert.matches(RIGHT, (output:gsub("true\n$", "")))
      assert.equal("", (sandbox_http.shell("ls -A " .. path)))
    end)
  end

  it("says what can't be sent to it, at the caller", function()
    local server = fixture.sandbox()
    local loop = {}
    loop.loop = loop
    for _, case in ipairs {
      { math.huge, "a number that JSON can't hold: inf" }, { print, "a value that JSON can't hold: a function" },
      { loop, "tables that JSON can't hold: nested more than 100 deep" },
    } do
      local ok, problem = pcall(function() server:fault { kind = "status", body = { case[1] } } end)
      assert.is_false(ok)
      assert.matches("sandbox_host_settings_spec%.lua:%d+: the sandbox can't be sent " .. case[2], problem)
    end
  end)
end)
