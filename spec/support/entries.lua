-- Collects what iterators over a pool's lists return.
local assert = require "luassert"

local entries = {}

--- The numbers, shortcodes or names of all that an iterator returns. Takes what a `for` takes.
---@return string[]
function entries.collect(...)
  local found = {}
  for entry in ... do
    found[#found + 1] = entry.number or entry.shortcode or entry.name
  end
  return found
end

--- Calls an iterator until it raises.
---@param iterator function
---@return string[] found the numbers that it returned before
---@return any raised
function entries.collect_until_error(iterator)
  local found = {}
  while true do
    local ok, entry = pcall(iterator)
    if not ok then
      return found, entry
    end
    assert(entry, "it ended without an error")
    found[#found + 1] = entry.number
  end
end

--- Fails unless a list has `count` values, all different.
---@param list string[]
---@param count integer
function entries.check_unique(list, count)
  local seen = {}
  for _, value in ipairs(list) do
    assert.is_nil(seen[value], "twice: " .. value)
    seen[value] = true
  end
  assert.equal(count, #list)
end

return entries
