-- The checks of options in Lua: what raises and where, what is a message, and what is left of the options.
local options = require "numberpool.options"
local raised = require "spec.support.raised"

local NAN = 0 / 0

local ROW = { parameters = { "service", "unrent" } }

describe("a reader of options", function()
  local read = options.reader("work", {
    concurrency = options.integer(1, 1000, 16),
    wait = options.seconds(),
    on_result = options.type "function",
    stop_on_error = options.type "boolean",
    key = { type = "string", is_secret = true, check = function(value)
      return value ~= "wrong", "a right one"
    end },
    rate = {
      type = "table or false",
      fields = {
        requests = options.required(options.integer(1, 9)),
        seconds = options.seconds(5),
      },
    },
  })

  local function work(given)
    local own, wrong = read(given, 2)
    return own, wrong
  end

  it("fills in what is left out", function()
    for _, given in ipairs { {}, { concurrency = 16 } } do
      local own, wrong = work(given)
      assert.is_nil(wrong)
      assert.same({ concurrency = 16 }, own)
    end
    assert.same({ concurrency = 16 }, (work()))
  end)

  it("gives a copy, also of a table in it", function()
    local given = { stop_on_error = false, on_result = print, rate = { requests = 3 } }
    local own, wrong = work(given)
    assert.is_nil(wrong)
    assert.same({ stop_on_error = false, on_result = print, rate = { requests = 3, seconds = 5 }, concurrency = 16 },
      own)
    assert.same({ requests = 3 }, given.rate)
    assert.is_false(work({ rate = false }).rate)
  end)

  it("takes a whole float for the integer", function()
    assert.equal("5", ("%s"):format(work({ concurrency = 5.0 }).concurrency))
    assert.equal("5", ("%s"):format(work({ rate = { requests = 5.0 } }).rate.requests))
  end)

  it("asks no metatable", function()
    local function raises()
      error "a metamethod was called"
    end
    local metatable = { __index = raises, __pairs = raises, __len = raises }
    local own = work(setmetatable({ rate = setmetatable({ requests = 1 }, metatable) }, metatable))
    assert.same({ concurrency = 16, rate = { requests = 1, seconds = 5 } }, own)
  end)

  for _, case in ipairs {
    { "x", "work: options: table expected, got string" },
    { false, "work: options: table expected, got boolean" },
    { { concurrency = "16" }, "work: concurrency: integer expected, got string" },
    { { concurrency = false }, "work: concurrency: integer expected, got boolean" },
    { { wait = "1" }, "work: wait: number expected, got string" },
    { { stop_on_error = "false" }, "work: stop_on_error: boolean expected, got string" },
    { { stop_on_error = 0 }, "work: stop_on_error: boolean expected, got number" },
    { { on_result = {} }, "work: on_result: function expected, got table" },
    { { key = 5 }, "work: key: string expected, got number" },
    { { rate = true }, "work: rate: table or false expected, got boolean" },
    { { rate = {} }, "work: rate.requests: integer expected, got no value" },
    { { rate = { requests = 1, seconds = "1" } }, "work: rate.seconds: number expected, got string" },
    { { rate = { requests = 1, per = 1 } },
      "work: rate: unknown option \"per\", expected one of requests, seconds" },
    { { colour = 1 },
      "work: unknown option \"colour\", expected one of concurrency, key, on_result, rate, stop_on_error, wait" },
    { { 5 }, "work: unknown option 1, expected one of concurrency, key, on_result, rate, stop_on_error, wait" },
    { { concurrency = 5000, wait = "1" }, "work: wait: number expected, got string" },
  } do
    it("raises where the options are written: " .. case[2], function()
      assert.equal(case[2], raised(function()
        local _ = work(case[1])
      end))
    end)
  end

  for _, case in ipairs {
    { { concurrency = 5000 }, "concurrency: expected 1 to 1000, got 5000" },
    { { concurrency = 1.5 }, "concurrency: expected 1 to 1000, got 1.5" },
    { { concurrency = NAN }, "concurrency: expected 1 to 1000, got " },
    { { concurrency = math.huge }, "concurrency: expected 1 to 1000, got " },
    { { wait = 0 }, "wait: expected more than 0 and at most 2147483 seconds, got 0" },
    { { wait = NAN }, "wait: expected more than 0 and at most 2147483 seconds, got " },
    { { wait = math.huge }, "wait: expected more than 0 and at most 2147483 seconds, got " },
    { { key = "wrong" }, "key: expected a right one, got something else" },
    { { rate = { requests = 10 } }, "rate.requests: expected 1 to 9, got 10" },
    { { rate = { requests = 1, seconds = -1 } },
      "rate.seconds: expected more than 0 and at most 2147483 seconds, got -1" },
  } do
    it("says what is wrong with a value: " .. case[2], function()
      local _, wrong = work(case[1])
      assert.is_true(wrong:find(case[2], 1, true) == 1, wrong)
    end)
  end

  it("names the only option there is", function()
    local read_one = options.reader("map", { concurrency = options.integer(1, 1000, 16) })
    assert.equal("map: unknown option \"x\", expected concurrency", raised(function()
      local _ = read_one({ x = 1 }, 1)
    end))
  end)
end)

describe("a reader of a method's and its operation's options", function()
  local read = options.reader("add_numbers", { concurrency = options.integer(1, 1000, 16) }, ROW)

  it("keeps them apart, and leaves the operation's as they are", function()
    local own, wrong, rest = read({ concurrency = 2, service = 5, timeout = "1", unrent = false }, 1)
    assert.is_nil(wrong)
    assert.same({ concurrency = 2 }, own)
    assert.same({ service = 5, timeout = "1", unrent = false }, rest)
  end)

  it("names all of them where one is unknown", function()
    assert.equal(
      "add_numbers: unknown option \"x\", expected one of service, unrent, concurrency, retries, timeout",
      raised(function()
        local _ = read({ x = 1 }, 1)
      end)
    )
  end)
end)

describe("options.expect", function()
  it("raises unless the value has one of the types", function()
    local function map(items)
      options.expect(items, "list or function", "map: items", 2)
    end
    map {}
    map(print)
    assert.equal("map: items: list or function expected, got no value", raised(function()
      map()
    end))
    assert.equal("map: items: list or function expected, got string", raised(function()
      map "x"
    end))
  end)
end)
