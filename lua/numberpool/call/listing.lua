--- How the pages of a list follow one another. A server may send fewer entries than it was asked for, or cap its pages:
-- what comes next is found by counting what came, and the end is where `total_count` is reached or a page is empty.
-- @module numberpool.call.listing

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

--- Has a page read without the meta that is made up for one that is short: it would end a list whose server caps its
-- pages.
---@param request table of an operation that lists
---@return table request the same
function listing.as_it_comes(request)
  request.limit = 0
  return request
end

-- Whether two entries are one: by what tells them from others, else by all that they hold.
local function is_same_entry(one, other)
  local key = listing.key(one)
  if key ~= nil or type(one) ~= "table" or type(other) ~= "table" then
    return (key or one) == (listing.key(other) or other)
  end
  for name, value in pairs(one) do
    if type(value) ~= "table" and other[name] ~= value then
      return false
    end
  end
  return listing.key(other) == nil
end

--- Whether two pages begin and end with the same entries.
---@param objects any[]
---@param before any[]
---@return boolean
function listing.is_same(objects, before)
  local count = #objects
  return count > 0 and count == #before and is_same_entry(objects[1], before[1])
    and is_same_entry(objects[count], before[count])
end

return listing
