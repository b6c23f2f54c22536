--- The methods of pools, powerpacks and clients: one for each row of the operation table in C.
-- @module numberpool.client.operations

local bulk = require "numberpool.jobs.bulk"
local buy = require "numberpool.client.buy"
local clients = require "numberpool.client"
local core = require "numberpool.core"
local pages = require "numberpool.jobs.pages"

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

local MAKERS = {
  pool = function(operation)
    return operation.name == "buy_number" and buy.method(operation) or of_pool(operation)
  end,
  powerpacks = function(operation)
    return of_table(operation, clients.of_powerpacks)
  end,
  client = function(operation)
    return of_table(operation, clients.check)
  end,
}

core.install(function(operation)
  return MAKERS[operation.object](operation)
end)

pages.install(core.methods)
bulk.install(core.methods)

return core.methods
