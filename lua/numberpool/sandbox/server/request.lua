--- A request as the rest of the server sees it.
local request = {}

-- A body that didn't fit into memory is in a file; what was refused has none.
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
  return { method = method, path = path, raw_query = query, headers = ngx.req.get_headers(1000), body = "" }
end

--- Reads the current request; waits for its body.
function request.read()
  local incoming = described(ngx.req.get_method(), ngx.var.request_uri)
  ngx.req.read_body()
  incoming.body = body()
  return incoming
end

--- What is known of a request that nginx refused: its first line, perhaps cut off, perhaps not HTTP.
function request.read_refused()
  local line = ngx.var.request or ""
  return described(line:match "^(%u+) " or "", line:match "^%u+ (%S+)" or "")
end

return request
