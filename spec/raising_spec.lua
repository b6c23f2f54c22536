-- Mistakes of the programmer: they raise where the call was written, and say which type was wanted and which came.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local numberpool = require "numberpool"
local raised = require "spec.support.raised"

local server = fixture.scripted_server()
server:script(http.json "{}")
local pool, client = fixture.pool(server, "p")
local powerpacks = client.powerpacks

after_each(function()
  assert.equal(0, server:counts().received, "something was sent")
end)

local function assert_names_types(text, expected, received)
  assert.is_true(text:find(expected .. " expected, got " .. received, 1, true) ~= nil,
    ("expected '%s expected, got %s' in: %s"):format(expected, received, text))
end

local WRONG_TARGETS = {
  { "boolean", true }, { "boolean", false }, { "table", {} }, { "function", print }, { "userdata", io.stdout },
  { "thread", coroutine.create(function() end) },
}

describe("a number of the wrong type", function()
  for _, operation in ipairs {
    "find_number", "add_number", "remove_number", "add_tollfree", "find_tollfree", "remove_tollfree",
  } do
    it("raises in " .. operation, function()
      for _, case in ipairs(WRONG_TARGETS) do
        local text = raised(function()
          local _ = pool[operation](pool, case[2])
        end)
        assert.matches(operation, text, 1, true)
        assert.matches("number", text)
        assert_names_types(text, "string or number", case[1])
      end
    end)

    it("raises in " .. operation .. " where it is left out", function()
      local text = raised(function()
        local _ = pool[operation](pool)
      end)
      assert_names_types(text, "string or number", "no value")
      raised(function()
        local _ = pool[operation](pool, nil)
      end)
    end)
  end
end)

describe("a shortcode of the wrong type", function()
  for _, operation in ipairs { "find_shortcode", "remove_shortcode" } do
    it("raises in " .. operation, function()
      for _, case in ipairs(WRONG_TARGETS) do
        local text = raised(function()
          local _ = pool[operation](pool, case[2])
        end)
        assert.matches("shortcode", text)
        assert_names_types(text, "string or number", case[1])
      end
    end)
  end
end)

describe("an option of the wrong type", function()
  -- option, wanted type, wrong values
  for _, case in ipairs {
    { "limit", "integer", { "5", true, false, {}, print } },
    { "offset", "integer", { "0", true, {} } },
    { "starts_with", "string or list", { 512, true, print } },
    { "type", "string", { 1, true, {} } },
    { "service", "string", { 1, true, {} } },
    { "country_iso2", "string", { 1, true, {} } },
    { "timeout", "number", { "5", true, {} } },
    { "retries", "integer", { "0", true, {} } },
  } do
    local name, expected = case[1], case[2]
    it("raises: " .. name, function()
      for _, value in ipairs(case[3]) do
        local text = raised(function()
          local _ = pool:list_numbers { country_iso2 = name ~= "country_iso2" and "US" or nil, [name] = value }
        end)
        assert.matches("list_numbers", text)
        assert.matches(name, text, 1, true)
        assert_names_types(text, expected, type(value))
      end
    end)
  end

  it("raises whatever value is wrong beside it", function()
    for _, case in ipairs {
      { "add_number", "bad", { service = 5 } },
      { "find_number", "bad", { retries = "x" } },
      { "find_shortcode", "15125550000", { timeout = "1" } },
      { "list_numbers", { type = "x", limit = "5" } },
      { "list_numbers", { limit = 50, type = 5 } },
      { "remove_number", "0", { unrent = "false" } },
    } do
      assert.matches("expected, got", raised(function()
        local _ = pool[case[1]](pool, case[2], case[3])
      end))
    end
  end)

  it("raises: a prefix that is a number", function()
    local text = raised(function()
      local _ = pool:list_numbers { starts_with = { "415", 512 }, country_iso2 = "US" }
    end)
    assert.matches("starts_with", text)
    assert_names_types(text, "string", "number")
  end)

  it("raises: unrent as anything but a boolean", function()
    for _, value in ipairs { "false", "true", 0, 1, {} } do
      for _, operation in ipairs { "remove_number", "remove_tollfree" } do
        local text = raised(function()
          local _ = pool[operation](pool, "18005550000", { unrent = value })
        end)
        assert.matches("unrent", text)
        assert_names_types(text, "boolean", type(value))
      end
      local text = raised(function()
        local _ = powerpacks:delete("x", { unrent_numbers = value })
      end)
      assert.matches("unrent_numbers", text)
      assert_names_types(text, "boolean", type(value))
    end
  end)

  it("raises in every operation that takes options", function()
    local calls = {
      get = {}, add_number = { "15125550000" }, find_number = { "15125550000" }, remove_number = { "15125550000" },
      list_numbers = {}, count_numbers = {}, find_shortcode = { "77777" }, list_shortcodes = {},
      remove_shortcode = { "77777" }, add_tollfree = { "18005550000" }, find_tollfree = { "18005550000" },
      list_tollfree = {}, remove_tollfree = { "18005550000" },
    }
    for operation, arguments in pairs(calls) do
      for _, case in ipairs { { "string", "x" }, { "number", 5 }, { "boolean", true } } do
        local text = raised(function()
          local _ = arguments[1] and pool[operation](pool, arguments[1], case[2]) or pool[operation](pool, case[2])
        end)
        assert.matches(operation, text, 1, true)
        assert_names_types(text, "table", case[1])
      end
      local text = raised(function()
        local _ = arguments[1] and pool[operation](pool, arguments[1], { timeout = "1" })
          or pool[operation](pool, { timeout = "1" })
      end)
      assert_names_types(text, "number", "string")
    end
  end)
end)

describe("an unknown option", function()
  -- operation, first argument, options that this one doesn't have
  for _, case in ipairs {
    { "get", nil, { "limit", "service" } },
    { "add_number", "15125550000", { "unrent", "limit", "type", "rent", "Service" } },
    { "find_number", "15125550000", { "unrent", "country_iso2" } },
    { "list_numbers", nil, { "country", "prefix", "starts_With", "unrent", "page" } },
    { "count_numbers", nil, { "limit", "offset", "country" } },
    { "remove_number", "15125550000", { "service", "unrent_numbers", "rent" } },
    { "find_shortcode", "77777", { "limit", "service" } },
    { "list_shortcodes", nil, { "type", "service", "country_iso2" } },
    { "remove_shortcode", "77777", { "unrent" } },
    { "add_tollfree", "18005550000", { "service", "unrent" } },
    { "find_tollfree", "18005550000", { "service" } },
    { "list_tollfree", nil, { "type", "service", "starts_with" } },
    { "remove_tollfree", "18005550000", { "service" } },
  } do
    local operation, first = case[1], case[2]
    it("raises in " .. operation .. ", named", function()
      for _, name in ipairs(case[3]) do
        local text = raised(function()
          local options = { [name] = "x" }
          local _ = first and pool[operation](pool, first, options) or pool[operation](pool, options)
        end)
        assert.matches(operation, text, 1, true)
        assert.matches("unknown option", text)
        assert.matches(name, text, 1, true)
      end
    end)
  end

  it("raises where it isn't even a name", function()
    for _, key in ipairs { 1, 1.5, true, {}, "\0", ("x"):rep(10 * 1024 * 1024) } do
      local text = raised(function()
        local _ = pool:list_numbers { [key] = "x" }
      end)
      assert.matches("unknown option", text)
      assert.is_true(#text < 1000, "a long message")
    end
  end)

  it("raises in the powerpacks' operations", function()
    for _, call in ipairs {
      function()
        local _ = powerpacks:create { name = "x", colour = "red" }
      end,
      function()
        local _ = powerpacks:update("x", { colour = "red" })
      end,
      function()
        local _ = powerpacks:delete("x", { colour = true })
      end,
      function()
        local _ = powerpacks:get("x", { colour = true })
      end,
      function()
        local _ = powerpacks:list { colour = 1 }
      end,
    } do
      assert.matches("unknown option \"colour\"", raised(call))
    end
  end)
end)

describe("a powerpack's field of the wrong type", function()
  for _, case in ipairs {
    { "name", "string", 5 }, { "sticky_sender", "boolean", "false" }, { "local_connect", "boolean", 0 },
    { "application_type", "string", true }, { "application_id", "string", 33660394121755210 },
    { "number_priority", "list", "US" },
  } do
    local name, expected, value = case[1], case[2], case[3]
    it("raises: " .. name, function()
      local fields = { name = "x", application_type = name == "application_id" and "xml" or nil, [name] = value }
      local text = raised(function()
        local _ = powerpacks:create(fields)
      end)
      assert.matches(name, text, 1, true)
      assert_names_types(text, expected, type(value))
      raised(function()
        local _ = powerpacks:update("x", fields)
      end)
    end)
  end

  it("raises: no name for a new one", function()
    assert_names_types(raised(function()
      local _ = powerpacks:create {}
    end), "string", "no value")
    raised(function()
      local _ = powerpacks:create()
    end)
  end)

  it("raises: a uuid that is no string", function()
    for _, operation in ipairs { "get", "update", "delete" } do
      for _, case in ipairs { { "number", 5 }, { "table", {} }, { "boolean", true } } do
        local text = raised(function()
          local _ = powerpacks[operation](powerpacks, case[2])
        end)
        assert_names_types(text, "string", case[1])
      end
      raised(function()
        local _ = powerpacks[operation](powerpacks)
      end)
    end
  end)
end)

describe("a pool's method on something else", function()
  it("raises and says that a pool is wanted", function()
    for _, case in ipairs { { "table", {} }, { "number", 5 }, { "userdata", io.stdout }, { "string", "x" } } do
      for _, operation in ipairs { "get", "list_numbers", "find_number" } do
        local method = pool[operation]
        local text = raised(function()
          local _ = method(case[2], "15125550000")
        end)
        assert_names_types(text, operation .. ": pool", case[1])
      end
    end
  end)

  it("raises where it was called with a dot", function()
    local text = raised(function()
      local _ = pool.get()
    end)
    assert_names_types(text, "get: pool", "no value")
    assert.matches("(call it with a colon)", text, 1, true)
  end)

  it("raises for a powerpacks' method too", function()
    local text = raised(function()
      local _ = powerpacks.get "x"
    end)
    assert_names_types(text, "powerpacks", "string")
  end)
end)

describe("a client's method on something else", function()
  for _, name in ipairs { "pool", "stats", "close", "search_numbers" } do
    it("raises and says that a client is wanted: " .. name, function()
      for _, case in ipairs { { "no value" }, { "string", "x" }, { "table", {} }, { "userdata", pool } } do
        local method = client[name]
        local text = raised(function()
          local _ = method(case[2], "x")
        end)
        assert.equal(("%s: client expected, got %s (call it with a colon)"):format(name, case[1]), text)
      end
    end)
  end
end)

describe("client:pool", function()
  it("raises for anything but a uuid or a powerpack", function()
    for _, case in ipairs { { "number", 5 }, { "boolean", true }, { "function", print } } do
      local text = raised(function()
        local _ = client:pool(case[2])
      end)
      assert.matches("string or table expected, got " .. case[1], text)
    end
    assert.matches("no value", (raised(function()
      local _ = client:pool()
    end)))
  end)

  it("raises for an unknown or missing option, or one of the wrong type", function()
    assert.matches("unknown option \"uuid\"", (raised(function()
      local _ = client:pool { uuid = "x" }
    end)))
    for _, case in ipairs {
      { {}, "pool: powerpack: string expected, got no value" },
      { { powerpack = 5 }, "pool: powerpack: string expected, got number" },
      { { powerpack = "x", timeout = "1" }, "pool: timeout: number expected, got string" },
      { { powerpack = "x", retries = true }, "pool: retries: integer expected, got boolean" },
      { { powerpack = "x", unrent = true },
        "pool: unknown option \"unrent\", expected one of powerpack, retries, timeout" },
    } do
      assert.equal(case[2], raised(function()
        local _ = client:pool(case[1])
      end))
    end
  end)

  it("returns nil and an error for a value that can't be right", function()
    for _, case in ipairs {
      { { powerpack = "x", timeout = 0 }, "timeout: expected more than 0 and at most 2147483 seconds, got 0" },
      { { powerpack = "x", retries = 1.5 }, "retries: expected 0 to 100, got 1.5" },
      { { powerpack = "a b" }, "uuid: expected 1 to 64 of [A-Za-z0-9_-], got \"a b\"" },
      { "a b", "uuid: expected 1 to 64 of [A-Za-z0-9_-], got \"a b\"" },
    } do
      local made, err = client:pool(case[1])
      assert.is_nil(made)
      assert.equal("invalid", err.kind)
      assert.equal(case[2], err.message)
    end
  end)
end)

describe("numberpool.new", function()
  it("raises for anything but options", function()
    for _, case in ipairs { { "string", "x" }, { "number", 5 }, { "boolean", true } } do
      assert_names_types(raised(function()
        local _ = numberpool.new(case[2])
      end), "table", case[1])
    end
  end)

  it("raises for an unknown option, named", function()
    for _, name in ipairs { "token", "authid", "Timeout", "retry" } do
      assert.matches("unknown option \"" .. name .. "\"", (raised(function()
        local _ = numberpool.new { [name] = "x" }
      end)))
    end
    raised(function()
      local _ = numberpool.new { "MA", "token" }
    end)
  end)

  for _, case in ipairs {
    { "auth_id", "string", { 5, true, {} } },
    { "auth_token", "string", { 5, false, {} } },
    { "base_url", "string", { 5, true } },
    { "timeout", "number", { "30", true, {} } },
    { "attempt_timeout", "number", { "10", false } },
    { "connect_timeout", "number", { "5", true } },
    { "retries", "integer", { "4", true, false } },
    { "rate", "table or false", { 300, "300", true } },
    { "max_body", "integer", { "8M", true } },
    { "insecure", "boolean", { "yes", 1 } },
    { "ca_file", "string", { 5, false } },
    { "proxy", "string", { 5, false } },
    { "on_event", "function", { "print", {}, true } },
    { "runtime", "string", { 5, {} } },
  } do
    local name, expected = case[1], case[2]
    it("raises for the wrong type of " .. name, function()
      for _, value in ipairs(case[3]) do
        local options = { auth_id = "MA", auth_token = "t", [name] = value }
        local text = raised(function()
          local _ = numberpool.new(options)
        end)
        assert.equal(("new: %s: %s expected, got %s"):format(name, expected, type(value)), text)
      end
    end)
  end

  it("raises for the wrong parts of a rate", function()
    for _, case in ipairs {
      { {}, "new: rate.requests: integer expected, got no value" },
      { { requests = "1", seconds = 1 }, "new: rate.requests: integer expected, got string" },
      { { requests = 1, seconds = true }, "new: rate.seconds: number expected, got boolean" },
      { { requests = 1, seconds = 1, per = 1 },
        "new: rate: unknown option \"per\", expected one of requests, seconds" },
    } do
      assert.equal(case[2], raised(function()
        local _ = numberpool.new { auth_id = "MA", auth_token = "t", rate = case[1] }
      end))
    end
  end)
end)

describe("an error that is raised inside a helper's call", function()
  it("names the helper's line also across pcall and coroutines", function()
    local text
    local thread = coroutine.create(function()
      text = raised(function()
        local _ = pool:find_number {}
      end)
    end)
    assert(coroutine.resume(thread))
    assert_names_types(text, "string or number", "table")
  end)
end)
