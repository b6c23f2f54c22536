-- The command line as a program among others: its words, its exit codes, pipes, full disks and Ctrl-C.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"
local socket = require "socket"
local text = require "numberpool.cli.text"
local version = require "numberpool.version"

local commands = require "numberpool.cli.commands"
local tree = require "numberpool.cli.tree"

local unpack = table.unpack or unpack

local quote = interpreter.quote

local server = fixture.sandbox()
local seeded = assert(server:seed { numbers = 60 })
local settings = { server = server, pool = seeded.pool }
local run = command_line.runner(settings)

local function status_of(...)
  return (select(3, run(...)))
end

describe("numberpool", function()
  it("prints its version at once", function()
    local best = math.huge
    for _ = 1, 5 do
      local began = socket.gettime()
      assert.equal(("numberpool %s\n"):format(version), (run("version")))
      best = math.min(best, socket.gettime() - began)
    end
    assert.is_true(best < 0.1, best) -- with two shells around it, on a machine that has other work
  end)

  it("loads little for its version", function()
    local output = interpreter.run [[
      package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
      local before, names = {}, {}
      for name in pairs(package.loaded) do before[name] = true end
      require("numberpool.cli").main { "version" }
      for name in pairs(package.loaded) do names[#names + 1] = not before[name] and name or nil end
      table.sort(names)
      print(table.concat(names, " "))
    ]]
    assert.matches("\nnumberpool.cli numberpool.version\n$", output)
  end)

  it("says what to install where argparse is missing", function()
    local output, status = interpreter.run [[
      package.preload.argparse = function() error "not here" end
      os.exit(require("numberpool.cli").main { "numbers", "list" })
    ]]
    assert.equal(1, status)
    assert.equal("the Lua module argparse is missing: install Debian's lua-argparse, or `luarocks install argparse`\n",
      output)
  end)

  it("helps with every command", function()
    assert.is_true(#commands.all() > 5)
    for _, place in ipairs(tree.places()) do
      if place.command then
        assert.is_string(place.command.summary)
        assert.is_truthy(place.command.commands or place.command.run)
        local help = require "numberpool.cli.help".of(place.path, place.command, 80)
        assert.matches("^Usage: numberpool " .. table.concat(place.path, " "), help)
        assert.matches("\n  130  interrupted", help)
        for line in help:gmatch "[^\n]+" do
          assert.is_true(#line <= 120, line)
        end
      end
    end
    for _, words in ipairs { { "--help" }, { "numbers", "-h" }, { "--pool", "x", "numbers", "list", "--help" },
      { "help" }, { "help", "numbers", "list" } } do
      local output, _, status = run(unpack(words))
      assert.equal(0, status)
      assert.matches("^Usage: numberpool", output)
    end
  end)

  it("helps on a narrow terminal", function()
    for _, place in ipairs(tree.places()) do
      local help = require "numberpool.cli.help".of(place.path, place.command, 40)
      local explained = help:gsub("\n  [%-%u][^\n]*", ""):gsub("^Usage: [^\n]*", ""):gsub("\n  numberpool[^\n]*", "")
      for line in explained:gmatch "[^\n]+" do
        assert.is_true(text.width(line) <= 40, line)
      end
    end
  end)

  it("exits with 2 for words that it doesn't know, and suggests others", function()
    for expected, words in pairs {
      ["Did you mean 'numbers'"] = { "nubmers", "list" },
      ["Did you mean 'list'"] = { "numbers", "lsit" },
      ["Did you mean '--service'"] = { "numbers", "list", "--srevice", "sms" },
      ["a command is required"] = { "numbers" },
      ["--service: expected sms or mms, got fax"] = { "numbers", "list", "--service", "fax" },
      ["too many arguments"] = { "numbers", "list", "more" },
      ["missing argument 'uuid'"] = { "powerpacks", "get" },
      ["--country: expected two letters"] = { "numbers", "list", "--country", "USA" },
      ["--starts-with: expected --country beside it"] = { "numbers", "list", "--starts-with", "1" },
      ["--port: expected a number, got abc"] = { "sandbox", "--port", "abc" },
      ["--port: expected 0 to 65535, got 99999"] = { "sandbox", "--port", "99999" },
      ["--quirks: expected capped_pages"] = { "sandbox", "--quirks", "odd" },
      ["--rate: expected REQUESTS/SECONDS"] = { "sandbox", "--rate", "odd" },
      ["--rate: requests: expected 1 to"] = { "sandbox", "--rate", "0/1" },
      ["expected one of them"] = { "numbers", "list", "--pool", "a", "--powerpack", "b" },
    } do
      local output, errors, status = run(unpack(words))
      assert.equal(2, status, errors)
      assert.equal("", output)
      assert.matches(expected, errors, 1, true)
    end
    local errors = select(2, run("nubmers", "-o", "json"))
    assert.matches('^{"kind":"usage","message":"unknown command', errors)
  end)

  it("finds its command among options, wherever these stand", function()
    for _, words in ipairs {
      { "-qo", "json", "numbers", "count" }, { "--pool", seeded.pool, "numbers", "-ojson", "count" },
      { "--", "numbers", "count" }, { "numbers", "count", "-q", "--output=json" }, { "-o", "json", "numbers", "count" },
    } do
      local output, errors, status = run(unpack(words))
      assert.equal(0, status, errors)
      assert.equal("60\n", output)
    end
  end)

  it("has an exit code for what is wrong", function()
    assert.equal(3, (select(3, command_line.shell(command_line.words({}, "numbers", "count")))))
    local wrong = { base_url = server.base_url, auth_id = server.auth_id, auth_token = "wrong" }
    local _, errors, status = command_line.shell(command_line.words({ server = wrong, pool = seeded.pool }, "numbers",
      "add", "14155550100", "14155550101"))
    assert.equal(3, status, errors)
    assert.is_nil(errors:find("wrong", 1, true))
    assert.equal(4, status_of("numbers", "find", "14155550100"))
    _, errors, status = run("numbers", "list", "--pool", "no-such-pool")
    assert.equal(4, status)
    assert.matches("number pool no-such-pool: ", errors, 1, true)
    assert.equal(4, status_of("numbers", "list", "--powerpack", "no-such-powerpack"))
    assert.equal(2, (select(3, command_line.shell(command_line.words({ server = server }, "numbers", "count")))))
  end)

  it("says what went wrong as JSON", function()
    local output, errors, status = run("numbers", "find", "14155550100", "-o", "json")
    assert.equal("", output)
    assert.equal(4, status)
    assert.matches('^{"kind":"not_found","message":"[^"]+","operation":"find_number","target":"14155550100",'
      .. '"status":404,.*"exit_code":4}\n$', errors)
  end)

  it("says each request with --verbose, and no secret", function()
    local _, errors = run("numbers", "count", "-v")
    assert.matches("^attempt count_numbers #1\nresponse count_numbers status 200 0%.%d+ s\n", errors)
    assert.is_nil(errors:find(server.auth_token, 1, true))
  end)

  it("ends quietly where nobody reads on", function()
    local words = command_line.words(settings, "numbers", "list", "--fields", "number")
    local output, errors = command_line.shell(words .. " | head -n 1")
    assert.equal('{"number":"15125550000"}\n', output)
    assert.equal("", errors)
    local status
    output, errors, status = command_line.shell("bash -c " .. quote("trap '' PIPE; { " .. words
      .. "; echo $? >&2; } | true"))
    assert.equal("141\n", errors) -- or it would write to a pipe that is closed again and again
    assert.equal("", output)
    assert.equal(0, status)
  end)

  it("takes a full disk for a failure", function()
    for _, words in ipairs { { "version" }, { "numbers", "list" }, { "--help" }, { "completion", "bash" } } do
      local _, errors, status = command_line.shell(command_line.words(settings, unpack(words)) .. " >/dev/full")
      assert.equal(1, status, table.concat(words, " "))
      assert.matches("^standard output: ", errors)
    end
  end)

  it("takes standard streams that are closed for what they are", function()
    local _, errors, status = command_line.shell(command_line.words(settings, "numbers", "list") .. " >&-")
    assert.equal("standard output: Bad file descriptor\n", errors)
    assert.equal(1, status)
    errors, status = select(2, command_line.shell(command_line.words(settings, "numbers", "list") .. " 2>&- <&-"))
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  it("says what is done of a job that Ctrl-C ends", function()
    assert(server:fault { method = "POST", path = "141555501[1-9]", kind = "stall" })
    local numbers = {}
    for i = 0, 39 do
      numbers[i + 1] = "141555501" .. ("%02d"):format(i)
    end
    local command = command_line.words(settings, "numbers", "add", "--fields", "number", unpack(numbers))
    local output, errors, status = command_line.shell(([[
      %s & pid=$!
      for i in $(seq 100); do
        if [ "$(curl -s %s/_sandbox/requests | grep -o '"POST"' | wc -l)" -ge 26 ]; then break; fi
        sleep 0.1
      done
      kill -INT $pid; wait $pid]]):format(command, server.base_url))
    assert(server:reset())
    seeded = assert(server:seed { numbers = 60 })
    settings.pool = seeded.pool
    assert.equal(130, status, errors)
    assert.matches('{"number":"14155550100"}', output, 1, true)
    assert.matches("may have taken effect", errors)
    assert.matches("\ninterrupted: 10 of 40 added, 16 may be, 14 not begun\n$", errors)
  end)

  it("says of a change that Ctrl-C ends that it may have been made", function()
    assert(server:fault { method = "POST", kind = "stall" })
    local _, errors, status = command_line.shell(([[
      %s & pid=$!
      for i in $(seq 100); do
        if curl -s %s/_sandbox/requests | grep -q '"name'; then break; fi
        sleep 0.1
      done
      kill -INT $pid; wait $pid]]):format(command_line.words(settings, "powerpacks", "create", "--name", "x"),
      server.base_url))
    assert(server:reset())
    seeded = assert(server:seed { numbers = 60 })
    settings.pool = seeded.pool
    assert.same({ "interrupted: it may have taken effect\n", 130 }, { errors, status })
  end)

  it("gives the first entry of a long list while others come", function()
    local pages = fixture.scripted_server()
    local objects = {}
    for i = 1, 20 do
      objects[i] = ('{"number":"151255500%02d"}'):format(i)
    end
    pages:script(http.json(('{"meta":{"limit":20,"offset":0,"total_count":40},"objects":[%s]}'):format(
      table.concat(objects, ","))), { bytes = "", after = "stall" })
    local began = socket.gettime()
    local output = command_line.shell("timeout 1 " .. command_line.words({ server = pages, pool = "p" },
      "numbers", "list"))
    assert.matches('^{"number":"15125550001"}\n', output)
    assert.is_true(socket.gettime() - began < 5)
  end)
end)
