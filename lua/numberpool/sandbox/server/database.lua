--- SQLite through LuaDBI: one connection per worker, statements that are prepared once, and transactions. A failure is
--- raised as an answer with SQLite's reason. It leaves nothing open, and the next use begins anew.
---
--- LuaDBI reads integers of 32 bits, so phone numbers are text.
local DBI = require "DBI"
local reply = require "numberpool.sandbox.server.reply"

local database = {}

local path
local connection
local statements = {}

-- With a write-ahead log and without fsync a commit survives a killed process, but no power cut.
local PRAGMAS = {
  "PRAGMA busy_timeout = 60000",
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = OFF",
  "PRAGMA temp_store = MEMORY",
  "PRAGMA cache_size = -65536",
  "PRAGMA mmap_size = 536870912",
}

-- What LuaDBI puts before SQLite's own words.
local OWN_WORDS = { "^Execute failed:? ", "^Fetch failed:? ", "^Failed to connect to database: ",
  "^Error preparing statement handle: ", "^Error binding statement parameters: " }

local function reason(problem)
  local text = tostring(problem)
  for _, words in ipairs(OWN_WORDS) do
    text = text:gsub(words, "")
  end
  return text
end

-- Raises an answer that says why.
local function fail(problem, doing)
  local failure = reply.failure(500, "the database failed: " .. reason(problem))
  failure.reason = reason(problem)
  ngx.log(ngx.ERR, failure.message, " (", doing, ")")
  error(failure, 0)
end

-- Returns what `run` returns. If it fails, the statement is closed: it would keep its locks and report the error again.
local function step(statement, sql, run, ...)
  local ran, ok, problem = pcall(run, ...)
  if ran and ok then
    return ok
  end
  statements[sql] = nil
  pcall(statement.close, statement)
  fail(ran and problem or ok, sql)
end

local function run_pragma(sql)
  local statement, problem = connection:prepare(sql)
  if not statement then
    return nil, problem
  end
  local ran, ok
  ran, ok, problem = pcall(function()
    local executed, why = statement:execute()
    while executed and statement:fetch() do end
    return executed, why
  end)
  statement:close()
  if not ran then
    return nil, ok
  end
  return ok, problem
end

local function connect()
  local opened, problem = DBI.Connect("SQLite3", path)
  if not opened then
    fail(problem, "opening " .. path)
  end
  connection = opened
  connection:autocommit(true)
  for _, pragma in ipairs(PRAGMAS) do
    local ok, why = run_pragma(pragma)
    if not ok then
      database.close()
      fail(why, pragma)
    end
  end
end

local function prepared(sql)
  if not connection then
    connect()
  end
  local statement = statements[sql]
  if statement then
    return statement
  end
  local problem
  statement, problem = connection:prepare(sql)
  if not statement then
    fail(problem, sql)
  end
  statements[sql] = statement
  return statement
end

local function execute(sql, ...)
  local statement = prepared(sql)
  step(statement, sql, statement.execute, statement, ...)
  return statement
end

local function fetch_all(statement)
  local rows, count = {}, 0
  local row = statement:fetch()
  while row do
    count = count + 1
    rows[count] = row
    row = statement:fetch()
  end
  return rows
end

--- The rows of a query, each a list of columns. All are read, since a statement keeps its lock until its end.
---@param sql string
---@return any[][]
function database.rows(sql, ...)
  local statement = execute(sql, ...)
  return step(statement, sql, fetch_all, statement)
end

--- The first row of a query.
---@param sql string
---@return any[]?
function database.row(sql, ...)
  return database.rows(sql, ...)[1]
end

--- The first column of the first row of a query.
---@param sql string
---@return any
function database.value(sql, ...)
  local row = database.rows(sql, ...)[1]
  return row and row[1]
end

--- Runs a change.
---@param sql string
---@return integer count of rows that it changed
function database.run(sql, ...)
  return execute(sql, ...):affected()
end

-- Undoes a transaction. SQLite has done so by itself after some errors, a full disk among them. If it can't be undone,
-- the connection is closed.
local function undo()
  if not connection then
    return
  end
  local ok, problem = run_pragma "ROLLBACK"
  if not ok and not tostring(problem):find("no transaction is active", 1, true) then
    ngx.log(ngx.ERR, "rollback: ", tostring(problem))
    database.close()
  end
end

local function in_transaction(begin, change, ...)
  database.run(begin)
  local ok, result = xpcall(change, debug.traceback, ...)
  local problem = result
  if ok then
    ok, problem = pcall(database.run, "COMMIT")
  end
  if not ok then
    undo()
    error(problem, 0)
  end
  return result
end

--- Calls a function within a transaction, and returns what it returns. If it raises, everything is undone. The
--- transaction has the write lock from its beginning, so that no other worker changes what it has read.
---@param change function with the arguments that follow
---@return any
function database.transaction(change, ...)
  return in_transaction("BEGIN IMMEDIATE", change, ...)
end

--- Calls a function for which the database stays as it is at one moment, and returns what it returns.
---@param read function with the arguments that follow
---@return any
function database.snapshot(read, ...)
  return in_transaction("BEGIN", read, ...)
end

--- Opens a file, or makes it. If that fails it raises, and the next use tries again.
---@param file string
function database.open(file)
  path = file
  connect()
end

--- Closes everything. SQLite moves its log into the file only if no statement is open.
function database.close()
  if not connection then
    return
  end
  for _, statement in pairs(statements) do
    pcall(statement.close, statement)
  end
  statements = {}
  connection:close()
  connection = nil
end

return database
