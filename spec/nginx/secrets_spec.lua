-- Nothing that pairs and getmetatable reach from a client has the token in it, inside nginx.
local fixture = require "spec.support.fixture"
local nginx_run = require "spec.support.nginx_run"

local WALK = [[
  local secrets = { "dG9rZW4tb2YtdGhlLXNwZWNz", "Basic ", require("numberpool.core").base64(
    "MAXX:dG9rZW4tb2YtdGhlLXNwZWNz") }
  client:map({ 1 }, function() return client:pool "p":get() end)
  local seen, found, count = {}, {}, 0
  local function walk(value, path)
    if type(value) == "string" then
      for _, secret in ipairs(secrets) do
        if value:find(secret, 1, true) then found[#found + 1] = path end
      end
    elseif type(value) == "table" or type(value) == "userdata" then
      if seen[value] then return end
      seen[value] = true
      count = count + 1
      if type(value) == "table" then
        for key, field in next, value do
          walk(key, path .. ".(key)")
          walk(field, path .. "." .. tostring(key))
        end
      end
      walk(getmetatable(value), path .. ".(metatable)")
    end
  end
  walk(client, "client")
  walk((client:pool "p"), "pool")
  walk(select(2, client:pool "p":get()), "error")
  return #found == 0 and count > 10 and "none" or count .. " " .. table.concat(found, " ")
]]

describe("a client inside nginx", function()
  it("shows its token nowhere", function()
    local nginx = fixture.nginx {
      base_url = "http://127.0.0.1:1", auth_id = "MAXX", auth_token = "dG9rZW4tb2YtdGhlLXNwZWNz",
    }
    assert.equal("none", nginx_run.run(nginx, WALK))
  end)
end)
