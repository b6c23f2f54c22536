--- What nginx calls in each of its phases.
local modules = {}
local settings

local server = {}

-- Found out before anything else, so that what's missing is what the caller of `start` reads.
local function need(name, package)
  local ok, problem = pcall(require, name)
  if ok then return end
  error(("nginx's Lua 5.1 can't load %s (install %s): %s"):format(name, package, problem:match("[^\n]*")), 0)
end

local function first_account()
  if modules.accounts.first() then return end
  modules.identity.seed()
  modules.accounts.create()
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
  local path = settings.db
  local file, problem = io.open(path, "ab")
  if not file then error("cannot open the database " .. problem, 0) end
  file:close()
  modules.lifetime.claim(path)
  modules.database.open(path)
  modules.schema.prepare()
  first_account()
  modules.database.close()
end

function server.start_worker()
  modules.identity.seed()
  modules.database.open(settings.db)
  modules.lifetime.prepare_turn()
  modules.lifetime.watch()
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
  if is_control(request) then return modules.control.serve(request) end
  modules.api.serve(request)
end

--- The control listener: nothing of the API, and bodies as large as a seed may be.
function server.control()
  modules.control.serve(modules.request.read())
end

--- Answers for a request that nginx refused with a status of its own.
function server.refuse()
  local status = ngx.status
  if status >= 494 then status = 400 end
  modules.api.refuse(modules.request.read_refused(), status)
end

return server
