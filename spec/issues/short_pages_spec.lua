-- Pages that are shorter than was asked for though the list goes on: every entry is given, and once.
local entries = require "spec.support.entries"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local unpack = unpack or table.unpack

local check_unique, collect, collect_until_error = entries.check_unique, entries.collect, entries.collect_until_error

local FIRST = 15125550000

describe("a server that caps its pages", function()
  local server = fixture.sandbox { quirks = { "capped_pages" } }
  local pool, client = fixture.pool(server, { numbers = 45, tollfree = 20, shortcodes = 2 })

  local function offsets(path)
    local list = {}
    for _, request in ipairs(server:requests()) do
      if request.path:find(path, 1, true) then
        list[#list + 1] = tonumber(request.query:match "offset=(%d+)" or 0)
      end
    end
    table.sort(list)
    return list
  end

  for _, prefetch in ipairs { 1, 2, 8, 100 } do
    it("gives every entry once, and is asked for each page once: prefetch = " .. prefetch, function()
      local own = assert(server:seed { numbers = 95 }).pool
      check_unique(collect(assert(client:pool(own)):numbers { prefetch = prefetch }), 95)
      assert.same({ 0, 10, 20, 30, 40, 50, 60, 70, 80, 90 }, offsets(own))
    end)
  end

  it("gives every entry once where it sends more than was asked for", function()
    for _, limit in ipairs { 1, 3, 9 } do
      local own = assert(server:seed { numbers = 35 }).pool
      check_unique(collect(assert(client:pool(own)):numbers { limit = limit }), 35)
      assert.same({ 0, 10, 20, 30 }, offsets(own))
    end
  end)

  it("begins at an offset", function()
    assert.equal(38, #collect(pool:numbers { offset = 7 }))
    assert.equal(0, #collect(pool:numbers { offset = 45 }))
  end)

  it("has all of its lists read", function()
    assert.equal(20, #collect(pool:tollfree()))
    local snapshot = assert(pool:snapshot())
    assert.equal(45, #snapshot.numbers)
    assert.equal(20, #snapshot.tollfree)
    assert.equal(2, #snapshot.shortcodes)
    local before = #collect(client.powerpacks:each())
    for i = 1, 15 do
      assert(client.powerpacks:create { name = "Powerpack " .. i })
    end
    assert.equal(before + 15, #collect(client.powerpacks:each()))
  end)

  it("has a powerpack found that lies behind the first page", function()
    local patient = fixture.client(server, { retries = 3 })
    assert(server:fault { method = "POST", path = "Powerpack/$", kind = "reset", when = "after", times = 1 })
    local made = assert(patient.powerpacks:create { name = "The last one" })
    assert.equal("The last one", made.name)
    local count = 0
    for powerpack in patient.powerpacks:each() do
      count = count + (powerpack.name == "The last one" and 1 or 0)
    end
    assert.equal(1, count)
  end)
end)

describe("pages of all sizes", function()
  local server = fixture.scripted_server()
  local client

  before_each(function()
    client = fixture.client(server)
  end)

  local function page(numbers, total)
    local objects = {}
    for i, number in ipairs(numbers) do
      objects[i] = number and ('{"number":"%d"}'):format(FIRST + number) or '{"alias":"no key"}'
    end
    local meta = total and ('"meta":{"limit":20,"offset":0,"total_count":%d,"next":"","previous":""},'):format(total)
      or '"meta":{},'
    return http.json(('{"api_id":"x",%s"objects":[%s]}'):format(meta, table.concat(objects, ",")))
  end

  local function range(from, to)
    local list = {}
    for i = from, to do
      list[#list + 1] = i
    end
    return list
  end

  local function script(...)
    local replies = {}
    for i, reply in ipairs { ... } do
      replies[i] = page(reply[1], reply[2])
    end
    server:script(unpack(replies))
  end

  local function offsets()
    local list = {}
    for i, request in ipairs(server:requests()) do
      list[i] = tonumber(request.query.offset or 0)
    end
    return list
  end

  local function numbers(options)
    return assert(client:pool "p"):numbers(options)
  end

  it("lose nothing where one is short", function()
    script({ range(0, 18), 45 }, { range(19, 38), 45 }, { range(39, 44), 45 })
    check_unique(collect(numbers()), 45)
    assert.same({ 0, 19, 39 }, offsets())
  end)

  it("repeat nothing where an entry within one isn't shown", function()
    local first = range(0, 19)
    table.remove(first, 6)
    script({ first, 45 }, { range(19, 38), 45 }, { range(39, 44), 45 })
    check_unique(collect(numbers()), 44)
    assert.same({ 0, 19, 39 }, offsets())
  end)

  it("lose nothing where each has another size", function()
    script({ range(0, 6), 30 }, { range(7, 7), 30 }, { range(8, 20), 30 }, { range(21, 22), 30 }, { range(23, 29), 30 })
    check_unique(collect(numbers { prefetch = 1 }), 30)
    assert.same({ 0, 7, 8, 21, 23 }, offsets())
  end)

  it("end at the first empty one where the total is too high", function()
    script({ range(0, 19), 100 }, { range(20, 24), 100 }, { {}, 100 })
    check_unique(collect(numbers { prefetch = 1 }), 25)
    assert.same({ 0, 20, 25 }, offsets())
  end)

  it("end at the first empty one where no total is known", function()
    script({ range(0, 19) }, { range(20, 24) }, { {} })
    check_unique(collect(numbers()), 25)
    assert.same({ 0, 20, 25 }, offsets())
  end)

  it("end where the total is reached, with nothing more asked for", function()
    script({ range(0, 19), 20 })
    check_unique(collect(numbers()), 20)
    assert.same({ 0 }, offsets())
    script({ range(0, 19), 40 }, { range(20, 39), 40 })
    check_unique(collect(numbers()), 40)
    assert.same({ 0, 20 }, offsets())
  end)

  it("give an entry once that moved to the next page", function()
    script({ range(0, 19), 30 }, { range(19, 29), 31 })
    check_unique(collect(numbers { prefetch = 1 }), 30)
  end)

  it("lose no entry that has nothing to tell it by", function()
    local unnamed = {}
    for i = 1, 19 do
      unnamed[i] = false
    end
    script({ unnamed, 38 }, { unnamed, 38 })
    local count = 0
    for _ in numbers { prefetch = 1 } do
      count = count + 1
    end
    assert.equal(38, count)
    assert.same({ 0, 19 }, offsets())
  end)

  for _, size in ipairs { 20, 10, 1 } do
    it("are found out where the same one comes for every offset: " .. size, function()
      script { range(0, size - 1), 1000000 }
      local found, err = collect_until_error((numbers { prefetch = 1 }))
      check_unique(found, size)
      assert.equal("protocol", err.kind)
      assert.matches("same page", err.message)
    end)
  end

  it("are read again by a snapshot where one lacked an entry", function()
    local first = range(0, 19)
    table.remove(first, 6)
    script({ first, 20 }, { range(19, 19), 20 }, { range(0, 19), 20 })
    local snapshot, err = assert(client:pool "p"):snapshot()
    assert.is_nil(err)
    for _, list in pairs(snapshot) do
      local found = {}
      for i, entry in ipairs(list) do
        found[i] = entry.number
      end
      check_unique(found, 20)
    end
    assert.equal(5, #server:requests())
  end)
end)
