--- A NumberPool API server for scripts and tests: nginx with Lua on SQLite, started and asked from
-- Lua. It keeps state, breaks on command and remembers what it was asked.
--
-- @module numberpool.sandbox

local cjson = require "cjson"
local socket = require "socket"

local control = require "numberpool.sandbox.control"
local nginx = require "numberpool.sandbox.nginx"
local options = require "numberpool.sandbox.options"
local process = require "numberpool.sandbox.process"

local sandbox = {}

--- A running sandbox.
--- @class numberpool.sandbox.Server
--- @field base_url string where the API is, `http://127.0.0.1:…` or `https://…`
--- @field auth_id string the account's identifier
--- @field auth_token string and its token
--- @field port integer the API's port
--- @field ca_file string? the authority's certificate, with `tls`
--- @field pid integer the process of nginx's master
local Server = {}

-- What a handle needs for itself. Kept beside the handle, so that printing one shows none of it.
local private = setmetatable({}, { __mode = "k" })

local function stop(own)
  if own.stopped then return true end
  if not process.stop(own.process) then
    return nil, ("the sandbox (pid %d) did not end"):format(own.process.pid)
  end
  own.stopped = true
  process.remove_folder(own.folder)
  return true
end

-- Servers that are stopped when the Lua state closes. Not when a handle is collected: a client that
-- was made from the handle still needs the server. A child of a fork closes its copy of the state
-- too, but the servers in it aren't its own.
local running = {}

local function stop_all()
  local here = process.identify()
  for own in pairs(running) do
    if process.same(here, own.owner) then stop(own) end
  end
end

local function finaliser(run)
  if not newproxy then return setmetatable({}, { __gc = run }) end
  local proxy = newproxy(true) -- Lua 5.1 finalises userdata only
  getmetatable(proxy).__gc = run
  return proxy
end

local handle_metatable = {
  __name = "numberpool.sandbox",
  __index = Server,
  __tostring = function(handle) return ("numberpool.sandbox: %s (%s)"):format(handle.base_url, handle.auth_id) end,
  __close = function(handle) handle:stop() end,
  guard = finaliser(stop_all),
}

local function call(handle, method, path, body)
  local own = private[handle]
  if not own then
    local got = handle == nil and "no value" or type(handle)
    error("sandbox: handle expected, got " .. got .. " (call its methods with a colon)", 3)
  end
  if own.stopped then return nil, "the sandbox has been stopped" end
  return control.call(own.control_port, method, path, body)
end

-- Numbers as text, since lua-cjson writes 14 digits of a number and a phone number may have 15.
local function number_texts(items)
  if type(items) ~= "table" then return items end
  local texts = {}
  for key, item in pairs(items) do
    if type(item) == "number" then
      item = ("%.0f"):format(item)
    elseif type(item) == "table" then
      item = number_texts(item)
    end
    texts[key] = item
  end
  return texts
end

--- Makes a powerpack and fills its pool.
--- @param what numberpool.sandbox.Seed? counts, or lists
--- @return numberpool.sandbox.Seeded? uuids nil with a message where it can't be
--- @return string? problem
function Server:seed(what)
  if what ~= nil and type(what) ~= "table" then error("seed: table expected, got " .. type(what), 2) end
  local body = {}
  for name, value in pairs(what or {}) do body[name] = number_texts(value) end
  return call(self, "POST", "seed", body)
end

--- Makes requests go wrong from now on.
--- @param fault numberpool.sandbox.Fault
--- @return integer? id nil with a message where the fault isn't one
--- @return string? problem
function Server:fault(fault)
  if type(fault) ~= "table" then
    error("fault: table expected, got " .. (fault == nil and "no value" or type(fault)), 2)
  end
  local answer, problem = call(self, "POST", "faults", fault)
  if not answer then return nil, problem end
  return answer.id
end

--- The requests seen, oldest first; at most the last 10,000.
--- @return numberpool.sandbox.Request[]? entries
--- @return string? problem
function Server:requests()
  local entries, problem = call(self, "GET", "requests")
  return entries, problem
end

--- The requests that came after one, by its place in the sequence, and the last one's place.
--- @param after integer 0 at first
--- @return numberpool.sandbox.Request[]? entries
--- @return integer|string sequence or what went wrong
function Server:requests_after(after)
  local entries, problem, sequence = call(self, "GET", ("requests?after=%d"):format(after))
  if not entries then return nil, problem end
  return entries, sequence
end

--- Accounts, powerpacks, pools and what is in them.
--- @return numberpool.sandbox.State?
--- @return string? problem
function Server:state()
  local state, problem = call(self, "GET", "state")
  return state, problem
end

--- Makes another account.
--- @return numberpool.sandbox.Account?
--- @return string? problem
function Server:account()
  local account, problem = call(self, "POST", "accounts")
  return account, problem
end

--- Empties everything: powerpacks, numbers, journal, faults. Credentials stay.
--- @return boolean? done
--- @return string? problem
function Server:reset()
  local answer, problem = call(self, "POST", "reset")
  if not answer then return nil, problem end
  return true
end

--- Ends the server and removes its files; a database that was named stays. Can be called again.
--- @return boolean? done
--- @return string? problem
function Server:stop()
  local own = private[self]
  local done, problem = stop(own)
  if done then running[own] = nil end
  return done, problem
end

-- Where this library's files are, for nginx to find the server's: three folders up from this one.
local function root_folder()
  local source = debug.getinfo(1, "S").source:match("^@(.*)$") or ""
  local root = source:match("^(.*)/numberpool/sandbox/init%.lua$") or "."
  if root:sub(1, 1) == "/" then return root end
  local output, code = process.run("cd -- " .. process.quote(root) .. " && pwd")
  if not output or code ~= 0 then return nil, "the library's own folder wasn't found: " .. root end
  return output:match("^(.-)\n*$")
end

local function absolute(path)
  if path:sub(1, 1) == "/" then return path end
  local output = process.run("pwd")
  return (output or ""):match("^(.-)\n*$") .. "/" .. path
end

local function write_file(path, text)
  local file, problem = io.open(path, "wb")
  if not file then return nil, problem end
  local ok
  ok, problem = file:write(text)
  file:close()
  if not ok then return nil, problem end
  return true
end

-- A port that is free now; the caller tries again where it isn't any more.
local function reserve(port)
  local listener, problem = socket.bind("127.0.0.1", port)
  if not listener then return nil, problem end
  local _, number = listener:getsockname()
  listener:close()
  return tonumber(number)
end

local function choose_ports(wanted)
  local port, problem = reserve(wanted)
  if not port then return nil, ("port %d can't be used: %s"):format(wanted, problem) end
  local control_port
  repeat
    control_port, problem = reserve(0)
    if not control_port then return nil, "no free port: " .. tostring(problem) end
  until control_port ~= port
  return port, control_port
end

local function settings_text(values, server)
  return cjson.encode {
    folder = server.folder,
    db = values.db and absolute(values.db) or server.folder .. "/sandbox.sqlite",
    owner = server.owner,
    quirks = values.quirks,
    rate = values.rate,
    strict = values.strict,
  }
end

-- One try on one pair of ports.
local function launch(place, values, server)
  server.port, server.control_port = choose_ports(values.port)
  if not server.port then return nil, server.control_port end
  local text = nginx.configuration(place, server)
  local ok, problem = write_file(server.folder .. "/nginx.conf", text)
  if not ok then return nil, problem end
  return nginx.launch(place, server.folder)
end

local function may_try_again(problem, values, deadline)
  if problem:find("Address already in use", 1, true) then return values.port == 0 end
  -- A server that was killed a moment ago may not be wholly gone.
  return problem:find("used by another sandbox", 1, true) and socket.gettime() < deadline
end

local function launch_somewhere(place, values, server)
  local deadline = socket.gettime() + 0.6
  for _ = 1, 20 do
    local identity, problem = launch(place, values, server)
    if identity then return identity end
    if not may_try_again(problem, values, deadline) then return nil, problem end
    socket.sleep(0.05)
  end
  return nil, "no free port was found"
end

local function prepare_folder(values, server)
  local ok, problem = write_file(server.folder .. "/settings.json", settings_text(values, server))
  if ok and values.tls then ok, problem = nginx.make_certificates(server.folder) end
  return ok, problem
end

local function new_handle(values, server, identity, credentials)
  local handle = {
    base_url = ("%s://127.0.0.1:%d"):format(values.tls and "https" or "http", server.port),
    auth_id = credentials.auth_id,
    auth_token = credentials.auth_token,
    port = server.port,
    ca_file = values.tls and server.folder .. "/ca.pem" or nil,
    pid = identity.pid,
  }
  local own = {
    owner = server.owner, folder = server.folder, control_port = server.control_port, process = identity,
  }
  private[handle] = own
  running[own] = true
  return setmetatable(handle, handle_metatable)
end

local function start_in(place, values, server)
  local ok, problem = prepare_folder(values, server)
  if not ok then return nil, problem end
  local identity
  identity, problem = launch_somewhere(place, values, server)
  if not identity then return nil, problem end
  local credentials
  credentials, problem = control.call(server.control_port, "GET", "credentials")
  if not credentials then
    process.stop(identity)
    return nil, problem
  end
  return new_handle(values, server, identity, credentials)
end

--- Starts a sandbox. It ends with `stop`, or when the process that started it is gone.
--- @param given numberpool.sandbox.Options?
--- @return numberpool.sandbox.Server? server nil where it can't be started
--- @return string? problem and why
function sandbox.start(given)
  local values, problem = options.read(given, 2)
  if not values then return nil, problem end
  local owner = process.identify()
  if not owner then return nil, "the sandbox needs Linux: there is no /proc/self/stat" end
  local place
  place, problem = nginx.find()
  if not place then return nil, problem end
  local root
  root, problem = root_folder()
  if not root then return nil, problem end
  local folder, is_root = process.make_folder()
  if not folder then return nil, is_root end
  local server = {
    folder = folder, root = root, root_user = is_root, owner = owner, workers = values.workers, tls = values.tls,
  }
  local handle
  handle, problem = start_in(place, values, server)
  if not handle then process.remove_folder(folder) end
  return handle, problem
end

return sandbox
