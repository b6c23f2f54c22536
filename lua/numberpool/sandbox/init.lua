--- A NumberPool API server for scripts and tests: nginx with Lua on SQLite, started and asked from Lua. It keeps state,
-- breaks on command and remembers the requests that it was sent.
--
-- @module numberpool.sandbox

local control_client = require "numberpool.sandbox.control_client"
local folder = require "numberpool.sandbox.folder"
local json = require "numberpool.sandbox.json"
local launch = require "numberpool.sandbox.launch"
local messages = require "numberpool.sandbox.messages"
local nginx = require "numberpool.sandbox.nginx"
local options = require "numberpool.sandbox.options"
local process = require "numberpool.sandbox.process"

local sandbox = {}

--- A running sandbox.
---@class numberpool.sandbox.Server
---@field base_url string where the API is, `http://127.0.0.1:…` or `https://…`
---@field auth_id string the account's identifier
---@field auth_token string the account's secret
---@field port integer the API's port
---@field ca_file string? the authority's certificate, with `tls`
---@field pid integer the process of nginx's master
local Server = {}

-- What a handle knows for itself, by handle: { folder, owner, master, control_port, is_stopped }. It isn't in the
-- handle, so that printing a handle shows none of it.
local private = setmetatable({}, { __mode = "k" })

-- The same tables of all servers that run. These are stopped when the Lua state closes, but not when a handle is
-- collected: a client that was made from the handle still needs the server.
local running = {}

local function stop(own)
  if own.is_stopped then
    return true
  end
  local has_ended, how = nginx.stop(own.master)
  if not has_ended then
    return nil, ("the sandbox (pid %d) did not end"):format(own.master.pid)
  end
  -- A master that is asked ends its workers first; one that was killed leaves them.
  if how ~= "asked" then
    nginx.stop_in(own.folder)
  end
  own.is_stopped = true
  running[own] = nil
  folder.remove(own.folder)
  return true
end

-- A child of a fork closes its copy of the Lua state too. It leaves the servers of its parent alone.
local function stop_all()
  local this_process = process.find()
  for own in pairs(running) do
    if process.is_same(this_process, own.owner) then
      stop(own)
    end
  end
end

-- Returns an object that calls a function when it is collected.
local function finaliser(run)
  local new_proxy = rawget(_G, "newproxy") -- Lua 5.1 finalises userdata only
  if not new_proxy then
    return setmetatable({}, { __gc = run })
  end
  local proxy = new_proxy(true)
  getmetatable(proxy).__gc = run
  return proxy
end

local HANDLE_METATABLE = {
  __name = "numberpool.sandbox",
  __index = Server,
  __tostring = function(handle)
    return ("numberpool.sandbox: %s (%s)"):format(handle.base_url, handle.auth_id)
  end,
  __close = function(handle)
    handle:stop()
  end,
  finaliser = finaliser(stop_all),
}

-- Raises at the caller of the method that calls it.
local function private_of(handle, method)
  local own = handle ~= nil and private[handle]
  if not own then
    error(("%s: sandbox expected, got %s (call it with a colon)"):format(method, messages.type_of(handle)), 3)
  end
  return own
end

-- Raises for a body that JSON can't hold, at the caller of the method that calls it: no tail call may be in between.
local function ask(own, method, path, body)
  if own.is_stopped then
    return nil, "the sandbox has been stopped"
  end
  local text
  if body then
    local ok
    ok, text = pcall(json.encode, body)
    if not ok then
      error("the sandbox can't be sent " .. text, 3)
    end
  end
  return control_client.call(own.control_port, method, path, text)
end

-- Numbers in a list become text, as the API has phone numbers.
local function with_texts(items)
  if type(items) ~= "table" then
    return items
  end
  local texts = {}
  for key, item in pairs(items) do
    if type(item) == "number" then
      item = ("%.0f"):format(item)
    elseif type(item) == "table" then
      item = with_texts(item)
    end
    texts[key] = item
  end
  return texts
end

--- Makes a powerpack and fills its pool.
---@param what numberpool.sandbox.Seed? counts, or lists
---@return numberpool.sandbox.Seeded? uuids nil and a message where `what` can't be seeded
---@return string? problem
function Server:seed(what)
  local own = private_of(self, "seed")
  if what ~= nil and type(what) ~= "table" then
    error("seed: table expected, got " .. type(what), 2)
  end
  local body = {}
  for name, value in pairs(what or {}) do
    body[name] = with_texts(value)
  end
  local seeded, problem = ask(own, "POST", "seed", body)
  return seeded, problem
end

--- Makes requests go wrong from now on.
---@param fault numberpool.sandbox.Fault
---@return integer? id nil and a message where the fault has a wrong field
---@return string? problem
function Server:fault(fault)
  local own = private_of(self, "fault")
  if type(fault) ~= "table" then
    error("fault: table expected, got " .. messages.type_of(fault), 2)
  end
  local answer, problem = ask(own, "POST", "faults", fault)
  if not answer then
    return nil, problem
  end
  return answer.id
end

--- The requests that the sandbox was sent, oldest first; at most the last 10,000.
---@return numberpool.sandbox.Request[]? entries
---@return string? problem
function Server:requests()
  local entries, problem = ask(private_of(self, "requests"), "GET", "requests")
  return entries, problem
end

--- The requests that came after another one. Each request has a number, counted from 1 since the start.
---@param after integer the number of that one; 0 at first
---@return numberpool.sandbox.Request[]? entries
---@return integer|string sequence the last one's number, or what went wrong
function Server:requests_after(after)
  local own = private_of(self, "requests_after")
  if type(after) ~= "number" then
    error("requests_after: integer expected, got " .. messages.type_of(after), 2)
  elseif not (after >= 0 and after < 2 ^ 53 and after == math.floor(after)) then
    return nil, "after: expected a whole number from 0, got " .. messages.shown(after)
  end
  local entries, problem, sequence = ask(own, "GET", ("requests?after=%d"):format(after))
  if not entries then
    return nil, problem
  end
  return entries, sequence
end

--- Accounts, powerpacks, pools and what is in them.
---@return numberpool.sandbox.State?
---@return string? problem
function Server:state()
  local state, problem = ask(private_of(self, "state"), "GET", "state")
  return state, problem
end

--- Makes another account.
---@return numberpool.sandbox.Account?
---@return string? problem
function Server:account()
  local account, problem = ask(private_of(self, "account"), "POST", "accounts")
  return account, problem
end

--- Removes everything: powerpacks, numbers, faults and the requests seen. Accounts stay.
---@return boolean? done
---@return string? problem
function Server:reset()
  local answer, problem = ask(private_of(self, "reset"), "POST", "reset")
  if not answer then
    return nil, problem
  end
  return true
end

--- Ends the server and removes its files, but not a database given as `db`. Can be called again.
---@return boolean? done
---@return string? problem
function Server:stop()
  return stop(private_of(self, "stop"))
end

--- Starts a sandbox. It ends with `stop`, with the Lua state, or with the process that started it.
---@param given numberpool.sandbox.Options?
---@return numberpool.sandbox.Server? server nil and a message where it can't be started
---@return string? problem
function sandbox.start(given)
  local values, problem = options.read(given, 2)
  if not values then
    return nil, problem
  end
  local server
  server, problem = launch.start(values)
  if not server then
    return nil, problem
  end
  local handle = {
    base_url = ("%s://127.0.0.1:%d"):format(server.tls and "https" or "http", server.port),
    auth_id = server.credentials.auth_id,
    auth_token = server.credentials.auth_token,
    port = server.port,
    ca_file = server.tls and server.folder .. "/ca.pem" or nil,
    pid = server.master.pid,
  }
  local own = {
    folder = server.folder, owner = server.owner, master = server.master, control_port = server.control_port,
  }
  private[handle] = own
  running[own] = true
  return setmetatable(handle, HANDLE_METATABLE)
end

return sandbox
