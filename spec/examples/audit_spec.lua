-- audit.lua with arguments, pipes and full disks as they come.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local quote = interpreter.quote

local server = fixture.sandbox()
local powerpack

before_each(function()
  assert(server:reset())
  powerpack = assert(server:seed { numbers = 30 }).powerpack
end)

local COMMAND = ("NUMBERPOOL_BASE_URL=%s PLIVO_AUTH_ID=%s PLIVO_AUTH_TOKEN=%s exec %s examples/audit.lua "):format(
  quote(server.base_url), quote(server.auth_id), quote(server.auth_token), quote(interpreter.program))

-- Returns what a command of the shell printed on standard output, on standard error, and its exit status.
local function shell(line)
  local path = os.tmpname()
  local pipe = assert(io.popen(("(%s) 2>%s; echo \" $?\""):format(line, quote(path)), "r"))
  local text, status = pipe:read "*a":match "^(.*) (%d+)\n$"
  pipe:close()
  local file = assert(io.open(path, "rb"))
  local errors = file:read "*a"
  file:close()
  os.remove(path)
  return text, errors, tonumber(status)
end

describe("examples/audit.lua", function()
  it("prints its usage", function()
    local output, errors, status = shell(COMMAND .. "--help")
    assert.matches("^usage: audit.lua .*POWERPACK", output)
    assert.same({ "", 0 }, { errors, status })
    for _, argument in ipairs { "--no-such-option", "a b c d" } do
      output, errors, status = shell(COMMAND .. argument)
      assert.same({ "", 2 }, { output, status })
      assert.matches("\n\nusage: audit", errors)
    end
    assert.equal(0, #server:requests())
  end)

  it("says that its output is lost, and is quiet where nobody reads on", function()
    local _, errors, status = shell(COMMAND .. powerpack .. " >/dev/full")
    assert.equal(1, status)
    assert.matches("standard output: No space left on device\n$", errors)
    local output
    for _, signal in ipairs { "", "trap '' PIPE; " } do
      output, errors = shell(("(%s%s) | head -c 5"):format(signal, COMMAND .. powerpack))
      assert.equal(5, #output)
      assert.equal("", errors)
    end
  end)
end)
