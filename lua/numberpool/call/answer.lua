--- What an answer means, or that none came: a call's result, or a failure and what may follow it.
-- @module numberpool.call.answer

local core = require "numberpool.core"
local errors = require "numberpool.errors"
local retry = require "numberpool.call.retry"

local answer = {}

--- What is known where no answer came.
---@param client table
---@param operation table
---@param failure table of the runtime: { kind, message, sent, status, is_reused }
---@return table failure
function answer.missing(client, operation, failure)
  local class = retry.class(operation.change, failure.kind, failure.sent, failure.status)
  return {
    kind = failure.kind,
    message = client.redact(failure.message),
    status = failure.status,
    class = class,
    ambiguous = class == "look" or failure.kind == "closed" and operation.change and failure.sent or nil,
    -- A read on a connection that the server had given up meanwhile goes on at once.
    wait = class == "again" and failure.kind == "network" and failure.sent and failure.is_reused and 0 or nil,
  }
end

local UNREAD = {
  kind = "network",
  message = "the server gave the connection up before it read the request",
  sent = true,
  status = 408,
  is_reused = true,
}

local function same_text(value)
  return tostring(value):lower()
end

local function digits_of(value)
  local text = type(value) == "number" and string.format("%.0f", value) or tostring(value)
  return (text:gsub("%D", ""))
end

-- What an entry is known by, and how two of these compare.
local IDENTITIES = { number = digits_of, shortcode = digits_of, uuid = same_text }

-- Why an entry isn't the one that was asked for: it answers another request, as on a connection where somebody said
-- more than one answer. A field that isn't there tells nothing.
local function mismatch(operation, request, value)
  local field = operation.target
  local got = field and value[field]
  local identity = IDENTITIES[field]
  if got == nil or got == request.target or identity(got) == identity(request.target) then
    return nil
  end
  return string.format("the answer is about another %s: asked for %s, got %s", field, request.target, core.shown(got))
end

-- Any service may refuse with an empty answer, and a stream may end like that whatever was done. The API's refusals
-- have a body; two statuses mean the same whoever says them.
local function is_unclear(operation, kind, status, body)
  return operation.change and body == "" and kind ~= "protocol" and kind ~= "rate_limited" and status ~= 407
end

--- What an answer says.
---@param client table
---@param operation table
---@param request table
---@return table|integer|nil value nil where the call failed
---@return table? failure with `is_another` where the answer belongs to another request
function answer.judge(client, operation, request, status, body, content_type, retry_after, location, is_reused)
  if status == 408 and is_reused then
    local fields = answer.missing(client, operation, UNREAD)
    fields.is_another = true -- the request's own answer may come after it
    return nil, fields
  end
  local kind = errors.kind_of_status(status)
  local value, why, is_another
  if not kind then
    value, why = operation.decode(status, body, request.limit, request.offset)
    is_another = value ~= nil and mismatch(operation, request, value)
    if value ~= nil and not is_another then
      return value
    end
  end
  local response = {
    status = status,
    body = body,
    content_type = content_type,
    retry_after = retry_after,
    location = location,
  }
  local fields = kind and errors.from_response(kind, response, client.redact)
    or errors.from_unusable(response, is_another or why, client.redact)
  fields.class = kind and is_unclear(operation, kind, status, body) and "look"
    or retry.class(operation.change, fields.kind, true, status)
  fields.ambiguous = fields.class == "look" or nil
  fields.is_another = is_another and true or nil
  return nil, fields
end

return answer
