-- The examples run as they are.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local quote = interpreter.quote

-- Runs an example of this Lua's. Returns what it printed, errors included, and its exit status.
local function run(name, server, ...)
  local words = { quote(interpreter.program), "examples/" .. name .. ".lua" }
  for _, argument in ipairs { ... } do
    words[#words + 1] = quote(argument)
  end
  local environment = server and ("NUMBERPOOL_BASE_URL=%s PLIVO_AUTH_ID=%s PLIVO_AUTH_TOKEN=%s "):format(
    quote(server.base_url), quote(server.auth_id), quote(server.auth_token)) or ""
  local pipe = assert(io.popen(environment .. table.concat(words, " ") .. " 2>&1; echo \" $?\"", "r"))
  local output = pipe:read "*a"
  pipe:close()
  local text, status = output:match "^(.*) (%d+)\n$"
  return text, tonumber(status)
end

for _, case in ipairs {
  { "tour", "All as it should be" },
  { "quickstart", "45 numbers" },
  { "events", "retry +add_number" },
} do
  describe("examples/" .. case[1] .. ".lua", function()
    it("runs as it is", function()
      local output, status = run(case[1])
      assert.equal(0, status, output)
      assert.matches(case[2], output)
    end)
  end)
end

describe("examples/quickstart.lua", function()
  local server = fixture.sandbox()

  it("ends with an error where the powerpack isn't there", function()
    local output, status = run("quickstart", server, "no-such-powerpack")
    assert.equal(1, status)
    if jit or _VERSION ~= "Lua 5.1" and _VERSION ~= "Lua 5.2" then -- whose assert takes no error objects
      assert.matches("not_found", output)
    end
  end)
end)
