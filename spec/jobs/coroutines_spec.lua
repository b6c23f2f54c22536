-- client:map and coroutines: those of the script, and where Lua can't leave the one that a call is made in.
local fixture = require "spec.support.fixture"

local FIRST = 15125550000

local server = fixture.sandbox()
local client, pool

before_each(function()
  pool, client = fixture.pool(server, { numbers = 40 })
end)

after_each(function()
  -- Whatever a spec did to it, a client that is open goes on.
  if not client.closed then
    assert.equal(40, assert(pool:count_numbers()))
  end
end)

local function numbers(count, from)
  local list = {}
  for i = 1, count do
    list[i] = FIRST + (from or 0) + i - 1
  end
  return list
end

local function find(number)
  return pool:find_number(number)
end

describe("the user's own coroutines", function()
  it("may call the API outside of map, and what they yield is theirs", function()
    local step = coroutine.wrap(function()
      local found = assert(pool:find_number(FIRST))
      local given = coroutine.yield(found.number)
      return given, assert(pool:find_number(FIRST + 1)).number
    end)
    assert.equal(tostring(FIRST), step())
    assert.same({ "given", tostring(FIRST + 1) }, { step "given" })
  end)

  it("may run a map", function()
    local results = coroutine.wrap(function()
      return client:map(numbers(10), find)
    end)()
    assert.equal(10, #results)
    assert.equal(tostring(FIRST + 9), results[10].value.number)
  end)

  it("may call the API inside map, and what they yield is theirs", function()
    local results = client:map(numbers(20), function(number)
      local values = {}
      for value in coroutine.wrap(function()
        coroutine.yield "begun"
        coroutine.yield(assert(pool:find_number(number)).number)
        coroutine.yield(assert(pool:find_number(number)).service)
      end) do
        values[#values + 1] = value
      end
      return values
    end)
    for i, result in ipairs(results) do
      assert.same({ "begun", tostring(FIRST + i - 1), "sms" }, result.value)
    end
  end)

  it("may do so in great numbers", function()
    local many = {}
    for i = 1, 400 do
      many[i] = FIRST + i % 40
    end
    local results = client:map(many, function(number)
      return coroutine.wrap(function()
        return assert(pool:find_number(number)).number
      end)()
    end, { concurrency = 400 })
    for i, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
      assert.equal(tostring(many[i]), result.value)
    end
  end)

  it("may run maps inside of map, in great numbers", function()
    local results = client:map(numbers(40), function(number)
      return coroutine.wrap(function()
        local inner = client:map({ number, number }, find)
        return { inner[1].value.number, inner[2].value.number }
      end)()
    end, { concurrency = 40 })
    for i, result in ipairs(results) do
      local number = tostring(FIRST + i - 1)
      assert.is_true(result.ok, tostring(result.error))
      assert.same({ number, number }, result.value)
    end
  end)

  it("are what yields are for: the function itself can't #not_in_nginx", function()
    local results = client:map({ 1, 2, 3 }, function(item)
      if item == 2 then
        coroutine.yield "nobody takes this"
      end
      return item
    end)
    assert.equal(1, results[1].value)
    assert.is_false(results[2].ok)
    assert.matches("yielded", results[2].error)
    assert.equal(3, results[3].value)
  end)
end)

-- Where Lua can't leave a coroutine, a call waits in place or raises with nothing sent: which of the two is a
-- matter of the Lua, never of luck.
describe("a call inside map where Lua may not yield", function()
  local version = jit and "jit" or _VERSION:match "%d%.%d"

  -- Runs `work` for three numbers; it must work on the Luas named, and raise with nothing sent elsewhere.
  local function check(works_on, work)
    assert(server:requests())
    local before = #server:requests()
    local results = client:map(numbers(3), work)
    local is_to_work = works_on:find(version, 1, true) ~= nil
    for i, result in ipairs(results) do
      assert.equal(is_to_work, result.ok, tostring(result.error))
      if is_to_work then
        assert.equal(tostring(FIRST + i - 1), result.value)
      else
        assert.matches("yield", tostring(result.error))
      end
    end
    assert.equal(is_to_work and before + 3 or before, #server:requests())
  end

  it("waits in place or raises: a comparison of table.sort #not_in_nginx", function()
    check("5.3 5.4 jit", function(number)
      local found
      table.sort({ 1, 2 }, function(a, b)
        found = found or assert(pool:find_number(number)).number
        return a < b
      end)
      return found
    end)
  end)

  it("waits in place or raises: a replacement of string.gsub #not_in_nginx", function()
    check("5.3 5.4 jit", function(number)
      return (("x"):gsub("x", function()
        return assert(pool:find_number(number)).number
      end))
    end)
  end)

  it("yields or raises: a metamethod", function()
    check("5.2 5.3 5.4 jit", function(number)
      local object = setmetatable({}, { __index = function()
        return assert(pool:find_number(number)).number
      end })
      return object.anything
    end)
  end)

  it("yields or raises: an iterator of a for loop", function()
    check("5.2 5.3 5.4 jit", function(number)
      local last
      for found in function()
        return not last and assert(pool:find_number(number)).number or nil
      end do
        last = found
      end
      return last
    end)
  end)

  it("yields or raises: pcall", function()
    check("5.2 5.3 5.4 jit", function(number)
      local ok, found = pcall(function()
        return assert(pool:find_number(number)).number
      end)
      return ok and found or error(found, 0)
    end)
  end)

  it("raises with nothing begun: a map inside pcall", function()
    check("5.2 5.3 5.4 jit", function(number)
      local ok, results = pcall(client.map, client, { number }, find)
      return ok and results[1].value.number or error(results, 0)
    end)
  end)

  it("goes on where the error is caught", function()
    local results = client:map(numbers(10), function(number)
      pcall(find, number)
      pcall(find, number)
      local found, err = find(number)
      return found and found.number, err
    end)
    for i, result in ipairs(results) do
      assert.is_true(result.ok, tostring(result.error))
      assert.equal(tostring(FIRST + i - 1), result.value)
    end
  end)
end)
