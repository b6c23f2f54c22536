--- Reading what a request brought: paging, filters and JSON bodies. What can't be right is refused
-- with 400 in words that name the argument; what other clients send and mean nothing by is let go.
local countries = require "numberpool.sandbox.server.countries"
local json = require "numberpool.sandbox.server.json"
local reply = require "numberpool.sandbox.server.reply"
local settings = require "numberpool.sandbox.server.settings"

local arguments = {}

local max_limit = 20
local capped_limit = 10
local max_prefixes = 10
local capabilities = { voice = true, sms = true, mms = true }

--- A query parameter as text; nil where it is absent or empty, the first where it is repeated.
local function text(query, name)
  local value = query[name]
  if type(value) == "table" then
    value = value[1]
  end
  if value == true or value == "" then
    return nil
  end
  return value
end
arguments.text = text

local function whole(query, name, default, least, most)
  local value = text(query, name)
  if value == nil then
    return default
  end
  local number = value:find "^%d+$" and #value <= 15 and tonumber(value)
  if not number or number < least or number > most then
    reply.refuse("%s: expected an integer from %d to %d, got %s", name, least, most, value)
  end
  return number
end

--- `limit` and `offset` of a list.
function arguments.paging(query)
  local limit = whole(query, "limit", max_limit, 1, max_limit)
  if settings.quirk.capped_pages then
    limit = capped_limit
  end
  return limit, whole(query, "offset", 0, 0, 2 ^ 31 - 1)
end

--- One of a set of words, or nil; `meanings` gives what each is for the database.
function arguments.choice(query, name, meanings)
  local value = text(query, name)
  if value == nil then
    return nil
  end
  if not meanings[value] then
    reply.refuse("%s: %s is not a valid choice", name, value)
  end
  return meanings[value]
end

--- The code of a country in upper case, or nil.
function arguments.country(query, name)
  local value = text(query, name)
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
function arguments.services(query, name)
  local value = text(query, name)
  local wanted = {}
  for service in (value and value .. "," or ""):gmatch "([^,]*)," do
    service = service:gsub("^ +", ""):gsub(" +$", "")
    if not capabilities[service] then
      reply.refuse("%s: %s is not a valid choice", name, service)
    end
    wanted[service] = true
  end
  return wanted
end

--- National prefixes: at most ten; nil where none were given.
function arguments.prefixes(query, name)
  local value = text(query, name)
  if value == nil then
    return nil
  end
  local list = {}
  for prefix in (value .. ","):gmatch "([^,]*)," do
    prefix = prefix:gsub("^ +", ""):gsub(" +$", "")
    if not prefix:find "^%d+$" or #prefix > 14 then
      reply.refuse("%s: %s is not a prefix of 1 to 14 digits", name, prefix)
    end
    list[#list + 1] = prefix
  end
  if #list > max_prefixes then
    reply.refuse("%s: at most %d prefixes, got %d", name, max_prefixes, #list)
  end
  return list
end

--- The JSON object in a request's body. No body is an empty object; so is an empty string, which
-- the vendor's Node client sends where it has nothing to send.
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

--- A field of a body; JSON null is as good as absent.
function arguments.field(body, name)
  local value = body[name]
  if value == json.null then
    return nil
  end
  return value
end

local booleans = { ["true"] = true, ["false"] = false }

--- A boolean that may come as the word in a string, as some clients send `rent`.
function arguments.loose_boolean(body, name)
  local value = arguments.field(body, name)
  if type(value) == "string" then
    value = booleans[value:lower()]
  end
  if value ~= nil and type(value) ~= "boolean"
    or value == nil and arguments.field(body, name) ~= nil then
    reply.refuse("%s: expected a boolean", name)
  end
  return value or false
end

local query_booleans = { ["true"] = true, ["1"] = true, ["false"] = false, ["0"] = false }

--- A boolean in the query, or nil: a word in any case, as Python writes it, or a digit, as PHP does.
function arguments.query_boolean(query, name)
  local given = query[name]
  local found
  for _, value in ipairs(type(given) == "table" and given or { given }) do
    if value ~= true and value ~= "" then
      local meaning = query_booleans[value:lower()]
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

--- A boolean that may be in the query, in the body, which had `in_body`, or in both if they agree.
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

--- Whether a text is UTF-8 without control characters, up to a length in bytes.
function arguments.printable(value, most)
  if type(value) ~= "string" or #value > most or value:find "[%z\1-\31\127]" then
    return false
  end
  return json.is_utf8(value)
end

return arguments
