-- Oddities of the real API, each by its name.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("sandbox.start with quirks", function()
  local server, account, pool

  local function start(...)
    server = fixture.sandbox { quirks = { ... } }
    account = sandbox_http.account(server)
    pool = "NumberPool/" .. assert(server:seed { numbers = 3, tollfree = 1, shortcodes = 1 }).pool .. "/"
  end

  it("no_meta, no_service, numberpool_uuid: fields that aren't there or have another name", function()
    start("no_meta", "no_service", "numberpool_uuid")
    local empty = account.get(pool .. "Number/?type=mobile").json
    assert.is_nil(empty.meta)
    assert.same({}, empty.objects)
    assert.equal(3, account.get(pool .. "Number/").json.meta.total_count)
    assert.is_nil(account.get(pool .. "Number/15125550000/").json.service)
    assert.is_nil(account.get(pool .. "Tollfree/18005550000/").json.service)
    assert.equal("sms", account.get(pool .. "Number/").json.objects[1].service)
    for _, path in ipairs { "Number/15125550000/", "Shortcode/20000/", "Tollfree/18005550000/" } do
      local found = account.get(pool .. path).json
      assert.is_nil(found.number_pool_uuid)
      assert.equal(pool:match("/(.*)/"), found.numberpool_uuid)
    end
  end)

  it("unusable_next: a path that leads nowhere", function()
    start("unusable_next")
    local meta = account.get(pool .. "Number/?limit=1").json.meta
    assert.matches("^/api/v1/account/", meta.next)
    assert.equal(404, sandbox_http.request(server, "GET", meta.next).status)
  end)

  it("nested_error and delete_204", function()
    start("nested_error", "delete_204")
    local answer = account.get(pool .. "Number/1111111/")
    assert.equal("'1111111' is not a valid phone number.", answer.json.error.error)
    assert.equal("not found", account.get(pool .. "Number/12125550000/").json.error.error)
    answer = account.delete(pool .. "Number/15125550000/")
    assert.equal(204, answer.status)
    assert.equal("", answer.text)
    assert.equal(404, account.get(pool .. "Number/15125550000/").status)
    assert.equal(204, account.delete(pool .. "Shortcode/20000/").status)
    assert.equal(200, account.get(pool).status)
  end)

  it("capped_pages: ten entries a page, whatever limit says", function()
    start("capped_pages")
    local path = "NumberPool/" .. assert(server:seed { numbers = 25 }).pool .. "/Number/"
    for _, limit in ipairs { "", "?limit=20", "?limit=3" } do
      local list = account.get(path .. limit).json
      assert.equal(10, #list.objects)
      assert.equal(10, list.meta.limit)
      assert.equal(25, list.meta.total_count)
      assert.matches("limit=10&offset=10$", list.meta.next)
    end
    local last = account.get(path .. "?limit=20&offset=20").json
    assert.equal(5, #last.objects)
    assert.equal("", last.meta.next)
    assert.equal(400, account.get(path .. "?limit=21").status)
  end)

  it("empty_404: nothing said of what isn't there", function()
    start("empty_404")
    local answer = account.get(pool .. "Number/12125550000/")
    assert.equal(404, answer.status)
    assert.equal("{}", answer.text)
  end)
end)
