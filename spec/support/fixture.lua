-- What a spec works with: servers, clients, pools, folders. Each function opens one and ends it in time:
--
--   opened in a case, or in a before_each                   it ends with the case, after each after_each
--   opened in the body or a setup of a describe or a file   it ends with that, after each teardown
--
-- The last one opened ends first. A before_each of its own thus needs no after_each, a setup no teardown.
local busted = require "busted"
local impatient_client = require "spec.support.impatient_client"
local interpreter = require "spec.support.interpreter"
local new_client = require "spec.support.new_client"
local nginx_run = require "spec.support.nginx_run"
local sandbox = require "numberpool.sandbox"
local scripted_server = require "spec.support.scripted_server"
local socket = require "socket"

local fixture = {}

local opened = {} -- in order: functions that end what was opened
local before_case -- how many were opened before the case; nil where none is under way
local before_blocks = {} -- how many were opened before each describe that is under way

local function end_down_to(count)
  while #opened > count do
    table.remove(opened)()
  end
end

-- No event of busted comes after the last after_each: a case ends where the next one begins, or a block begins or ends.
local function end_case()
  local count = before_case
  before_case = nil
  if count then
    end_down_to(count)
  end
end

-- A spec requires this in its file's body, so it holds for all its cases.
busted.before_each(function()
  end_case()
  before_case = #opened
end)

-- busted asks its other listeners too where the second result is true.
busted.subscribe({ "describe", "start" }, function()
  end_case()
  before_blocks[#before_blocks + 1] = #opened
  return nil, true
end)

local function end_block()
  end_case()
  end_down_to(table.remove(before_blocks) or 0)
  return nil, true
end

busted.subscribe({ "describe", "end" }, end_block)
busted.subscribe({ "file", "end" }, end_block)

--- Ends something with the case or the block: calls its `stop`, `close` or `remove`, or itself where it is a function.
---@return any thing as it was given
function fixture.until_end(thing)
  opened[#opened + 1] = function()
    if type(thing) == "function" then
      thing()
    else
      (thing.stop or thing.close or thing.remove)(thing)
    end
  end
  return thing
end

--- A sandbox.
---@param options table? of `sandbox.start`
---@return table server
function fixture.sandbox(options)
  return fixture.until_end(assert(sandbox.start(options)))
end

--- A server that answers from a script.
---@param options table? of `scripted_server.start`
---@return table server
function fixture.scripted_server(options)
  return fixture.until_end(scripted_server.start(options))
end

--- A client for a server, with neither retries nor a rate limit.
---@param server table { base_url, auth_id, auth_token, ca_file }
---@param options table? of `numberpool.new`; and `impatient`: it tries twice again, without waiting in between
---@return table client
function fixture.client(server, options)
  local is_impatient, others = false, {}
  for name, value in pairs(options or {}) do
    if name == "impatient" then
      is_impatient = value
    else
      others[name] = value
    end
  end
  return fixture.until_end((is_impatient and impatient_client or new_client)(server, others))
end

--- A pool, through a client of its own.
---@param server table
---@param what table|string what the sandbox has and nothing else, as `server:seed` takes it; or a pool's uuid
---@param options table? as `fixture.client` takes them
---@return table pool
---@return table client
---@return table? seeded what `server:seed` returns
function fixture.pool(server, what, options)
  local uuid, seeded = what, nil
  if type(what) == "table" then
    assert(server:reset())
    seeded = assert(server:seed(what))
    uuid = seeded.pool
  end
  local client = fixture.client(server, options)
  return assert(client:pool(uuid)), client, seeded
end

--- An nginx with a client in it, for a server.
---@param server table
---@param options table? of `nginx_run.start`
---@return table nginx
function fixture.nginx(server, options)
  return fixture.until_end(nginx_run.start(server, options or {}))
end

--- A time within which a server that is well answers, however busy the machine is.
---@param exchanges function asks the server a few things, now
---@param least number? seconds; default 0.1
---@return number seconds
---@return any what `exchanges` returns
function fixture.attempt_timeout(exchanges, least)
  local started = socket.gettime()
  local result = exchanges()
  return math.max(least or 0.1, 4 * (socket.gettime() - started)), result
end

--- An empty folder.
---@return string path
function fixture.folder()
  local path = interpreter.shell("mktemp -d"):gsub("%s+$", "")
  fixture.until_end(function()
    interpreter.shell("rm -rf " .. interpreter.quote(path))
  end)
  return path
end

return fixture
