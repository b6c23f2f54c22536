--- Starts a server: makes its folder, finds ports, runs nginx and asks for the credentials.
local socket = require "socket"

local certificates = require "numberpool.sandbox.certificates"
local clock = require "numberpool.sandbox.clock"
local configuration = require "numberpool.sandbox.configuration"
local control_client = require "numberpool.sandbox.control_client"
local folder = require "numberpool.sandbox.folder"
local json = require "numberpool.sandbox.json"
local nginx = require "numberpool.sandbox.nginx"
local process = require "numberpool.sandbox.process"
local shell = require "numberpool.sandbox.shell"

local launch = {}

local TRIES = 40
local SECONDS_BETWEEN_TRIES = 0.05
local SECONDS_TO_RELEASE = 1.5 -- for a server that was killed a moment ago to release its database

--- A server that runs.
---@class numberpool.sandbox.Running
---@field folder string
---@field owner numberpool.sandbox.Process who started it
---@field master numberpool.sandbox.Process nginx's master
---@field port integer
---@field control_port integer
---@field tls boolean
---@field credentials { auth_id: string, auth_token: string }

-- Returns the folder that has `numberpool`: nginx loads the server from there.
local function library_folder()
  local source = debug.getinfo(1, "S").source:match "^@(.*)$" or ""
  local root = source:match "^(.*)/numberpool/sandbox/launch%.lua$" or "."
  if root:sub(1, 1) ~= "/" then
    local output, status = shell.run("(cd -- " .. shell.quote(root) .. " && pwd)")
    if not output or status ~= 0 then
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
  local output = shell.run "pwd"
  return (output or ""):match "^(.-)\n*$" .. "/" .. path
end

-- Returns a port, and a socket that has it but doesn't listen: nobody else is given that port by chance, and nginx,
-- which asks for it by number, gets it.
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

-- Sets the server's ports, and returns the sockets that hold them.
local function reserve_ports(server, wanted)
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

-- Starts nginx on one pair of ports.
local function try_ports(server, place, values)
  local holders, problem = reserve_ports(server, values.port)
  if not holders then
    return nil, problem
  end
  local ok
  ok, problem = folder.write_file(server.folder .. "/nginx.conf", configuration.text(place, server))
  if ok then
    server.may_run = true -- from here on, since Ctrl-C may end `nginx.start` after nginx has begun
    ok, problem = nginx.start(place, server.folder)
    server.may_run = ok ~= nil
  end
  for _, holder in ipairs(holders) do
    holder:close()
  end
  return ok, problem
end

local function is_port_taken(problem)
  return problem:find("Address already in use", 1, true) ~= nil
end

local function is_worth_a_try(problem, values, deadline)
  if is_port_taken(problem) then
    return values.port == 0
  end
  return problem:find("used by another sandbox", 1, true) and clock.now() < deadline
end

local function run_nginx(server, place, values)
  local deadline = clock.now() + SECONDS_TO_RELEASE
  for _ = 1, TRIES do
    local ok, problem = try_ports(server, place, values)
    if ok then
      return true
    end
    if not is_worth_a_try(problem, values, deadline) then
      if is_port_taken(problem) then
        problem = ("port %d can't be used: %s"):format(values.port, problem)
      end
      return nil, problem
    end
    socket.sleep(SECONDS_BETWEEN_TRIES)
  end
  return nil, "no free port was found"
end

local function prepare_folder(server, values)
  local settings = json.encode {
    folder = server.folder,
    db = values.db and absolute(values.db) or server.folder .. "/sandbox.sqlite",
    owner = server.owner,
    quirks = values.quirks,
    rate = values.rate,
    strict = values.strict,
  }
  local ok, problem = folder.write_file(server.folder .. "/settings.json", settings)
  if ok and server.tls then
    ok, problem = certificates.make(server.folder)
  end
  return ok, problem
end

-- The first answer has the master's pid, which nginx may write into its file later.
local function ask_credentials(server)
  local answer, problem = control_client.call(server.control_port, "GET", "credentials")
  if not answer then
    return nil, problem
  end
  server.master = process.find(answer.pid)
  if not server.master then
    return nil, "nginx ended at once"
  end
  server.credentials = { auth_id = answer.auth_id, auth_token = answer.auth_token }
  return true
end

local function start(server, place, values)
  local ok, problem = prepare_folder(server, values)
  if ok then
    ok, problem = run_nginx(server, place, values)
  end
  if ok then
    ok, problem = ask_credentials(server)
  end
  return ok, problem
end

-- Where the start fails or Ctrl-C comes, nothing is left behind.
local function start_or_clean_up(server, place, values)
  local has_returned, ok, problem = pcall(start, server, place, values)
  if has_returned and ok then
    return server
  end
  if server.may_run then
    nginx.stop_in(server.folder)
  end
  folder.remove(server.folder)
  if not has_returned then
    error(ok, 0)
  end
  return nil, problem
end

--- Starts a server.
---@param values table all options of `numberpool.sandbox.start`, checked
---@return numberpool.sandbox.Running?
---@return string? problem
function launch.start(values)
  local owner = process.find()
  if not owner then
    return nil, "the sandbox needs Linux: there is no /proc/self/stat"
  end
  local place, problem = nginx.find()
  if not place then
    return nil, problem
  end
  local root
  root, problem = library_folder()
  if not root then
    return nil, problem
  end
  local path
  path, problem = folder.make()
  if not path then
    return nil, problem
  end
  local server = {
    folder = path, root = root, is_root = process.is_root(), owner = owner, workers = values.workers, tls = values.tls,
  }
  return start_or_clean_up(server, place, values)
end

return launch
