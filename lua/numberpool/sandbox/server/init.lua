--- What nginx calls in each of its phases.
local modules = {}
local settings

local server = {}

-- Found out before anything else, so that what's missing is what the caller of `start` reads.
local function need(name, package)
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
  error(("nginx's Lua 5.1 can't load %s (install %s): %s"):format(name, package, reason), 0)
end

local function first_account()
  if modules.accounts.first() then
    return
  end
  modules.identity.seed()
  modules.accounts.create()
end

local function prepare_database(path)
  local file, problem = io.open(path, "ab")
  if not file then
    error("cannot open the database " .. problem, 0)
  end
  file:close()
  modules.lifetime.claim(path)
  local ok
  ok, problem = pcall(function()
    modules.database.open(path)
    modules.schema.prepare()
    first_account()
  end)
  modules.database.close()
  if ok then
    return
  end
  if type(problem) == "table" then
    problem = ("cannot use the database %s: %s"):format(path, problem.reason)
  end
  error(problem, 0)
end

--- In the master, before it forks: prepares the database. What is raised here stops the start, and
-- is what the caller of `start` gets to read.
function server.prepare(folder)
  need("cjson", "lua-cjson")
  need("DBI", "lua-dbi-sqlite3")
  need("dbd.sqlite3", "lua-dbi-sqlite3")
  settings = require "numberpool.sandbox.server.settings"
  settings.load(folder .. "settings.json")
  for _, name in ipairs { "lifetime", "accounts", "api", "control", "database", "identity", "request", "schema" } do
    modules[name] = require("numberpool.sandbox.server." .. name)
  end
  modules.lifetime.drop_inherited()
  modules.lifetime.outlive_limits()
  prepare_database(settings.db)
end

--- A worker watches before anything can go wrong. A database that can't be opened now is opened on its next use.
function server.start_worker()
  modules.lifetime.watch()
  modules.lifetime.prepare_turn()
  modules.identity.seed()
  pcall(modules.database.open, settings.db)
end

-- SQLite folds its log into the file when the last connection closes. Of two that close at the same
-- time neither would be the last.
function server.stop_worker()
  modules.lifetime.take_turn(modules.database.close)
end

local function is_control(request)
  return request.path:sub(1, 10) == "/_sandbox/"
end

function server.serve()
  local request = modules.request.read()
  if is_control(request) then
    return modules.control.serve(request)
  end
  modules.api.serve(request)
end

--- The control listener: nothing of the API, and bodies as large as a seed may be.
function server.control()
  modules.control.serve(modules.request.read())
end

--- Answers for a request that nginx refused with a status of its own.
function server.refuse()
  local status = ngx.status
  if status >= 494 then
    status = 400
  end
  modules.api.refuse(modules.request.read_refused(), status)
end

return server
