-- What a hook or an input raises may be anything, also an object whose __tostring raises or gives no text: a call goes
-- on all the same, and a bulk call's report isn't lost.
local fixture = require "spec.support.fixture"

local WITHOUT_TEXT = {
  ["raises"] = setmetatable({}, { __tostring = function() error "no text" end }),
  ["gives a table"] = setmetatable({}, { __tostring = function() return {} end }),
}

for how, raised in pairs(WITHOUT_TEXT) do
  describe("an error object whose __tostring " .. how, function()
    local server = fixture.sandbox()
    local seeded = assert(server:seed {})

    local function raise()
      error(raised)
    end

    it("breaks no call where on_event raises it", function()
      local client = fixture.client(server, { on_event = raise })
      assert(client:pool(seeded.pool):add_number "15125550001")
    end)

    for name, options in pairs { on_result = { on_result = raise }, on_progress = { on_progress = raise } } do
      it("is the cause of the error with the report where " .. name .. " raises it", function()
        local client = fixture.client(server)
        local pool = client:pool(seeded.pool)
        local ok, err = pcall(pool.add_numbers, pool, { "15125550002" }, options)
        assert.is_false(ok)
        assert.equal("interrupted", err.kind)
        assert.is_true(rawequal(raised, err.cause))
        assert.equal(1, err.report.succeeded)
      end)
    end
  end)
end
