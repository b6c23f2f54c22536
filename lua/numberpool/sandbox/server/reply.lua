--- Answers of the API: what a handler returns, and how it becomes status, headers and bytes. The
-- oddities of `quirks` that concern every answer are here too.
local identity = require "numberpool.sandbox.server.identity"
local json = require "numberpool.sandbox.server.json"
local settings = require "numberpool.sandbox.server.settings"

local reply = {}

local failure_metatable = { __name = "failure" }

function reply.ok(body, status)
  return { status = status or 200, body = body }
end

function reply.success()
  return reply.ok { response = "success" }
end

--- What a DELETE answers.
function reply.deleted()
  if settings.quirk.delete_204 then
    return { status = 204 }
  end
  return reply.success()
end

--- An answer that says no. Handlers return it, or raise it with `error` from deeper down.
function reply.failure(status, message, headers)
  return setmetatable({ status = status, message = message, headers = headers }, failure_metatable)
end

--- Raises a 400, from any depth of a handler, out of a transaction too.
function reply.refuse(message, ...)
  error(reply.failure(400, select("#", ...) > 0 and message:format(...) or message), 0)
end

function reply.not_found()
  return reply.failure(404, "not found")
end

function reply.is_failure(value)
  return getmetatable(value) == failure_metatable
end

-- A message may quote what the request had, and JSON is UTF-8.
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
    body.api_id = identity.uuid()
  end
  return body
end

local function success_body(answer)
  answer.body.api_id = identity.uuid()
  return answer.body
end

--- The answer's status, body bytes and headers.
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

--- Sends it. The journal has been told before: who has the answer finds it there.
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
