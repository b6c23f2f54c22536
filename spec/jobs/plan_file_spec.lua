-- Plans in files: what comes back is what was saved, and a plan that doesn't suit is refused.
local arrivals = require "spec.support.arrivals"
local bulk = require "spec.support.bulk"
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local raised = require "spec.support.raised"

local check_sums = bulk.check_sums

local server = fixture.sandbox()
local folder = fixture.folder()
local path = folder .. "/plan.json"

local DESIRED = {
  numbers = { "12025550001", { number = "12025550002", service = "mms" }, { number = "12025550008", service = "mms" } },
  tollfree = { "18005550002", "18005550009" },
  shortcodes = { "77009" },
}

local pool, client, seeded

before_each(function()
  pool, client, seeded = fixture.pool(server, {
    numbers = { "12025550001", "12025550002", { number = "12025550003", service = "mms" }, "12025550004" },
    tollfree = { "18005550001", "18005550002" },
    shortcodes = { "77001" },
  })
end)

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function files()
  return interpreter.shell("ls -A " .. interpreter.quote(folder))
end

local function changes()
  local count = 0
  for _, request in ipairs(assert(server:requests())) do
    count = count + (request.method ~= "GET" and 1 or 0)
  end
  return count
end

describe("plan:save", function()
  it("writes a file of JSON that names the pool and the account, and no secret", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    assert.is_true(plan:save(path))
    local text = read(path)
    local decoded = cjson.decode(text)
    assert.equal(1, decoded.version)
    assert.equal(seeded.pool, decoded.pool)
    assert.equal(server.auth_id, decoded.auth_id)
    assert.is_nil(text:find(server.auth_token, 1, true))
    assert.equal("12025550008", decoded.add[1].number)
    assert.equal("plan.json\n", files())
  end)

  it("replaces what was there", function()
    write(("x"):rep(100000))
    assert(assert(pool:plan {}):save(path))
    assert.equal(0, assert(pool:load_plan(path)):count())
    assert.equal("plan.json\n", files())
  end)

  it("leaves what was there where it can't be written", function()
    local plan = assert(pool:plan(DESIRED))
    for _, wrong in ipairs { folder .. "/missing/plan.json", folder, "", folder .. "/a\0b", "/dev/full" } do
      local ok, err = plan:save(wrong)
      assert.is_nil(ok)
      assert.equal("invalid", err.kind)
      assert.equal("save", err.operation)
    end
    local _, err = plan:save(folder .. "/missing/plan.json")
    assert.equal(folder .. "/missing/plan.json: No such file or directory", err.message)
    assert.matches("plan: path: string expected, got number$", "plan: " .. raised(function()
      local _ = plan:save(5)
    end):gsub("^save: ", ""))
  end)

  it("of a loaded plan writes the same", function()
    assert(assert(pool:plan(DESIRED, { prune = true, unrent = true })):save(path))
    local text = read(path)
    assert(assert(pool:load_plan(path)):save(path))
    assert.equal(text, read(path))
  end)
end)

describe("plan:save on a full disk #not_in_nginx", function()
  it("fails, and leaves nothing", function()
    local list = {}
    for i = 1, 2000 do
      list[i] = ("1202555%04d"):format(i)
    end
    local plan = assert(pool:plan { numbers = list })
    assert(plan:save(path))
    local before = read(path)
    -- A limit on the size of files is met as a full disk is. SIGXFSZ has to be ignored for that.
    local code = ([[
      local numberpool = require "numberpool"
      local client = assert(numberpool.new { base_url = %q, auth_id = %q, auth_token = %q })
      local plan = assert(assert(client:pool %q):load_plan(%q))
      local ok, err = plan:save(%q)
      print(ok, err and err.kind, err)
    ]]):format(server.base_url, server.auth_id, server.auth_token, seeded.pool, path, path)
    local script = folder .. "/script.lua"
    local file = assert(io.open(script, "w"))
    file:write(code)
    file:close()
    local output = interpreter.shell(("trap '' XFSZ; ulimit -f 20; %s %s 2>&1"):format(
      interpreter.quote(interpreter.program), interpreter.quote(script)))
    os.remove(script)
    assert.matches("^nil\tinvalid\tsave: .*plan%.json: File too large", output)
    assert.equal(before, read(path))
    assert.equal("plan.json\n", files())
  end)
end)

describe("pool:load_plan", function()
  it("gives back what was saved", function()
    for _, options in ipairs { {}, { prune = true }, { prune = true, unrent = true, max_removals = 2 } } do
      local plan = assert(pool:plan(DESIRED, options))
      assert(plan:save(path))
      local loaded = assert(pool:load_plan(path))
      assert.equal(tostring(plan), tostring(loaded))
      for _, name in ipairs { "add", "remove", "replace", "keep", "impossible" } do
        assert.same(plan[name], loaded[name])
      end
    end
  end)

  it("is carried out as it was made, brake included", function()
    assert(assert(pool:plan(DESIRED, { prune = true, unrent = true, max_removals = 2 })):save(path))
    local loaded = assert(pool:load_plan(path))
    local report, err = loaded:apply()
    assert.is_nil(report)
    assert.equal("conflict", err.kind)
    check_sums(assert(loaded:apply { force = true }), 7, 7, 0, 0)
    assert.equal(1, arrivals.state(server).ledger("12025550003").unrents)
    assert.equal(0, assert(pool:plan(DESIRED, { prune = true })):count())
  end)

  it("looks at each entry, and leaves alone what is no longer as the plan saw it", function()
    local desired = {
      numbers = { { number = "12025550001", service = "mms" }, { number = "12025550002", service = "mms" },
        "12025550008", "12025550009" },
      tollfree = { "18005550002" },
    }
    assert(assert(pool:plan(desired, { prune = true })):save(path))
    assert(pool:remove_number "12025550001") -- was to be replaced
    assert(pool:remove_number "12025550002")
    assert(pool:add_number("12025550002", { service = "mms" })) -- was to be replaced
    assert(pool:remove_number "12025550003") -- was to be removed
    assert(pool:remove_number "12025550004")
    assert(pool:add_number("12025550004", { service = "mms" })) -- was to be removed, with service sms
    assert(pool:add_number "12025550008") -- was to be added
    local before = changes()
    local report = assert(assert(pool:load_plan(path)):apply())
    check_sums(report, 7, 2, 5, 0)
    for _, result in ipairs(report.results) do
      if not result.ok then
        assert.equal("conflict", result.error.kind)
        assert.matches("has changed since the plan was made", result.error.message)
      end
    end
    assert.equal(before + 2, changes())
  end)

  it("changes nothing where it can't look", function()
    assert(assert(pool:plan(DESIRED, { prune = true })):save(path))
    local loaded = assert(pool:load_plan(path))
    assert(server:fault { kind = "status", status = 500, method = "GET" })
    check_sums(assert(loaded:apply()), 7, 0, 7, 0)
    assert.equal(0, changes())
  end)

  it("sends nothing", function()
    assert(assert(pool:plan {}):save(path))
    local before = #assert(server:requests())
    assert(pool:load_plan(path))
    assert.equal(before, #assert(server:requests()))
  end)

  it("takes a file that another program has written anew", function()
    assert(assert(pool:plan(DESIRED, { prune = true })):save(path))
    local plan = tostring(assert(pool:load_plan(path)))
    local text = cjson.encode(cjson.decode(read(path)))
    write(" " .. text:gsub(",", " ,\r\n\t"):gsub("isn't", "isn\\u0027t") .. "\n\n")
    assert.equal(plan, tostring(assert(pool:load_plan(path))))
  end)

  local function check_refused(expected)
    local plan, err = pool:load_plan(path)
    assert.is_nil(plan, expected)
    assert.equal("invalid", err.kind)
    assert.equal("load_plan", err.operation)
    assert.equal(path .. ": ", err.message:sub(1, #path + 2))
    assert.matches(expected, err.message)
  end

  it("refuses a plan of another pool, account or version", function()
    assert(assert(pool:plan(DESIRED)):save(path))
    local text = read(path)
    local mine = pool
    pool = assert(client:pool(assert(server:seed {}).pool))
    check_refused "is a plan of another pool"
    pool = assert(fixture.client(server, assert(server:account())):pool(seeded.pool))
    check_refused "is a plan of another account"
    pool = mine
    write((text:gsub('"version":1', '"version":2')))
    check_refused "is a plan of version 2, expected version 1"
  end)

  it("refuses a file that is damaged", function()
    assert(assert(pool:plan(DESIRED, { prune = true })):save(path))
    local text = read(path)
    for length = 0, #text - 2, 7 do
      write(text:sub(1, length))
      check_refused "is no plan, or damaged: "
    end
    for what, expected in pairs {
      ["null"] = "is no plan", ["[]"] = "is no plan", ["{}"] = "is no plan", ["5"] = "is no plan",
      ["\0"] = "is no plan", ["12025550001\n"] = "is no plan",
    } do
      write(what)
      check_refused(expected)
    end
    for _, damage in ipairs {
      { '"12025550003"', '"+12025550003"' },
      { '"number":"12025550003"', '"number":12025550003' },
      { '"number":"12025550003"', '"number":"12025550004"' },
      { '"kind":"number","number":"12025550008"', '"kind":"fax","number":"12025550008"' },
      { '"kind":"number","number":"12025550008"', '"kind":"number","number":"12025550008","unrent":true' },
      { '"service":"mms","from":"sms"', '"service":"mms"' },
      { '"remove_count":4', '"remove_count":5' },
      { '"remove":[', '"rem":[' },
      { '"prune":true', '"prune":1' },
      { '"unrent":false', '"unrent":"false"' },
      { '"max_removals":10', '"max_removals":-1' },
      { '"reason":"isn\'t wanted"', '"reason":7' },
      { '"shortcode":"77001"', '"number":"77001"' },
    } do
      local from, to = damage[1], damage[2]
      local first, last = text:find(from, 1, true)
      assert(first, from)
      write(text:sub(1, first - 1) .. to .. text:sub(last + 1))
      check_refused "is damaged: "
    end
  end)

  it("refuses what is no file", function()
    for _, wrong in ipairs { folder, folder .. "/missing.json", "", folder .. "/plan.json\0" } do
      local plan, err = pool:load_plan(wrong)
      assert.is_nil(plan)
      assert.equal("invalid", err.kind)
    end
    assert.matches("^load_plan: path: string expected, got table$", raised(function()
      local _ = pool:load_plan {}
    end))
  end)
end)
