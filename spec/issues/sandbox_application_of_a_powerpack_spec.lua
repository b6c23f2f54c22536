-- An application's type was taken in small letters only, and `none`, which unlinks it, not at all.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

describe("the application of a powerpack in the sandbox", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)

  before_each(function() assert(server:reset()) end)

  local function linked_to(path)
    local found = account.get(path).json
    return found.application_type .. " " .. found.application_id
  end

  local function created(body)
    local answer = account.post("Powerpack/", body)
    assert.equal(201, answer.status, answer.text)
    return "Powerpack/" .. answer.json.uuid .. "/", answer.json
  end

  it("has a type in any case", function()
    for index, kind in ipairs { "xml", "XML", "Xml", "phlo", "PHLO" } do
      local body = ('{"name":"%d","application_type":"%s","application_id":"33660394121755210"}'):format(index, kind)
      local path, answer = created(body)
      assert.equal(kind, answer.application_type)
      assert.equal(kind .. " 33660394121755210", linked_to(path))
      assert.equal(202, account.post(path, '{"application_type":"PHLO","application_id":"5"}').status)
      assert.equal("PHLO 5", linked_to(path))
    end
  end)

  it("is none with an id of none, alone or with a type", function()
    for index, body in ipairs {
      '{"name":"%d","application_id":"none"}', '{"name":"%d","application_id":"none","application_type":"XML"}',
      '{"name":"%d","application_id":"none","application_type":null}',
    } do
      assert.equal(" ", linked_to((created(body:format(index)))))
    end
    local path = created '{"name":"linked","application_type":"xml","application_id":"5"}'
    assert.equal(202, account.post(path, '{"name":"renamed"}').status)
    assert.equal("xml 5", linked_to(path))
    local answer = account.post(path, '{"application_id":"none"}')
    assert.equal(202, answer.status)
    assert.equal("", answer.json.application_type)
    assert.equal("", answer.json.application_id)
    assert.equal(" ", linked_to(path))
  end)

  it("needs a type beside any other id", function()
    local path = created '{"name":"linked","application_type":"xml","application_id":"5"}'
    for _, to in ipairs { "Powerpack/", path } do
      local answer = account.post(to, '{"name":"other","application_id":"6"}')
      assert.equal(400, answer.status)
      assert.equal("application_type is required with application_id", answer.json.error)
      answer = account.post(to, '{"name":"other","application_id":"6","application_type":"voice"}')
      assert.equal(400, answer.status)
      assert.equal("application_type: expected xml or phlo, got voice", answer.json.error)
      for _, kind in ipairs { "5", "{}", "true" } do
        assert.equal(400, account.post(to, '{"name":"other","application_type":' .. kind .. "}").status)
      end
    end
    assert.equal("xml 5", linked_to(path))
  end)

  it("may have its id as a number, unless it could be rounded", function()
    local path = created '{"name":"small","application_type":"xml","application_id":3366039412175}'
    assert.equal("xml 3366039412175", linked_to(path))
    for _, id in ipairs { "33660394121755210", "1.5", "-1", "[]" } do
      local body = ('{"name":"large","application_type":"xml","application_id":%s}'):format(id)
      assert.equal(400, account.post("Powerpack/", body).status, id)
    end
  end)
end)
