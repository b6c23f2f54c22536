-- What every program of the terminal has in common.
local interpreter = require "spec.support.interpreter"

describe("a program", function()
  local function run(main)
    return interpreter.run(([[
      local program = require "numberpool.report.program"
      os.exit(program.status(function()
        %s
      end, { failure = 3, done = "half is done" }))
    ]]):format(main))
  end

  it("ends with what its main function gives", function()
    local output, status = run 'program.print "x" return 1'
    assert.same({ "x\n", 1 }, { output, status })
  end)

  it("says what is raised, without a traceback", function()
    local output, status = run [[program.must(nil, "wrong")]]
    assert.same({ "wrong\n", 3 }, { output, status })
  end)

  it("says what was done when Ctrl-C comes", function()
    local output, status = run [[error("x.lua:1: interrupted!", 0)]]
    assert.same({ "interrupted: half is done\n", 130 }, { output, status })
  end)

  it("says that its output is lost", function()
    local output, status = run [[io.stdout:close() io.stdout = io.open("/dev/full", "w") program.print "x" return 0]]
    assert.same({ "standard output: No space left on device\n", 3 }, { output, status })
  end)
end)
