-- The sender of examples/nginx, over HTTP, with two workers and a sandbox behind it.
local arrivals = require "spec.support.arrivals"
local cjson = require "cjson"
local fixture = require "spec.support.fixture"
local start_example = require "spec.support.nginx_example"

describe("the sender", function()
  local server = fixture.sandbox()
  local uuid, sender

  before_each(function()
    server:reset()
  end)

  local function ask(recipient)
    local answer = sender:get("/sender?to=" .. recipient)
    return answer.status, cjson.decode(answer.body)
  end

  local function start(numbers, refresh)
    uuid = assert(server:seed { numbers = numbers }).pool
    sender = start_example("sender", server, { NUMBERPOOL_POOL = uuid, SENDER_REFRESH = refresh or 60 })
    fixture.until_end(sender)
    assert.is_truthy(sender:wait(10, function()
      local status, answer = ask "9999999"
      return status == 200 or answer.error == "the pool is empty"
    end), sender:log())
  end

  local NUMBERS = { "15125550100", "15125550101", "15125550102", "14155550100", "442079460000" }

  it("takes a number of the recipient's area code", function()
    start(NUMBERS)
    for i = 1, 20 do
      local status, answer = ask(("1415555%04d"):format(i))
      assert.equal(200, status)
      assert.equal("14155550100", answer.from)
      assert.equal("area", answer.match)
    end
    local _, answer = ask "442079461234"
    assert.equal("442079460000", answer.from)
  end)

  it("takes any where there is none near by", function()
    start(NUMBERS)
    local status, answer = ask "12125550199"
    assert.equal(200, status)
    assert.equal("any", answer.match)
    assert.equal("12125550199", answer.to)
  end)

  it("says that a number is of the recipient's area only within one country's plan", function()
    start { "15125550100", "442079460000", "351211234567", "420221234567", "79161234567" }
    for recipient, match in pairs {
      ["15125559999"] = "area", ["442071234567"] = "area", ["351219999999"] = "area", ["79169999999"] = "area",
      ["447700900123"] = "any", ["441512555010"] = "any", -- the same country, another area
      ["353211234567"] = "any", ["421221234567"] = "any", ["12079460000"] = "any", ["77161234567"] = "any",
    } do
      local status, answer = ask(recipient)
      assert.equal(200, status)
      assert.equal(match, answer.match, recipient)
    end
  end)

  it("spreads recipients over the numbers of an area, and gives each the same again", function()
    start(NUMBERS)
    local chosen, used, count = {}, {}, 0
    for i = 1, 60 do
      local recipient = ("1512556%04d"):format(i)
      local _, answer = ask(recipient)
      chosen[recipient] = answer.from
      count = count + (used[answer.from] and 0 or 1)
      used[answer.from] = true
    end
    assert.equal(3, count)
    for recipient, from in pairs(chosen) do
      local _, answer = ask(recipient)
      assert.equal(from, answer.from)
      assert.equal("before", answer.match)
    end
  end)

  it("asks the API for the pool once, whichever worker answers", function()
    start(NUMBERS)
    for i = 1, 20 do
      ask(("1512556%04d"):format(i))
    end
    assert.same({ ["GET Number/"] = 1 }, arrivals.count(server))
  end)

  it("follows the pool, and changes a recipient's number only if that has left it", function()
    start({ "15125550100" }, 0.05)
    local pool = fixture.pool(server, uuid)
    assert.equal("15125550100", select(2, ask "15125560001").from)
    assert(pool:add_number "15125550101")
    assert.is_truthy(sender:wait(10, function()
      local _, answer = ask(("1512557%04d"):format(math.random(9999)))
      return answer.from == "15125550101"
    end))
    assert.equal("15125550100", select(2, ask "15125560001").from)
    assert(pool:remove_number "15125550100")
    assert.is_truthy(sender:wait(10, function()
      return select(2, ask "15125560001").from == "15125550101"
    end))
  end)

  it("keeps its numbers while the API is broken", function()
    start(NUMBERS, 0.05)
    assert(server:fault { kind = "status", status = 401 })
    assert.is_truthy(sender:wait(10, function()
      return sender:log():find("the numbers stay as they were", 1, true)
    end))
    local status, answer = ask "14155559999"
    assert.equal(200, status)
    assert.equal("14155550100", answer.from)
  end)

  it("says that a pool is empty", function()
    start {}
    local status, answer = ask "15125550199"
    assert.equal(503, status)
    assert.equal("the pool is empty", answer.error)
  end)

  it("refuses what is no number, and takes a plus sign", function()
    start(NUMBERS)
    for _, recipient in ipairs { "", "abc", "123", "1234567890123456", "1&to=2", "0123456789", "%2B0123456789" } do
      local status, answer = ask(recipient)
      assert.equal(400, status)
      assert.matches("^to: expected", answer.error)
    end
    assert.equal("14155550100", select(2, ask "%2B14155559999").from)
    assert.equal("14155550100", select(2, ask "+14155559999").from)
  end)
end)
