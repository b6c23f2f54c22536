--- The methods of pools, powerpacks and clients: one for each row of the operation table in C.
-- @module numberpool.client.operations

local arguments = require "numberpool.arguments"
local bulk = require "numberpool.jobs.bulk"
local buy = require "numberpool.client.buy"
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
    local client = client_of(self)
    if not client then
      error(operation.name .. ": " .. operation.object .. " expected, got " .. type(self)
        .. " (call it with a colon)", 2)
    end
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
    return of_table(operation, arguments.client_of_powerpacks)
  end,
  client = function(operation)
    return of_table(operation, function(client)
      return arguments.is_client(client) and client
    end)
  end,
}

core.install(function(operation)
  return MAKERS[operation.object](operation)
end)

pages.install(core.methods)
bulk.install(core.methods)

return core.methods
