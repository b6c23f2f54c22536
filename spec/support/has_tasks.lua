-- Whether a client has tasks that haven't ended, as far as its runtime tells: inside nginx they are the request's.
---@param client table
---@return boolean
return function(client)
  local tasks = client.runtime.tasks
  return tasks ~= nil and next(tasks.live) ~= nil
end
