-- Ctrl-C while a Lua file was evaluated left every string without methods: the command line ended in an error of its
-- own instead of 130.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"

local folder = fixture.folder()

describe("a Lua file that takes long", function()
  it("is left at Ctrl-C", function()
    local path = folder .. "/loop.lua"
    local file = assert(io.open(path, "w"))
    file:write "while true do end"
    file:close()
    local settings = { pool = "p", server = { base_url = "http://127.0.0.1:1", auth_id = "MA", auth_token = "t" } }
    -- Once it has used so much time of the processor, it evaluates the file.
    local _, errors, status = command_line.shell(([[
      %s & pid=$!
      for i in $(seq 100); do
        if [ "$(cut -d' ' -f14 /proc/$pid/stat)" -ge 20 ]; then break; fi
        sleep 0.05
      done
      kill -INT $pid; wait $pid]]):format(command_line.words(settings, "plan", path)))
    assert.same({ "interrupted\n", 130 }, { errors, status })
  end)
end)
