-- A fault's pattern could hold the server for half a minute or longer, and a malformed one was taken where
-- the mistake wasn't at its beginning.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"
local socket = require "socket"

describe("the path of a fault", function()
  local server = fixture.sandbox()

  before_each(function() assert(server:reset()) end)

  local function arm(pattern)
    assert(server:reset())
    assert(server:fault { kind = "status", status = 418, path = pattern })
  end

  local function strikes(path)
    return sandbox_http.request(server, "GET", path).status == 418
  end

  it("takes no longer than a moment, whatever the pattern", function()
    local path = "/" .. ("a"):rep(6000)
    for _, pattern in ipairs {
      ("a?"):rep(30) .. ("a"):rep(30) .. "x", ("(.-)"):rep(40) .. "x", ("a*"):rep(100) .. "x", (".+"):rep(100) .. "$x",
      ("a-"):rep(60) .. "%f[%d]", ("%b/a"):rep(20),
    } do
      local began = socket.gettime()
      arm(pattern)
      assert.is_false(strikes(path))
      assert.is_true(socket.gettime() - began < 5, pattern)
    end
    arm(("a?"):rep(30) .. ("a"):rep(30))
    assert.is_true(strikes("/" .. ("a"):rep(30)))
  end)

  it("means what Lua's own patterns mean", function()
    local paths = {
      "/v1/Account/MA1/NumberPool/c9b5-d5/Number/15125550001/", "/v1/a(b(c)d)e/", "/", "/v1//x", "/v1/[x]/%41/a.b",
    }
    for _, pattern in ipairs {
      "", "^", "$", "^/$", "/Number/%d+/$", "Number", "^/v1/.-/Number", "%u%u%d", "[^/]+/$", "(%d+)/", "()x()", "a%.b",
      "%b()", "^/v1/a%b()e/$", "%b()$", "%f[%d]%d", "%f[%D]/$", "%%41", "[]x]", "[%[]x", "[c-e]%d", "[^%w/]", "x*$",
      "^*", "Pool/?c", "c9b5%-d5", "c9b5-d5", "^/v1/*x", "+", "a$b", "[a-]", "%a%d?%u", "/v1/+x", "%bxx",
      "Acc?.unt", "(a(.-)e)",
    } do
      arm(pattern)
      for _, path in ipairs(paths) do
        assert.equal(path:find(pattern) ~= nil, strikes(path), pattern .. " in " .. path)
      end
    end
  end)

  it("is refused where it isn't a pattern, wherever the mistake is", function()
    for pattern, problem in pairs {
      ["["] = "missing ']'", ["/Number/["] = "missing ']'", ["a[^]"] = "missing ']'", ["/x%"] = "ends with '%'",
      ["abc("] = "unfinished capture", ["a)"] = "unexpected ')'", ["ab%b("] = "missing arguments to '%b'",
      ["ab%fx"] = "missing '[' after '%f'", ["(a)%1"] = "'%1' is not taken", [("a"):rep(301)] = "longer than 300 bytes",
      ["a\0b"] = "a NUL byte, which no path has",
    } do
      local id, message = server:fault { kind = "reset", path = pattern }
      assert.is_nil(id)
      -- Joined, since Lua 5.1 formats a text up to its first NUL.
      assert.equal("path: expected a Lua pattern, got '" .. pattern .. "': " .. problem, message)
    end
    assert.equal("[]", sandbox_http.request(server, "GET", "/_sandbox/faults").text)
  end)
end)
