-- Prints how many numbers a pool has, and the first of them. Changes nothing.
--
--   lua5.4 examples/quickstart.lua             against a sandbox, started here
--   lua5.4 examples/quickstart.lua POWERPACK   with PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in the environment
local numberpool = require "numberpool"

local powerpack, server = ..., nil
if not powerpack then
  server = assert(require "numberpool.sandbox".start())
  powerpack = assert(server:seed { numbers = 45 }).powerpack
end

local client = assert(numberpool.new(server))
local pool = assert(client:pool { powerpack = powerpack })
print(pool, assert(pool:count_numbers()) .. " numbers")

for _, entry in ipairs(assert(pool:list_numbers { limit = 5 }).objects) do
  print(entry.number, entry.country_iso2, entry.type, entry.service)
end

local entry, err = pool:find_number "+1 (512) 555-9999"
print(entry and entry.number or err)

client:close()
if server then
  server:stop()
end
