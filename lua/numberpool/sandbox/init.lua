--- A NumberPool API server for scripts and tests: nginx with Lua on SQLite, started and asked from
-- Lua. It keeps state, breaks on command and remembers what it was asked.
--
-- @module numberpool.sandbox

local socket = require "socket"

local control = require "numberpool.sandbox.control"
local json = require "numberpool.sandbox.server.json"
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
  if own.stopped then
    return true
  end
  local ended, how = process.stop(own.process)
  if not ended then
    return nil, ("the sandbox (pid %d) did not end"):format(own.process.pid)
  end
  -- A master that is asked ends its workers first. One that was killed hasn't.
  if how ~= "asked" then
    nginx.end_in(own.folder)
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
    if process.same(here, own.owner) then
      stop(own)
    end
  end
end

local function finaliser(run)
  local new_proxy = rawget(_G, "newproxy") -- of Lua 5.1, which finalises userdata only
  if not new_proxy then
    return setmetatable({}, { __gc = run })
  end
  local proxy = new_proxy(true)
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
  if own.stopped then
    return nil, "the sandbox has been stopped"
  end
  local ok, text = true, nil
  if body then
    ok, text = pcall(json.encode, body)
  end
  if not ok then
    error("the sandbox can't be sent " .. text, 3)
  end
  return control.call(own.control_port, method, path, text)
end

-- Numbers as text: a phone number is text wherever it's more than a count.
local function number_texts(items)
  if type(items) ~= "table" then
    return items
  end
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
  if what ~= nil and type(what) ~= "table" then
    error("seed: table expected, got " .. type(what), 2)
  end
  local body = {}
  for name, value in pairs(what or {}) do
    body[name] = number_texts(value)
  end
  local seeded, problem = call(self, "POST", "seed", body)
  return seeded, problem
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
  if not answer then
    return nil, problem
  end
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
  if not entries then
    return nil, problem
  end
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
  if not answer then
    return nil, problem
  end
  return true
end

--- Ends the server and removes its files; a database that was named stays. Can be called again.
--- @return boolean? done
--- @return string? problem
function Server:stop()
  local own = private[self]
  local done, problem = stop(own)
  if done then
    running[own] = nil
  end
  return done, problem
end

-- Where this library's files are, for nginx to find the server's: three folders up from this one.
local function root_folder()
  local source = debug.getinfo(1, "S").source:match "^@(.*)$" or ""
  local root = source:match "^(.*)/numberpool/sandbox/init%.lua$" or "."
  if root:sub(1, 1) ~= "/" then
    local output, code = process.run("(cd -- " .. process.quote(root) .. " && pwd)")
    if not output or code ~= 0 then
      return nil, "the library's own folder wasn't found: " .. root
    end
    root = output:match "^(.-)\n*$"
  end
  if root:find "[;?\n]" then
    return nil, "Lua can't search a folder with ; or ? in its name: " .. root
  end
  return root
end

local function absolute(path)
  if path:sub(1, 1) == "/" then
    return path
  end
  local output = process.run "pwd"
  return (output or ""):match "^(.-)\n*$" .. "/" .. path
end

local function write_file(path, text)
  local file, problem = io.open(path, "wb")
  if not file then
    return nil, problem
  end
  local ok
  ok, problem = file:write(text)
  file:close()
  if not ok then
    return nil, problem
  end
  return true
end

-- A socket that has a port and doesn't listen: nobody is given that port by chance, yet nginx, which asks for it by its
-- number, gets it.
local function reserve(port)
  local holder, problem = (socket.tcp4 or socket.tcp)()
  if not holder then
    return nil, problem
  end
  local ok
  ok, problem = holder:setoption("reuseaddr", true)
  if ok then
    ok, problem = holder:bind("127.0.0.1", port)
  end
  if not ok then
    holder:close()
    return nil, problem
  end
  local _, number = holder:getsockname()
  return tonumber(number), holder
end

-- Sets the server's ports and gives the sockets that hold them until nginx listens.
local function reserve_ports(wanted, server)
  local port, holder = reserve(wanted)
  if not port then
    return nil, ("port %d can't be used: %s"):format(wanted, holder)
  end
  local control_port, control_holder = reserve(0)
  if not control_port then
    holder:close()
    return nil, "no free port: " .. tostring(control_holder)
  end
  server.port, server.control_port = port, control_port
  return { holder, control_holder }
end

local function settings_text(values, server)
  return json.encode {
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
  local holders, problem = reserve_ports(values.port, server)
  if not holders then
    return nil, problem
  end
  local ok
  ok, problem = write_file(server.folder .. "/nginx.conf", nginx.configuration(place, server))
  if ok then
    server.launched = true
    ok, problem = nginx.launch(place, server.folder)
    server.launched = ok ~= nil
  end
  for _, holder in ipairs(holders) do
    holder:close()
  end
  return ok, problem
end

local function is_taken(problem)
  return problem:find("Address already in use", 1, true) ~= nil
end

local function may_try_again(problem, values, deadline)
  if is_taken(problem) then
    return values.port == 0
  end
  -- A server that was killed a moment ago may not be wholly gone.
  return problem:find("used by another sandbox", 1, true) and process.now() < deadline
end

local function launch_somewhere(place, values, server)
  local deadline = process.now() + 1.5
  for _ = 1, 40 do
    local ok, problem = launch(place, values, server)
    if ok then
      return true
    end
    if not may_try_again(problem, values, deadline) then
      if is_taken(problem) then
        problem = ("port %d can't be used: %s"):format(values.port, problem)
      end
      return nil, problem
    end
    socket.sleep(0.05)
  end
  return nil, "no free port was found"
end

local function prepare_folder(values, server)
  local ok, problem = write_file(server.folder .. "/settings.json", settings_text(values, server))
  if ok and values.tls then
    ok, problem = nginx.make_certificates(server.folder)
  end
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

-- The first answer names nginx's master: its file with the pid may be written later.
local function greet(server)
  local credentials, problem = control.call(server.control_port, "GET", "credentials")
  if not credentials then
    return nil, problem
  end
  local identity = process.identify(credentials.pid)
  if not identity then
    return nil, "nginx ended at once"
  end
  return identity, credentials
end

local function start_in(place, values, server)
  local ok, problem = prepare_folder(values, server)
  if not ok then
    return nil, problem
  end
  ok, problem = launch_somewhere(place, values, server)
  if not ok then
    return nil, problem
  end
  local identity, credentials = greet(server)
  if not identity then
    return nil, credentials
  end
  return new_handle(values, server, identity, credentials)
end

-- Gives what `start_in` gives, or leaves nothing behind, Ctrl-C included.
local function start_or_clean(place, values, server)
  local ok, handle, problem = pcall(start_in, place, values, server)
  if ok and handle then
    return handle
  end
  if server.launched then
    nginx.end_in(server.folder)
  end
  process.remove_folder(server.folder)
  if not ok then
    error(handle, 0)
  end
  return nil, problem
end

--- Starts a sandbox. It ends with `stop`, or when the process that started it is gone.
--- @param given numberpool.sandbox.Options?
--- @return numberpool.sandbox.Server? server nil where it can't be started
--- @return string? problem and why
function sandbox.start(given)
  local values, problem = options.read(given, 2)
  if not values then
    return nil, problem
  end
  local owner = process.identify()
  if not owner then
    return nil, "the sandbox needs Linux: there is no /proc/self/stat"
  end
  local place
  place, problem = nginx.find()
  if not place then
    return nil, problem
  end
  local root
  root, problem = root_folder()
  if not root then
    return nil, problem
  end
  local folder, is_root = process.make_folder()
  if not folder then
    return nil, is_root
  end
  local server = {
    folder = folder, root = root, root_user = is_root, owner = owner, workers = values.workers, tls = values.tls,
  }
  return start_or_clean(place, values, server)
end

return sandbox
