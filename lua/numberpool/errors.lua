--- Error objects, as returned beside nil, and the kinds of error that answers are.
-- @module numberpool.errors

local core = require "numberpool.core"

local errors = {}

--- What went wrong.
---@alias numberpool.ErrorKind
---| "config" # a wrong or missing option of the client
---| "invalid" # a value that can't be right; nothing was sent
---| "network" # no connection, or one that broke
---| "timeout"
---| "tls" # the server's certificate or the handshake
---| "auth" # 401
---| "forbidden" # 403
---| "not_found" # 404
---| "conflict" # 409
---| "rejected" # another 4xx
---| "rate_limited" # 429, or no room in the client's own limit before the deadline
---| "server" # 5xx
---| "protocol" # not HTTP, not JSON, a redirect, too large
---| "closed" # the client was closed
---| "interrupted" # Ctrl-C, or an error in the input or a hook of a bulk call

--- What a call that failed returns beside nil.
---@class numberpool.Error
---@field kind numberpool.ErrorKind
---@field message string one line for a person
---@field operation string? name of the method
---@field target string? number, shortcode or uuid the call was about
---@field status integer? HTTP status
---@field api_id string? the API's id of the request
---@field body string? first 2 KiB of the answer
---@field attempts integer? tries made
---@field elapsed number? seconds
---@field retry_after number? seconds, where the server said so
---@field report numberpool.Report? of a job that was interrupted: what was done, and what was not
---@field cause any what the input or a hook of a bulk call raised
---@field ambiguous boolean? true where the server may have acted although no answer came
local Error = {}
Error.__index = Error
Error.__name = "numberpool.error"

-- Bytes. A message of ours fits with one of the API's in it.
local BODY_KEPT = 2048
local LONGEST_MESSAGE = 1000
local LONGEST_ID = 100
local LONGEST_KEY = 100

-- How far the API's words are searched for: entries of the answer's JSON that are decoded, and tables and strings in it
-- that are visited.
local MOST_ENTRIES = 2000
local MOST_LOOKS = 100

local KIND_OF_STATUS = {
  [401] = "auth",
  [403] = "forbidden",
  [404] = "not_found",
  [409] = "conflict",
  [429] = "rate_limited",
}

local WORDS = {
  auth = "the credentials were refused: check auth_id and auth_token",
  conflict = "the request conflicts with what is there",
  forbidden = "the account may not do this",
  not_found = "not found",
  rate_limited = "too many requests",
  rejected = "the request was refused",
  server = "the server failed",
}

function Error:__tostring()
  local where = self.operation
  if where and self.target then
    where = where .. " " .. self.target
  end
  local details = { self.kind }
  if self.status then
    details[#details + 1] = "status " .. string.format("%d", self.status)
  end
  if self.ambiguous then
    details[#details + 1] = "may have taken effect"
  end
  if self.api_id then
    details[#details + 1] = "api_id " .. self.api_id
  end
  local text = self.message .. " (" .. table.concat(details, ", ") .. ")"
  return where and where .. ": " .. text or text
end

---@param fields table the error's fields; kind and message are needed
---@return numberpool.Error
---@package
function errors.new(fields)
  fields.message = core.one_line(fields.message, LONGEST_MESSAGE)
  if fields.target then
    fields.target = core.one_line(fields.target, LONGEST_ID)
  end
  return setmetatable(fields, Error)
end

---@param value any
---@return boolean
---@package
function errors.is_error(value)
  return getmetatable(value) == Error
end

--- Whether a raised value is what the stock interpreter raises on SIGINT.
---@param value any
---@return boolean
---@package
function errors.is_interrupt(value)
  return type(value) == "string" and (value == "interrupted!" or value:find ":%d+: interrupted!$" ~= nil)
end

--- A raised value as text. Its `__tostring` isn't ours: it may raise, or return something that isn't a string.
---@param raised any
---@return string
---@package
function errors.text_of(raised)
  local ok, text = pcall(tostring, raised)
  if not ok and errors.is_interrupt(text) then
    error(text, 0)
  end
  return ok and type(text) == "string" and text or "a " .. type(raised) .. " that gives no text"
end

--- The kind of error for an HTTP status; nil for a success.
---@param status integer
---@return string?
---@package
function errors.kind_of_status(status)
  if status >= 200 and status < 300 then
    return nil
  elseif status >= 500 and status < 600 then
    return "server"
  elseif status >= 400 and status < 500 then
    return KIND_OF_STATUS[status] or "rejected"
  end
  return "protocol"
end

-- The names of an object's fields, sorted, so that the same answer gives the same message. Only their first bytes are
-- compared.
local function sorted_names(object)
  local names, beginnings = {}, {}
  for key in pairs(object) do
    if type(key) == "string" then
      names[#names + 1] = key
      beginnings[key] = key:sub(1, LONGEST_KEY)
    end
  end
  table.sort(names, function(a, b)
    return beginnings[a] < beginnings[b]
  end)
  return names
end

-- Returns the first text under `error`, `message`, `detail` or `errors`, or nil. `error` is a string, an object with an
-- `error` of its own, or an object with a text for each field. `looks.left` bounds the search.
local function find_words(value, depth, redact, looks)
  looks.left = looks.left - 1
  if looks.left < 0 then
    return nil
  elseif type(value) == "string" then
    local words = redact(value)
    return words ~= "" and words or nil
  elseif type(value) ~= "table" or depth > 4 then
    return nil
  end
  for _, name in ipairs { "error", "message", "detail", "errors" } do
    local words = value[name] ~= nil and find_words(value[name], depth + 1, redact, looks)
    if words then
      return words
    end
  end
  if depth == 0 then
    return nil
  end
  for i = 1, #value do
    local words = find_words(value[i], depth + 1, redact, looks)
    if words or looks.left < 0 then
      return words
    end
  end
  for _, name in ipairs(sorted_names(value)) do
    local words = find_words(value[name], depth + 1, redact, looks)
    if words then
      return redact(core.one_line(redact(name), LONGEST_KEY) .. ": " .. words)
    elseif looks.left < 0 then
      return nil
    end
  end
  return nil
end

-- The API's own words in an answer, or nil.
local function words_of(response, decoded, redact)
  if type(decoded) == "table" then
    return find_words(decoded, 0, redact, { left = MOST_LOOKS })
  end
  local content_type = response.content_type or ""
  if content_type:find "^text/plain" and #response.body <= 500 then
    local words = redact(response.body)
    return words ~= "" and words or nil
  end
  return nil
end

local function default_words(kind, response)
  if kind == "protocol" then
    local words = "expected an answer of the API, got status " .. string.format("%d", response.status)
    if response.location then
      words = words .. ", a redirect to " .. response.location
    end
    return words .. ": check base_url"
  end
  local words = WORDS[kind]
  if response.body ~= "" and response.content_type and not response.content_type:find "json" then
    words = words .. " (the answer is " .. response.content_type .. ", not JSON)"
  end
  return words
end

--- The fields of the error for an answer that has an error's status.
---@param kind string
---@param response table { status, body, content_type, retry_after, location }
---@param redact function of `errors.redactor`
---@return table
---@package
function errors.from_response(kind, response, redact)
  local decoded = core.decode(response.body, MOST_ENTRIES)
  local api_id = type(decoded) == "table" and decoded.api_id
  return {
    kind = kind,
    message = words_of(response, decoded, redact) or redact(default_words(kind, response)),
    status = response.status,
    api_id = type(api_id) == "string" and core.one_line(redact(api_id), LONGEST_ID) or nil,
    body = redact(response.body, BODY_KEPT),
    retry_after = response.retry_after,
  }
end

--- The fields of the error for an answer that has a success's status, and a body that can't be used.
---@param response table
---@param why string
---@param redact function
---@return table
---@package
function errors.from_unusable(response, why, redact)
  local message = why
  if response.body ~= "" then
    local content_type = response.content_type or "something else"
    message = (content_type:find "json" and "expected the API's JSON" or "expected JSON, got " .. content_type)
      .. ": " .. why
  end
  return {
    kind = "protocol",
    message = redact(message),
    status = response.status,
    body = redact(response.body, BODY_KEPT),
  }
end

--- Makes a function that writes *** for every secret in a text, also where it is escaped. It returns one printable line
-- of at most 500 bytes; or, where `bytes` is given, at most so many bytes, otherwise unchanged.
---@param secrets string[] those shorter than 4 characters are left alone
---@return fun(text: string, bytes: integer?): string
---@package
function errors.redactor(secrets)
  return core.redactor(secrets)
end

return errors
