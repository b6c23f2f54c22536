--- The options of `start`, from the file that it left in the server's folder.
local json = require "numberpool.sandbox.json"

local settings = {}

--- Fills this module's table: `folder`, `db`, `owner`, `rate`, `strict`, and `quirk`, a set of names.
---@param path string
function settings.load(path)
  local file = assert(io.open(path, "rb"))
  local values = assert(json.decode(file:read "*a"), "unreadable settings")
  file:close()
  for name, value in pairs(values) do
    settings[name] = value
  end
  settings.quirk = {}
  for _, name in ipairs(values.quirks) do
    settings.quirk[name] = true
  end
end

return settings
