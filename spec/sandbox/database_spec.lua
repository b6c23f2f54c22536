-- A database that is kept: killed servers, another start, two at once.
local fixture = require "spec.support.fixture"
local sandbox = require "numberpool.sandbox"
local sandbox_http = require "spec.support.sandbox_http"

describe("sandbox.start with db", function()
  local folder, path

  before_each(function()
    folder = fixture.folder()
    path = folder .. "/it's kept.sqlite"
  end)

  local function start(options)
    options = options or {}
    options.db = options.db or path
    local server, problem = sandbox.start(options)
    if server then fixture.until_end(server) end
    return server, problem
  end

  it("goes on where it stopped, with the same credentials", function()
    local first = assert(start())
    local seeded = assert(first:seed { numbers = 3, name = "kept" })
    first:stop()
    local second = assert(start())
    assert.equal(first.auth_id, second.auth_id)
    assert.equal(first.auth_token, second.auth_token)
    local account = sandbox_http.account(second)
    assert.equal("kept", account.get("Powerpack/" .. seeded.powerpack .. "/").json.name)
    assert.equal(3, account.get("NumberPool/" .. seeded.pool .. "/Number/").json.meta.total_count)
    assert(second:seed { numbers = 3 })
    assert.equal(2, #assert(second:state()).pools)
  end)

  it("loses nothing that was answered when it is killed", function()
    local first = assert(start { workers = 2 })
    local seeded = assert(first:seed {})
    local account = sandbox_http.account(first)
    for index = 0, 29 do
      local answer = account.post(("NumberPool/%s/Number/1415555%04d/"):format(seeded.pool, index))
      assert.equal(201, answer.status)
    end
    local pid = ("%d"):format(first.pid)
    sandbox_http.shell(("kill -9 %s $(cat /proc/%s/task/*/children)"):format(pid, pid))
    local second = assert(start())
    local list = sandbox_http.account(second).get("NumberPool/" .. seeded.pool .. "/Number/?limit=1")
    assert.equal(30, list.json.meta.total_count)
  end)

  it("refuses a second sandbox on the same file, by whatever path", function()
    local first = assert(start())
    sandbox_http.shell(("cd '%s' && ln -s *.sqlite other"):format(folder))
    for _, other in ipairs { path, folder .. "/other" } do
      local server, problem = start { db = other }
      assert.is_nil(server)
      assert.matches("the database .* is used by another sandbox", problem)
    end
    assert.equal(0, #assert(first:state()).powerpacks)
  end)

  it("leaves the file and nothing beside it", function()
    local server = assert(start { workers = 2 })
    assert(server:seed { numbers = 100 })
    server:stop()
    assert.equal("it's kept.sqlite\n", (sandbox_http.shell("ls " .. folder)))
  end)

  it("says why a file can't be used", function()
    local server, problem = start { db = folder .. "/none/x.sqlite" }
    assert.is_nil(server)
    assert.matches("cannot open the database .*/none/x.sqlite: No such file or directory", problem)
    local file = assert(io.open(path, "w"))
    file:write(("this is no database\n"):rep(100))
    file:close()
    server, problem = start()
    assert.is_nil(server)
    assert.matches("not a database", problem)
  end)

  it("lets several workers write to it at once", function()
    local server = assert(start { workers = 3 })
    local seeded = assert(server:seed {})
    local url = ("%s/v1/Account/%s/NumberPool/%s/Number/1415555[1000-1199]/"):format(server.base_url, server.auth_id,
      seeded.pool)
    local statuses = sandbox_http.shell(("curl -s -Z --parallel-max 8 -X POST -u %s:%s -o /dev/null " ..
      "-w '%%{http_code}\\n' '%s' 2>/dev/null | sort | uniq -c"):format(server.auth_id, server.auth_token, url))
    assert.matches("^ *200 201\n$", statuses)
    local list = sandbox_http.account(server).get("NumberPool/" .. seeded.pool .. "/Number/")
    assert.equal(200, list.json.meta.total_count)
    assert.equal(200, #assert(server:requests()) - 1)
  end)
end)
