-- The name of an option that is a known one up to a NUL is another name: what it says would be left out.
local fixture = require "spec.support.fixture"

describe("an option's name with a NUL in it", function()
  local pool = fixture.pool({ base_url = "http://127.0.0.1:1", auth_id = "MA1", auth_token = "token" }, "pool")

  for _, name in ipairs { "unrent\0", "timeout\0s", "retries\0" } do
    it("is unknown: " .. name:gsub("%z", "<NUL>"), function()
      local ok, message = pcall(pool.remove_number, pool, "15125550001", { [name] = name:find "^u" and true or 1 })
      assert.is_false(ok)
      assert.matches("unknown option", message, 1, true)
    end)
  end
end)
