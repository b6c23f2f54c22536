-- The gateway's routes. One client serves every request of a worker; it is made when nginx starts, which says so if
-- something is missing.
local answers = require "answers"
local cjson = require "cjson"
local metrics = require "metrics"
local numberpool = require "numberpool"

local function must(value, err)
  if not value then
    error(tostring(err), 0)
  end
  return value
end

local client = must(numberpool.new { timeout = answers.TIMEOUT, on_event = metrics.on_event })
local uuid = must(os.getenv "NUMBERPOOL_POOL", "NUMBERPOOL_POOL: expected the uuid of a pool, got none")
local pool = must(client:pool(uuid))

-- What a caller is told of an error. That our credentials are wrong is no fault of the caller's.
local STATUS_OF_KIND = {
  invalid = 400,
  not_found = 404,
  conflict = 409,
  rejected = 422,
  rate_limited = 503,
  timeout = 504,
}

local FILTERS = { starts_with = "text", type = "text", service = "text", country_iso2 = "text", limit = "number",
  offset = "number" }

local function problem(status, kind, message, is_ambiguous)
  return status, cjson.encode { error = kind, message = message, ambiguous = is_ambiguous }
end

local function answer_of(value, err)
  if err then
    return problem(STATUS_OF_KIND[err.kind] or 502, err.kind, tostring(err), err.ambiguous)
  end
  return 200, cjson.encode(value)
end

-- Not every lua-cjson knows that an empty table is a list.
local function page_of(page, err)
  if err then
    return answer_of(nil, err)
  end
  local objects = {}
  for i, entry in ipairs(page.objects) do
    objects[i] = cjson.encode(entry)
  end
  return 200, '{"meta":' .. cjson.encode(page.meta or { total_count = 0 }) .. ',"objects":['
    .. table.concat(objects, ",") .. "]}"
end

-- The filters of a query, or what is wrong with it.
local function filters_of(query)
  local filters = {}
  for name, value in pairs(query) do
    local expected = FILTERS[name]
    if not expected then
      return nil, name .. ": no such filter"
    elseif type(value) ~= "string" then
      return nil, name .. ": expected one value"
    elseif expected == "number" and not tonumber(value) then
      return nil, name .. ": expected a number, got " .. value
    end
    filters[name] = expected == "number" and tonumber(value) or value
  end
  return filters
end

-- A query with its filters in order is the name of its answer.
local function key_of(filters)
  local parts = {}
  for name, value in pairs(filters) do
    parts[#parts + 1] = name .. "=" .. ngx.escape_uri(tostring(value))
  end
  table.sort(parts)
  return table.concat(parts, "&")
end

local function read(key, fetch)
  local status, body, how = answers.get(key, fetch)
  if not status then
    status, body = problem(504, "timeout", "somebody else's request for the same took too long")
  end
  metrics.count("gateway_answers_total", { how = how })
  ngx.header["X-Cache"] = how
  return status, body
end

local function list()
  local filters, wrong = filters_of(ngx.req.get_uri_args())
  if not filters then
    return problem(400, "invalid", wrong)
  end
  return read("list?" .. key_of(filters), function()
    return page_of(pool:list_numbers(filters))
  end)
end

local function find(number)
  return read("find " .. number, function()
    return answer_of(pool:find_number(number))
  end)
end

-- Also where the change failed: an ambiguous one may have happened.
local function change(...)
  answers.forget()
  return answer_of(...)
end

local function add(number)
  return change(pool:add_number(number))
end

local function remove(number)
  return change(pool:remove_number(number, { unrent = ngx.var.arg_unrent == "true" or nil }))
end

local OF_LIST = { GET = list }
local OF_NUMBER = { GET = find, PUT = add, DELETE = remove }

local function route(method, path)
  local number = path:match "^/numbers/([^/]+)$"
  local methods = path == "/numbers" and OF_LIST or number and OF_NUMBER
  if not methods then
    return problem(404, "not_found", "no such path")
  elseif not methods[method] then
    return problem(405, "invalid", method .. ": not for " .. path)
  end
  return methods[method](number)
end

local gateway = {}

--- Answers what is below /numbers.
function gateway.numbers()
  local method = ngx.req.get_method()
  local status, body = route(method, ngx.var.uri)
  metrics.count("gateway_requests_total", { method = OF_NUMBER[method] and method or "other", status = status })
  ngx.status = status
  ngx.print(body, "\n")
end

--- Answers /metrics.
function gateway.metrics()
  ngx.print(metrics.text())
end

return gateway
