--- The methods of pools, powerpacks and clients: one for each row of the operation table in C.
-- @module numberpool.client.operations

local buy = require "numberpool.client.buy"
local clients = require "numberpool.client"
local core = require "numberpool.core"

local methods = clients.methods
local pool_client = core.pool_client

local function of_pool(operation)
  local name, build = operation.name, operation.build
  return function(pool, first, second)
    local client = pool_client(pool, name)
    local request, message = build(pool, client.prefix, first, second)
    if not request then
      return nil, client:invalid(name, message)
    end
    return client:run(operation, request)
  end
end

-- The methods of a table that is a client or knows its own.
local function of_table(operation, client_of)
  local build = operation.build
  return function(self, first, second)
    local client = client_of(self, operation.name, 2)
    local request, message = build(self, client.prefix, first, second)
    if not request then
      return nil, client:invalid(operation.name, message)
    end
    return client:run(operation, request)
  end
end

core.install(function(operation)
  return operation.name == "buy_number" and buy.method(operation) or of_pool(operation)
end)

for _, operation in ipairs(core.operations) do
  if operation.object == "powerpacks" then
    methods.powerpacks[operation.name] = of_table(operation, clients.of_powerpacks)
  elseif operation.object == "client" then
    methods.client[operation.name] = of_table(operation, clients.check)
  end
end

return methods
