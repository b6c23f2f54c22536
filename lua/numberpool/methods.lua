--- The methods of pools, powerpacks and clients: one for each row of the operation table in C.
-- @module numberpool.methods

local core = require "numberpool.core"

local pool_client = core.pool_client

local function of_pool(operation)
  local build = operation.build
  return function(pool, first, second)
    local client = pool_client(pool)
    local request, message = build(pool, client.prefix, first, second)
    if not request then
      return nil, client:invalid(operation.name, message)
    end
    return client:run(operation, request)
  end
end

local function of_powerpacks(operation)
  local build = operation.build
  return function(powerpacks, first, second)
    local client = type(powerpacks) == "table" and rawget(powerpacks, "client")
    if not client then
      error(operation.name .. ": powerpacks expected, got " .. type(powerpacks) .. " (call it with a colon)", 2)
    end
    local request, message = build(powerpacks, client.prefix, first, second)
    if not request then
      return nil, client:invalid(operation.name, message)
    end
    return client:run(operation, request)
  end
end

local MAKERS = { pool = of_pool, powerpacks = of_powerpacks }

core.install(function(operation)
  return MAKERS[operation.object](operation)
end)

return core.methods
