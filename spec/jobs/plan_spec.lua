-- What a plan finds, and how many requests that takes.
local fixture = require "spec.support.fixture"
local raised = require "spec.support.raised"

local unpack = unpack or table.unpack

local FIRST = 15125550000

local server = fixture.sandbox()

local function seeded_number(i)
  return ("%d"):format(FIRST + i)
end

-- The numbers and shortcodes of a plan's list, in its order.
local function names(list)
  local found = {}
  for i, entry in ipairs(list) do
    found[i] = entry.number or entry.shortcode
  end
  return found
end

local function counts(plan)
  return { #plan.add, #plan.remove, #plan.replace, #plan.keep, #plan.impossible }
end

-- How many requests a plan takes, and the plan.
local function requests_of(pool, desired, options)
  local before = #assert(server:requests())
  local plan = assert(pool:plan(desired, options))
  return #assert(server:requests()) - before, plan
end

describe("pool:plan", function()
  local pool, seeded, shortcode

  before_each(function()
    local _
    pool, _, seeded = fixture.pool(server, {
      numbers = { "12025550001", "12025550002", { number = "12025550003", service = "mms" }, "12025550004" },
      tollfree = { "18005550001", "18005550002" },
      shortcodes = { "77001" },
    })
    shortcode = "77001"
  end)

  it("sorts what is wanted into what is to be added, replaced and kept", function()
    local plan = assert(pool:plan {
      numbers = {
        "+1 (202) 555-0009",
        12025550001,
        { number = "12025550002", service = "mms" },
        { number = 12025550003, service = "mms" },
        { number = "12025550008", service = "mms" },
      },
      tollfree = { "18005550002", "18005550009" },
      shortcodes = { shortcode, { shortcode = "77009" } },
    })
    assert.same({ "12025550008", "12025550009", "18005550009" }, names(plan.add))
    assert.same({}, plan.remove)
    assert.same({ "12025550002" }, names(plan.replace))
    assert.same({ "12025550001", "12025550003", "18005550002", shortcode }, names(plan.keep))
    assert.same({ "77009" }, names(plan.impossible))
    assert.equal(4, plan:count())
    assert.same({ kind = "number", number = "12025550008", service = "mms", reason = "isn't in the pool" },
      plan.add[1])
    assert.same({ kind = "number", number = "12025550002", service = "mms", from = "sms", reason = "has service sms" },
      plan.replace[1])
    assert.same({ kind = "tollfree", number = "18005550009", reason = "isn't in the pool" }, plan.add[3])
    assert.same({ kind = "shortcode", shortcode = "77009", reason = "the API can't add shortcodes" },
      plan.impossible[1])
  end)

  it("removes what isn't wanted with prune alone, and leaves alone a list that is absent", function()
    local desired = { numbers = { "12025550001" }, shortcodes = {} }
    assert.same({ 0, 0, 0, 1, 0 }, counts(assert(pool:plan(desired))))
    assert.same({ 0, 0, 0, 1, 0 }, counts(assert(pool:plan(desired, { prune = false }))))
    local plan = assert(pool:plan(desired, { prune = true }))
    assert.same({ "12025550002", "12025550003", "12025550004", shortcode }, names(plan.remove))
    assert.same({ kind = "number", number = "12025550003", service = "mms", reason = "isn't wanted" }, plan.remove[2])
    assert.same({ 0, 0, 0, 0, 0 }, counts(assert(pool:plan({}, { prune = true }))))
  end)

  it("keeps the service of what is there, where none is given", function()
    local plan = assert(pool:plan { numbers = { "12025550003", { number = "12025550001" } } })
    assert.equal("mms", plan.keep[2].service)
    assert.equal("sms", plan.keep[1].service)
  end)

  it("knows that the API takes no service for toll-free numbers", function()
    local plan = assert(pool:plan { tollfree = { { number = "18005550001", service = "mms" },
      { number = "18005550002", service = "sms" } } })
    assert.same({ "18005550001" }, names(plan.impossible))
    assert.matches("has service sms", plan.impossible[1].reason)
    assert.same({ "18005550002" }, names(plan.keep))
  end)

  it("takes a number that is there twice for one", function()
    local plan = assert(pool:plan { numbers = { "12025550009", "+12025550009",
      { number = 12025550009, service = "mms" },
      { number = "+1 202 555 0009", service = "mms" } } })
    assert.same({ 1, 0, 0, 0, 0 }, counts(plan))
    assert.equal("mms", plan.add[1].service)
  end)

  it("prints the same each time: counts, and a line for each change", function()
    local one = { numbers = { "12025550009", "12025550001", { number = "12025550003", service = "sms" } },
      shortcodes = { "77009" }, tollfree = { { number = "18005550009", service = "sms" } } }
    local other = { numbers = { { number = "12025550003", service = "sms" }, "12025550001", "12025550009" },
      shortcodes = { "77009" }, tollfree = { { number = "18005550009", service = "sms" } } }
    local text = tostring(assert(pool:plan(one, { prune = true })))
    assert.equal(text, tostring(assert(pool:plan(other, { prune = true }))))
    assert.equal(("plan for pool %s: 2 to add, 5 to remove, 1 to replace, 1 to keep, 1 impossible"):format(seeded.pool)
      .. [[

  + 12025550009
  + tollfree 18005550009 sms
  - 12025550002 sms
  - 12025550004 sms
  - tollfree 18005550001 sms
  - tollfree 18005550002 sms
  - shortcode 77001
  ~ 12025550003 mms -> sms
  ! shortcode 77009: the API can't add shortcodes]], text)
    assert.matches("5 to remove and release for good",
      tostring(assert(pool:plan(one, { prune = true, unrent = true }))))
  end)

  it("changes nothing", function()
    assert(pool:plan({ numbers = { "12025550009" }, tollfree = {} }, { prune = true, unrent = true }))
    for _, request in ipairs(assert(server:requests())) do
      assert.equal("GET", request.method)
    end
  end)
end)

describe("pool:plan, of what can't be right,", function()
  local pool

  before_each(function()
    pool = fixture.pool(server, { numbers = 3 })
    assert.same({}, assert(server:requests()))
  end)

  after_each(function()
    assert.same({}, assert(server:requests()))
  end)

  it("names the list and the position, and sends nothing", function()
    for expected, desired in pairs {
      ["^numbers%[3%]: number: expected 2 to 15 digits"] = { numbers = { "12025550001", "12025550002", "202 555" } },
      ["^numbers%[2%]: number: "] = { numbers = { "12025550001", { number = "+442079460100.0" } } },
      ["^numbers%[1%]: service: expected sms or mms, got \"fax\""] =
        { numbers = { { number = "12025550001", service = "fax" } } },
      ["^tollfree%[1%]: number: "] = { numbers = { "12025550001" }, tollfree = { "" } },
      ["^shortcodes%[2%]: shortcode: expected 3 to 8 digits"] = { shortcodes = { "77001", "1" } },
      ["^numbers%[4%]: expected one service for 12025550001, got mms here and sms in numbers%[2%]"] = { numbers = {
        "12025550001", { number = "12025550001", service = "sms" }, "12025550002",
        { number = "+12025550001", service = "mms" },
      } },
    } do
      local plan, err = pool:plan(desired)
      assert.is_nil(plan)
      assert.equal("invalid", err.kind)
      assert.equal("plan", err.operation)
      assert.matches(expected, err.message)
    end
  end)

  it("finds a malformed number among many", function()
    local list = {}
    for i = 1, 100000 do
      list[i] = ("%d"):format(12020000000 + i)
    end
    list[73412] = "12O20073412"
    local _, err = pool:plan { numbers = list }
    assert.matches("^numbers%[73412%]: ", err.message)
  end)

  it("refuses options that can't be right", function()
    local _, err = pool:plan({}, { max_removals = -1 })
    assert.equal("invalid", err.kind)
    assert.matches("max_removals: expected 0 to", err.message)
  end)

  it("raises for wrong types and unknown fields", function()
    for expected, arguments in pairs {
      ["^plan: desired: table expected, got no value$"] = {},
      ["^plan: desired: table expected, got string$"] = { "12025550001" },
      ["^plan: unknown field \"number\", expected one of numbers, tollfree, shortcodes$"] = { { number = {} } },
      ["^plan: unknown field 1, expected"] = { { "12025550001" } },
      ["^plan: numbers: list expected, got function$"] = { { numbers = print } },
      ["^plan: tollfree: list expected, got boolean$"] = { { tollfree = false } },
      ["^plan: numbers: list expected, got a table with the key \"number\"$"] = { { numbers = { number = "1" } } },
      ["^plan: numbers: list expected, got a table with the key 0.5$"] = { { numbers = { [0.5] = "12025550001" } } },
      ["^plan: numbers%[2%]: string, number or table expected, got boolean$"] = { { numbers = { "1", true } } },
      ["^plan: numbers%[2%]: string, number or table expected, got no value$"] =
        { { numbers = { "12025550001", nil, "12025550002" } } },
      ["^plan: numbers%[1%].number: string or number expected, got no value$"] = { { numbers = { {} } } },
      ["^plan: numbers%[1%].service: string expected, got number$"] =
        { { numbers = { { number = "12025550001", service = 5 } } } },
      ["^plan: numbers%[1%]: unknown field \"type\", expected one of number, service$"] =
        { { numbers = { { number = "12025550001", type = "fixed" } } } },
      ["^plan: numbers%[1%]: unknown field \"shortcode\""] = { { numbers = { { shortcode = "77001" } } } },
      ["^plan: shortcodes%[1%].shortcode: string or number expected, got no value$"] = { { shortcodes = { {} } } },
      ["^plan: prune: boolean expected, got string$"] = { {}, { prune = "yes" } },
      ["^plan: unrent: boolean expected, got string$"] = { {}, { unrent = "false" } },
      ["^plan: max_removals: integer expected, got string$"] = { {}, { max_removals = "5" } },
      ["^plan: unknown option \"force\""] = { {}, { force = true } },
      ["^plan: options: table expected, got boolean$"] = { {}, true },
    } do
      assert.matches(expected, raised(function()
        local _ = pool:plan(arguments[1], arguments[2])
      end))
    end
  end)

  it("raises for a wrong type after a wrong value too", function()
    assert.matches("numbers%[2%]", raised(function()
      local _ = pool:plan { numbers = { "nonsense", print } }
    end))
  end)
end)

describe("pool:plan asks", function()
  it("at most six times for five numbers, however many there are", function()
    local pool = fixture.pool(server, { numbers = 3000 })
    local requests, plan = requests_of(pool, { numbers = {
      seeded_number(2999), seeded_number(1500), { number = seeded_number(1700), service = "mms" }, "12025550001",
      "12025550002",
    } })
    assert.equal(6, requests)
    assert.same({ 2, 0, 1, 2, 0 }, counts(plan))
    for _, desired in ipairs {
      { numbers = { seeded_number(2999), seeded_number(1) }, tollfree = { "18005550001", "18005550002" },
        shortcodes = { "77001" } },
      { numbers = { seeded_number(2999) }, tollfree = { "18005550001" }, shortcodes = { "77001", "77002", "77003" } },
    } do
      assert.is_true(requests_of(pool, desired) <= 6)
    end
  end)

  it("for what is wanted alone, and not at all where nothing is", function()
    local pool = fixture.pool(server, { numbers = 100, tollfree = 30 })
    assert.equal(0, requests_of(pool, {}))
    assert.equal(0, requests_of(pool, { numbers = {}, tollfree = {} }))
    assert.equal(1, requests_of(pool, { numbers = { seeded_number(99) } }))
    assert.equal(2, requests_of(pool, { tollfree = {} }, { prune = true }))
  end)

  it("by pages where that takes fewer requests", function()
    local pool = fixture.pool(server, { numbers = 100 })
    local list = {}
    for i = 1, 100 do
      list[i] = seeded_number(i + 49)
    end
    local requests, plan = requests_of(pool, { numbers = list })
    assert.equal(5, requests)
    assert.same({ 50, 0, 0, 50, 0 }, counts(plan))
  end)

  it("for no more pages once all is known", function()
    local pool = fixture.pool(server, { numbers = 1000 })
    local list = {}
    for i = 1, 12 do
      list[i] = seeded_number(i)
    end
    assert.equal(1, requests_of(pool, { numbers = list }))
  end)
end)

describe("pool:plan with a server that", function()
  local desired = { numbers = { seeded_number(0), seeded_number(30), { number = seeded_number(44), service = "mms" },
    "12025550001", seeded_number(20) } }
  for i = 1, 20 do
    desired.numbers[#desired.numbers + 1] = seeded_number(i)
  end

  for quirk, expected in pairs {
    no_meta = { 1, 0, 1, 22, 0 },
    capped_pages = { 1, 0, 1, 22, 0 },
    numberpool_uuid = { 1, 0, 1, 22, 0 },
    unusable_next = { 1, 0, 1, 22, 0 },
    empty_404 = { 1, 0, 1, 22, 0 },
    nested_error = { 1, 0, 1, 22, 0 },
  } do
    it("has the quirk " .. quirk .. " is the same", function()
      local odd = fixture.sandbox { quirks = { quirk } }
      local pool = fixture.pool(odd, { numbers = 45 })
      assert.same(expected, counts(assert(pool:plan(desired))))
      local plan = assert(pool:plan(desired, { prune = true }))
      assert.same({ expected[1], 22, expected[3], expected[4], expected[5] }, counts(plan))
      assert.same({ 1, 0, 1, 1, 0 },
        counts(assert(pool:plan { numbers = { unpack(desired.numbers, 2, 4) } })))
    end)
  end

  it("doesn't say the service of a number keeps it, and says why", function()
    local odd = fixture.sandbox { quirks = { "no_service" } }
    local pool = fixture.pool(odd, { numbers = 45 })
    local plan = assert(pool:plan { numbers = { { number = seeded_number(1), service = "mms" } } })
    assert.same({ 0, 0, 0, 1, 0 }, counts(plan))
    assert.is_nil(plan.keep[1].service)
    assert.matches("doesn't say with which service", plan.keep[1].reason)
  end)

  it("fails gives its error", function()
    local pool = fixture.pool(server, { numbers = 45 })
    assert(server:fault { kind = "status", status = 500 })
    for _, options in ipairs { { prune = true }, {} } do
      local plan, err = pool:plan(desired, options)
      assert.is_nil(plan)
      assert.equal("server", err.kind)
    end
    local _, err = pool:plan { numbers = { seeded_number(0) } }
    assert.equal("server", err.kind)
    assert.equal("find_number", err.operation)
  end)

  it("breaks connections now and then is read all the same", function()
    local pool = fixture.pool(server, { numbers = 145 }, { impatient = true, retries = 10 })
    assert(server:fault { kind = "reset", probability = 0.3, seed = 3 })
    assert.same({ 1, 122, 1, 22, 0 }, counts(assert(pool:plan(desired, { prune = true }))))
    assert.same({ 1, 0, 1, 1, 0 }, counts(assert(pool:plan { numbers = { desired.numbers[2], desired.numbers[3],
      desired.numbers[4] } })))
  end)
end)

describe("pool:plan", function()
  it("may be made inside map, many at a time", function()
    local pool, client = fixture.pool(server, { numbers = 100 })
    local results = client:map({ 2, 5, 50 }, function(count)
      local list = {}
      for i = 1, count do
        list[i] = seeded_number(97 + i)
      end
      return pool:plan { numbers = list }
    end)
    for i, added in ipairs { 0, 3, 48 } do
      assert.equal(added, #results[i].value.add)
    end
  end)

  it("doesn't ask a table's metatable", function()
    local pool = fixture.pool(server, { numbers = 3 })
    local odd = setmetatable({}, { __index = function()
      error "asked"
    end, __len = function()
      error "asked"
    end })
    assert.equal(0, assert(pool:plan(odd)):count())
    assert.equal(0, assert(pool:plan { numbers = odd, shortcodes = odd }):count())
  end)
end)

describe("pool:plan of a pool that changes meanwhile", function()
  it("ends, says so, and has what any reading had", function()
    local pool, _, seeded = fixture.pool(server, { numbers = 145 })
    local responses = 0
    local watched = fixture.client(server, { on_event = function(event)
      if event.type == "response" and event.operation == "list_numbers" then
        responses = responses + 1
        if responses % 8 == 1 then
          assert(pool:add_number(("1202555%04d"):format(responses)))
        end
      end
    end })
    local plan = assert(assert(watched:pool(seeded.pool)):plan({ numbers = { seeded_number(3), "12125550001" } },
      { prune = true }))
    assert.matches("kept changing", tostring(plan))
    assert.is_true(#plan.remove >= 144)
    assert.same({ "12125550001" }, names(plan.add))
    assert.same({ seeded_number(3) }, names(plan.keep))
  end)
end)
