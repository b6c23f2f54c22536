-- Starts a sandbox and drives it with the vendor's Node SDK: lua run.lua FOLDER, which has the
-- installed `plivo` package. The table and the counts are the driver's.
local sandbox = require "numberpool.sandbox"

local folder = assert(arg[1], "expected the folder that plivo is installed in")
local here = arg[0]:match("^(.*)/") or "."

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local server = assert(sandbox.start())
local seeded = assert(server:seed {
  name = "conformance",
  numbers = {
    "15125550001", { number = "15125550002", service = "mms" }, "14165550003", "447400230004", "18885550005",
  },
  tollfree = { "18005550001", { number = "18335550002", service = "mms" } },
  shortcodes = { "23456", { shortcode = "34567", country_iso2 = "CA" } },
})

local environment = {
  "NODE_PATH=" .. quote(folder .. "/node_modules"), "NODE_NO_WARNINGS=1",
  "BASE_URL=" .. server.base_url, "AUTH_ID=" .. server.auth_id, "AUTH_TOKEN=" .. server.auth_token,
  "POWERPACK=" .. seeded.powerpack, "POOL=" .. seeded.pool,
}
local ok, _, code = os.execute(table.concat(environment, " ") .. " node " .. quote(here .. "/plivo.js"))
server:stop()
if ok == true or ok == 0 then os.exit(0) end
os.exit(type(code) == "number" and code or 1)
