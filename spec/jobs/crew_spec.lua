-- Crews, which jobs are made of: what they keep.
local crew = require "numberpool.jobs.crew"
local fixture = require "spec.support.fixture"
local new_runtime = require "spec.support.new_runtime"

local server = fixture.scripted_server()

describe("a crew whose work is abandoned", function()
  it("keeps nothing of what was done already, as pages that a loop gave up", function()
    local runtime = fixture.until_end(new_runtime(server))
    local of_pages = crew.new(runtime)
    local pages = setmetatable({}, { __mode = "v" })
    local function fetch(index)
      pages[index] = { "page " .. index }
      return pages[index]
    end
    for index = 1, 8 do
      of_pages:begin(fetch, index)
    end
    of_pages:wait(of_pages:begin(fetch, 9))
    of_pages:abandon_all()
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(pages))
    assert.same({ "page 10" }, of_pages:wait(of_pages:begin(fetch, 10)).value)
    assert.is_nil(of_pages:next_done())
  end)
end)
