-- `numberpool report`, run as a person would.
local cjson = require "cjson"
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local folder = fixture.folder()
local seeded

before_each(function()
  assert(server:reset())
  seeded = assert(server:seed { numbers = 25, tollfree = 2, shortcodes = { { shortcode = "444444" } } })
end)

local function settings()
  return { server = server, pool = seeded.pool }
end

local run = command_line.runner(settings)

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

local function files()
  local process = assert(io.popen("ls -A '" .. folder .. "'"))
  local list = process:read "*a"
  process:close()
  return list
end

describe("numberpool report", function()
  it("draws a picture on a terminal, no wider than that", function()
    local output, status = command_line.on_terminal(settings(), 50, nil, "report", "--quiet")
    assert.equal(0, status)
    local plain = output:gsub("\27%[%d*m", "")
    assert.matches("Number pool " .. seeded.pool:gsub("%-", "%%-") .. "\n28 entries\n", plain)
    assert.matches("\n  numbers            25  89%.3 %%  ", plain)
    for line in plain:gmatch "[^\n]+" do
      local _, columns = line:gsub("[^\128-\191]", "")
      assert.is_true(columns <= 50, line)
    end
  end)

  it("gives the summary as JSON", function()
    local output, errors, status = run("report", "-o", "json")
    assert.same({ 0, "" }, { status, errors })
    local result = cjson.decode(output)
    assert.equal(28, result.total)
    assert.same({ numbers = 25, tollfree = 2, shortcodes = 1 }, result.kinds)
    assert.same(result.kinds, result.listed)
    assert.is_true(result.agrees)
    assert.same({ { value = "sms", count = 27 } }, result.service)
  end)

  it("gives the counts as lines", function()
    local output, _, status = run("report", "-o", "csv")
    assert.equal(0, status)
    assert.matches("^group,value,count\nkind,numbers,25\nkind,tollfree,2\nkind,shortcodes,1\ncountry,US,28\n", output)
  end)

  it("writes a page", function()
    local output, errors, status = run("report", "--html", folder .. "/pool.html")
    assert.same({ 0, "", folder .. "/pool.html: a page of 28 entries\n" }, { status, output, errors })
    local html = read(folder .. "/pool.html")
    assert.matches("^<!DOCTYPE html>.*</html>\n$", html)
    assert.matches('<dd id="total">28</dd>', html)
    assert.equal("pool.html\n", files())
    output, errors, status = run("report", "--html", "-")
    assert.same({ 0, "" }, { status, errors })
    assert.matches("^<!DOCTYPE html>.*</html>\n$", output)
  end)

  it("leaves the page that was there where it fails, and nothing of its own", function()
    local file = assert(io.open(folder .. "/pool.html", "wb"))
    file:write "before"
    file:close()
    assert(server:fault { kind = "status", status = 403, path = "Shortcode/" })
    local output, errors, status = run("report", "--html", folder .. "/pool.html")
    assert.same({ 3, "" }, { status, output })
    assert.matches("403", errors)
    assert.equal("before", read(folder .. "/pool.html"))
    assert.equal("pool.html\n", files())
  end)

  it("sends nothing where the page can't be written", function()
    local _, errors, status = run("report", "--html", folder .. "/none/pool.html")
    assert.same({ 1, folder .. "/none/pool.html: No such file or directory\n" }, { status, errors })
    _, errors, status = run("report", "--html", "-", "-o", "json")
    assert.equal(2, status)
    assert.matches("%-%-html %-: expected no %-%-output beside it", errors)
    assert.same({}, server:requests())
    _, errors, status = run("report", "--html", "/dev/full")
    assert.same({ 1, "/dev/full: No space left on device\n" }, { status, errors })
  end)

  it("ends quietly where nobody reads the page", function()
    local output, errors = command_line.shell("{ " .. command_line.words(settings(), "report", "--html", "-")
      .. "; } | head -n 1")
    assert.same({ "<!DOCTYPE html>\n", "" }, { output, errors })
  end)
end)
