-- Every operation as it goes over the wire: method, path, query, body and credentials, and nothing more.
local cjson = require "cjson"
local core = require "numberpool.core"
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local mime = require "mime"
local numberpool = require "numberpool"
local raised = require "spec.support.raised"

local POOL = "4c4a1b4e-5f1e-4c0e-9d2b-2f2a5d1f0a11"
local POWERPACK = "86bbb125-97bb-4d72-89fd-81d5c515b015"

-- { method of the object, its arguments, request line, query or body }
local OF_POOL = {
  { "get", {}, "GET NumberPool/{pool}/" },

  { "add_number", { "15125550000" }, "POST NumberPool/{pool}/Number/15125550000/", {} },
  { "add_number", { "15125550000", { service = "mms" } },
    "POST NumberPool/{pool}/Number/15125550000/", { service = "mms" } },
  { "find_number", { "15125550000" }, "GET NumberPool/{pool}/Number/15125550000/" },
  { "find_number", { "15125550000", { service = "sms" } },
    "GET NumberPool/{pool}/Number/15125550000/", { service = "sms" } },
  { "list_numbers", {}, "GET NumberPool/{pool}/Number/" },
  { "list_numbers", { {} }, "GET NumberPool/{pool}/Number/" },
  { "list_numbers",
    { { starts_with = "512,415", type = "fixed", service = "sms", country_iso2 = "US", limit = 5, offset = 10 } },
    "GET NumberPool/{pool}/Number/",
    { starts_with = "512,415", type = "fixed", service = "sms", country_iso2 = "US", limit = "5", offset = "10" } },
  { "count_numbers", {}, "GET NumberPool/{pool}/Number/", { limit = "1" } },
  { "count_numbers", { { starts_with = { "512" }, type = "mobile", service = "mms", country_iso2 = "CA" } },
    "GET NumberPool/{pool}/Number/",
    { limit = "1", starts_with = "512", type = "mobile", service = "mms", country_iso2 = "CA" } },
  { "remove_number", { "15125550000" }, "DELETE NumberPool/{pool}/Number/15125550000/", {} },
  { "remove_number", { "15125550000", { unrent = true } },
    "DELETE NumberPool/{pool}/Number/15125550000/?unrent=true", { unrent = true } },

  { "find_shortcode", { "77777" }, "GET NumberPool/{pool}/Shortcode/77777/" },
  { "list_shortcodes", {}, "GET NumberPool/{pool}/Shortcode/" },
  { "list_shortcodes", { { limit = 1, offset = 1 } },
    "GET NumberPool/{pool}/Shortcode/", { limit = "1", offset = "1" } },
  { "remove_shortcode", { "77777" }, "DELETE NumberPool/{pool}/Shortcode/77777/", {} },

  { "add_tollfree", { "18005550000" }, "POST NumberPool/{pool}/Tollfree/18005550000/", {} },
  { "find_tollfree", { "18005550000" }, "GET NumberPool/{pool}/Tollfree/18005550000/" },
  { "list_tollfree", {}, "GET NumberPool/{pool}/Tollfree/" },
  { "list_tollfree", { { limit = 20, offset = 0 } },
    "GET NumberPool/{pool}/Tollfree/", { limit = "20", offset = "0" } },
  { "remove_tollfree", { "18005550000" }, "DELETE NumberPool/{pool}/Tollfree/18005550000/", {} },
  { "remove_tollfree", { "18005550000", { unrent = true } },
    "DELETE NumberPool/{pool}/Tollfree/18005550000/?unrent=true", { unrent = true } },
}

local PRIORITY = {
  { country_iso = "US", service_type = "SMS", priority = { priority1 = "shortcode", priority2 = "tollfree" } },
}

local OF_POWERPACKS = {
  { "create", { { name = "first" } }, "POST Powerpack/", { name = "first" } },
  { "create", { { name = "zw\195\182lf \"12\"", sticky_sender = false, local_connect = false } },
    "POST Powerpack/", { name = "zw\195\182lf \"12\"", sticky_sender = false, local_connect = false } },
  { "create", { { name = "x", application_type = "xml", application_id = "33660394121755210",
      number_priority = PRIORITY } },
    "POST Powerpack/", { name = "x", application_type = "xml", application_id = "33660394121755210",
      number_priority = PRIORITY } },
  { "get", { POWERPACK }, "GET Powerpack/{powerpack}/" },
  { "list", {}, "GET Powerpack/" },
  { "list", { { limit = 5, offset = 5 } }, "GET Powerpack/", { limit = "5", offset = "5" } },
  { "update", { POWERPACK, { name = "new", sticky_sender = true } },
    "POST Powerpack/{powerpack}/", { name = "new", sticky_sender = true } },
  { "update", { POWERPACK, { local_connect = false } }, "POST Powerpack/{powerpack}/", { local_connect = false } },
  { "delete", { POWERPACK }, "DELETE Powerpack/{powerpack}/", {} },
  { "delete", { POWERPACK, { unrent_numbers = true } },
    "DELETE Powerpack/{powerpack}/?unrent_numbers=true", { unrent_numbers = true } },
}

-- What the documentation promises, by object.
local METHODS = {
  pool = {
    "add_number", "add_tollfree", "count_numbers", "find_number", "find_shortcode", "find_tollfree", "get",
    "list_numbers", "list_shortcodes", "list_tollfree", "remove_number", "remove_shortcode", "remove_tollfree",
  },
  powerpacks = { "create", "delete", "get", "list", "update" },
}

local ANSWER = http.json '{"meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}'

describe("the operation table", function()
  for object, methods in pairs(METHODS) do
    it("has every documented operation of " .. object, function()
      local rows = {}
      for _, operation in ipairs(core.operations) do
        rows[operation.object .. "." .. operation.name] = operation
      end
      for _, method in ipairs(methods) do
        assert.is_table(rows[object .. "." .. method], object .. ":" .. method .. " has no row")
      end
    end)
  end

  it("has no operation twice", function()
    local seen = {}
    for _, operation in ipairs(core.operations) do
      local name = operation.object .. "." .. operation.name
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
  end)

  it("has no operation of pools and powerpacks that no spec here sends", function()
    local sent = {}
    for _, case in ipairs(OF_POOL) do
      sent["pool." .. case[1]] = true
    end
    for _, case in ipairs(OF_POWERPACKS) do
      sent["powerpacks." .. case[1]] = true
    end
    sent["pool.buy_number"] = true -- spends money: has a spec of its own
    for _, operation in ipairs(core.operations) do
      if operation.object ~= "client" then
        local name = operation.object .. "." .. operation.name
        assert.is_true(sent[name] or false, name .. " has no case")
      end
    end
  end)

  it("knows what changes something from what reads", function()
    for _, operation in ipairs(core.operations) do
      assert.equal(operation.method ~= "GET", operation.change, operation.name)
    end
  end)
end)

describe("operation.check", function()
  local list, create = core.operations["pool.list_numbers"], core.operations["powerpacks.create"]

  it("is true for options that can be right, and for none", function()
    for _, options in ipairs { {}, { limit = 5, timeout = 1.5 }, { starts_with = { "512" }, country_iso2 = "us" } } do
      assert.is_true(list.check(options))
    end
    assert.is_true(list.check())
  end)

  it("says which value can't be right", function()
    for message, options in pairs {
      ["limit: expected 1 to 20, got 50"] = { limit = 50 },
      ["type: expected fixed, mobile or toll-free, got \"x\""] = { type = "x" },
      ["starts_with: expected country_iso2 beside it, got none"] = { starts_with = "512" },
      ["timeout: expected more than 0 and at most 2147483 seconds, got 0"] = { timeout = 0 },
      ["retries: expected 0 to 100, got 101"] = { retries = 101 },
    } do
      local is_right, wrong = list.check(options)
      assert.is_nil(is_right)
      assert.equal(message, wrong)
    end
  end)

  it("raises where the method was called, in the operation's name or another one", function()
    local function method(operation, options, name)
      local is_right = operation.check(options, name)
      return is_right
    end
    for message, case in pairs {
      ["list_numbers: limit: integer expected, got string"] = { list, { limit = "5", type = "x" } },
      ["numbers: limit: integer expected, got string"] = { list, { limit = "5" }, "numbers" },
      ["list_numbers: options: table expected, got string"] = { list, "US" },
      ["snapshot: unknown option \"limit\", expected one of retries, timeout"] =
        { core.operations["pool.get"], { limit = 1 }, "snapshot" },
      ["create: name: string expected, got no value"] = { create, {} },
      ["make: name: string expected, got no value"] = { create, nil, "make" },
    } do
      local text = raised(function()
        local _ = method(case[1], case[2], case[3])
      end)
      assert.equal(message, text)
    end
  end)
end)

describe("the methods", function()
  local client = assert(numberpool.new { auth_id = "MA", auth_token = "t", retries = 0, rate = false })
  local objects = { pool = assert(client:pool(POOL)), powerpacks = client.powerpacks }

  for object, methods in pairs(METHODS) do
    for _, method in ipairs(methods) do
      it("include " .. object .. ":" .. method, function()
        assert.is_function(objects[object][method])
      end)
    end
  end

  it("include powerpacks:each", function()
    assert.is_function(client.powerpacks.each)
  end)

  it("include the client's own", function()
    assert.is_function(client.pool)
    assert.is_function(client.close)
  end)
end)

describe("a request", function()
  local server = fixture.scripted_server()
  local pool, client = fixture.pool(server, POOL)
  local objects = { pool = pool, powerpacks = client.powerpacks }

  local function send(object, case)
    server:script(ANSWER)
    local receiver = objects[object]
    local unpack = table.unpack or unpack
    assert(receiver[case[1]](receiver, unpack(case[2])))
    local requests = server:requests()
    assert.equal(1, #requests)
    return requests[1]
  end

  local function check(object, case)
    local request = send(object, case)
    local method, path = case[3]:match "^(%u+) (.*)$"
    path = path:gsub("{pool}", (POOL:gsub("%%", "%%%%"))):gsub("{powerpack}", POWERPACK)
    assert.equal(method, request.method)
    assert.equal("/v1/Account/" .. server.auth_id .. "/" .. path:match "^[^?]*", request.path)
    if method == "GET" then
      assert.same(case[4] or {}, request.query)
      assert.equal("", request.body)
    else
      assert.equal(path:match "%?(.*)$" or "", request.query_string)
      assert.same(case[4], cjson.decode(request.body))
      assert.matches("^application/json", request.headers["content-type"])
    end
    assert.equal("Basic " .. mime.b64(server.auth_id .. ":" .. server.auth_token), request.headers.authorization)
  end

  for object, cases in pairs { pool = OF_POOL, powerpacks = OF_POWERPACKS } do
    for _, case in ipairs(cases) do
      it(("of %s:%s is %s with %s"):format(object, case[1], case[3], cjson.encode(case[4] or {})), function()
        check(object, case)
      end)
    end
  end

  it("never asks for a number to be unrented unless told to", function()
    for _, case in ipairs {
      { "pool", { "remove_number", { "15125550000", { unrent = false } } } },
      { "pool", { "remove_tollfree", { "18005550000", { unrent = false } } } },
      { "powerpacks", { "delete", { POWERPACK, { unrent_numbers = false } } } },
    } do
      local body = cjson.decode(send(case[1], case[2]).body)
      assert.is_falsy(body.unrent)
      assert.is_falsy(body.unrent_numbers)
    end
  end)

  it("of a change has a body even where there is nothing to say", function()
    for _, case in ipairs { { "add_number", { 15125550000 } }, { "remove_shortcode", { 77777 } } } do
      assert.equal("{}", send("pool", case).body)
    end
  end)

  it("sends an empty list of priorities as a list", function()
    local request = send("powerpacks", { "update", { POWERPACK, { number_priority = {} } } })
    assert.equal('{"number_priority":[]}', request.body)
  end)

  it("says who asks and that it wants JSON", function()
    local request = send("pool", { "get", {} })
    assert.matches("^numberpool/" .. numberpool._VERSION:gsub("%p", "%%%0"), request.headers["user-agent"])
    assert.matches("application/json", request.headers.accept)
    assert.equal("127.0.0.1:" .. server.port, request.headers.host)
  end)

  it("doesn't wait to be asked for its body", function()
    assert.is_nil(send("pool", { "add_number", { 15125550000 } }).headers.expect)
  end)

  it("keeps retries and timeout to the client", function()
    local request = send("pool", { "find_number", { 15125550000, { retries = 0, timeout = 5 } } })
    assert.equal("", request.query_string)
    request = send("pool", { "add_number", { 15125550000, { retries = 0, timeout = 5 } } })
    assert.equal("{}", request.body)
  end)

  it("goes below the path of base_url", function()
    local behind = fixture.pool(server, POOL, { base_url = server.base_url .. "/proxy/plivo/" })
    server:script(ANSWER)
    assert(behind:get())
    assert.equal("/proxy/plivo/v1/Account/" .. server.auth_id .. "/NumberPool/" .. POOL .. "/",
      server:requests()[1].target)
  end)
end)
