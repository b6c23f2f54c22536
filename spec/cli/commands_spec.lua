-- The commands on the API, each run as a person would, against a sandbox.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local unpack = table.unpack or unpack

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

local function words(...)
  return command_line.words(settings(), ...)
end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  return list
end

-- The changes that the server was sent.
local function changes()
  local list = {}
  for _, entry in ipairs(assert(server:requests())) do
    if entry.method ~= "GET" then
      list[#list + 1] = entry.method .. " " .. entry.path:match "/NumberPool/[^/]+/(.*)$"
    end
  end
  table.sort(list)
  return list
end

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

describe("numberpool numbers", function()
  it("lists, counts and finds", function()
    local output, errors, status = run("numbers", "list", "--fields", "number")
    assert.equal(0, status, errors)
    assert.equal(25, #lines(output))
    assert.equal('{"number":"15125550000"}', lines(output)[1])
    assert.equal("25\n", (run("numbers", "count")))
    assert.equal("0\n", (run("numbers", "count", "--country", "GB")))
    output = run("numbers", "find", "+1 (512) 555-0001", "--fields", "number,service", "-o", "csv")
    assert.equal("number,service\n15125550001,sms\n", output)
  end)

  it("adds and removes: arguments, standard input and files, one a line", function()
    local path = write("numbers.txt", "\239\187\191# ours\r\n\r\n+14155550102\r\n")
    local output, errors, status = command_line.shell("printf '14155550101\\n' | "
      .. words("numbers", "add", "+1 (415) 555-0100", "-", "@" .. path, "--fields", "number"))
    assert.equal(0, status, errors)
    assert.equal('{"number":"14155550100"}\n{"number":"14155550101"}\n{"number":"14155550102"}\n', output)
    output, errors, status = run("numbers", "remove", "--file", path, "--yes", "--fields", "number,response")
    assert.equal(0, status, errors)
    assert.equal('{"number":"14155550102","response":"success"}\n', output)
    assert.equal("27\n", (run("numbers", "count")))
  end)

  it("takes what another of its commands writes", function()
    for _, format in ipairs { "jsonl", "csv", "tsv" } do
      local options = format == "jsonl" and {} or { "--fields", "number", "-o", format }
      local output, errors, status = command_line.shell(words("numbers", "list", unpack(options)) .. " | "
        .. words("numbers", "find", "-", "--fields", "number"))
      assert.same({ "", 0 }, { errors, status })
      assert.equal(25, #lines(output))
    end
    local _, errors, status = command_line.shell(words("shortcodes", "list") .. " | "
      .. words("shortcodes", "remove", "-", "--dry-run"))
    assert.same({ "", 0 }, { errors, status })
    errors = select(2, command_line.shell("echo '{\"number\":[1]}' | " .. words("numbers", "find", "-")))
    assert.matches("^standard input, line 1: number: expected", errors)
  end)

  it("sends nothing where one is malformed, and names its place", function()
    local path = write("wrong.txt", "14155550100\n\nnope\n")
    local output, errors, status = run("numbers", "add", "14155550101", "x1", "--file", path)
    assert.equal(2, status)
    assert.equal("", output)
    assert.matches('argument 2: number: expected .*, got "x1"\n', errors)
    assert.matches(path .. ", line 3: number: expected", errors, 1, true)
    assert.same({}, changes())
  end)

  it("prints what was done of a job that was done in part", function()
    assert(server:fault { method = "POST", path = "14155550101", kind = "status", status = 400 })
    local output, errors, status = run("numbers", "add", "14155550100", "14155550101", "--fields", "number")
    assert.equal(5, status)
    assert.equal('{"number":"14155550100"}\n', output)
    assert.matches("^argument 2: add_number 14155550101: ", errors)
    assert.matches("\n1 of 2 added, 1 failed\n$", errors)
    output, errors, status = run("numbers", "add", "14155550102", "14155550101", "-o", "json", "--fields", "number")
    assert.equal(5, status)
    assert.equal('[\n  {"number":"14155550102"}\n]\n', output)
    assert.matches('^{"kind":"partly","message":"1 of 2 added, 1 failed",', errors)
    assert.equal(1, #lines(errors))
  end)

  it("shows what a dry run would send, and sends nothing", function()
    local output, errors, status = run("numbers", "remove", "15125550000", "--unrent", "--dry-run")
    assert.equal(0, status, errors)
    assert.equal(('{"method":"DELETE","path":"/v1/Account/%s/NumberPool/%s/Number/15125550000/?unrent=true",'
      .. '"body":{"unrent":true}}\n'):format(server.auth_id, seeded.pool), output)
    output = run("numbers", "add", "14155550100", "--dry-run", "-o", "tsv", "--fields", "method,body")
    assert.equal("method\tbody\nPOST\t{}\n", output)
    assert.same({}, changes())
    assert.equal(0, #server:requests())
  end)

  it("removes nothing unasked where nobody can be asked", function()
    local _, errors, status = run("numbers", "remove", "15125550000", "--unrent")
    assert.equal(2, status)
    assert.matches("--yes is needed", errors, 1, true)
    assert.matches("1 number will be lost for good", errors, 1, true)
    assert.same({}, changes())
    errors, status = select(2, run("numbers", "remove", "15125550000", "+15125550000", "--unrent", "--yes"))
    assert.equal(0, status, errors)
    assert.equal("1 number will be lost for good\n", errors)
  end)

  it("asks on a terminal, and takes only yes for yes", function()
    local output, status = command_line.on_terminal(settings(), 80, "\n", "numbers", "remove", "15125550000")
    assert.equal(1, status, output)
    assert.matches("Remove 1 number from the number pool", output)
    assert.same({}, changes())
    output, status = command_line.on_terminal(settings(), 80, "y\n", "numbers", "remove", "15125550000")
    assert.equal(0, status, output)
    assert.same({ "DELETE Number/15125550000/" }, changes())
  end)

  it("buys what is named, and what a search finds", function()
    local output, errors, status = run("numbers", "buy", "--country", "US", "--count", "2", "--fields", "number")
    assert.equal(0, status, errors)
    assert.equal(2, #lines(output))
    assert.equal("27\n", (run("numbers", "count")))
    errors, status = select(2, run("numbers", "buy", "12012320085", "--country", "US"))
    assert.equal(2, status)
    assert.matches("--country: expected none beside numbers", errors, 1, true)
    errors, status = select(2, run("numbers", "buy"))
    assert.equal(2, status)
    assert.matches("which number?", errors, 1, true)
  end)

  it("says which pools have a number", function()
    local other = assert(server:seed { numbers = { "14155550100" }, tollfree = { "18005550199" }, name = "other" })
    local output, errors, status = run("numbers", "where", "+14155550100", "18005550199", "--fields",
      "number,powerpack,name,list", "-o", "csv")
    assert.equal(0, status, errors)
    assert.equal(("number,powerpack,name,list\n14155550100,%s,other,numbers\n18005550199,%s,other,tollfree\n"):format(
      other.powerpack, other.powerpack), output)
    output, errors, status = run("numbers", "where", "14155550100", "14155550199", "--fields", "number")
    assert.equal(5, status)
    assert.equal('{"number":"14155550100"}\n', output)
    assert.matches("14155550199 is in no pool", errors, 1, true)
    assert.equal(4, (select(3, run("numbers", "where", "14155550199"))))
  end)
end)

describe("numberpool", function()
  it("has toll-free numbers and shortcodes", function()
    assert.equal('{"number":"18005550100"}\n', (run("tollfree", "add", "18005550100", "--fields", "number")))
    assert.equal(3, #lines((run("tollfree", "list"))))
    assert.equal(0, (select(3, run("tollfree", "find", "18005550100"))))
    assert.equal(0, (select(3, run("tollfree", "remove", "18005550100", "-y"))))
    assert.equal('{"shortcode":"444444"}\n', (run("shortcodes", "list", "--fields", "shortcode")))
    assert.equal(0, (select(3, run("shortcodes", "find", "444444"))))
    assert.equal(0, (select(3, run("shortcodes", "remove", "444444", "-y"))))
    assert.equal(4, (select(3, run("shortcodes", "find", "444444"))))
  end)

  it("has powerpacks", function()
    local output, errors, status = run("powerpacks", "create", "--name", "Spring", "--sticky-sender", "no", "--fields",
      "uuid", "-o", "tsv")
    assert.equal(0, status, errors)
    local uuid = lines(output)[2]
    output = run("powerpacks", "update", uuid, "--name", "Summer", "--fields", "name,sticky_sender")
    assert.equal('{"name":"Summer","sticky_sender":false}\n', output)
    assert.equal('{"name":"Summer"}\n', (run("powerpacks", "get", uuid, "--fields", "name")))
    assert.equal(2, #lines((run("powerpacks", "list"))))
    assert.equal(2, (select(3, run("powerpacks", "delete", uuid))))
    assert.equal(0, (select(3, run("powerpacks", "delete", uuid, "--yes"))))
    assert.equal(4, (select(3, run("powerpacks", "get", uuid))))
    output = command_line.on_terminal(settings(), 80, "n\n", "powerpacks", "delete", seeded.powerpack,
      "--unrent-numbers")
    assert.matches("27 numbers will be lost for good", output:gsub("%s+", " "), 1, true)
    assert.equal(1, #lines((run("powerpacks", "list"))))
  end)

  it("searches page by page", function()
    assert.equal(45, #lines((run("search", "--country", "US", "--limit", "45", "--fields", "number"))))
    assert.equal(2, (select(3, run("search"))))
  end)

  it("runs against a sandbox of its own", function()
    local output, errors, status = command_line.runner {} ("--sandbox", "numbers", "count")
    assert.equal("45\n", output, errors)
    assert.equal(0, status)
  end)

  it("is a sandbox", function()
    local path = folder .. "/sandbox"
    local process = assert(io.popen(("%s >%s 2>&1 & echo $!"):format(
      command_line.words({}, "sandbox", "--rate", "7/5"):gsub("^env", "exec env"), path), "r"))
    local pid = process:read "*a":match "%d+"
    process:close()
    fixture.until_end(function()
      os.execute("kill " .. pid .. " 2>/dev/null")
    end)
    local variables = interpreter.shell(("for i in $(seq 100); do grep -s '^# powerpack' %s && break; sleep 0.1; done"
      .. " >/dev/null; cat %s"):format(path, path))
    assert.matches("export NUMBERPOOL_BASE_URL=http://127.0.0.1:", variables, 1, true)
    local pool = variables:match "pool ([%w-]+):"
    local output = command_line.shell(("eval \"$(grep ^export %s)\"; "):format(path)
      .. command_line.words({ pool = pool }, "numbers", "count"))
    assert.equal("45\n", output)
  end)
end)
