--- Makes identifiers: uuids and credentials.
local bit = require "bit"

local identifiers = {}

local UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
local LOWER = "abcdefghijklmnopqrstuvwxyz"
local DIGITS = "0123456789"

local random = math.random

--- Seeds the random numbers. Every worker does it for itself, since all are forks of one process.
function identifiers.seed()
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

--- A random uuid.
---@return string
function identifiers.uuid()
  return (uuid_of(word(), word(), word(), word()))
end

--- The uuid of a text: the same every time.
---@param text string
---@return string
function identifiers.uuid_for(text)
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

---@return string
function identifiers.auth_id()
  return "MA" .. pick(UPPER .. DIGITS, 18)
end

---@return string
function identifiers.auth_token()
  return pick(UPPER .. LOWER .. DIGITS, 40)
end

return identifiers
