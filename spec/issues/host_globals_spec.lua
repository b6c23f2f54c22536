-- Globals of the host: ones that refuse to be asked for what isn't there, and an `ngx` that no nginx made.
local interpreter = require "spec.support.interpreter"

local ENVIRONMENT = { PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "token", NUMBERPOOL_BASE_URL = "http://127.0.0.1:9",
  http_proxy = false, all_proxy = false, ALL_PROXY = false }

local CALLS = [[
  local client, problem = require("numberpool").new { retries = 0 }
  assert(client, tostring(problem))
  local pool = client:pool "p"
  local ok, err = pcall(function()
    for _ in pool:numbers() do
      error "an entry of a closed port"
    end
  end)
  print(ok, err.kind)
  print(select(2, pool:snapshot()).kind, pool:add_numbers({ 15125550000 }).failed)
  print(#client:map({ 1, 2 }, function() return pool:get() end))
  client:close()
]]

local EXPECTED = "false\tnetwork\nnetwork\t1\n2\n"

-- The interpreter of these specs may be nginx's own: what it runs is none.
describe("a host", function()
  it("may refuse globals that aren't declared", function()
    assert.equal(EXPECTED, (interpreter.run([[
      setmetatable(_G, {
        __index = function(_, name) error("variable '" .. name .. "' is not declared", 2) end,
        __newindex = function(_, name) error("variable '" .. name .. "' is assigned", 2) end,
      })
    ]] .. CALLS, ENVIRONMENT)))
  end)

  for name, stub in pairs {
    ["of a few fields"] = "{ log = function() end, ERR = 4, null = {} }",
    ["that is empty"] = "{}",
    ["with functions for everything"] = [[setmetatable({}, { __index = function() return function() end end })]],
    ["with tables for everything"] = [[(function()
      local deep = {}
      return setmetatable(deep, { __index = function() return deep end, __call = function() return deep end })
    end)()]],
    ["that looks like the real one"] = [[{
      config = { ngx_lua_version = 10026, subsystem = "http", nginx_version = 1025003, debug = false },
      get_phase = function() return "content" end, now = os.time, sleep = function() end, ctx = {}, WARN = 5,
      socket = { tcp = function() end }, thread = { spawn = function() end }, timer = { at = function() end },
      shared = {}, say = print, log = function() end,
    }]],
    ["that is a function"] = "function() end",
  } do
    it("may have an ngx " .. name .. ", and has the curl runtime", function()
      assert.equal(EXPECTED, (interpreter.run("_G.ngx = " .. stub .. "\n" .. CALLS, ENVIRONMENT)))
    end)
  end

  it("with such an ngx has no runtime nginx", function()
    local output = interpreter.run([[
      _G.ngx = { get_phase = function() return "content" end }
      local client, err = require("numberpool").new { runtime = "nginx" }
      print(client, err.kind, err.message)
    ]], ENVIRONMENT)
    assert.equal('nil\tconfig\truntime: expected curl, or, inside nginx, nginx, got "nginx"\n', output)
  end)
end)
