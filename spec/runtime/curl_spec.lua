-- Connections: kept alive, never used to send a change twice, through a proxy, and after a fork.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local interpreter = require "spec.support.interpreter"

local OK = http.json '{"uuid":"p","meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}'

local server = fixture.scripted_server()
local client, pool

before_each(function()
  pool, client = fixture.pool(server, "p", { attempt_timeout = 5 })
end)

local CHANGES = {
  POST = function()
    return pool:add_number "15125550000"
  end,
  DELETE = function()
    return pool:remove_number("15125550000", { unrent = true })
  end,
}

describe("a connection", function()
  it("serves call after call", function()
    server:script(OK)
    local before = server:counts().accepted
    for _ = 1, 20 do
      assert(pool:get())
      assert(pool:list_numbers { limit = 5 })
      assert(pool:add_number "15125550000")
      assert(pool:remove_number "15125550000")
      assert(client.powerpacks:list())
    end
    assert.equal(before + 1, server:counts().accepted)
    assert.equal(100, #server:requests())
  end)

  it("carries nothing of a call's path and query over to the next one", function()
    server:script(OK)
    assert(pool:list_numbers { limit = 5 })
    assert(pool:get())
    assert(client:search_numbers { country_iso2 = "BR", region = "S\195\163o Paulo", limit = 1 })
    assert(pool:find_number "15125550000")
    assert(pool:list_numbers { offset = 20 })
    local base = "/v1/Account/" .. server.auth_id .. "/NumberPool/p/"
    local targets = {}
    for i, request in ipairs(server:requests()) do
      targets[i] = request.target
    end
    assert.same({
      base .. "Number/?limit=5",
      base,
      "/v1/Account/" .. server.auth_id .. "/PhoneNumber/?country_iso=BR&region=S%C3%A3o%20Paulo&limit=1",
      base .. "Number/15125550000/",
      base .. "Number/?offset=20",
    }, targets)
  end)

  it("serves on after errors of the API", function()
    local before = server:counts().accepted
    for _, status in ipairs { 400, 401, 403, 404, 409, 422, 500, 503 } do
      server:script(http.answer(status, '{"error":"no"}'))
      assert.is_nil((pool:get()))
      assert.is_nil((pool:add_number "15125550000"))
    end
    server:script("HTTP/1.1 204 No Content\r\n\r\n", OK)
    assert(pool:remove_number "15125550000")
    assert(pool:get())
    assert.equal(before + 1, server:counts().accepted)
  end)

  it("that the server closed meanwhile is replaced, and every call arrives once", function()
    for how in pairs { close = true, reset = true } do
      for method, change in pairs(CHANGES) do
        server:script(OK)
        assert(pool:get())
        server:drop(how)
        assert(change())
        local requests = server:requests()
        assert.equal(2, #requests)
        assert.equal(method, requests[2].method)
      end
    end
  end)

  it("is replaced after the server asked for that", function()
    server:script { bytes = http.answer(200, '{"uuid":"p"}', { Connection = "close" }), after = "close" }
    for _ = 1, 3 do
      assert(pool:get())
      assert(pool:add_number "15125550000")
    end
    assert.equal(6, #server:requests())
  end)
end)

-- libcurl sends a request again by itself when a kept-alive connection dies before the answer's first byte.
describe("a compressed answer", function()
  it("is asked for where it may be large: in lists alone", function()
    server:script(OK, OK, http.json '{"number":"15125550000"}', OK)
    assert(pool:list_numbers())
    assert(pool:get())
    assert(pool:add_number "15125550000")
    assert(client.powerpacks:list())
    local codings = {}
    for i, request in ipairs(server:requests()) do
      codings[i] = request.headers["accept-encoding"] or "none"
    end
    assert.same({ "gzip", "none", "none", "gzip" }, codings)
  end)
end)

describe("a change that the server acts on before it drops a kept-alive connection", function()
  for _, after in ipairs { "close", "reset" } do
    for method, change in pairs(CHANGES) do
      it(("arrives once: %s, %s"):format(method, after), function()
        server:script(OK, { bytes = "", after = after })
        assert(pool:get())
        local value, err = change()
        assert.is_nil(value)
        assert.equal("network", err.kind)
        assert.is_true(err.ambiguous)
        assert.equal(1, err.attempts)
        local requests = server:requests()
        assert.equal(2, #requests)
        assert.equal(method, requests[2].method)
        assert.equal(requests[1].connection, requests[2].connection, "the connection wasn't reused")
      end)
    end

    it("arrives once where changes came before on it: " .. after, function()
      server:script(OK, OK, { bytes = "", after = after })
      assert(pool:add_number "15125550001")
      assert(pool:remove_number "15125550001")
      local _, err = pool:add_number "15125550002"
      assert.is_true(err.ambiguous)
      local requests = server:requests()
      assert.equal(3, #requests)
      assert.equal(requests[1].connection, requests[3].connection)
    end)

    it("leaves the client usable: " .. after, function()
      server:script(OK, { bytes = "", after = after }, OK)
      assert(pool:get())
      assert.is_nil((pool:add_number "15125550000"))
      assert(pool:add_number "15125550000")
      assert(pool:get())
    end)
  end

  it("arrives once for powerpacks too", function()
    for _, change in ipairs {
      function()
        return client.powerpacks:create { name = "x" }
      end,
      function()
        return client.powerpacks:update("x", { name = "y" })
      end,
      function()
        return client.powerpacks:delete("x", { unrent_numbers = true })
      end,
    } do
      server:script(OK, { bytes = "", after = "reset" })
      assert(pool:get())
      local _, err = change()
      assert.is_true(err.ambiguous)
      local requests = server:requests()
      assert.equal(2, #requests)
      assert.equal(requests[1].connection, requests[2].connection)
    end
  end)
end)

-- The same where a server's own front drops the connection, on HTTP/1.1 and as a stream of HTTP/2.
for _, tls in ipairs { false, true } do
  describe("a change that a server makes before it drops the connection" .. (tls and ", on HTTP/2" or ""), function()
    local real = fixture.sandbox { tls = tls }
    local of_pool

    before_each(function()
      of_pool = fixture.pool(real, { numbers = { "14155550000" } })
    end)

    local function arrivals(method)
      local count = 0
      for _, request in ipairs(assert(real:requests())) do
        if request.method == method then
          count = count + 1
        end
      end
      return count
    end

    it("was made once: POST", function()
      assert(of_pool:get())
      assert(real:fault { method = "POST", kind = "reset", when = "after" })
      local value, err = of_pool:add_number "15125550000"
      assert.is_nil(value)
      assert.equal("network", err.kind)
      assert.is_true(err.ambiguous)
      assert.equal(1, arrivals "POST")
      assert.equal(2, of_pool:count_numbers())
    end)

    it("was made once: DELETE", function()
      assert(of_pool:get())
      assert(real:fault { method = "DELETE", kind = "reset", when = "after" })
      local value, err = of_pool:remove_number("14155550000", { unrent = true })
      assert.is_nil(value)
      assert.equal("network", err.kind)
      assert.is_true(err.ambiguous)
      assert.equal(1, arrivals "DELETE")
      assert.equal(0, of_pool:count_numbers())
    end)
  end)
end

describe("a transfer whose task is killed", function()
  it("serves other calls, though its answer had come", function()
    server:script(OK)
    local runtime = client.runtime
    local task = runtime:spawn(function()
      runtime:send("GET", "/", nil, runtime.now() + 10)
    end, nil, error)
    runtime.tasks:turn()
    repeat
      runtime.tasks.poll(1)
    until runtime.held[task].handle:done()
    assert.is_true(runtime:kill(task))
    assert(pool:get())
    assert.equal(1, runtime.last_id)
    assert.equal(1, #runtime.resting)
  end)
end)

describe("a proxy", function()
  local proxy = fixture.scripted_server()

  it("is asked where the option names it", function()
    proxy:script(OK)
    local behind = fixture.client({ base_url = "http://api.invalid", auth_id = "MA", auth_token = "t" },
      { proxy = proxy.base_url, insecure = true })
    assert(behind:pool("p"):get())
    assert.equal("http://api.invalid/v1/Account/MA/NumberPool/p/", proxy:requests()[1].target)
  end)

  it("is asked where the environment names it", function()
    proxy:script(OK)
    local output = interpreter.run([[
      local client = assert(require("numberpool").new { retries = 0, rate = false, insecure = true })
      print(assert(client:pool("p"):get()).uuid)
    ]], {
      http_proxy = proxy.base_url, no_proxy = false, NO_PROXY = false, all_proxy = false, ALL_PROXY = false,
      NUMBERPOOL_BASE_URL = "http://api.invalid", PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t",
    })
    assert.equal("p\n", output)
    assert.equal("http://api.invalid/v1/Account/MA/NumberPool/p/", proxy:requests()[1].target)
  end)

  it("that isn't there is network, and nothing happened", function()
    local behind = fixture.client(server, { proxy = "http://nonexistent.invalid:3128" })
    local _, err = behind:pool("p"):add_number "15125550000"
    assert.equal("network", err.kind)
    assert.is_nil(err.ambiguous)
  end)
end)

describe("a .netrc of the user", function()
  it("doesn't replace the credentials", function()
    local home = os.tmpname()
    os.remove(home)
    interpreter.shell("mkdir -m 700 " .. home)
    local file = assert(io.open(home .. "/.netrc", "w"))
    file:write "machine 127.0.0.1 login someone password else\n"
    file:close()
    server:script(OK)
    local output = interpreter.run([[
      local client = assert(require("numberpool").new { retries = 0, rate = false })
      print(assert(client:pool("p"):get()).uuid)
    ]], {
      HOME = home, NUMBERPOOL_BASE_URL = server.base_url, PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t",
    })
    interpreter.shell("rm -r " .. home)
    assert.equal("p\n", output)
    assert.equal("Basic TUE6dA==", server:requests()[1].headers.authorization)
  end)
end)

-- Only LuaJIT can fork without a library.
if pcall(require, "ffi") then
  it("after a fork the child is refused, and the parent's connection lives on", function()
    server:script(OK)
    local before = server:counts().accepted
    local output, status = interpreter.run([[
      local ffi = require "ffi"
      ffi.cdef "int fork(void); int waitpid(int pid, int *status, int options); void _exit(int status);"
      local client = assert(require("numberpool").new { retries = 0, rate = false })
      local pool = assert(client:pool "p")
      assert(pool:get())
      local pid = ffi.C.fork()
      if pid == 0 then
        local value, err = pool:get()
        print("child", value, err and err.message)
        client:close()
        client, pool = nil, nil
        collectgarbage()
        collectgarbage()
        io.flush()
        ffi.C._exit(0)
      end
      ffi.C.waitpid(pid, nil, 0)
      print("parent", assert(pool:get()).uuid)
    ]], { NUMBERPOOL_BASE_URL = server.base_url, PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t" })
    assert.equal(0, status, output)
    assert.matches("child\tnil\t[^\n]*fork", output)
    assert.matches("parent\tp\n", output)
    assert.equal(2, #server:requests())
    assert.equal(before + 1, server:counts().accepted)
  end)

  it("a child of a fork in the middle of a map ends that map", function()
    server:script({ bytes = OK, drip = 20 }) -- so that the first call is under way when the second forks
    local output, status = interpreter.run([[
      local ffi = require "ffi"
      ffi.cdef "int fork(void); int waitpid(int, int *, int); void _exit(int); unsigned alarm(unsigned);"
      local client = assert(require("numberpool").new { retries = 0, rate = false })
      local pool = assert(client:pool "p")
      local child
      local results = client:map({ 1, 2 }, function(item)
        if item == 2 then
          child = ffi.C.fork()
          if child == 0 then
            ffi.C.alarm(20) -- it must not outlive the spec, whatever happens
          end
        end
        return pool:get()
      end)
      local first = results[1]
      local err = first.error or {}
      print(child == 0 and "child" or "parent", first.ok, err.kind, err.ambiguous)
      io.flush()
      if child == 0 then
        ffi.C._exit(7)
      end
      local how = ffi.new "int[1]"
      ffi.C.waitpid(child, how, 0)
      print("exit", how[0] / 256)
    ]], { NUMBERPOOL_BASE_URL = server.base_url, PLIVO_AUTH_ID = "MA", PLIVO_AUTH_TOKEN = "t" })
    assert.equal(0, status, output)
    assert.matches("child\tfalse\tclosed\tnil\n", output)
    assert.matches("parent\ttrue\t", output)
    assert.matches("exit\t7\n", output)
  end)
end
