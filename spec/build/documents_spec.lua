-- Every public method and function is described twice from one place: LuaCATS annotations, which editors read, and the
-- reference, which LDoc makes of them.
local annotations = require "spec.support.annotations"
local core = require "numberpool.core"
local fixture = require "spec.support.fixture"
local methods = require "numberpool.client.operations"
local numberpool = require "numberpool"
local plan = require "numberpool.jobs.plan"
local sandbox = require "numberpool.sandbox"
local workspace = require "spec.support.workspace"

require "numberpool.jobs" -- which adds methods

-- The files that nothing requires.
local ANNOTATIONS = {
  "lua/numberpool/annotations/answers.lua",
  "lua/numberpool/annotations/client.lua",
  "lua/numberpool/annotations/options.lua",
  "lua/numberpool/annotations/plan.lua",
  "lua/numberpool/annotations/pool.lua",
  "lua/numberpool/annotations/powerpacks.lua",
  "lua/numberpool/sandbox/annotations.lua",
}

local SOURCES = {
  "lua/numberpool/init.lua",
  "lua/numberpool/client/init.lua",
  "lua/numberpool/errors.lua",
  "lua/numberpool/sandbox/init.lua",
}
for _, path in ipairs(ANNOTATIONS) do
  SOURCES[#SOURCES + 1] = path
end

local found = annotations.read(SOURCES)

local CLASSES = { pool = "Pool", powerpacks = "Powerpacks", client = "Client" }

-- Whose success gives nothing.
local GIVES_NOTHING = { ["Client:close"] = true }

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- The public functions of a module or a table of methods, by the name they are described under.
local function add_public(names, prefix, functions)
  for name, value in pairs(functions) do
    local described = found.functions[prefix .. name] or found.functions[prefix:gsub(":", ".") .. name]
    local is_internal = described and described.is_internal
    if type(value) == "function" and not name:find "^__" and not is_internal then
      names[prefix .. name] = true
    end
  end
end

local function public_names()
  local names = {}
  for object, functions in pairs(methods) do
    add_public(names, CLASSES[object] .. ":", functions)
  end
  add_public(names, "Plan:", plan.methods)
  add_public(names, "numberpool.", numberpool)
  add_public(names, "sandbox.", sandbox)
  add_public(names, "Server:", getmetatable(fixture.sandbox()).__index)
  return names
end

local PUBLIC = sorted(public_names())

local METHODS_OF = { Pool = true, Powerpacks = true, Client = true, Plan = true, Server = true }

describe("the annotations", function()
  it("know the methods of every kind", function()
    local text = " " .. table.concat(PUBLIC, " ") .. " "
    for _, name in ipairs {
      "Pool:add_number", "Pool:numbers", "Pool:add_numbers", "Pool:snapshot", "Powerpacks:each", "Client:map",
      "Client:stats", "Client:pool", "Client:close", "numberpool.new", "sandbox.start", "Server:seed",
      "Plan:apply",
    } do
      assert.is_truthy(text:find(" " .. name .. " ", 1, true), name .. " is not among them")
    end
  end)

  for _, name in ipairs(PUBLIC) do
    it("describe " .. name, function()
      local described = assert(found.functions[name], name .. ": not described")
      assert.is_true(#table.concat(described.text) > 10, "it isn't said what it does")
      local parameters = {}
      for i, parameter in ipairs(described.parameters) do
        parameters[i] = parameter.name
      end
      assert.same(described.arguments, parameters)
      assert.equal(GIVES_NOTHING[name] or false, described.returns == 0, "returns")
    end)
  end

  it("describe nothing that isn't there", function()
    local there = {}
    for _, name in ipairs(PUBLIC) do
      there[name] = true
    end
    for name, described in pairs(found.functions) do
      local is_method = METHODS_OF[name:match "^(%a+):"]
      if is_method and not described.is_internal and not name:find "[:.]__" then
        assert.is_true(there[name] or false, name .. ": described, but not there")
      end
    end
  end)

  it("name only classes that there are", function()
    local text = {}
    for _, path in ipairs(SOURCES) do
      for line in io.lines(path) do
        text[#text + 1] = line:find "^%-%-%- ?@" and line or line:find "^%-%-%-|" and line or nil
      end
    end
    local all = table.concat(text, "\n")
    local known = {}
    for name in all:gmatch "@alias ([%w_.]+)" do
      known[name] = true
    end
    for name in all:gmatch "numberpool%.[%w_.]*%u%w+" do
      assert.is_true(known[name] or found.classes[name] ~= nil, name .. ": no such class")
    end
  end)

  it("are in files that nothing requires", function()
    assert(numberpool.new { auth_id = "MA", auth_token = "token" }):close()
    for _, path in ipairs(ANNOTATIONS) do
      assert.is_nil(package.loaded[path:match("^lua/(.*)%.lua$"):gsub("/", ".")])
      assert(loadfile(path))
    end
  end)
end)

-- What pool:buy_number takes beside its row's options: a number, or what a search does.
local BUYING = { "number", "country_iso2", "type", "pattern", "region" }

describe("the annotated options", function()
  for _, operation in ipairs(core.operations) do
    local name = CLASSES[operation.object] .. ":" .. operation.name

    it("of " .. name .. " are those of its row, which names its section", function()
      local described = found.functions[name]
      local last = described.parameters[#described.parameters]
      local expected = { retries = true, timeout = true }
      for _, option in ipairs(operation.parameters) do
        expected[option] = true
      end
      for _, option in ipairs(operation.name == "buy_number" and BUYING or {}) do
        expected[option] = true
      end
      assert.same(sorted(expected), sorted(annotations.fields(found, (last.type:gsub("%?$", "")))))
      assert.is_truthy(table.concat(described.text, " "):find("Section: " .. operation.section .. ".", 1, true))
    end)
  end

  it("of numberpool.new and sandbox.start are all taken", function()
    local values = { rate = false, on_event = print, runtime = "curl", quirks = {}, retries = 0, strict = true,
      insecure = true,
      tls = true, workers = 1, port = 0, db = "/tmp/none.sqlite", timeout = 1, attempt_timeout = 1,
      connect_timeout = 1, max_body = 1 }
    local client_options = require "numberpool.client.options"
    for option in pairs(found.classes["numberpool.Options"].fields) do
      assert.has_no_error(function()
        client_options.read({ [option] = values[option] == nil and "x" or values[option] }, 1)
      end)
    end
    local start = require "numberpool.sandbox.options"
    for option in pairs(found.classes["numberpool.sandbox.Options"].fields) do
      assert.has_no_error(function() start.read({ [option] = values[option] }, 1) end)
    end
  end)
end)

describe("make docs", function()
  local copy = fixture.until_end(workspace.new())

  it("has every one of them, and complains about nothing", function()
    local output, status = copy:run("make -s docs 2>&1")
    assert.equal(0, status, output)
    assert.is_nil(output:find "mismatch", output)
    assert.is_nil(output:find "cannot be parsed", output)
    assert.is_nil(output:find "undocumented", output)
    local pages = copy:run("cat build/docs/index.html build/docs/modules/*.html")
    for _, name in ipairs(PUBLIC) do
      local anchor = name:gsub("^numberpool%.", ""):gsub("^sandbox%.", "")
      assert.is_truthy(pages:find('name = "' .. anchor .. '"', 1, true), name .. ": not in the reference")
    end
    for class in pairs(found.classes) do
      local anchor = pages:find('name = "' .. class .. '"', 1, true)
        or pages:find('name = "' .. class:gsub("^numberpool%.", "") .. '"', 1, true)
      assert.is_truthy(anchor, class .. ": not in the reference")
    end
  end)
end)
