--- A request as the rest of the server sees it.
local request = {}

-- A body that didn't fit into memory is in a file; what was refused has none.
local function body()
  local data = ngx.req.get_body_data()
  if data then return data end
  local path = ngx.req.get_body_file()
  local file = path and io.open(path, "rb")
  if not file then return "" end
  data = file:read("*a")
  file:close()
  return data
end

--- Reads the current request; waits for its body unless told not to.
function request.read(without_body)
  local path, query = (ngx.var.request_uri or ""):match("^([^?]*)%??(.*)$")
  local incoming = {
    method = ngx.req.get_method() or "",
    path = path or "",
    raw_query = query or "",
    headers = ngx.req.get_headers(1000),
    body = "",
  }
  if not without_body then
    ngx.req.read_body()
    incoming.body = body()
  end
  return incoming
end

return request
