-- What is found of an account, its pool and its limit: by which step, with which exit code.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local numberpool = require "numberpool"
local patient = require "spec.support.patient"

local account_of, fail, look = patient.account, patient.fail, patient.look

describe("an account that can be used", function()
  local server = fixture.sandbox()
  local seeded = assert(server:seed { numbers = 7 })

  it("gets an ok for every step, in order", function()
    local results, code, order = look(account_of(server), { pool = seeded.pool })
    assert.same({
      "versions", "credentials", "base_url", "proxy", "authorities", "name", "connection", "tls", "answer", "clock",
      "account", "pool", "limit",
    }, order)
    for step, result in pairs(results) do
      local expected = (step == "authorities" or step == "tls") and "skipped" or "ok"
      assert.equal(expected, result.status, step .. ": " .. result.message)
    end
    assert.equal(0, code)
    assert.equal(7, results.pool.numbers)
    assert.equal(numberpool._VERSION, results.versions.numberpool)
    assert.matches("%d+%.%d+", results.versions.libcurl)
    assert.matches("^the spec$", results.credentials.message)
  end)

  it("gets one for the pool of a powerpack", function()
    local results = look(account_of(server), { powerpack = seeded.powerpack })
    assert.equal("ok", results.pool.status)
    assert.equal(seeded.pool, results.pool.pool)
  end)

  it("is told that no pool was looked at where none is given", function()
    local results, code = look(account_of(server))
    assert.equal("skipped", results.pool.status)
    assert.equal("ok", results.limit.status)
    assert.equal(0, code)
  end)

  it("is looked at without credentials first, and nothing is changed", function()
    assert(server:reset())
    look(account_of(server))
    local requests = server:requests()
    assert.is_nil(requests[1].headers.authorization)
    for _, request in ipairs(requests) do
      assert.equal("GET", request.method)
    end
  end)
end)

describe("credentials that", function()
  local server = fixture.sandbox()

  it("are missing fail with 3, and the way to the server is looked at", function()
    local results, code = look(nil, { err = "no credentials: set them" })
    assert.equal(3, code)
    assert.equal("failed", results.credentials.status)
    assert.matches("no credentials", results.credentials.message)
    assert.matches("PLIVO_AUTH_ID", results.credentials.remedy)
    assert.equal("ok", results.base_url.status)
    assert.equal("credentials", results.account.because)
  end)

  it("can't be right fail with 3", function()
    local result = fail("credentials", 3, account_of(server, { auth_id = "with spaces" }))
    assert.matches("^auth_id: ", result.message)
    fail("credentials", 3, account_of(server, { auth_token = "two\nlines of it" }))
  end)

  it("the server refuses fail with 3", function()
    local result, results = fail("account", 3, account_of(server, { auth_token = patient.TOKEN }))
    assert.equal(401, result.http_status)
    assert.matches("console%.plivo%.com", result.remedy)
    assert.equal("account", results.limit.because)
  end)
end)

describe("an account's answer", function()
  local server = fixture.scripted_server()

  local function answer(status, body, headers)
    server:script(http.answer(status, body or "{}", headers))
    return account_of(server)
  end

  it("of 403 fails with 3", function()
    local result = fail("account", 3, answer(403, '{"error":"the account is suspended"}'))
    assert.matches("the account is suspended", result.message)
    assert.equal(403, result.http_status)
  end)

  it("of another status fails with 1, and says what to do", function()
    assert.matches("status%.plivo%.com", fail("account", 1, answer(503)).remedy)
    assert.matches("base URL", fail("account", 1, answer(404)).remedy)
    assert.matches("base URL", fail("account", 1, answer(302, "", { Location = "https://login.example/" })).remedy)
    assert.matches("base URL", fail("account", 1, answer(200, "<html>", { ["Content-Type"] = "text/html" })).remedy)
    assert.is_string(fail("account", 1, answer(418)).remedy)
  end)

  it("of 429 is the limit's failure, which says how long to wait", function()
    local other = fixture.scripted_server() -- whoever uses the account here waits from now on
    other:script(http.answer(429, '{"error":"slow down"}', { ["Retry-After"] = "7" }))
    local result, results = fail("limit", 1, account_of(other), { pool = "p" })
    assert.matches("in 7 s", result.remedy)
    assert.equal("warning", results.account.status)
    assert.equal("skipped", results.pool.status)
  end)

  it("may have anything in it", function()
    for _, body in ipairs {
      '{"meta":5,"objects":[]}', '{"meta":{"total_count":{}},"objects":[]}',
      '{"meta":{"total_count":1e300},"objects":[{}]}', '{"meta":{"total_count":-1},"objects":[{}]}',
      '{"objects":{}}', "[]", "null", "{}", '"text"', '{"numbers":{}}',
    } do
      local results = look(answer(200, body), { pool = "p" })
      assert.is_string(results.limit.message)
    end
  end)

  it("shows no secret and nothing that a terminal obeys", function()
    local token = server.auth_token
    for _, body in ipairs {
      '{"error":"no \\u001b[2J access for ' .. token .. '\\r\\n"}',
      '{"error":"\27]0;title\7' .. token .. '"}',
    } do
      local result = fail("account", 3, answer(401, body))
      assert.equal(401, result.http_status)
    end
  end)
end)

describe("a pool", function()
  local server = fixture.sandbox()
  local seeded = assert(server:seed { numbers = 3 })

  it("that the account hasn't fails with 4", function()
    local result = fail("pool", 4, account_of(server), { pool = "nosuch" })
    assert.matches("no pool nosuch", result.message)
    assert.matches("powerpacks list", result.remedy)
    fail("pool", 4, account_of(server), { powerpack = "nosuch" })
  end)

  it("is told from a powerpack, where their uuids are mistaken for each other", function()
    assert.matches("%-%-powerpack", fail("pool", 4, account_of(server), { pool = seeded.powerpack }).remedy)
    assert.matches("%-%-pool ", fail("pool", 4, account_of(server), { powerpack = seeded.pool }).remedy)
  end)

  it("that can be none fails", function()
    local result = fail("pool", 1, account_of(server), { pool = "../x" })
    assert.matches("no uuid", result.message)
  end)

  it("that another account has fails", function()
    local other = assert(server:account())
    local account = account_of(server, { auth_id = other.auth_id, auth_token = other.auth_token })
    assert.matches("another account", fail("pool", 4, account, { pool = seeded.pool }).remedy)
  end)

  it("whose answer names another account is warned of", function()
    local scripted = fixture.scripted_server()
    scripted:script(http.json('{"uuid":"p","numbers":"/v1/Account/MAOTHER/NumberPool/p/Number/",'
      .. '"meta":{"limit":1,"offset":0,"total_count":4},"objects":[{}]}'))
    local results = look(account_of(scripted), { pool = "p" })
    assert.equal("warning", results.pool.status, results.account.message)
    assert.equal(4, results.pool.numbers)
  end)

  it("isn't looked at any more where the limit is reached there", function()
    assert(server:fault { path = "/NumberPool/", kind = "status", status = 429 })
    local result, results = fail("limit", 1, account_of(server), { pool = seeded.pool })
    assert.equal(429, result.http_status)
    assert.equal("ok", results.account.status)
    assert.equal("skipped", results.pool.status)
  end)
end)
