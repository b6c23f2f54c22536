--- Reads the arguments of a request: paging, filters and JSON bodies. A wrong value is refused with 400 and a message
--- that names the argument. What clients send without a meaning, as an empty filter, is ignored.
local countries = require "numberpool.sandbox.server.countries"
local json = require "numberpool.sandbox.json"
local phone = require "numberpool.sandbox.server.phone"
local reply = require "numberpool.sandbox.server.reply"
local settings = require "numberpool.sandbox.server.settings"

local arguments = {}

local MAX_LIMIT = 20
local CAPPED_LIMIT = 10 -- with the quirk `capped_pages`
local MAX_PREFIXES = 10
local MAX_PREFIX = 14 -- digits
local MAX_OFFSET = 2 ^ 31 - 1
local CAPABILITIES = { voice = true, sms = true, mms = true }

--- A query parameter: nil where it is absent or empty, the first value where it is repeated.
---@param query table
---@param name string
---@return string?
function arguments.text(query, name)
  local value = query[name]
  if type(value) == "table" then
    value = value[1]
  end
  if value == true or value == "" then
    return nil
  end
  return value
end

-- The words of a text with commas between them, without the spaces around them.
local function split(text)
  local words = {}
  for word in (text .. ","):gmatch "([^,]*)," do
    words[#words + 1] = (word:gsub("^ +", ""):gsub(" +$", ""))
  end
  return words
end

local function whole(query, name, default, least, most)
  local value = arguments.text(query, name)
  if value == nil then
    return default
  end
  local number = value:find "^%d+$" and #value <= 15 and tonumber(value)
  if not number or number < least or number > most then
    reply.refuse("%s: expected an integer from %d to %d, got %s", name, least, most, value)
  end
  return number
end

--- The `limit` and `offset` of a list.
---@param query table
---@return integer limit
---@return integer offset
function arguments.paging(query)
  local limit = whole(query, "limit", MAX_LIMIT, 1, MAX_LIMIT)
  if settings.quirk.capped_pages then
    limit = CAPPED_LIMIT
  end
  return limit, whole(query, "offset", 0, 0, MAX_OFFSET)
end

--- The meaning of one of a set of words.
---@param query table
---@param name string
---@param meanings table<string, string> what each word is in the database
---@return string?
function arguments.choice(query, name, meanings)
  local value = arguments.text(query, name)
  if value == nil then
    return nil
  end
  if not meanings[value] then
    reply.refuse("%s: %s is not a valid choice", name, value)
  end
  return meanings[value]
end

--- The code of a country, in upper case.
---@param query table
---@param name string
---@return string?
function arguments.country(query, name)
  local value = arguments.text(query, name)
  if value == nil then
    return nil
  end
  if not value:find "^%a%a$" then
    reply.refuse("%s: %s is not a country code", name, value)
  end
  if not countries[value:upper()] then
    reply.refuse("%s: %s is not a known country", name, value)
  end
  return value:upper()
end

--- Capabilities with commas between them, as a set.
---@param query table
---@param name string
---@return table<string, boolean> wanted
function arguments.services(query, name)
  local value = arguments.text(query, name)
  local wanted = {}
  for _, service in ipairs(value and split(value) or {}) do
    if not CAPABILITIES[service] then
      reply.refuse("%s: %s is not a valid choice", name, service)
    end
    wanted[service] = true
  end
  return wanted
end

--- National prefixes with commas between them.
---@param query table
---@param name string
---@return string[]?
function arguments.prefixes(query, name)
  local value = arguments.text(query, name)
  if value == nil then
    return nil
  end
  local list = split(value)
  for _, prefix in ipairs(list) do
    if not prefix:find "^%d+$" or #prefix > MAX_PREFIX then
      reply.refuse("%s: %s is not a prefix of 1 to 14 digits", name, prefix)
    end
  end
  if #list > MAX_PREFIXES then
    reply.refuse("%s: at most %d prefixes, got %d", name, MAX_PREFIXES, #list)
  end
  return list
end

--- The country and type of a number in a path.
---@param number string
---@return { country: string, type: string }
function arguments.number(number)
  local facts = phone.examine(number)
  if not facts then
    reply.refuse("'%s' is not a valid phone number.", number)
  end
  return facts
end

--- The JSON object in a request's body. No body is an empty object. So is an empty string in JSON, which the vendor's
--- Node client sends when it has nothing to send.
---@param request numberpool.sandbox.IncomingRequest
---@return table
function arguments.body(request)
  local raw = request.body
  if raw:find "^%s*$" or raw:find '^%s*""%s*$' then
    return {}
  end
  local value = json.decode(raw)
  if type(value) ~= "table" or value[1] ~= nil or raw:find "^%s*%[" then
    reply.refuse "invalid JSON body"
  end
  return value
end

--- A field of a body. JSON null counts as absent.
---@param body table
---@param name string
---@return any
function arguments.field(body, name)
  local value = body[name]
  if value == json.null then
    return nil
  end
  return value
end

local BOOLEANS = { ["true"] = true, ["false"] = false }

--- A boolean of a body, false where it is absent. It may be a word in a string, as some clients send `rent`.
---@param body table
---@param name string
---@return boolean
function arguments.loose_boolean(body, name)
  local value = arguments.field(body, name)
  if type(value) == "string" then
    value = BOOLEANS[value:lower()]
  end
  if value ~= nil and type(value) ~= "boolean"
    or value == nil and arguments.field(body, name) ~= nil then
    reply.refuse("%s: expected a boolean", name)
  end
  return value or false
end

local QUERY_BOOLEANS = { ["true"] = true, ["1"] = true, ["false"] = false, ["0"] = false }

--- A boolean in the query: true or false in any case, since Python writes True, or 1 or 0, as PHP does.
---@param query table
---@param name string
---@return boolean?
function arguments.query_boolean(query, name)
  local given = query[name]
  local found
  for _, value in ipairs(type(given) == "table" and given or { given }) do
    if value ~= true and value ~= "" then
      local meaning = QUERY_BOOLEANS[value:lower()]
      if meaning == nil then
        reply.refuse("%s: expected true or false, got %s", name, value)
      end
      if found ~= nil and found ~= meaning then
        reply.refuse("%s is both true and false", name)
      end
      found = meaning
    end
  end
  return found
end

--- A boolean that may be in the query, in the body, or in both if they agree.
---@param query table
---@param name string
---@param in_body boolean?
---@return boolean?
function arguments.also_in_query(query, name, in_body)
  local in_query = arguments.query_boolean(query, name)
  if in_query == nil then
    return in_body
  end
  if in_body ~= nil and in_body ~= in_query then
    reply.refuse("%s is %s in the query and %s in the body", name, tostring(in_query), tostring(in_body))
  end
  return in_query
end

--- Whether a value is text in UTF-8 without control characters.
---@param value any
---@param most integer bytes
---@return boolean
function arguments.printable(value, most)
  if type(value) ~= "string" or #value > most or value:find "[%z\1-\31\127]" then
    return false
  end
  return json.is_utf8(value)
end

return arguments
