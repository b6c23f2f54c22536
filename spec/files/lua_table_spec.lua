-- Lua files that are data: what they may compute, and how they are stopped.
local lua_table = require "numberpool.files.lua_table"

local function message_of(text)
  local value, message = lua_table.evaluate(text)
  assert.is_nil(value)
  return message
end

describe("a Lua file", function()
  it("gives the table that it returns", function()
    assert.same({ numbers = { "15125550100", { number = 15125550101, service = "mms" } }, tollfree = {} },
      lua_table.evaluate [[return { numbers = { "15125550100", { number = 15125550101, service = "mms" } },
        tollfree = {} }]])
  end)

  it("may compute it", function()
    local list = lua_table.evaluate [[
      local list = {}
      local function add(i)
        list[#list + 1] = "1512555" .. 1000 + i
      end
      for i = 1, 100 do
        add(i)
      end
      return list
    ]]
    assert.same({ 100, "15125551100" }, { #list, list[100] })
  end)

  it("may be one to run, and large", function()
    assert.same({ 1 }, lua_table.evaluate "#!/usr/bin/lua\nreturn { 1 }")
    local lines = { "return {" }
    for i = 1, 50000 do
      lines[#lines + 1] = ('{ number = %d, service = "sms" },'):format(15125550000 + i % 1000)
    end
    lines[#lines + 1] = "}"
    assert.equal(50000, #lua_table.evaluate(table.concat(lines, "\n")))
  end)

  it("reaches nothing outside of itself, and says on which line it tried", function()
    for name, text in pairs {
      os = '\nos.execute "true"', io = "\nreturn { io.open('/etc/passwd') }", require = '\nreturn require "os"',
      _G = "\n_G.x = 1", load = "\nreturn load", debug = "\ndebug.x()", string = "\nreturn { string.rep('x', 1e9) }",
      getmetatable = '\ngetmetatable "".__index = 1', pcall = "\npcall(1)",
      coroutine = "\nreturn coroutine.wrap()",
    } do
      assert.equal("line 2: " .. name .. " isn't there: the file has to be data, and can call no functions",
        message_of(text))
    end
    assert.matches("^line 2: ", message_of "\nlocal s = ('x'):rep(1e9) return { s }")
    assert.matches("^line 1: ", message_of "return { ('x').gsub }")
    assert.equal("XX", ("x"):rep(2):upper())
  end)

  it("is stopped where it doesn't end", function()
    for _, text in ipairs { "local n = 1\nwhile true do n = n + 1 end", "local n = 1\nrepeat until false",
      "local function f()\nreturn f() end\nreturn f()" } do
      assert.matches("^line 2: the file doesn't come to an end", message_of(text))
    end
    assert.matches("^line 2: the file[' ]", -- by its depth or by its memory
      message_of "\nlocal function f() return 1 + f() end return { f() }")
  end)

  it("is stopped where it takes too much memory", function()
    assert.matches("^line 2: the file needs too much memory", message_of "local s = 'x'\nwhile true do s = s .. s end")
    assert.matches("^line 2: the file needs too much memory",
      message_of "local t, n = {}, 0\nwhile true do n = n + 1 t[n] = { {}, {}, {}, {}, {}, {}, {}, {}, {} } end")
  end)

  it("is refused where it is none", function()
    assert.matches("^line 2: ", message_of "return {\n15125550100 15125550101 }")
    assert.matches("compiled code", message_of(string.dump(function() return {} end)))
    assert.matches("returns nothing$", message_of "")
    assert.matches("returns a number$", message_of "return 15125550100")
  end)

  it("keeps what it changes to itself", function()
    assert.same({ 1 }, lua_table.evaluate "x = { 1 } print = nil return x")
    assert.is_nil(rawget(_G, "x"))
    assert.is_function(print)
  end)
end)
