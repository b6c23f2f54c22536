-- Loading the library: what it pulls into the process, and what it says where a part it needs is missing.
local interpreter = require "spec.support.interpreter"
local quote = interpreter.quote

local ENVIRONMENT = { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t", NUMBERPOOL_BASE_URL = "http://127.0.0.1:1" }

local core_file = interpreter.find("numberpool.core", package.cpath)
local build = core_file:match "^(.*)/numberpool/core%.so$"
local lua_file = interpreter.find("numberpool.client.init", package.path)
local sources = lua_file:match "^(.*)/numberpool/client/init%.lua$"

-- The search paths of the sources and of a folder of modules alone, where nothing else can be found.
local function environment_of(modules, more)
  local environment = {
    [interpreter.PATH_VARIABLE] = sources .. "/?.lua;" .. sources .. "/?/init.lua",
    [interpreter.CPATH_VARIABLE] = modules .. "/?.so",
  }
  for name, value in pairs(ENVIRONMENT) do
    environment[name] = value
  end
  for name, value in pairs(more or {}) do
    environment[name] = value
  end
  return environment
end

local function with_folder(fn)
  local folder = os.tmpname()
  os.remove(folder)
  interpreter.shell("mkdir -p " .. folder .. "/numberpool")
  local ok, err = pcall(fn, folder)
  interpreter.shell("rm -r " .. folder)
  assert(ok, err)
end

-- Prints which of the libraries are mapped into the process.
local SHOW_MAPS = [[
  local function is_mapped(name)
    for line in io.lines "/proc/self/maps" do
      if line:find(name, 1, true) then
        return true
      end
    end
    return false
  end
]]

describe("require \"numberpool\"", function()
  it("maps no libcurl into the process: numberpool.new does", function()
    local output = interpreter.run(SHOW_MAPS .. [[
      local numberpool = require "numberpool"
      print(is_mapped "numberpool/core.so", is_mapped "numberpool/curl.so", is_mapped "libcurl")
      assert(numberpool.new())
      print(is_mapped "numberpool/core.so", is_mapped "numberpool/curl.so", is_mapped "libcurl")
    ]], ENVIRONMENT)
    assert.equal("true\tfalse\tfalse\ntrue\ttrue\ttrue\n", output)
  end)

  it("makes no global and changes no library", function()
    local output = interpreter.run([[
      local before = {}
      for name in pairs(_G) do
        before[name] = true
      end
      local tables = {}
      for _, name in ipairs { "string", "table", "math", "io", "os", "coroutine", "debug", "package" } do
        local count = 0
        for _ in pairs(_G[name]) do
          count = count + 1
        end
        tables[name] = count
      end
      local client = assert(require("numberpool").new())
      client:pool("p")
      for name in pairs(_G) do
        if not before[name] then
          print("global", name)
        end
      end
      for name, count in pairs(tables) do
        for _ in pairs(_G[name]) do
          count = count - 1
        end
        if count ~= 0 then
          print("library", name)
        end
      end
      print(getmetatable("").__index == string)
    ]], ENVIRONMENT)
    assert.equal("true\n", output)
  end)

  it("leaves lua-cjson's settings to others, and doesn't take theirs", function()
    local output = interpreter.run([[
      local cjson = require "cjson"
      cjson.decode_max_depth(3)
      cjson.encode_number_precision(3)
      local before = cjson.decode_invalid_numbers()
      local core = require "numberpool.core"
      print(type(core.decode '{"a":{"b":{"c":{"d":[1]}}}}'))
      print(cjson.decode_max_depth(), cjson.encode_number_precision(), cjson.decode_invalid_numbers() == before)
    ]], ENVIRONMENT)
    output = output:gsub("%.0", "")
    assert.equal("table\n3\t3\ttrue\n", output)
  end)

  it("may happen again in a process", function()
    local output, status = interpreter.run([[
      for _ = 1, 3 do
        for name in pairs(package.loaded) do
          if name:find "^numberpool" then
            package.loaded[name] = nil
          end
        end
        local client = assert(require("numberpool").new { retries = 0, rate = false })
        local _, err = client:pool("p"):get()
        print(err.kind)
      end
    ]], ENVIRONMENT)
    assert.equal("network\nnetwork\nnetwork\n", output)
    assert.equal(0, status)
  end)
end)

describe("a module in C", function()
  for _, name in ipairs { "core", "curl" } do
    it("shows the loader nothing but its own entry: " .. name, function()
      local output = interpreter.shell("nm -D --defined-only " .. quote(build .. "/numberpool/" .. name .. ".so"))
      local symbols = {}
      for symbol in output:gmatch "%x+ %a ([^\n]+)" do
        symbols[#symbols + 1] = symbol
      end
      assert.same({ "luaopen_numberpool_" .. name }, symbols)
    end)
  end

  it("needs no libcurl: core", function()
    local output = interpreter.shell("objdump -p " .. quote(build .. "/numberpool/core.so"))
    assert.matches("NEEDED", output)
    assert.is_nil(output:find("libcurl", 1, true))
  end)
end)

describe("without lua-cjson", function()
  it("require says what to install", function()
    local output, status = interpreter.run([[
      io.stdout:setvbuf "no"
      print(pcall(require, "cjson"))
      require "numberpool"
    ]], environment_of(build))
    assert.matches("^false\t", output)
    assert.are_not.equal(0, status)
    local message = output:match "numberpool needs lua%-cjson[^\n]*"
    assert.is_not_nil(message, output)
    assert.matches("apt%-get install lua%-cjson", message)
  end)

  it("which is there but broken, require says so too", function()
    with_folder(function(folder)
      local file = assert(io.open(folder .. "/cjson.lua", "w"))
      file:write "error 'this lua-cjson is broken'\n"
      file:close()
      local environment = environment_of(build)
      local variable = interpreter.PATH_VARIABLE
      environment[variable] = environment[variable] .. ";" .. folder .. "/?.lua"
      local output = interpreter.run('require "numberpool"', environment)
      assert.matches("lua%-cjson", output)
      assert.matches("this lua%-cjson is broken", output)
    end)
  end)
end)

describe("without libcurl", function()
  local cjson_file = interpreter.find("cjson", package.cpath)

  local NEW = [[
    local client, err = require("numberpool").new()
    print(client, err.kind)
    print((err.message:gsub("%s", " ")))
  ]]

  local function assert_says_what_to_install(output)
    local kind, message = output:match "^nil\t(%S+)\n([^\n]*)\n$"
    assert.equal("config", kind, output)
    assert.matches("libcurl", message)
    assert.matches("apt%-get install libcurl4", message)
  end

  it("numberpool.new says what to install: the library is missing", function()
    with_folder(function(folder)
      -- The dynamic linker takes this one first, and can't use it.
      interpreter.shell("for name in libcurl.so.4 libcurl-gnutls.so.4 libcurl-nss.so.4; do echo nothing >"
        .. folder .. "/$name; done")
      assert_says_what_to_install((interpreter.run(NEW, {
        LD_LIBRARY_PATH = folder, PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t",
      })))
    end)
  end)

  it("numberpool.new says what to install: the module is missing", function()
    with_folder(function(folder)
      interpreter.shell("ln -s " .. quote(build .. "/numberpool/core.so") .. " " .. folder .. "/numberpool/ && ln -s "
        .. quote(cjson_file) .. " " .. folder .. "/")
      assert_says_what_to_install((interpreter.run(NEW, environment_of(folder))))
    end)
  end)

  it("everything else still loads", function()
    with_folder(function(folder)
      interpreter.shell("ln -s " .. quote(build .. "/numberpool/core.so") .. " " .. folder .. "/numberpool/ && ln -s "
        .. quote(cjson_file) .. " " .. folder .. "/")
      local output = interpreter.run('print(require("numberpool")._VERSION)', environment_of(folder))
      assert.equal("0.1.0\n", output)
    end)
  end)
end)
