-- A host may run several Lua states in threads of its own: what numberpool.core knows belongs to a call or to a state.
local interpreter = require "spec.support.interpreter"

describe("numberpool.core", function()
  it("has no variable that the states of a host would share", function()
    local module = assert(interpreter.find("numberpool.core", package.cpath))
    local names = {}
    for line in interpreter.shell("nm --format=sysv " .. interpreter.quote(module)):gmatch "[^\n]+" do
      local name, kind, section = line:match "^(%S+)%s*|[^|]*|[^|]*|%s*(%S*)|[^|]*|[^|]*|(%S+)"
      local is_writable = section == ".bss" or section == ".data"
      -- The compiler's own: a flag of its start-up code, and what begins with two underscores.
      if kind == "OBJECT" and is_writable and not name:find "^__" and not name:find "^completed" then
        names[#names + 1] = name
      end
    end
    assert.same({}, names)
  end)

  it("takes no text of an answer for a number that was marked in another one", function()
    local core = require "numberpool.core"
    local value = core.decode '{"id":33660394121755210,"text":"\\u0001000055d0c0ffee00:5"}'
    assert.equal("\001" .. "000055d0c0ffee00:5", value.text)
    assert.equal("33660394121755210", tostring(value.id))
  end)
end)
