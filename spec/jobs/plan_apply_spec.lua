-- plan:apply: what it changes, what it reports, and how it mends what went wrong.
local arrivals = require "spec.support.arrivals"
local bulk = require "spec.support.bulk"
local fixture = require "spec.support.fixture"
local raised = require "spec.support.raised"

local check_sums = bulk.check_sums

local server = fixture.sandbox()

local pool, client, seeded

before_each(function()
  pool, client, seeded = fixture.pool(server, {
    numbers = { "12025550001", "12025550002", { number = "12025550003", service = "mms" }, "12025550004" },
    tollfree = { "18005550001", "18005550002" },
    shortcodes = { "77001" },
  })
end)

local function state_of_pool()
  for _, found in ipairs(assert(server:state()).pools) do
    if found.uuid == seeded.pool then
      return found
    end
  end
end

-- What a list of the pool has: services by number.
local function there(list)
  local services = {}
  for _, entry in ipairs(state_of_pool()[list or "numbers"]) do
    services[entry.number or entry.shortcode] = entry.service or true
  end
  return services
end

local function changes()
  local counts = {}
  for name, count in pairs(arrivals.count(server)) do
    if not name:find "^GET" then
      counts[name] = count
    end
  end
  return counts
end

local DESIRED = {
  numbers = {
    "12025550001",
    { number = "12025550002", service = "mms" },
    { number = "12025550008", service = "mms" },
    "12025550009",
  },
  tollfree = { "18005550002", "18005550009" },
  shortcodes = {},
}

describe("plan:apply", function()
  it("has the pool as it should be, and nothing is left to do", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    local report = assert(plan:apply())
    check_sums(report, 8, 8, 0, 0)
    assert.same({ ["12025550001"] = "sms", ["12025550002"] = "mms", ["12025550008"] = "mms", ["12025550009"] = "sms" },
      there())
    assert.same({ ["18005550002"] = "sms", ["18005550009"] = "sms" }, there "tollfree")
    assert.same({}, there "shortcodes")
    assert.same({
      ["POST Number/12025550008/"] = 1, ["POST Number/12025550009/"] = 1, ["POST Tollfree/18005550009/"] = 1,
      ["DELETE Number/12025550002/"] = 1, ["POST Number/12025550002/"] = 1,
      ["DELETE Number/12025550003/"] = 1, ["DELETE Number/12025550004/"] = 1, ["DELETE Tollfree/18005550001/"] = 1,
      ["DELETE Shortcode/77001/"] = 1,
    }, changes())
    assert.equal(0, assert(pool:plan(DESIRED, { prune = true })):count())
  end)

  it("reports as bulk calls do, with the entry as input", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    local report = assert(plan:apply())
    assert.is_true(rawequal(plan.add[1], report.results[1].input))
    assert.equal("12025550008", report.results[1].value.number)
    assert.is_true(rawequal(plan.replace[1], report.results[4].input))
    assert.is_true(rawequal(plan.remove[1], report.results[5].input))
    local count, progress = 0, {}
    plan = assert(pool:plan { numbers = { "12025550020", "12025550021", "12025550022" } })
    report = assert(plan:apply {
      concurrency = 2,
      on_result = function(result)
        count = count + (result.ok and 1 or 0)
      end,
      on_progress = function(done, total, last)
        progress[#progress + 1] = ("%d/%d %s"):format(done, total, tostring(last.ok))
      end,
    })
    check_sums(report, 3, 3, 0, 0)
    assert.is_nil(report.results)
    assert.equal(3, count)
    assert.same({ "1/3 true", "2/3 true", "3/3 true" }, progress)
  end)

  it("of nothing sends nothing", function()
    local plan = assert(pool:plan {})
    local before = #assert(server:requests())
    check_sums(assert(plan:apply()), 0, 0, 0, 0)
    assert.equal(before, #assert(server:requests()))
  end)

  it("releases what it removes with unrent alone, and never what it replaces", function()
    local desired = { numbers = { { number = "12025550001", service = "mms" }, "12025550002" } }
    assert(assert(pool:plan(desired, { prune = true, unrent = true })):apply())
    local state = arrivals.state(server)
    assert.is_true(state.is_rented "12025550001")
    assert.equal(0, state.ledger("12025550001").unrents)
    assert.is_false(state.is_rented "12025550003")
    assert.equal(1, state.ledger("12025550004").unrents)
    assert(assert(pool:plan({ numbers = {} }, { prune = true })):apply())
    assert.is_true(arrivals.state(server).is_rented "12025550002")
  end)

  it("removes a number from one list before it adds it to the other", function()
    assert(pool:add_number "18005550007")
    local plan = assert(pool:plan({ numbers = { "12025550001" }, tollfree = { "18005550007", "18005550001" } },
      { prune = true }))
    assert(server:fault { kind = "delay", seconds = 0.05, method = "DELETE", path = "18005550007" })
    check_sums(assert(plan:apply()), 6, 6, 0, 0)
    local at
    for index, request in ipairs(assert(server:requests())) do
      if request.path:find "18005550007" and request.method == "DELETE" then
        at = index
      elseif request.path:find "Tollfree/18005550007" and request.method == "POST" then
        assert.is_number(at)
      end
    end
    assert.is_nil(there()["18005550007"])
    assert.equal("sms", there("tollfree")["18005550007"])
  end)

  it("doesn't add a number elsewhere that couldn't be removed", function()
    assert(pool:add_number "18005550007")
    local plan = assert(pool:plan({ numbers = { "12025550001" }, tollfree = { "18005550007" } }, { prune = true }))
    assert(server:fault { kind = "status", status = 403, method = "DELETE", path = "18005550007" })
    local report = assert(plan:apply())
    check_sums(report, 7, 5, 2, 0)
    assert.matches("couldn't be removed", tostring(report.results[1].error))
    assert.is_nil(changes()["POST Tollfree/18005550007/"])
  end)

  it("raises for wrong types, and refuses values that can't be right", function()
    local plan = assert(pool:plan(DESIRED))
    assert.matches("^apply: force: boolean expected, got number$", raised(function()
      local _ = plan:apply { force = 1 }
    end))
    assert.matches("^apply: unknown option \"prune\"", raised(function()
      local _ = plan:apply { prune = true }
    end))
    assert.matches("^apply: plan expected, got table %(call it with a colon%)$", raised(function()
      local _ = plan.apply {}
    end))
    assert.matches("^count: plan expected, got no value", raised(function()
      local _ = plan.count()
    end))
    local report, err = plan:apply { concurrency = 5000 }
    assert.is_nil(report)
    assert.equal("invalid", err.kind)
    assert.same({}, changes())
  end)

  it("of a closed client fails", function()
    local plan = assert(pool:plan { numbers = { "12025550009" } })
    client:close()
    local report = assert(plan:apply())
    check_sums(report, 1, 0, 1, 0)
    assert.equal("closed", report.results[1].error.kind)
  end)

  it("stops after a failure where that is wanted", function()
    local plan = assert(pool:plan { numbers = { "12025550011", "12025550012", "12025550013", "12025550014" } })
    assert(server:fault { kind = "status", status = 403, path = "12025550012" })
    check_sums(assert(plan:apply { concurrency = 1, stop_on_error = true }), 4, 1, 1, 2)
  end)

  it("raises what a hook raises, with the report", function()
    local plan = assert(pool:plan { numbers = { "12025550011", "12025550012", "12025550013" } })
    local ok, err = pcall(plan.apply, plan, { concurrency = 1, on_progress = function()
      error "enough"
    end })
    assert.is_false(ok)
    assert.equal("interrupted", err.kind)
    assert.matches("enough", err.cause)
    check_sums(err.report, 3, 1, 0, 2)
  end)
end)

describe("the brake of plan:apply", function()
  local function plan_of_removing(count, kept, options)
    local numbers, desired = {}, {}
    for i = 1, count + kept do
      numbers[i] = ("1202555%04d"):format(i)
    end
    for i = 1, kept do
      desired[i] = numbers[i]
    end
    pool, client, seeded = fixture.pool(server, { numbers = numbers })
    options = options or {}
    options.prune = true
    return assert(pool:plan({ numbers = desired }, options))
  end

  local function check_held(plan, removals, allowed)
    local report, err = plan:apply()
    assert.is_nil(report)
    assert.equal("conflict", err.kind)
    assert.matches("^" .. removals .. " of %d+ entries would be removed, and max_removals is " .. allowed, err.message)
    assert.same({}, changes())
  end

  it("holds more than ten removals of few", function()
    check_sums(assert(plan_of_removing(10, 1):apply()), 10, 10, 0, 0)
    check_held(plan_of_removing(11, 1), 11, 10)
  end)

  it("holds more than 30 % of many", function()
    check_sums(assert(plan_of_removing(30, 70):apply()), 30, 30, 0, 0)
    check_held(plan_of_removing(31, 69), 31, 30)
  end)

  it("holds more than max_removals", function()
    check_held(plan_of_removing(1, 5, { max_removals = 0 }), 1, 0)
    check_sums(assert(plan_of_removing(40, 5, { max_removals = 40 }):apply()), 40, 40, 0, 0)
  end)

  it("gives way to force", function()
    local plan = plan_of_removing(20, 0)
    check_held(plan, 20, 10)
    check_sums(assert(plan:apply { force = true }), 20, 20, 0, 0)
    assert.same({}, there())
  end)

  it("counts no replacements", function()
    local plan = plan_of_removing(0, 40, { max_removals = 0 })
    assert.equal(0, plan:count())
    local desired = {}
    for i, entry in ipairs(plan.keep) do
      desired[i] = { number = entry.number, service = "mms" }
    end
    plan = assert(pool:plan({ numbers = desired }, { prune = true, max_removals = 0 }))
    check_sums(assert(plan:apply()), 40, 40, 0, 0)
  end)
end)

describe("plan:apply of a pool that has changed meanwhile", function()
  it("takes what is gone for removed, and what is there for added", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    assert(pool:remove_number "12025550004")
    assert(pool:add_number("12025550008", { service = "mms" }))
    assert(pool:add_tollfree "18005550009")
    check_sums(assert(plan:apply()), 8, 8, 0, 0)
    assert.equal(0, assert(pool:plan(DESIRED, { prune = true })):count())
  end)

  it("fails what is there with another service, and the next plan mends it", function()
    local plan = assert(pool:plan(DESIRED))
    assert(pool:add_number("12025550008", { service = "sms" }))
    local report = assert(plan:apply())
    check_sums(report, 4, 3, 1, 0)
    assert.equal("conflict", report.results[1].error.kind)
    assert.equal("12025550008", report.results[1].error.target)
    assert.matches("is in the pool with service sms, not mms", tostring(report.results[1].error))
    check_sums(assert(assert(pool:plan(DESIRED)):apply()), 1, 1, 0, 0)
    assert.equal("mms", there()["12025550008"])
  end)

  it("looks where an addition is refused as being there already", function()
    local plan = assert(pool:plan { numbers = { "12025550008", "12025550009" } })
    assert(pool:add_number "12025550008")
    assert(server:fault { kind = "status", status = 400, method = "POST",
      body = '{"error":"it is in the pool already"}' })
    local report = assert(plan:apply())
    check_sums(report, 2, 1, 1, 0)
    assert.equal("12025550008", report.results[1].value.number)
    assert.equal("rejected", report.results[2].error.kind)
  end)

  it("goes well twice at once", function()
    local other = fixture.client(server)
    local first = assert(pool:plan(DESIRED, { prune = true }))
    local second = assert(assert(other:pool(seeded.pool)):plan(DESIRED, { prune = true }))
    for _, result in ipairs(client:map({ first, second }, function(plan)
      return plan:apply()
    end)) do
      check_sums(result.value, 8, 8, 0, 0)
    end
    assert.equal(0, assert(pool:plan(DESIRED, { prune = true })):count())
  end)
end)

describe("plan:apply of the same plan again", function()
  it("does nothing twice", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    check_sums(assert(plan:apply()), 8, 8, 0, 0)
    local before = changes()
    check_sums(assert(plan:apply()), 8, 8, 0, 0)
    assert.same(before, changes())
  end)

  it("does what failed before", function()
    local plan = assert(pool:plan(DESIRED, { prune = true }))
    assert(server:fault { kind = "status", status = 403, path = "1202555000[89]", method = "POST", times = 2 })
    check_sums(assert(plan:apply()), 8, 6, 2, 0)
    check_sums(assert(plan:apply()), 8, 8, 0, 0)
    assert.equal(1, changes()["DELETE Number/12025550002/"])
    assert.equal(0, assert(pool:plan(DESIRED, { prune = true })):count())
  end)
end)

describe("plan:apply again, with a server that doesn't say a number's service,", function()
  it("replaces what wasn't replaced", function()
    local odd = fixture.sandbox { quirks = { "no_service" } }
    local of_odd, _, at = fixture.pool(odd, { numbers = 3 })
    local plan = assert(of_odd:plan {
      numbers = { { number = 15125550000, service = "mms" }, 15125550001, 15125550002 },
    })
    assert.equal(1, #plan.replace)
    assert(odd:fault { kind = "status", status = 403, method = "DELETE", times = 1 })
    check_sums(assert(plan:apply()), 1, 0, 1, 0)
    check_sums(assert(plan:apply()), 1, 1, 0, 0)
    assert.equal("mms", arrivals.state(odd).entry(at.pool, "numbers", "15125550000").service)
  end)
end)

describe("a replacement", function()
  local desired = { numbers = { { number = "12025550001", service = "mms" } } }

  local function failure_of()
    local report = assert(assert(pool:plan(desired)):apply())
    check_sums(report, 1, 0, 1, 0)
    return report.results[1].error
  end

  local function check_mended()
    check_sums(assert(assert(pool:plan(desired)):apply()), 1, 1, 0, 0)
    assert.equal("mms", there()["12025550001"])
  end

  it("that is refused is undone, and says so", function()
    assert(server:fault { kind = "status", status = 400, method = "POST", times = 1, body = '{"error":"no MMS"}' })
    local err = failure_of()
    assert.equal("rejected", err.kind)
    assert.matches("no MMS; it is in the pool with service sms again", err.message)
    assert.equal("sms", there()["12025550001"])
    check_mended()
  end)

  it("that is refused, and can't be undone, says that the number isn't there", function()
    assert(server:fault { kind = "status", status = 400, method = "POST", times = 2 })
    local err = failure_of()
    assert.matches("it was removed to be added with another service, and isn't in the pool now", err.message)
    assert.is_nil(there()["12025550001"])
    check_mended()
  end)

  it("whose addition fails says so, and is tried as often as any call", function()
    assert(server:fault { kind = "status", status = 503, method = "POST", times = 4 })
    pool = fixture.pool(server, seeded.pool, { impatient = true })
    local err = failure_of()
    assert.equal("server", err.kind)
    assert.equal(3, err.attempts)
    assert.matches("isn't in the pool now: plan and apply again", err.message)
    check_mended()
  end)

  it("whose removal fails leaves the number as it is", function()
    assert(server:fault { kind = "status", status = 403, method = "DELETE", times = 1 })
    local err = failure_of()
    assert.equal("forbidden", err.kind)
    assert.equal("remove_number", err.operation)
    assert.equal("sms", there()["12025550001"])
    check_mended()
  end)

  it("whose removal is in doubt says so", function()
    assert(server:fault { kind = "status", status = 500, method = "DELETE", times = 1, when = "after" })
    local err = failure_of()
    assert.is_true(err.ambiguous)
    assert.matches("it may have been removed to be added with another service: plan and apply again", err.message)
    check_mended()
  end)
end)
