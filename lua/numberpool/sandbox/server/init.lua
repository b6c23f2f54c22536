--- What nginx calls in each of its phases.
local server = {}

-- Debian's packages of what the server needs.
local PACKAGES = { cjson = "lua-cjson", DBI = "lua-dbi-sqlite3", ["dbd.sqlite3"] = "lua-dbi-sqlite3" }

local MODULES = {
  "accounts", "api", "control", "database", "identifiers", "inherited", "locks", "request", "schema", "watch",
}

-- Loaded by `prepare`, once it is known that what they need is there.
local modules = {}
local settings

-- Raises a message for the caller of `start`: which package to install, and where Lua searched.
local function need(name)
  local ok, problem = pcall(require, name)
  if ok then
    return
  end
  local places = {}
  for place in problem:gmatch "no file '([^']*)'" do
    places[#places + 1] = place
  end
  local reason = problem:match("[^\n]*"):gsub(":$", "")
  if #places > 0 then
    reason = reason .. "; looked for " .. table.concat(places, ", ")
  end
  error(("nginx's Lua 5.1 can't load %s (install %s): %s"):format(name, PACKAGES[name], reason), 0)
end

local function make_first_account()
  if modules.accounts.first() then
    return
  end
  modules.identifiers.seed()
  modules.accounts.create()
end

local function prepare_database(path)
  local file, problem = io.open(path, "ab")
  if not file then
    error("cannot open the database " .. problem, 0)
  end
  file:close()
  modules.locks.claim_database(path)
  local ok
  ok, problem = pcall(function()
    modules.database.open(path)
    modules.schema.prepare()
    make_first_account()
  end)
  modules.database.close() -- a connection doesn't survive the fork
  if ok then
    return
  end
  if type(problem) == "table" then
    problem = ("cannot use the database %s: %s"):format(path, problem.reason)
  end
  error(problem, 0)
end

--- In the master, before it forks: loads the modules and prepares the database. What it raises ends the start, and is
--- the message that `start` returns.
---@param folder string with a slash at its end
function server.prepare(folder)
  need "cjson"
  need "DBI"
  need "dbd.sqlite3"
  settings = require "numberpool.sandbox.server.settings"
  settings.load(folder .. "settings.json")
  for _, name in ipairs(MODULES) do
    modules[name] = require("numberpool.sandbox.server." .. name)
  end
  modules.inherited.close_connections()
  modules.inherited.survive_file_limit()
  prepare_database(settings.db)
end

--- At a worker's start. It begins to watch before anything can fail. A database that can't be opened now is opened on
--- its next use.
function server.start_worker()
  modules.watch.start()
  modules.locks.prepare_turn()
  modules.identifiers.seed()
  pcall(modules.database.open, settings.db)
end

--- At a worker's end. SQLite moves its log into the database when the last connection closes. Workers close one after
--- another, since of two that close at once neither is the last.
function server.stop_worker()
  modules.locks.take_turn(modules.database.close)
end

local function is_control(request)
  return request.path:sub(1, 10) == "/_sandbox/"
end

--- Answers a request on the API's port.
function server.serve()
  local request = modules.request.read()
  if is_control(request) then
    return modules.control.serve(request)
  end
  modules.api.serve(request)
end

--- Answers a request on the control port: nothing of the API, and bodies as large as a seed may be.
function server.control()
  modules.control.serve(modules.request.read())
end

--- Answers a request that nginx refused. Its statuses from 494 on are nginx's own and become 400.
function server.refuse()
  local status = ngx.status
  if status >= 494 then
    status = 400
  end
  modules.api.refuse(modules.request.read_refused(), status)
end

return server
