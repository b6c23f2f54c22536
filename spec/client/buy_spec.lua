-- Buying: the only call that spends money. Never twice, and never the wrong number.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local raised = require "spec.support.raised"

describe("pool:buy_number", function()
  local server = fixture.sandbox()
  local seeded, pool, offers

  before_each(function()
    local client
    pool, client, seeded = fixture.pool(server, { numbers = 2 }, { impatient = true })
    offers = {}
    local found = assert(client:search_numbers { country_iso2 = "US", services = "sms", limit = 20 })
    for i, offer in ipairs(found.objects) do
      offers[i] = offer.number
    end
    assert.is_true(#offers > 6)
  end)

  local function posts(number)
    return arrivals.count(server)["POST Number/" .. number .. "/"] or 0
  end

  local function bought()
    local numbers = {}
    for _, account in ipairs(assert(server:state()).accounts) do
      for _, entry in ipairs(account.ledger) do
        assert.equal(1, entry.rents, entry.number)
        numbers[#numbers + 1] = entry.number
      end
    end
    return numbers
  end

  -- From now on every try to buy this number goes wrong.
  local function break_offer(number, fault)
    fault.method, fault.path = "POST", "/" .. number .. "/"
    assert(server:fault(fault))
  end

  it("rents a number and puts it into the pool", function()
    local number = assert(pool:buy_number { number = offers[3], service = "mms" })
    assert.equal(offers[3], number.number)
    assert.equal("mms", number.service)
    local state = arrivals.state(server)
    assert.is_true(state.is_rented(offers[3]))
    assert.is_table(state.entry(seeded.pool, "numbers", offers[3]))
    assert.same({ offers[3] }, bought())
  end)

  it("doesn't search where a number is named", function()
    assert(pool:buy_number { number = offers[1] })
    assert.equal(1, arrivals.count(server)["GET PhoneNumber/"]) -- the spec's own
  end)

  it("takes the first number that a search offers", function()
    local number = assert(pool:buy_number { country_iso2 = "US" })
    assert.equal(offers[1], number.number)
    assert.same({ offers[1] }, bought())
  end)

  it("searches for what it was told, and for the service", function()
    assert(pool:buy_number { country_iso2 = "US", type = "tollfree", pattern = "8", service = "mms" })
    local requests = assert(server:requests())
    local search = requests[#requests - 1]
    assert.matches("/PhoneNumber/$", search.path)
    for _, part in ipairs { "country_iso=US", "type=tollfree", "pattern=8", "services=mms", "limit=20" } do
      assert.truthy(("&" .. search.query .. "&"):find("&" .. part .. "&", 1, true), part .. " in " .. search.query)
    end
  end)

  for _, status in ipairs { 400, 404, 409 } do
    it("takes the next offer after a " .. status, function()
      break_offer(offers[1], { kind = "status", status = status })
      break_offer(offers[2], { kind = "status", status = status })
      local number = assert(pool:buy_number { country_iso2 = "US" })
      assert.equal(offers[3], number.number)
      assert.equal(1, posts(offers[1]))
      assert.same({ offers[3] }, bought())
    end)
  end

  for _, status in ipairs { 401, 402, 403, 422 } do
    it("takes no other offer after a " .. status, function()
      break_offer(offers[1], { kind = "status", status = status })
      local number, err = pool:buy_number { country_iso2 = "US" }
      assert.is_nil(number)
      assert.equal(status, err.status)
      assert.equal(offers[1], err.target)
      assert.equal(0, posts(offers[2]))
      assert.same({}, bought())
    end)
  end

  it("gives up after five offers", function()
    assert(server:fault { method = "POST", kind = "status", status = 400 })
    local number, err = pool:buy_number { country_iso2 = "US" }
    assert.is_nil(number)
    assert.equal("rejected", err.kind)
    assert.equal(offers[5], err.target)
    assert.equal(1, posts(offers[5]))
    assert.equal(0, posts(offers[6]))
    assert.same({}, bought())
  end)

  for _, kind in ipairs { "reset", "truncate", "garbage", "status" } do
    it("settles an offer whose answer is lost, by " .. kind .. ", before it looks at another", function()
      break_offer(offers[1], { kind = kind, when = "after", times = 1 })
      local number = assert(pool:buy_number { country_iso2 = "US" })
      assert.equal(offers[1], number.number)
      assert.equal(1, posts(offers[1]))
      assert.equal(0, posts(offers[2]))
      assert.same({ offers[1] }, bought())
    end)

    it("returns an offer that stays unknown, by " .. kind .. ", instead of buying another", function()
      break_offer(offers[1], { kind = kind, when = "after" })
      assert(server:fault { method = "GET", path = "/" .. offers[1] .. "/", kind = "status", status = 500 })
      local number, err = pool:buy_number { country_iso2 = "US" }
      assert.is_nil(number)
      assert.is_true(err.ambiguous)
      assert.equal(offers[1], err.target)
      assert.equal("buy_number", err.operation)
      assert.equal(0, posts(offers[2]))
      assert.same({ offers[1] }, bought())
    end)

    it("buys nothing else where an offer keeps failing, by " .. kind, function()
      break_offer(offers[1], { kind = kind })
      local number, err = pool:buy_number { country_iso2 = "US" }
      assert.is_nil(number)
      assert.equal(3, posts(offers[1]))
      assert.is_nil(err.ambiguous)
      assert.equal(offers[1], err.target)
      assert.equal(0, posts(offers[2]))
      assert.same({}, bought())
    end)
  end

  it("doesn't look or try again with no retries", function()
    break_offer(offers[1], { kind = "reset", when = "after" })
    local number, err = pool:buy_number { country_iso2 = "US", retries = 0 }
    assert.is_nil(number)
    assert.is_true(err.ambiguous)
    assert.equal(offers[1], err.target)
    assert.equal(1, posts(offers[1]))
    assert.equal(0, posts(offers[2]))
    assert.same({ offers[1] }, bought())
  end)

  it("takes a refusal after a lost answer for its own doing, if the number is there", function()
    break_offer(offers[1], { kind = "status", status = 429, when = "after", times = 1 })
    local number = assert(pool:buy_number { country_iso2 = "US" })
    assert.equal(offers[1], number.number)
    assert.same({ offers[1] }, bought())
  end)

  it("is one call, whatever it takes", function()
    local events = {}
    local client = fixture.client(server, { impatient = true, on_event = function(event)
      events[#events + 1] = event.type == "result" and event or nil
    end })
    local buyer = assert(client:pool(seeded.pool))
    break_offer(offers[1], { kind = "status", status = 409 })
    break_offer(offers[2], { kind = "status", status = 409 })
    assert.equal(offers[3], assert(buyer:buy_number { country_iso2 = "US" }).number)
    assert.equal(1, client:stats().calls)
    assert.same({}, client:stats().errors)
    assert.equal(1, #events)
    assert.equal(offers[3], events[1].target)
    assert(server:fault { method = "POST", kind = "status", status = 409 })
    local _, err = buyer:buy_number { country_iso2 = "US" }
    assert.equal("conflict", err.kind)
    assert.equal(5, err.attempts)
    assert.equal(2, client:stats().calls)
    assert.same({ conflict = 1 }, client:stats().errors)
    assert.equal(2, #events)
    assert.equal(err, events[2].err)
    assert.equal("buy_number", events[2].operation)
  end)

  it("says that nothing is offered", function()
    local number, err = pool:buy_number { country_iso2 = "US", pattern = "999999" }
    assert.is_nil(number)
    assert.equal("not_found", err.kind)
    assert.equal("buy_number", err.operation)
    assert.is_number(err.elapsed)
    assert.equal(0, err.attempts)
    assert.same({}, bought())
  end)

  it("buys nothing where the search fails", function()
    assert(server:fault { path = "/PhoneNumber/", kind = "status", status = 403, body = { error = "15125550099" } })
    local number, err = pool:buy_number { country_iso2 = "US" }
    assert.is_nil(number)
    assert.equal("forbidden", err.kind)
    assert.equal("buy_number", err.operation)
    assert.is_nil(err.ambiguous)
    assert.same({}, bought())
  end)

  it("tries a search again that meets trouble", function()
    assert(server:fault { path = "/PhoneNumber/", kind = "reset", times = 2 })
    assert.equal(offers[1], assert(pool:buy_number { country_iso2 = "US" }).number)
  end)

  it("refuses a number that somebody has rented", function()
    assert(pool:buy_number { number = offers[1] })
    local number, err = pool:buy_number { number = offers[1] }
    assert.is_nil(number)
    assert.equal("rejected", err.kind)
    assert.is_nil(err.ambiguous)
    assert.same({ offers[1] }, bought())
  end)

  it("counts the search into the time of the call", function()
    assert(server:fault { path = "/PhoneNumber/", kind = "delay", seconds = 0.3 })
    assert(server:fault { method = "POST", kind = "status", status = 400 })
    local _, err = pool:buy_number { country_iso2 = "US" }
    assert.is_true(err.elapsed >= 0.3, "took " .. err.elapsed)
  end)

  it("wants a number or a country, and not both", function()
    for _, options in ipairs {
      {}, { type = "mobile" }, { number = offers[1], country_iso2 = "US" }, { number = offers[1], pattern = "5" },
      { number = "12ab" }, { country_iso2 = "USA" }, { country_iso2 = "US", type = "pager" },
      { country_iso2 = "US", service = "fax" }, { number = offers[1], service = "fax" },
    } do
      local number, err = pool:buy_number(options)
      assert.is_nil(number)
      assert.equal("invalid", err.kind)
      assert.equal("buy_number", err.operation)
    end
    assert.same({}, bought())
    assert.equal(0, posts(offers[1]))
  end)

  for _, case in ipairs {
    { { country_iso2 = "US", service = "fax" }, "service: expected sms or mms, got \"fax\"" },
    { { country_iso2 = "US", timeout = 0 }, "timeout: expected more than 0 and at most 2147483 seconds, got 0" },
    { { number = "15125550000", retries = 101 }, "retries: expected 0 to 100, got 101" },
    { { type = "mobile" }, "number: expected one, or country_iso2 to search in, got neither" },
    { { number = "15125550000", region = "Texas" }, "region: expected none beside a number, got \"Texas\"" },
  } do
    it("says what it expects: " .. case[2], function()
      local number, err = pool:buy_number(case[1])
      assert.is_nil(number)
      assert.equal("invalid", err.kind)
      assert.equal(case[2], err.message)
    end)
  end

  it("refuses a search that can't be right at once, also while another purchase is under way", function()
    assert(server:fault { path = "/PhoneNumber/", kind = "delay", seconds = 0.3 })
    local client = fixture.client(server, { impatient = true })
    local buyer = assert(client:pool(seeded.pool))
    local ended = {}
    local results = client:map({ "US", "USA" }, function(country)
      local number, err = buyer:buy_number { country_iso2 = country }
      ended[#ended + 1] = country
      return number, err
    end)
    assert.same({ "USA", "US" }, ended)
    assert.equal("invalid", results[2].error.kind)
    assert.equal(0, results[2].error.attempts)
  end)

  for _, case in ipairs {
    { nil, "buy_number: options: table expected, got no value" },
    { "15125550000", "buy_number: options: table expected, got string" },
    { { number = "15125550000", unrent = true }, "buy_number: unknown option \"unrent\", expected one of "
      .. "country_iso2, number, pattern, region, retries, service, timeout, type" },
    { { number = true }, "buy_number: number: string or number expected, got boolean" },
    { { country_iso2 = 1 }, "buy_number: country_iso2: string expected, got number" },
    { { number = "15125550000", service = true }, "buy_number: service: string expected, got boolean" },
    { { country_iso2 = "US", retries = "1" }, "buy_number: retries: integer expected, got string" },
    { { country_iso2 = "US", timeout = "1" }, "buy_number: timeout: number expected, got string" },
  } do
    it("raises: " .. case[2], function()
      assert.equal(case[2], raised(function()
        pool:buy_number(case[1])
      end))
    end)
  end
end)

describe("pool:buy_number, with a server that offers nonsense,", function()
  local server = fixture.scripted_server()
  local pool = fixture.pool(server, "4c4a1b4e-5f1e-4c0e-9d2b-2f2a5d1f0a11", { impatient = true })

  for _, offered in ipairs {
    '"error"', '"+15125550000"', '"1512 5550000"', '"../../Powerpack"', "15125550000", '"1234567890123456"', "true",
  } do
    it("never sends " .. offered, function()
      server:script(http.json('{"objects":[{"number":' .. offered .. "}]}"))
      local number, err = pool:buy_number { country_iso2 = "US" }
      assert.is_nil(number)
      assert.equal("protocol", err.kind)
      assert.equal("buy_number", err.operation)
      assert.equal(1, #server:requests())
    end)
  end

  it("takes no search without a list for an empty one", function()
    server:script(http.json '{"error":"nothing"}')
    local _, err = pool:buy_number { country_iso2 = "US", retries = 0 }
    assert.equal("protocol", err.kind)
  end)
end)
