-- The profile file: whose account and pool it gives, and what it may not do.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local quote = interpreter.quote

local server = fixture.sandbox()
local other = assert(server:account())
local folder = fixture.folder()
local path = folder .. "/numberpool/config.lua"
local seeded = assert(server:seed { numbers = 3 })

interpreter.shell("mkdir " .. quote(folder .. "/numberpool"))

local function write(text, mode)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  interpreter.shell(("chmod %s %s"):format(mode or "600", quote(path)))
end

local function run_with(environment, ...)
  environment.XDG_CONFIG_HOME = environment.XDG_CONFIG_HOME or folder
  return command_line.shell(command_line.words({ environment = environment }, ...))
end

local function run(...)
  return run_with({}, ...)
end

local function entry(account, more)
  return ("{ auth_id = %q, auth_token = %q, base_url = %q%s }"):format(account.auth_id, account.auth_token,
    server.base_url, more or "")
end

describe("the profile file", function()
  before_each(function()
    write(("return { default = %s, other = %s }"):format(entry(server, (", pool = %q"):format(seeded.pool)),
      entry(other, ', powerpack = "nowhere"')))
  end)

  it("gives the account and the pool", function()
    local output, errors, status = run("numbers", "count")
    assert.equal("3\n", output, errors)
    assert.equal(0, status)
    local home = fixture.folder()
    interpreter.shell(("mkdir %s/.config && cp -a %s %s/.config"):format(quote(home), quote(folder .. "/numberpool"),
      quote(home)))
    output, errors = run_with({ XDG_CONFIG_HOME = "", HOME = home }, "numbers", "count")
    assert.equal("3\n", output, errors)
  end)

  it("gives another account by its name", function()
    assert.equal("", (run("powerpacks", "list", "--profile", "other")))
    local _, errors, status = run("numbers", "count", "--profile", "other")
    assert.equal(4, status)
    assert.matches("nowhere", errors)
    _, errors, status = run("numbers", "count", "--profile", "third")
    assert.equal(3, status)
    assert.matches(path .. ": no profile third, expected one of default, other", errors, 1, true)
  end)

  it("gives way to the environment, but where a profile is asked for", function()
    local environment = { PLIVO_AUTH_ID = other.auth_id, PLIVO_AUTH_TOKEN = other.auth_token,
      NUMBERPOOL_BASE_URL = server.base_url }
    assert.equal("", (run_with(environment, "powerpacks", "list")))
    assert.equal("3\n", (run_with(environment, "numbers", "count", "--profile", "default")))
    local _, errors, status = run_with({ PLIVO_AUTH_ID = other.auth_id }, "numbers", "count")
    assert.equal(3, status) -- half of it isn't mixed with another account's
    assert.equal("no credentials: set PLIVO_AUTH_TOKEN in the environment\n", errors)
    errors, status = select(2, run_with({ NUMBERPOOL_POOL = "no-such-pool" }, "numbers", "count"))
    assert.equal(4, status)
    assert.matches("no-such-pool", errors, 1, true)
  end)

  it("and the environment name certificate authorities", function()
    local secure = fixture.sandbox { tls = true }
    local pool = assert(secure:seed { numbers = 4 }).pool
    local variables = { PLIVO_AUTH_ID = secure.auth_id, PLIVO_AUTH_TOKEN = secure.auth_token, NUMBERPOOL_POOL = pool,
      NUMBERPOOL_BASE_URL = secure.base_url }
    local _, errors, status = run_with(variables, "numbers", "count")
    assert.equal(1, status)
    assert.matches("(tls)", errors, 1, true)
    variables.NUMBERPOOL_CA_FILE = secure.ca_file
    assert.same({ "4\n", "", 0 }, { run_with(variables, "numbers", "count") })
    write(("return { default = { auth_id = %q, auth_token = %q, base_url = %q, pool = %q, ca_file = %q } }"):format(
      secure.auth_id, secure.auth_token, secure.base_url, pool, secure.ca_file))
    assert.same({ "4\n", "", 0 }, { run("numbers", "count") })
  end)

  it("is refused where others may read or change it", function()
    for _, mode in ipairs { "640", "604", "620", "602", "644" } do
      interpreter.shell(("chmod %s %s"):format(mode, quote(path)))
      local _, errors, status = run("numbers", "count")
      assert.equal(2, status, mode)
      assert.matches(path .. ": it has credentials, and others may read or change it: chmod 600", errors, 1, true)
    end
  end)

  it("isn't needed", function()
    for _, environment in ipairs { { XDG_CONFIG_HOME = "/nonexistent" }, { XDG_CONFIG_HOME = "", HOME = "" } } do
      local _, errors, status = run_with(environment, "numbers", "count")
      assert.equal(3, status)
      assert.matches("^no credentials: set PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN", errors)
    end
    assert.equal(3, (select(3, run_with({ XDG_CONFIG_HOME = "", HOME = "" }, "numbers", "count", "--profile", "x"))))
  end)
end)

describe("a profile file that is wrong", function()
  for text, message in pairs {
    ['os.execute("touch %s/pwned")'] = "line 1: os isn't there",
    ["\nwhile true do end"] = "line 2: the file doesn't come to an end",
    ['local s = ("x"):rep(1e9)'] = "line 1: ",
    ['local s = "x" for i = 1, 60 do s = s .. s end'] = "line 1: the file needs too much memory",
    ["\27Lua"] = "line 1: compiled code",
    ["return 5"] = "expected a file that returns a table",
    [""] = "expected a file that returns a table",
    ['return { default = { auth_id = "MA", auth_token = "s3cret, } }'] = "line 1: ",
    ['return { default = { auth_id = "MA", auth_token = s3cret } }'] = "line 1: a name isn't there",
    ['return { default = { auth_id = "MA", auth_tokn = "s3cret" } }'] = "default: unknown field auth_tokn",
    ['return { default = { auth_id = 5, auth_token = "s3cret" } }'] = "default.auth_id: string expected, got number",
    ['return { default = "s3cret" }'] = "default: table expected, got string",
  } do
    it("is refused with its line, and does nothing: " .. text:gsub("%c", " "), function()
      write((text:gsub("%%s", folder)))
      local output, errors, status = run("numbers", "count")
      assert.equal(2, status, errors)
      assert.equal("", output)
      assert.matches(path .. ": " .. message, errors, 1, true)
      assert.is_nil(errors:find("s3cret", 1, true))
      assert.equal("numberpool\n", interpreter.shell("ls " .. quote(folder)))
    end)
  end
end)
