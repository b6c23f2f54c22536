--- What calls would send, without sending it: for dry runs, and to check arguments before anything is done.
-- @module numberpool.client.rehearsal

local rehearsal = {}

-- What a call gives that isn't made.
local function pretend()
  return { response = "not sent" }
end

--- From now on the client sends no changes: each one's request goes to a function. Reads are sent as ever.
---@param client numberpool.Client
---@param show fun(method: string, path: string, body: string)
function rehearsal.begin(client, show)
  client:pretend_with(function(operation, request)
    if operation.change then
      show(operation.method, request.path, request.body)
      return pretend()
    end
    return nil
  end)
end

--- What is wrong with the arguments of a method: nil where nothing is. Nothing is sent.
---@param client numberpool.Client
---@param method function of a pool, a client or powerpacks
---@return string? message
function rehearsal.wrong(client, method, ...)
  local before = client:pretend_with(pretend)
  local ok, value, err = pcall(method, ...)
  client:pretend_with(before)
  if not ok then
    error(value, 0)
  end
  return value == nil and err.message or nil
end

return rehearsal
