--- Fresh identifiers and timestamps.
local bit = require "bit"

local identity = {}

local random = math.random

--- Seeds this worker's generator; workers are forks of one process, so each has to do it.
function identity.seed()
  local source = assert(io.open("/dev/urandom", "rb"))
  local a, b, c, d = source:read(4):byte(1, 4)
  source:close()
  math.randomseed(a + b * 256 + c * 65536 + (d % 128) * 16777216)
end

local function uuid_of(a, b, c, d)
  return string.format("%08x-%04x-4%03x-%04x-%04x%08x", a, bit.rshift(b, 16), bit.band(b, 0xfff),
    bit.bor(0x8000, bit.band(bit.rshift(c, 16), 0x3fff)), bit.band(c, 0xffff), d)
end

local function word()
  return random(0, 0xffff) * 0x10000 + random(0, 0xffff)
end

function identity.uuid()
  local a, b, c, d = word(), word(), word(), word()
  return (uuid_of(a, b, c, d))
end

--- The same identifier for the same text, every time.
function identity.uuid_for(text)
  local digits = ngx.md5(text)
  return table.concat({ digits:sub(1, 8), digits:sub(9, 12), "4" .. digits:sub(14, 16),
    "a" .. digits:sub(18, 20), digits:sub(21, 32) }, "-")
end

local function pick(alphabet, length)
  local characters = {}
  for index = 1, length do
    local at = random(1, #alphabet)
    characters[index] = alphabet:sub(at, at)
  end
  return table.concat(characters)
end

function identity.auth_id()
  return "MA" .. pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 18)
end

function identity.auth_token()
  return pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
end

local ticks = 0

--- Now, as ISO 8601 in UTC with microseconds: the clock's milliseconds and a running count, so
-- that things made one after another seldom share one.
function identity.timestamp()
  local now = ngx.now()
  local seconds = math.floor(now)
  ticks = (ticks + 1) % 1000
  local micros = math.floor((now - seconds) * 1000) * 1000 + ticks
  return os.date("!%Y-%m-%dT%H:%M:%S", seconds) .. string.format(".%06dZ", micros)
end

return identity
