--- The runtime for plain scripts: sends over libcurl, waits in place.
-- @module numberpool.runtime.curl

local Curl = {}
Curl.__index = Curl

-- A signal ends a step early, and so does anything that arrives: this only bounds an idle wait.
local STEP_MILLISECONDS = 1000

local MISSING = "numberpool needs libcurl to send requests: install it with your system's packages "
  .. "(Debian: apt-get install libcurl4): "

local function load_curl()
  local ok, curl = pcall(require, "numberpool.curl")
  if not ok then
    return nil, MISSING .. tostring(curl)
  end
  return curl
end

--- Opens libcurl for one client.
---@param settings table origin, headers, connect_timeout, max_body, ca_file, proxy
---@return table? runtime
---@return string? message what is missing
function Curl.open(settings)
  local curl, missing = load_curl()
  if not curl then
    return nil, missing
  end
  local session, message = curl.open(settings)
  if not session then
    return nil, message
  end
  return setmetatable({ session = session, now = curl.now, nap = curl.nap, random = curl.random }, Curl)
end

-- An error that was raised in the middle of a wait, as Ctrl-C does, leaves a transfer behind.
function Curl:forget_interrupted()
  local transfer = self.transfer
  if transfer then
    self.transfer = nil
    transfer:cancel()
  end
end

local function read_answer(transfer)
  local status, second, third, fourth, fifth = transfer:result()
  if status then
    return { status = status, body = second, content_type = third, retry_after = fourth, location = fifth }
  end
  return nil, { kind = second, message = third, sent = fourth, status = fifth }
end

--- One HTTP exchange. Raises nothing of its own.
---@param method string
---@param path string with the query
---@param body string? nil for none
---@param deadline number on the clock of `now`
---@return table? response { status, body, content_type, retry_after, location }
---@return table? failure { kind, message, sent, status }
function Curl:send(method, path, body, deadline)
  self:forget_interrupted()
  local session = self.session
  local milliseconds = (deadline - self.now()) * 1000
  local transfer, message = session:start(method, path, body, milliseconds)
  if not transfer then
    return nil, { kind = "closed", message = message, sent = false }
  end
  self.transfer = transfer
  while not transfer:done() do
    session:step(STEP_MILLISECONDS)
  end
  self.transfer = nil
  return read_answer(transfer)
end

--- Sleeps, in short naps, since a signal ends one.
---@param seconds number
function Curl:sleep(seconds)
  local ends = self.now() + seconds
  repeat
    local left = ends - self.now()
    if left > 0 then
      self.nap(left)
    end
  until left <= 0
end

local function whole(number)
  return math.floor(number)
end

--- Bytes sent, bytes received and connections opened so far.
---@return integer, integer, integer
function Curl:counters()
  local sent, received, connections = self.session:counters()
  return whole(sent), whole(received), whole(connections)
end

--- Closes every connection. May be called twice.
function Curl:close()
  self:forget_interrupted()
  self.session:close()
end

return Curl
