-- Iterators over the lists of a server that doesn't tell the truth: they end, and lose and repeat nothing.
local entries = require "spec.support.entries"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"

local unpack = unpack or table.unpack

local check_unique, collect, collect_until_error = entries.check_unique, entries.collect, entries.collect_until_error

local FIRST = 15125550000

describe("a server that lies about its total", function()
  local liar = fixture.scripted_server()
  local lied_to, lied_pool

  before_each(function()
    lied_pool, lied_to = fixture.pool(liar, "4c4a1b4e")
  end)

  local function page(from, count, total)
    local objects = {}
    for i = 1, count do
      objects[i] = ('{"number":"%d"}'):format(FIRST + from + i - 1)
    end
    local meta = total and ('"meta":{"limit":20,"offset":%d,"total_count":%s,"next":"","previous":""},')
      :format(from, total) or ""
    return http.json(('{"api_id":"x",%s"objects":[%s]}'):format(meta, table.concat(objects, ",")))
  end

  -- A list of `count` numbers in pages of 20, then empty pages; `total_of(page)` is what each claims.
  local function script(count, total_of)
    local replies = {}
    for i = 1, math.floor(count / 20) + 1 do
      replies[i] = page((i - 1) * 20, math.max(math.min(count - (i - 1) * 20, 20), 0), total_of(i))
    end
    replies[#replies + 1] = page(count, 0, total_of(#replies + 1))
    liar:script(unpack(replies))
  end

  local LIES = {
    { "too big", function() return 1000000 end },
    { "a little too big", function() return 70 end },
    { "too small", function() return 5 end },
    { "none at all", function() return 0 end },
    { "negative", function() return -7 end },
    { "a fraction", function() return 12.5 end },
    { "endless", function() return "1e308" end },
    { "text", function() return '"many"' end },
    { "null", function() return "null" end },
    { "growing", function(i) return i * 100 end },
    { "shrinking", function(i) return 1000 - i * 300 end },
    { "to and fro", function(i) return i % 2 == 0 and 3 or 3000 end },
    { "left out", function() return nil end },
  }

  for _, lie in ipairs(LIES) do
    for _, count in ipairs { 45, 40 } do
      it(("neither loses nor repeats one of %d: %s"):format(count, lie[1]), function()
        script(count, lie[2])
        check_unique(collect(lied_pool:numbers { prefetch = 1 }), count)
        script(count, lie[2])
        check_unique(collect(lied_pool:numbers { prefetch = 1, limit = 20 }), count)
      end)
    end
  end

  -- What an iterator gave up may still be on its way to the server when the next one begins: each has its own pool.
  local function requests_of(uuid)
    local count = 0
    for _, request in ipairs(liar:requests()) do
      count = count + (request.path:find("/" .. uuid .. "/", 1, true) and 1 or 0)
    end
    return count
  end

  it("is found out where it sends the same page for ever", function()
    for _, total in ipairs { 21, 1000000, 0 } do
      for _, prefetch in ipairs { 1, 8 } do
        local uuid = ("same-%d-%d"):format(total, prefetch)
        liar:script(page(0, 20, total))
        local found, err = collect_until_error((assert(lied_to:pool(uuid)):numbers { prefetch = prefetch }))
        check_unique(found, 20)
        assert.equal("protocol", err.kind)
        assert.matches("same page", err.message)
        local count = requests_of(uuid)
        assert.is_true(count >= 2 and count <= 1 + prefetch, count .. " requests")
      end
    end
  end)

  it("is found out where these are pages of one", function()
    liar:script(page(0, 1, 1000000))
    local found, err = collect_until_error((lied_pool:numbers { limit = 1, prefetch = 1 }))
    assert.is_true(#found <= 2)
    assert.equal("protocol", err.kind)
  end)

  it("is asked for no page that nobody needs", function()
    script(45, function() return 45 end)
    collect(lied_pool:numbers { prefetch = 8 })
    assert.equal(3, #liar:requests())
  end)

  it("can't hang a snapshot", function()
    liar:script(page(0, 20, 1000000))
    local value, err = lied_pool:snapshot()
    assert.is_nil(value)
    assert.equal("protocol", err.kind)
  end)
end)
