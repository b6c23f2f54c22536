-- Options were checked raw and read through __index, and methods and primitives took whatever was given for a client:
-- either ended the process. Every call here runs in a process of its own, whose crash is a failure.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local http = require "spec.support.http"

local PROGRAM = [[
local numberpool = require "numberpool"
local core = require "numberpool.core"
local methods = require "numberpool.client.operations"
local client = assert(numberpool.new {
  auth_id = "MA", auth_token = "secret", base_url = %q, retries = 0, rate = false,
})
local pool = assert(client:pool "p")
local function raises() error("expected: raised by a metamethod", 0) end
local function yields() coroutine.yield() end
local function make_values()
  local values = { true, false, 5, 1.5, 0/0, "", "x", "15125550100", "77777", {}, { 1 }, { "512" }, print, io.stdout,
    coroutine.create(raises), client, pool, client.powerpacks, { client = {} }, { runtime = {} },
    setmetatable({}, { __index = raises, __len = raises, __pairs = raises }),
    setmetatable({}, { __index = yields, __len = yields, __pairs = yields }),
    setmetatable({}, methods.client), setmetatable({ client = client }, methods.powerpacks) }
  return values
end
local values = make_values()
local objects = { pool = pool, powerpacks = client.powerpacks, client = client }
local count = 0
local function try(method, ...)
  local arguments, n = { ... }, select("#", ...)
  local unpack = table.unpack or unpack
  local thread = coroutine.create(function() return method(unpack(arguments, 1, n)) end)
  local ok, value, err = coroutine.resume(thread)
  count = count + 1
  if not ok and not tostring(value):find "expected" and not tostring(value):find "unknown" then
    print("raised", value)
  elseif ok and value == nil and err and err.kind ~= "invalid" then
    print("returned", err)
  end
end
local function with_option(name, value)
  local raw = { [name] = value }
  return raw, setmetatable({}, { __index = raw }), setmetatable({}, { __index = function() return value end })
end
for _, operation in ipairs(core.operations) do
  local object = objects[operation.object]
  local method = object[operation.name]
  local target = operation.target == "shortcode" and "77777" or operation.target and "15125550100"
  local function call_with(options)
    if operation.name == "buy_number" then try(method, object, options)
    elseif target then try(method, object, target, options) else try(method, object, options) end
  end
  for i = 1, #values do
    local value = values[i]
    try(method, value)
    try(method, value, "15125550100")
    try(method, object, value)
    call_with(value)
    for _, name in ipairs(operation.parameters) do
      for _, options in ipairs { with_option(name, value) } do call_with(options) end
      call_with { name = "n", [name] = { value } }
      call_with { name = "n", [name] = { { country_iso = value, service_type = "SMS", priority = {} } } }
    end
    for _, name in ipairs { "timeout", "retries", 1, "number" } do
      for _, options in ipairs { with_option(name, value) } do call_with(options) end
    end
    pcall(operation.build, value, "/", "15125550100", {})
    pcall(operation.build, pool, value, "15125550100", {})
    pcall(operation.build, value, value, value, value)
    pcall(operation.decode, value, value, value, value)
    pcall(operation.decode, 200, "[]", value, value)
  end
  pcall(operation.build)
  pcall(operation.decode)
end
for _, name in ipairs { "base64", "is_identifier", "pool", "pool_client", "shown", "decode" } do
  pcall(core[name])
  for i = 1, #values do pcall(core[name], values[i], values[i]) pcall(core[name], client, values[i]) end
end
for i = 1, #values do
  for _, name in ipairs { "numbers", "add_numbers", "remove_numbers", "remove_shortcodes", "snapshot" } do
    pcall(pool[name], values[i], {}) pcall(pool[name], pool, {}, values[i])
  end
  pcall(client.map, values[i], {}, print) pcall(client.map, client, {}, print, values[i])
end
print("calls", count > 1000)
]]

describe("whatever is given to a method", function()
  it("raises with what was expected, is invalid, or is a proper call, and never ends the process", function()
    local server = fixture.scripted_server()
    server:script(http.json '{"meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}')
    local output, status = interpreter.run(PROGRAM:format(server.base_url))
    assert.equal("calls\ttrue\n", output)
    assert.equal(0, status)
  end)
end)

describe("an option that a metatable adds", function()
  it("isn't seen", function()
    local server = fixture.scripted_server()
    server:script(http.json "{}")
    local output = interpreter.run(([[
      local client = assert(require "numberpool".new { auth_id = "MA", auth_token = "secret", base_url = %q })
      local pool = client:pool "p"
      print(pool:remove_number("15125550100", setmetatable({}, { __index = { unrent = "false" } })) ~= nil)
      print(pool:remove_number("15125550100", setmetatable({}, { __index = { unrent = true } })) ~= nil)
    ]]):format(server.base_url))
    local sent = server:requests()
    assert.equal("true\ntrue\n", output)
    assert.equal("{}", sent[1].body)
    assert.equal("{}", sent[2].body)
    assert.equal("", sent[2].query_string)
  end)
end)
