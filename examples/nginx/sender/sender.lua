-- Chooses the number that sends to a recipient. A choice stays as long as the number is in the pool.
local cjson = require "cjson"
local numbers = require "numbers"

local sender = {}

local senders = ngx.shared.senders

sender.start = numbers.start

-- Remembers a choice, and returns it. If another worker has made one meanwhile, that one counts.
local function remember(index, recipient, number)
  local known = senders:get(recipient)
  if known and not index.is_there[known] then -- that one isn't in the pool any more
    senders:set(recipient, number)
  elseif not senders:add(recipient, number) then
    return senders:get(recipient) or number
  end
  return number
end

--- The number that sends to a recipient.
---@param recipient string digits, the country code first
---@return string? number nil where the pool is empty, or hasn't been read yet
---@return string match "before", "area" or "any"; or why there is no number
function sender.number_for(recipient)
  local index = numbers.index()
  if not index then
    return nil, "the pool hasn't been read yet"
  end
  local known = senders:get(recipient)
  if known and index.is_there[known] then
    return known, "before"
  end
  local list, match = numbers.nearest(index, recipient)
  if not list[1] then
    return nil, "the pool is empty"
  end
  local chosen = list[ngx.crc32_short(recipient) % #list + 1]
  return remember(index, recipient, chosen), match
end

local function say(status, value)
  ngx.status = status
  ngx.print(cjson.encode(value), "\n")
end

-- A plus sign in a query is a space, unless it was escaped.
local function digits_of(text)
  local digits = type(text) == "string" and text:match "^[%s+]?([1-9]%d*)$"
  return digits and #digits >= 7 and #digits <= 15 and digits or nil
end

--- Answers /sender.
function sender.answer()
  local recipient = digits_of(ngx.req.get_uri_args().to)
  if not recipient then
    return say(400, { error = "to: expected 7 to 15 digits, the country code first, which never begins with 0" })
  end
  local number, match = sender.number_for(recipient)
  if not number then
    return say(503, { error = match })
  end
  return say(200, { from = number, to = recipient, match = match })
end

return sender
