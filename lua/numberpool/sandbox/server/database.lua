--- SQLite through LuaDBI: one connection a worker, each statement prepared once, and transactions.
-- LuaDBI reads integer columns as 32 bits, so phone numbers are text everywhere.
local DBI = require "DBI"

local database = {}

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

local function prepare(sql)
  local statement, problem = connection:prepare(sql)
  if not statement then error("sqlite: " .. tostring(problem) .. " in " .. sql, 0) end
  return statement
end

local function execute(sql, ...)
  local statement = statements[sql]
  if not statement then
    statement = prepare(sql)
    statements[sql] = statement
  end
  local ok, problem = statement:execute(...)
  if not ok then error("sqlite: " .. tostring(problem) .. " in " .. sql, 0) end
  return statement
end

--- All rows, each a list of columns. A statement is read to its end, or its read lock would stay.
function database.rows(sql, ...)
  local statement = execute(sql, ...)
  local rows, count = {}, 0
  local row = statement:fetch()
  while row do
    count = count + 1
    rows[count] = row
    row = statement:fetch()
  end
  return rows
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

--- Runs `change` in one transaction that takes the write lock first, so that what it reads still
-- holds when it writes, whatever other workers do. An error undoes everything and goes on up.
function database.transaction(change, ...)
  database.run("BEGIN IMMEDIATE")
  local ok, result = xpcall(change, debug.traceback, ...)
  if not ok then
    database.run("ROLLBACK")
    error(result, 0)
  end
  database.run("COMMIT")
  return result
end

--- Opens the file, creating it; raises with SQLite's own words where that fails.
function database.open(path)
  local opened, problem = DBI.Connect("SQLite3", path)
  if not opened then error("cannot open the database " .. path .. ": " .. tostring(problem), 0) end
  connection = opened
  connection:autocommit(true)
  for _, pragma in ipairs(pragmas) do
    local statement = prepare(pragma)
    local ok, reason = statement:execute()
    if not ok then error("cannot use the database " .. path .. ": " .. tostring(reason), 0) end
    while statement:fetch() do end
    statement:close()
  end
end

--- Closes everything: SQLite folds its log into the file only if no statement is left open.
function database.close()
  if not connection then return end
  for _, statement in pairs(statements) do
    statement:close()
  end
  statements = {}
  connection:close()
  connection = nil
end

return database
