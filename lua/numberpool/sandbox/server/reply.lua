--- Answers: what handlers return, and how that becomes status, headers and bytes. The quirks that concern every answer
--- are here too.
local identifiers = require "numberpool.sandbox.server.identifiers"
local json = require "numberpool.sandbox.json"
local settings = require "numberpool.sandbox.server.settings"

local reply = {}

local FAILURE_METATABLE = { __name = "failure" }

--- An answer with a body.
---@param body table
---@param status integer? default 200
---@return table answer
function reply.ok(body, status)
  return { status = status or 200, body = body }
end

---@return table answer
function reply.success()
  return reply.ok { response = "success" }
end

--- The answer to a DELETE.
---@return table answer
function reply.deleted()
  if settings.quirk.delete_204 then
    return { status = 204 }
  end
  return reply.success()
end

--- An answer for what failed. Handlers return it, or raise it with `error` from deeper down.
---@param status integer
---@param message string
---@param headers table<string, string>?
---@return table failure
function reply.failure(status, message, headers)
  return setmetatable({ status = status, message = message, headers = headers }, FAILURE_METATABLE)
end

--- Raises a 400, from anywhere in a handler. A transaction is undone.
---@param message string a format, where more arguments follow
function reply.refuse(message, ...)
  error(reply.failure(400, select("#", ...) > 0 and message:format(...) or message), 0)
end

---@return table failure
function reply.not_found()
  return reply.failure(404, "not found")
end

---@return boolean
function reply.is_failure(value)
  return getmetatable(value) == FAILURE_METATABLE
end

--- Calls a handler. Returns what it returns, or a failure for what it raises: the one that it raised, or a 500.
---@param handler function
---@param request numberpool.sandbox.IncomingRequest
---@return table? answer
function reply.protect(handler, request)
  local ok, answer = xpcall(handler, debug.traceback, request)
  if ok or reply.is_failure(answer) then
    return answer
  end
  ngx.log(ngx.ERR, answer)
  return reply.failure(500, "internal error")
end

-- A message may quote bytes of the request that aren't UTF-8, as JSON has to be.
local function failure_body(answer)
  if answer.status == 404 and settings.quirk.empty_404 then
    return {}
  end
  local problem = answer.message
  if not json.is_utf8(problem) then
    problem = problem:gsub("[\128-\255]", "?")
  end
  if settings.quirk.nested_error then
    problem = { error = problem }
  end
  local body = { error = problem }
  if answer.status ~= 401 then
    body.api_id = identifiers.uuid()
  end
  return body
end

local function success_body(answer)
  answer.body.api_id = identifiers.uuid()
  return answer.body
end

--- Makes an answer ready to be sent.
---@param answer table
---@return integer status
---@return string body
---@return table<string, string> headers
function reply.render(answer)
  if answer.status == 204 then
    return 204, "", {}
  end
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in pairs(answer.headers or {}) do
    headers[name] = value
  end
  local body = reply.is_failure(answer) and failure_body(answer) or success_body(answer)
  return answer.status, json.encode(body), headers
end

--- Sends an answer. The journal must know its status before: who has the answer finds it there.
function reply.send(status, body, headers)
  ngx.status = status
  for name, value in pairs(headers) do
    ngx.header[name] = value
  end
  if status == 204 or status == 304 then
    ngx.send_headers()
    return
  end
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

return reply
