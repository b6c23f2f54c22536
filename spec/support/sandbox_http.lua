-- A small HTTP/1.1 client on plain sockets, for the sandbox's specs, which see what is sent and received as it is.
local cjson = require "cjson"
local mime = require "mime"
local socket = require "socket"

local sandbox_http = {}

--- A value of the Authorization header.
function sandbox_http.basic(auth_id, auth_token)
  return "Basic " .. mime.b64(auth_id .. ":" .. auth_token)
end

--- Opens a connection to a server. Every wait on it ends after some seconds.
function sandbox_http.connect(server)
  local connection = assert(socket.tcp())
  connection:settimeout(10)
  assert(connection:connect("127.0.0.1", server.port))
  connection:setoption("tcp-nodelay", true)
  return connection
end

local function request_text(server, method, path, options)
  local lines = { ("%s %s HTTP/1.1"):format(method, path) }
  local headers = {
    Host = "127.0.0.1:" .. server.port, Authorization = sandbox_http.basic(server.auth_id, server.auth_token),
  }
  if options.body then headers["Content-Length"] = #options.body end
  for name, value in pairs(options.headers or {}) do headers[name] = value or nil end
  for name, value in pairs(headers) do
    if value then lines[#lines + 1] = name .. ": " .. value end
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (options.body or "")
end

local function read_chunks(connection)
  local parts = {}
  while true do
    local line, problem = connection:receive("*l")
    if not line then return table.concat(parts), problem end
    local size = tonumber(line:match("^%x+"), 16)
    local chunk, chunk_problem, partial = connection:receive(size)
    parts[#parts + 1] = chunk or partial
    if not chunk then return table.concat(parts), chunk_problem end
    connection:receive("*l")
    if size == 0 then return table.concat(parts) end
  end
end

--- Reads one answer.
---@return table? answer { status, headers, text, json, problem }: `problem` where the body is cut off
---@return string? problem where no head came
function sandbox_http.read(connection)
  local line, problem = connection:receive("*l")
  if not line then return nil, problem end
  local answer = { status = tonumber(line:match("^HTTP/1%.1 (%d+)")), headers = {} }
  line = connection:receive("*l")
  while line and line ~= "" do
    local name, value = line:match("^([^:]+): *(.*)$")
    answer.headers[name:lower()] = value
    line = connection:receive("*l")
  end
  if answer.headers["transfer-encoding"] == "chunked" then
    answer.text, answer.problem = read_chunks(connection)
  elseif answer.headers["content-length"] then
    local text, cut, partial = connection:receive(tonumber(answer.headers["content-length"]))
    answer.text, answer.problem = text or partial, cut
  else
    answer.text = ""
  end
  local ok, value = pcall(cjson.decode, answer.text)
  answer.json = ok and value or nil
  return answer
end

--- Sends one request on an open connection and reads the answer.
function sandbox_http.exchange(connection, server, method, path, options)
  assert(connection:send(request_text(server, method, path, options or {})))
  return sandbox_http.read(connection)
end

--- Sends one request on a connection of its own, and reads the answer. `options` has `body`, a string or a table that
--- is sent as JSON, and `headers`, of which false leaves one out.
function sandbox_http.request(server, method, path, options)
  options = options or {}
  if type(options.body) == "table" then
    options = { headers = options.headers, body = next(options.body) and cjson.encode(options.body) or "{}" }
  end
  local connection = sandbox_http.connect(server)
  local answer, problem = sandbox_http.exchange(connection, server, method, path, options)
  connection:close()
  return answer, problem
end

--- Functions that send requests below /v1/Account/{auth_id}/ of a server: `get`, `post`, `delete`.
function sandbox_http.account(server)
  local base = "/v1/Account/" .. server.auth_id .. "/"
  local account = { base = base }
  function account.get(path, options) return sandbox_http.request(server, "GET", base .. path, options) end
  function account.post(path, body, options)
    return sandbox_http.request(server, "POST", base .. path,
      { body = body, headers = options and options.headers })
  end
  function account.delete(path, body) return sandbox_http.request(server, "DELETE", base .. path, { body = body }) end
  return account
end

--- Runs a shell command. Returns what it printed, and its exit status.
function sandbox_http.shell(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \" $?\"", "r"))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*) (%d+)\n$")
  return text, tonumber(status)
end

--- Calls `check` until it returns something true, and returns that. Fails after a minute.
function sandbox_http.eventually(check)
  local deadline = socket.gettime() + 60
  repeat
    local result = check()
    if result then return result end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  error("still not so after 60 seconds", 2)
end

return sandbox_http
