--- The rows of the operation table in C, by "object.name".
-- @module numberpool.operations

local core = require "numberpool.core"

---@type table<string, table>
local operations = {}

for _, operation in ipairs(core.operations) do
  operations[operation.object .. "." .. operation.name] = operation
end

return operations
