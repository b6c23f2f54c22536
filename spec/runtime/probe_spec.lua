-- How far a request comes on its way to a server.
local fixture = require "spec.support.fixture"
local http = require "spec.support.http"
local ports = require "spec.support.ports"
local probe = require "numberpool.runtime.probe"
local socket = require "socket"
local stalls = require "spec.support.stalls"

local function look(base_url, more)
  local scheme, host, port = base_url:match "^(%a+)://([^:]+):?(%d*)$"
  local settings = {
    origin = base_url,
    url = { scheme = scheme, host = host, port = port },
    headers = { "Accept: application/json" },
    body_headers = {},
    connect_timeout = 5,
    max_body = 1000,
    proxy = "",
  }
  for name, value in pairs(more or {}) do
    settings[name] = value
  end
  return probe.run(settings, "/", settings.seconds or 5, settings.proxy ~= "")
end

describe("a look", function()
  local server = fixture.scripted_server()

  it("tells of the steps of a request that is answered", function()
    server:script(http.answer(401, "{}", { Date = "Sun, 06 Nov 1994 08:49:37 GMT" }))
    local details = look(server.base_url)
    assert.is_nil(details.stage)
    assert.equal(401, details.status)
    assert.equal("127.0.0.1", details.address)
    assert.equal(784111777, details.date)
    assert.is_true(details.found <= details.connected and details.connected <= details.answered)
    assert.is_nil(details.secured)
  end)

  it("knows the date of the last answer on a connection alone", function()
    local date = { Date = "Sun, 06 Nov 1994 08:49:37 GMT" }
    server:script("HTTP/1.1 100 Continue\r\nDate: " .. date.Date .. "\r\n\r\n" .. http.answer(200, "{}"))
    assert.is_nil(look(server.base_url).date)
    server:script(http.answer(200, ("x"):rep(2000), date)) -- more than it takes
    assert.equal(784111777, look(server.base_url).date)
  end)

  it("tells of the step that fails", function()
    assert.equal("name", look("http://nosuch.invalid").stage)
    assert.equal("name", look("http://127.0.0.1", { proxy = "http://nosuch.invalid:1" }).stage)
    assert.equal("connection", look(ports.closed().base_url).stage)
    server:script { bytes = "no HTTP\r\n", after = "close" }
    assert.equal("answer", look(server.base_url).stage)
    server:script { bytes = "no TLS\r\n", greets = true, after = "close" }
    assert.equal("tls", look((server.base_url:gsub("^http", "https"))).stage)
    server:script { bytes = "", after = "close" }
    assert.equal("proxy", look("https://a.invalid", { proxy = server.base_url }).stage)
    server:script { bytes = http.answer(407, ""), after = "close" }
    local details = look("https://a.invalid", { proxy = server.base_url })
    assert.equal("proxy", details.stage)
    assert.equal(407, details.tunnel_status)
    assert.is_nil(details.status)
  end)

  it("ends in time", function()
    local full, close_full = stalls.full_listener()
    local silent, close_silent = stalls.silent_listener()
    local started = socket.gettime()
    for url, stage in pairs {
      ["http://" .. full] = "connection", ["http://" .. silent] = "answer", ["https://" .. silent] = "tls",
    } do
      local details = look(url, { seconds = 0.2 })
      assert.equal(stage, details.stage)
      assert.is_true(details.is_timeout)
    end
    assert.is_true(socket.gettime() - started < 10)
    close_full()
    close_silent()
  end)
end)
