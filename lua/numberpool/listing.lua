--- How the pages of a list follow one another. A server may send fewer entries than it was asked for, or cap its pages:
-- what comes next is found by counting what came, and the end is where `total_count` is reached or a page is empty.
-- @module numberpool.listing

local listing = {}

--- What tells an entry from others; nil where nothing does.
---@param entry any
---@return string?
function listing.key(entry)
  return type(entry) == "table" and (entry.number or entry.shortcode or entry.uuid) or nil
end

-- How many there are in all; nil where the page gives no count that can be one.
local function total_of(list)
  local meta = list.meta
  local total = type(meta) == "table" and tonumber(meta.total_count)
  return total and total >= 0 and math.floor(total) == total and total or nil
end

--- Where a list goes on after a page: nil at its end. A count that is less than what has come already ends nothing.
---@param list table a decoded page
---@param offset integer of the page
---@return integer? offset of the next page
---@return number? total that the server says
function listing.next_offset(list, offset)
  local count = #list.objects
  local next_offset, total = offset + count, total_of(list)
  if count == 0 or next_offset == total then
    return nil, total
  end
  return next_offset, total
end

--- Whether two pages begin and end with the same entries.
---@param objects any[]
---@param before any[]
---@return boolean
function listing.is_same(objects, before)
  local first = listing.key(objects[1])
  return first ~= nil and #objects == #before and first == listing.key(before[1])
    and listing.key(objects[#objects]) == listing.key(before[#before])
end

return listing
