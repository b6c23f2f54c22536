--- Reads requests from nginx.
local request = {}

local MAX_HEADERS = 1000

--- A request. `api` adds `account`, `segments` and `query`, the journal `sequence` and `entry`.
---@class numberpool.sandbox.IncomingRequest
---@field method string
---@field path string as it was sent, without the query
---@field raw_query string
---@field headers table<string, string|string[]> names in lower case
---@field body string

-- nginx keeps a large body in a file.
local function body()
  local data = ngx.req.get_body_data()
  if data then
    return data
  end
  local path = ngx.req.get_body_file()
  local file = path and io.open(path, "rb")
  if not file then
    return ""
  end
  data = file:read "*a"
  file:close()
  return data
end

local function described(method, target)
  local path, query = target:match "^([^?]*)%??(.*)$"
  return { method = method, path = path, raw_query = query, headers = ngx.req.get_headers(MAX_HEADERS), body = "" }
end

--- Reads the current request. Waits for its body.
---@return numberpool.sandbox.IncomingRequest
function request.read()
  local incoming = described(ngx.req.get_method(), ngx.var.request_uri)
  ngx.req.read_body()
  incoming.body = body()
  return incoming
end

--- Reads what nginx has of a request that it refused. The first line may be cut off, or may not be HTTP.
---@return numberpool.sandbox.IncomingRequest
function request.read_refused()
  local line = ngx.var.request or ""
  return described(line:match "^(%u+) " or "", line:match "^%u+ (%S+)" or "")
end

return request
