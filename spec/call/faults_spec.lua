-- Every fault at every operation: what the caller gets, what arrived at the server, and what the server then has.
--
-- An outcome is written "sent+looks result": how often the operation arrived, how many looks at its target, and
-- "done" or the kind of the error. Each fault happens once; what follows meets a server in good health.
local arrivals = require "spec.support.arrivals"
local fixture = require "spec.support.fixture"

local unpack = table.unpack or unpack

local NUMBER, TOLLFREE, SHORTCODE = "15125550000", "18005550000", "20000" -- as they are seeded
local NEW_NUMBER, NEW_TOLLFREE = "14155550123", "18885550123"
local NEW_POWERPACK = "made by a spec"

local FAULTS = {
  ["status 500"] = { kind = "status", status = 500 },
  ["status 502"] = { kind = "status", status = 502, body = "<html>bad gateway</html>" },
  ["status 503"] = { kind = "status", status = 503, headers = { ["Retry-After"] = "0" } },
  ["status 429"] = { kind = "status", status = 429 },
  reset = { kind = "reset" },
  truncate = { kind = "truncate" },
  ["truncate chunked"] = { kind = "truncate", headers = { ["Transfer-Encoding"] = "chunked" } },
  garbage = { kind = "garbage" },
  huge = { kind = "huge" },
  stall = { kind = "stall", seconds = 10, is_slow = true },
  delay = { kind = "delay", seconds = 10, is_slow = true },
}

-- What gives a number back, or rents one, is a group of its own.
local LOST_BEFORE = {
  read = "2+0 done", add = "2+1 done", buy = "2+1 done", create = "2+1 done", remove = "2+1 done", release = "2+1 done",
}
local LOST_AFTER = {
  read = "2+0 done", add = "1+1 done", buy = "1+1 done", create = "1+1 done", remove = "1+1 done", release = "1+1 done",
}
local TURNED_AWAY = {
  read = "2+0 done", add = "2+0 done", buy = "2+0 done", create = "2+0 done", remove = "2+0 done", release = "2+0 done",
}

-- A server that says 429 has done nothing. One that lies is found out where a number was to be had.
local TURNED_AWAY_AFTER = {
  read = "2+0 done", add = "2+0 done", buy = "2+1 done", create = "2+0 rejected", remove = "2+0 not_found",
  release = "2+0 not_found",
}

-- A server that hadn't answered in time may be at work still: it is looked at twice, with a pause, and what costs a
-- number isn't sent again.
local LATE_BEFORE = {
  read = "2+0 done", add = "2+2 done", buy = "1+2 timeout ambiguous", create = "2+2 done", remove = "2+2 done",
  release = "1+2 timeout ambiguous",
}

-- { fault, its outcome before the change, and after it }
local OUTCOMES = {
  { "status 500", LOST_BEFORE, LOST_AFTER },
  { "status 502", LOST_BEFORE, LOST_AFTER },
  { "status 503", LOST_BEFORE, LOST_AFTER },
  { "status 429", TURNED_AWAY, TURNED_AWAY_AFTER },
  { "reset", LOST_BEFORE, LOST_AFTER },
  { "truncate", LOST_BEFORE, LOST_AFTER },
  { "truncate chunked", LOST_BEFORE, LOST_AFTER },
  { "garbage", LOST_BEFORE, LOST_AFTER },
  { "huge", LOST_BEFORE, LOST_AFTER },
  { "stall", LATE_BEFORE, LOST_AFTER },
  { "delay", LATE_BEFORE, LOST_AFTER },
}

local OPERATIONS = {}

-- Each: the object and method; its arguments for what was seeded; its request; where it is looked at; what a
-- success must return, and what the server must have then.
local function operation(object, method, row)
  row.object, row.method = object, method
  row.name = object .. ":" .. method .. (row.variant and " " .. row.variant or "")
  OPERATIONS[#OPERATIONS + 1] = row
end

local function is_same(field, expected)
  return function(value)
    assert.equal(expected, value[field])
  end
end

local function has_objects(count)
  return function(value)
    assert.equal(count, #value.objects)
  end
end

operation("pool", "get", { group = "read", request = "GET ", returns = function(value, seeded)
  assert.equal(seeded.pool, value.uuid)
end })
operation("pool", "find_number", {
  group = "read", arguments = { NUMBER }, request = "GET Number/" .. NUMBER .. "/", returns = is_same("number", NUMBER),
})
operation("pool", "list_numbers", { group = "read", request = "GET Number/", returns = has_objects(3) })
operation("pool", "count_numbers", { group = "read", request = "GET Number/", returns = function(value)
  assert.equal(3, value)
end })
operation("pool", "find_shortcode", {
  group = "read", arguments = { SHORTCODE }, request = "GET Shortcode/" .. SHORTCODE .. "/",
  returns = is_same("shortcode", SHORTCODE),
})
operation("pool", "list_shortcodes", { group = "read", request = "GET Shortcode/", returns = has_objects(2) })
operation("pool", "find_tollfree", {
  group = "read", arguments = { TOLLFREE }, request = "GET Tollfree/" .. TOLLFREE .. "/",
  returns = is_same("number", TOLLFREE),
})
operation("pool", "list_tollfree", { group = "read", request = "GET Tollfree/", returns = has_objects(2) })
operation("powerpacks", "get", {
  group = "read", arguments = { "{powerpack}" }, request = "GET Powerpack/{powerpack}/",
  returns = function(value, seeded)
    assert.equal(seeded.powerpack, value.uuid)
  end,
})
operation("powerpacks", "list", { group = "read", request = "GET Powerpack/", returns = has_objects(1) })
operation("client", "search_numbers", {
  group = "read", arguments = { { country_iso2 = "US", limit = 3 } }, request = "GET PhoneNumber/",
  returns = has_objects(3),
})

operation("pool", "add_number", {
  group = "add", arguments = { NEW_NUMBER }, request = "POST Number/" .. NEW_NUMBER .. "/",
  look = "GET Number/" .. NEW_NUMBER .. "/", returns = is_same("number", NEW_NUMBER),
  leaves = function(state, seeded)
    assert.is_table(state.entry(seeded.pool, "numbers", NEW_NUMBER))
    assert.same({ rents = 0, unrents = 0 }, state.ledger(NEW_NUMBER))
  end,
})
operation("pool", "add_tollfree", {
  group = "add", arguments = { NEW_TOLLFREE }, request = "POST Tollfree/" .. NEW_TOLLFREE .. "/",
  look = "GET Tollfree/" .. NEW_TOLLFREE .. "/", returns = is_same("number", NEW_TOLLFREE),
  leaves = function(state, seeded)
    assert.is_table(state.entry(seeded.pool, "tollfree", NEW_TOLLFREE))
  end,
})
operation("pool", "buy_number", {
  group = "buy", arguments = { { number = NEW_NUMBER } }, request = "POST Number/" .. NEW_NUMBER .. "/",
  look = "GET Number/" .. NEW_NUMBER .. "/", returns = is_same("number", NEW_NUMBER),
  leaves = function(state, seeded)
    assert.is_table(state.entry(seeded.pool, "numbers", NEW_NUMBER))
    assert.same({ rents = 1, unrents = 0 }, state.ledger(NEW_NUMBER))
  end,
})

local function removal(method, list, target, variant, options)
  local name = list == "numbers" and "Number" or list == "tollfree" and "Tollfree" or "Shortcode"
  operation("pool", method, {
    group = options and "release" or "remove", variant = variant, arguments = { target, options },
    request = "DELETE " .. name .. "/" .. target .. "/", look = "GET " .. name .. "/" .. target .. "/",
    returns = is_same("response", "success"),
    leaves = function(state, seeded)
      assert.is_nil(state.entry(seeded.pool, list, target))
      if list ~= "shortcodes" then
        assert.equal(not options, state.is_rented(target))
        assert.same({ rents = 0, unrents = options and 1 or 0 }, state.ledger(target))
      end
    end,
  })
end

removal("remove_number", "numbers", NUMBER)
removal("remove_number", "numbers", NUMBER, "with unrent", { unrent = true })
removal("remove_tollfree", "tollfree", TOLLFREE)
removal("remove_tollfree", "tollfree", TOLLFREE, "with unrent", { unrent = true })
removal("remove_shortcode", "shortcodes", SHORTCODE)

operation("powerpacks", "create", {
  group = "create", arguments = { { name = NEW_POWERPACK, sticky_sender = false } }, request = "POST Powerpack/",
  look = "GET Powerpack/", returns = is_same("name", NEW_POWERPACK),
  leaves = function(state)
    local made = {}
    for _, powerpack in ipairs(state.powerpacks) do
      made[#made + 1] = powerpack.name == NEW_POWERPACK and powerpack.name or nil
    end
    assert.equal(1, #made)
  end,
})
operation("powerpacks", "update", {
  group = "add", arguments = { "{powerpack}", { name = NEW_POWERPACK, local_connect = false } },
  request = "POST Powerpack/{powerpack}/", look = "GET Powerpack/{powerpack}/",
  returns = is_same("name", NEW_POWERPACK),
  leaves = function(state, seeded)
    local powerpack = state.powerpack("uuid", seeded.powerpack)
    assert.equal(NEW_POWERPACK, powerpack.name)
    assert.is_false(powerpack.local_connect)
  end,
})
for _, unrent in ipairs { false, true } do
  operation("powerpacks", "delete", {
    group = unrent and "release" or "remove", variant = unrent and "with unrent_numbers" or nil,
    arguments = { "{powerpack}", { unrent_numbers = unrent } },
    request = "DELETE Powerpack/{powerpack}/", look = "GET Powerpack/{powerpack}/",
    returns = is_same("response", "success"),
    leaves = function(state, seeded)
      assert.is_nil(state.powerpack("uuid", seeded.powerpack))
      assert.equal(not unrent, state.is_rented(NUMBER))
      assert.same({ rents = 0, unrents = unrent and 1 or 0 }, state.ledger(NUMBER))
    end,
  })
end

local function as_pattern(text)
  return "/" .. text:gsub("%p", "%%%0") .. "$"
end

-- What a row says, with the uuid of the seeded powerpack in it.
local function filled(value, seeded)
  if type(value) == "string" then
    return (value:gsub("{powerpack}", seeded.powerpack))
  end
  return value
end

local function arrange(server, fault, when, row)
  assert(server:reset())
  local seeded = assert(server:seed { numbers = 3, tollfree = 2, shortcodes = 2 })
  local method, path = filled(row.request, seeded):match "^(%u+) (.*)$"
  local armed = { method = method, path = path ~= "" and as_pattern(path) or nil, times = 1, when = when }
  for name, value in pairs(fault) do
    armed[name] = name ~= "is_slow" and value or nil
  end
  assert(server:fault(armed))
  return seeded
end

local function carry_out(server, row, seeded, attempt_timeout)
  local client = fixture.client(server, {
    impatient = true,
    attempt_timeout = attempt_timeout and server.ca_file and 2 * attempt_timeout or attempt_timeout,
    max_body = 65536,
  })
  local objects = { client = client, powerpacks = client.powerpacks, pool = assert(client:pool(seeded.pool)) }
  local arguments = {}
  for i, argument in ipairs(row.arguments or {}) do
    arguments[i] = filled(argument, seeded)
  end
  local object = objects[row.object]
  return object[row.method](object, unpack(arguments))
end

local function check_outcome(server, outcome, row, seeded, value, err)
  local sent, looks, result, doubt = outcome:match "^(%d)%+(%d) ([%a_]+) ?(%a*)$"
  if result == "done" then
    assert.is_nil(err, tostring(err))
    row.returns(value, seeded)
  else
    assert.is_nil(value)
    assert.equal(result, err.kind)
    assert.equal(doubt == "ambiguous" or nil, err.ambiguous)
    assert.equal(tonumber(sent), err.attempts)
  end
  local expected = { [filled(row.request, seeded)] = tonumber(sent) }
  if tonumber(looks) > 0 then
    expected[filled(row.look, seeded)] = tonumber(looks)
  end
  assert.same(expected, arrivals.count(server))
  if row.leaves and doubt == "" then
    row.leaves(arrivals.state(server), seeded)
  end
end

local function try_once(server, fault, when, row, outcome, patience)
  local attempt_timeout, seeded = fixture.attempt_timeout(function()
    if server.ca_file and fault.is_slow then -- which takes a handshake
      assert(fixture.client(server).powerpacks:list())
    end
    return arrange(server, fault, when, row)
  end)
  local value, err = carry_out(server, row, seeded, fault.is_slow and patience * attempt_timeout or nil)
  check_outcome(server, outcome, row, seeded, value, err)
end

-- Where an attempt must run out, a busy machine may let another one run out as well: then once more, with more time.
local function try(server, fault, when, row, outcome)
  local ok, problem = pcall(try_once, server, fault, when, row, outcome, 1)
  if not ok and fault.is_slow then
    ok, problem = pcall(try_once, server, fault, when, row, outcome, 5)
  end
  if not ok then
    error(problem, 0)
  end
end

-- Defines the specs of the operations in a list, or of all.
local function define(server_of, wanted)
  for _, line in ipairs(OUTCOMES) do
    local fault_name = line[1]
    for _, row in ipairs(OPERATIONS) do
      for _, when in ipairs { "before", "after" } do
        local outcome = (when == "before" and line[2] or line[3])[row.group]
        local is_needed = not wanted or wanted[row.name]
        -- To a read both are the same: once is enough.
        if is_needed and not (row.group == "read" and when == "after") then
          it(("%s %s %s: %s"):format(row.name, when, fault_name, outcome), function()
            try(server_of(), FAULTS[fault_name], when, row, outcome)
          end)
        end
      end
    end
  end
end

local OVER_TLS = {
  ["pool:find_number"] = true, ["pool:buy_number"] = true, ["pool:remove_number with unrent"] = true,
  ["powerpacks:create"] = true,
}

for _, case in ipairs { { "HTTP/1.1", false, nil }, { "HTTP/2 and TLS #not_in_nginx", true, OVER_TLS } } do
  describe("over " .. case[1], function()
    local server = fixture.sandbox { tls = case[2] }

    define(function()
      return server
    end, case[3])
  end)
end
