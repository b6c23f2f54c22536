-- What every program of the terminal has in common.
local interpreter = require "spec.support.interpreter"
local program = require "numberpool.report.program"

local KNOWN = { code = "value", fast = "flag" }

describe("the words of a command line", function()
  it("are arguments and options, in any order", function()
    local arguments, options = program.parse({ "a", "--code", "1", "b", "--fast", "-", "--", "--code" }, KNOWN)
    assert.same({ "a", "b", "-", "--code" }, arguments)
    assert.same({ code = "1", fast = true }, options)
    assert.same({ code = "=1=" }, (select(2, program.parse({ "--code==1=" }, KNOWN))))
    assert.same({ code = "" }, (select(2, program.parse({ "--code=" }, KNOWN))))
  end)

  it("are refused where they can't be right", function()
    for word, message in pairs {
      ["--slow"] = "unknown option --slow", ["-x"] = "unknown option -x", ["--code"] = "--code: expected a value",
      ["--fast=1"] = "--fast=1: expected no value",
    } do
      local arguments, wrong = program.parse({ word }, KNOWN)
      assert.is_nil(arguments)
      assert.equal(message, wrong)
    end
  end)
end)

describe("a program", function()
  local function run(main)
    return interpreter.run(([[
      local program = require "numberpool.report.program"
      program.run({ usage = "usage: it\n", most = 0, failure = 3, done = "half is done", main = function(_, _, run)
        %s
      end }, arg)
    ]]):format(main))
  end

  it("ends with what its main function gives", function()
    local output, status = run 'program.print "x" return 1'
    assert.same({ "x\n", 1 }, { output, status })
  end)

  it("says what is raised, without a traceback, and cleans up", function()
    local output, status = run [[run.at_exit[1] = function() program.warn "clean" end
      program.must(nil, "wrong")]]
    assert.same({ "wrong\nclean\n", 3 }, { output, status })
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
