--- SQLite through LuaDBI: one connection a worker, each statement prepared once, and transactions. What fails leaves
-- nothing open, and is answered with SQLite's reason; the next use begins anew.
-- LuaDBI reads integer columns as 32 bits, so phone numbers are text everywhere.
local DBI = require "DBI"
local reply = require "numberpool.sandbox.server.reply"

local database = {}

local file -- the path
local connection
local statements = {}

-- In WAL mode without fsync a commit is in the kernel's hands when it returns: that outlives a
-- killed process, which is what the sandbox promises, though not a power cut.
local pragmas = {
  "PRAGMA busy_timeout = 60000",
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = OFF",
  "PRAGMA temp_store = MEMORY",
  "PRAGMA cache_size = -65536",
  "PRAGMA mmap_size = 536870912",
}

-- LuaDBI puts words of its own before SQLite's.
local own_words = { "^Execute failed:? ", "^Fetch failed:? ", "^Failed to connect to database: ",
  "^Error preparing statement handle: ", "^Error binding statement parameters: " }

local function reason(problem)
  local text = tostring(problem)
  for _, words in ipairs(own_words) do
    text = text:gsub(words, "")
  end
  return text
end

-- Raises an answer: who asked is to read why.
local function fail(problem, doing)
  local failure = reply.failure(500, "the database failed: " .. reason(problem))
  failure.reason = reason(problem)
  ngx.log(ngx.ERR, failure.message, " (", doing, ")")
  error(failure, 0)
end

-- What a statement that is stepped through gives; it is closed where that fails, since SQLite reports an error again on
-- a statement's next use, and locks stay while one is open.
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
  local opened, problem = DBI.Connect("SQLite3", file)
  if not opened then
    fail(problem, "opening " .. file)
  end
  connection = opened
  connection:autocommit(true)
  for _, pragma in ipairs(pragmas) do
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

--- All rows, each a list of columns. A statement is read to its end, or its read lock would stay.
function database.rows(sql, ...)
  local statement = execute(sql, ...)
  return step(statement, sql, fetch_all, statement)
end

function database.row(sql, ...)
  return database.rows(sql, ...)[1]
end

--- The first column of the first row.
function database.value(sql, ...)
  local row = database.rows(sql, ...)[1]
  return row and row[1]
end

--- Runs a change; gives the number of rows it touched.
function database.run(sql, ...)
  return execute(sql, ...):affected()
end

-- Ends a transaction whatever has become of it: SQLite has undone some by itself, after a full disk among others. Where
-- nothing else helps the connection goes, and what was open on it.
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

--- Runs `change` in one transaction that takes the write lock first, so that what it reads still
-- holds when it writes, whatever other workers do. An error undoes everything and goes on up.
function database.transaction(change, ...)
  return in_transaction("BEGIN IMMEDIATE", change, ...)
end

--- Runs `read` on the database as it is at one moment.
function database.snapshot(read, ...)
  return in_transaction("BEGIN", read, ...)
end

--- Opens the file, creating it; raises with SQLite's own words where that fails, and then the next use tries again.
function database.open(path)
  file = path
  connect()
end

--- Closes everything: SQLite folds its log into the file only if no statement is left open.
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
