-- The library's layers: what requires what, and who may know of nginx and libcurl.
local interpreter = require "spec.support.interpreter"

-- What each folder may require beside itself. The modules that are in no folder are at the bottom, but for `numberpool`
-- itself, which is at the top.
local BELOW = {
  numberpool = { "jobs", "client", "bottom" },
  cli = { "numberpool", "sandbox", "report", "files", "jobs", "client", "bottom" },
  jobs = { "client", "call", "runtime", "bottom" },
  client = { "call", "limit", "runtime", "bottom" },
  call = { "limit", "runtime", "bottom" },
  runtime = { "limit", "bottom" },
  limit = { "bottom" },
  bottom = {},
  files = { "bottom" },
  report = { "bottom" },
  annotations = {},
  sandbox = {},
}

-- Who may load which of the modules in C.
local MAY_LOAD = {
  ["numberpool.core"] = {
    numberpool = true, cli = true, jobs = true, client = true, call = true, limit = true, runtime = true, bottom = true,
  },
  ["numberpool.curl"] = { runtime = true },
}

-- Words for where the code runs and what it sends over: those of the runtimes alone, and of the sandbox, which is a
-- program of its own.
local WORDS = { "ngx", "libcurl", "numberpool.curl" }
local MAY_SAY = { runtime = true, sandbox = true }

local function module_name(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function layer_of(name)
  if name == "numberpool" then
    return "numberpool"
  end
  local folder = name:match "^numberpool%.([%w_]+)%." or name:match "^numberpool%.([%w_]+)$"
  return BELOW[folder] and folder or "bottom"
end

local function may_require(layer, name)
  local of_c = MAY_LOAD[name]
  if of_c then
    return of_c[layer] or false
  end
  local wanted = layer_of(name)
  if wanted == layer then
    return true
  end
  for _, below in ipairs(BELOW[layer]) do
    if below == wanted then
      return true
    end
  end
  return false
end

-- What is wrong with one file, as a list of lines.
local function complaints(path, text)
  local list, layer = {}, layer_of(module_name(path))
  for name in text:gsub("%-%-[^\n]*", ""):gmatch "require[%s(,]*[\"'](numberpool[%w_.]*)[\"']" do
    if not may_require(layer, name) then
      list[#list + 1] = path .. " requires " .. name
    end
  end
  for _, word in ipairs(WORDS) do
    if not MAY_SAY[layer] and text:find(word, 1, true) then
      list[#list + 1] = path .. " names " .. word
    end
  end
  return list
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

describe("the library's files", function()
  local paths = {}
  for path in interpreter.shell("find lua -name '*.lua' | LC_ALL=C sort"):gmatch "[^\n]+" do
    paths[#paths + 1] = path
  end

  it("require what is below them alone, and leave nginx and libcurl to the runtimes", function()
    local list = {}
    for _, path in ipairs(paths) do
      for _, complaint in ipairs(complaints(path, read(path))) do
        list[#list + 1] = complaint
      end
    end
    assert.equal("", table.concat(list, "\n"))
  end)

  it("are in a layer each", function()
    local files_of = {}
    for _, path in ipairs(paths) do
      local layer = layer_of(module_name(path))
      files_of[layer] = (files_of[layer] or 0) + 1
    end
    for _, layer in ipairs { "numberpool", "jobs", "client", "call", "runtime", "limit", "bottom", "sandbox" } do
      assert.is_true((files_of[layer] or 0) > 0, layer)
    end
  end)
end)

describe("a file is found out that", function()
  for what, case in pairs {
    ["requires what is above it"] = { "call/retry.lua", 'local map = require "numberpool.jobs.map"' },
    ["requires a folder above it"] = { "limit/window.lua", "local runtime = require('numberpool.runtime')" },
    ["requires the top"] = { "errors.lua", 'return require("numberpool").new()' },
    ["asks whether it can be loaded"] = { "client/buy.lua", 'pcall(require, "numberpool.jobs.pages")' },
    ["stands apart, and doesn't"] = { "sandbox/process.lua", 'local errors = require "numberpool.errors"' },
    ["loads libcurl"] = { "call/init.lua", 'local curl = require "numberpool.curl"' },
    ["names nginx's functions"] = { "jobs/map.lua", "-- as ngx.sleep does" },
    ["names libcurl"] = { "client/proxy.lua", "-- for libcurl" },
  } do
    it(what, function()
      assert.is_true(#complaints("lua/numberpool/" .. case[1], case[2] .. "\n") > 0)
    end)
  end

  it("isn't, where it requires what is below it", function()
    assert.same({}, complaints("lua/numberpool/jobs/init.lua", [[
      -- no require "numberpool.cli" here
      local call = require "numberpool.call"
      local runtimes = require("numberpool.runtime")
      local core = require "numberpool.core"
    ]]))
  end)
end)
