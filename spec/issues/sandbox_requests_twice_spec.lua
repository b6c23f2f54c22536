-- `requests_after` gave an entry twice, or not at all, where requests came in while it read: the place it gave and what
-- it read were counted at two moments, and a request is counted before it is written down.
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

describe("server:requests_after", function()
  it("gives each request once while others come in", function()
    local server, folder = fixture.sandbox { workers = 4 }, fixture.folder()
    local count, clients = 2000, 4
    sandbox_http.shell(([[
      for client in $(seq %d); do
        (curl -s -Z --parallel-max 4 -o /dev/null "%s/?n=$client-[1-%d]"; : >%s/$client) >/dev/null 2>&1 &
      done]]):format(clients, server.base_url, count, interpreter.quote(folder)))

    local seen, place, total = {}, 0, 0
    local function follow()
      local entries, last = server:requests_after(place)
      assert(entries, last)
      for _, entry in ipairs(entries) do
        assert.is_nil(seen[entry.query], entry.query)
        seen[entry.query] = true
        total = total + 1
      end
      assert.equal(last - place, #entries)
      place = last
    end
    local ended = ("test $(ls %s | wc -l) = %d"):format(interpreter.quote(folder), clients)
    sandbox_http.eventually(function()
      for _ = 1, 50 do follow() end
      return select(2, sandbox_http.shell(ended)) == 0
    end)
    follow()
    assert.equal(clients * count, total)
  end)
end)
