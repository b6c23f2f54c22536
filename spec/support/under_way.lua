-- How many slots of a client's limit are taken by requests that are under way. One whose request has ended is taken for
-- the window at most.
---@param client table
---@return integer
return function(client)
  local limiter, count = client.limiter, 0
  for slot = 0, limiter.requests - 1 do
    if limiter.store:left(slot) > limiter.seconds then
      count = count + 1
    end
  end
  return count
end
