-- The gateway's routes. Each worker has one client for all requests. It is made when nginx starts, which fails with a
-- message if something is missing.
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

-- The status for each kind of error. Others are 502: wrong credentials are no mistake of the caller's.
local STATUS_OF_KIND = {
  invalid = 400,
  not_found = 404,
  conflict = 409,
  rejected = 422,
  rate_limited = 503,
  timeout = 504,
}

local function problem(status, kind, message, is_ambiguous)
  return status, cjson.encode { error = kind, message = message, ambiguous = is_ambiguous }
end

local function answer_of(value, err)
  if err then
    return problem(STATUS_OF_KIND[err.kind] or 502, err.kind, tostring(err), err.ambiguous)
  end
  return 200, cjson.encode(value)
end

-- Written by hand, since some builds of lua-cjson encode an empty list as an object.
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

local BOOLEANS = { ["true"] = true, ["false"] = false }

-- By what an argument has to be: its value from its text, or nil where it is something else.
local READ = {
  ["a text"] = function(text) return text end,
  ["a number"] = function(text) return tonumber(text) end,
  ["true or false"] = function(text) return BOOLEANS[text] end,
}

-- Returns the arguments of a request, or nil and what is wrong with them. An unknown one is refused, not ignored: who
-- misspells `unrent` would go on paying for the number.
local function arguments_of(known)
  local query, problem_of_query = ngx.req.get_uri_args()
  if problem_of_query then
    return nil, "too many arguments"
  elseif ngx.var.http_transfer_encoding or (tonumber(ngx.var.http_content_length) or 0) > 0 then
    return nil, "expected no body: arguments are a part of the address, as in ?unrent=true"
  end
  local arguments = {}
  for name, text in pairs(query) do
    local expected = known[name]
    if not expected then
      return nil, name .. ": no such argument"
    elseif type(text) ~= "string" then
      return nil, name .. ": expected one value"
    end
    arguments[name] = READ[expected](text)
    if arguments[name] == nil then
      return nil, name .. ": expected " .. expected .. ", got " .. text
    end
  end
  return arguments
end

-- The name of an answer: its question with the arguments in order.
local function key_of(question, arguments)
  local parts = {}
  for name, value in pairs(arguments) do
    parts[#parts + 1] = name .. "=" .. ngx.escape_uri(tostring(value))
  end
  table.sort(parts)
  return question .. "?" .. table.concat(parts, "&")
end

local function read(key, fetch)
  local status, body, how = answers.get(key, fetch)
  if not status then
    status, body = problem(504, "timeout", "another request for the same took too long")
  elseif status == 400 then -- an argument was wrong, so that nothing was fetched
    return status, body
  end
  metrics.count("gateway_answers_total", { how = how })
  ngx.header["X-Cache"] = how
  return status, body
end

local function list(_, filters)
  return read(key_of("list", filters), function()
    return page_of(pool:list_numbers(filters))
  end)
end

local function find(number, options)
  return read(key_of("find " .. number, options), function()
    return answer_of(pool:find_number(number, options))
  end)
end

-- Answers for a change, after which no kept answer is right. That is so for a failed one too, which may have happened.
local function change(value, err)
  if not (err and err.kind == "invalid") then
    answers.forget()
  end
  return answer_of(value, err)
end

local function add(number, options)
  return change(pool:add_number(number, options))
end

local function remove(number, options)
  return change(pool:remove_number(number, options))
end

-- By method: the handler, and its arguments.
local OF_LIST = {
  GET = { list, { starts_with = "a text", type = "a text", service = "a text", country_iso2 = "a text",
    limit = "a number", offset = "a number" } },
}
local OF_NUMBER = {
  GET = { find, { service = "a text" } },
  PUT = { add, { service = "a text" } },
  DELETE = { remove, { unrent = "true or false" } },
}

local function names_of(methods)
  local names = {}
  for name in pairs(methods) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, ", ")
end

local function route(method, path)
  local number = path:match "^/numbers/([^/]+)$"
  local methods = path == "/numbers" and OF_LIST or number and OF_NUMBER
  if not methods then
    return problem(404, "not_found", "no such path")
  end
  local row = methods[method]
  if not row then
    ngx.header["Allow"] = names_of(methods)
    return problem(405, "invalid", method .. ": not for " .. path)
  end
  local answer, known = row[1], row[2]
  local arguments, wrong = arguments_of(known)
  if not arguments then
    return problem(400, "invalid", wrong)
  end
  return answer(number, arguments)
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
