--- Finds the handler of a request by its method and path.
local account_numbers = require "numberpool.sandbox.server.account_numbers"
local messages = require "numberpool.sandbox.messages"
local numbers = require "numberpool.sandbox.server.numbers"
local offers = require "numberpool.sandbox.server.offers"
local pools = require "numberpool.sandbox.server.pools"
local powerpacks = require "numberpool.sandbox.server.powerpacks"
local shortcodes = require "numberpool.sandbox.server.shortcodes"

local router = {}

-- By the path below /v1/Account/{auth_id}/, in which a star stands for one segment: a handler for each method.
local ROUTES = {
  ["Powerpack"] = { GET = powerpacks.list, POST = powerpacks.create },
  ["Powerpack/*"] = { GET = powerpacks.get, POST = powerpacks.update, DELETE = powerpacks.delete },
  ["NumberPool/*"] = { GET = pools.get },
  ["NumberPool/*/Number"] = { GET = numbers.numbers.list },
  ["NumberPool/*/Number/*"] =
    { GET = numbers.numbers.find, POST = numbers.numbers.add, DELETE = numbers.numbers.remove },
  ["NumberPool/*/Tollfree"] = { GET = numbers.tollfree.list },
  ["NumberPool/*/Tollfree/*"] =
    { GET = numbers.tollfree.find, POST = numbers.tollfree.add, DELETE = numbers.tollfree.remove },
  ["NumberPool/*/Shortcode"] = { GET = shortcodes.list },
  ["NumberPool/*/Shortcode/*"] = { GET = shortcodes.find, DELETE = shortcodes.remove },
  ["PhoneNumber"] = { GET = offers.search },
  ["PhoneNumber/*"] = { POST = offers.rent },
  ["Number"] = { GET = account_numbers.list },
  ["Number/*"] = { GET = account_numbers.find, DELETE = account_numbers.give_back },
}

local function decode(segment)
  return (segment:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

--- Splits a path. The segments are decoded one by one, so that an encoded slash stays within its segment. Any number of
--- slashes may end the path.
---@param path string as it was sent
---@return string? auth_id nil where the path isn't an account's
---@return string[]? segments after the account
function router.split(path)
  local auth_id, rest = path:match "^/v1/Account/([^/]+)/(.-)/*$"
  if not auth_id then
    return nil
  end
  local segments = {}
  for segment in (rest .. "/"):gmatch "([^/]*)/" do
    segments[#segments + 1] = decode(segment)
  end
  return decode(auth_id), segments
end

--- Finds a handler.
---@param method string
---@param segments string[]
---@return function? handler
---@return integer? status 404 or 405, where there is none
---@return string? allowed with 405: the methods that there are
function router.find(method, segments)
  local key = {}
  for index, segment in ipairs(segments) do
    if segment == "" then
      return nil, 404
    end
    key[index] = index % 2 == 0 and "*" or segment
  end
  local route = ROUTES[table.concat(key, "/")]
  if not route then
    return nil, 404
  end
  if not route[method] then
    return nil, 405, messages.names_of(route)
  end
  return route[method]
end

return router
