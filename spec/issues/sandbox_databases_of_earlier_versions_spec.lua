-- A database that an earlier version kept has to go on when tables change.
local DBI = require "DBI"
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

-- What version 1 had where version 2 has more.
local back_to_version_1 = {
  "CREATE TABLE rented_1 (number TEXT NOT NULL, account INTEGER NOT NULL, PRIMARY KEY (number, account)) WITHOUT ROWID",
  "INSERT INTO rented_1 SELECT number, account FROM rented", "DROP TABLE rented",
  "ALTER TABLE rented_1 RENAME TO rented",
  [[CREATE TABLE offers_1 (country TEXT NOT NULL, number TEXT NOT NULL, type TEXT NOT NULL, region TEXT NOT NULL,
    PRIMARY KEY (country, number)) WITHOUT ROWID]],
  "INSERT INTO offers_1 SELECT country, number, type, region FROM offers", "DROP TABLE offers",
  "ALTER TABLE offers_1 RENAME TO offers", "PRAGMA user_version = 1",
}

describe("a database of an earlier version", function()
  it("goes on with all that is in it", function()
    local path = fixture.folder() .. "/kept.sqlite"
    local server = fixture.sandbox { db = path }
    local seeded = assert(server:seed { numbers = 3 })
    local account = sandbox_http.account(server)
    local offered = account.get("PhoneNumber/?country_iso=US").json.meta.total_count
    local bought = account.get("PhoneNumber/?country_iso=US&pattern=415&limit=1").json.objects[1].number
    assert.equal(201, account.post("NumberPool/" .. seeded.pool .. "/Number/" .. bought .. "/", { rent = true }).status)
    server:stop()

    local connection = assert(DBI.Connect("SQLite3", path))
    connection:autocommit(true)
    for _, sql in ipairs(back_to_version_1) do
      local statement = assert(connection:prepare(sql))
      assert(statement:execute())
      statement:close()
    end
    connection:close()

    server = fixture.sandbox { db = path }
    account = sandbox_http.account(server)
    assert.equal(4, account.get("NumberPool/" .. seeded.pool .. "/Number/").json.meta.total_count)
    assert.equal(4, account.get("Number/").json.meta.total_count)
    assert.matches("^%d%d%d%d%-%d%d%-%d%d$", account.get("Number/" .. bought .. "/").json.added_on)
    assert.equal(offered - 1, account.get("PhoneNumber/?country_iso=US").json.meta.total_count)
    assert.equal(49, account.get("PhoneNumber/?country_iso=US&city=San%20Francisco").json.meta.total_count)
    server:stop()
    server = fixture.sandbox { db = path }
    assert.equal(4, sandbox_http.account(server).get("Number/").json.meta.total_count)
  end)
end)
