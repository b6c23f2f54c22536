--- The requests that came, as JSON texts in memory that all workers share: the last 10,000, or fewer where their bodies
--- fill it. A request is written when it comes, and its status before the answer is sent.
local clock = require "numberpool.sandbox.server.clock"
local json = require "numberpool.sandbox.json"

local journal = {}

local CAPACITY = 10000
local LONGEST_BODY = 65536 -- bytes
local PATIENCE = 1 -- seconds that a reader waits for a request that was counted and isn't written yet
local SECONDS_BETWEEN_LOOKS = 0.001

local entries = ngx.shared.journal
local counters = ngx.shared.control

-- Writes an entry, and removes the oldest ones where there is no room for it.
local function store(sequence, text)
  local key = "e" .. sequence
  local ok = entries:safe_set(key, text)
  local oldest = sequence - CAPACITY
  while not ok do
    oldest = math.max(oldest, counters:get "oldest" or 0) + 1
    if oldest >= sequence then
      return
    end
    entries:delete("e" .. oldest)
    counters:set("oldest", oldest)
    ok = entries:safe_set(key, text)
  end
end

-- What is written in place of headers that hold secrets.
local MASKS = { authorization = "Basic ***", ["proxy-authorization"] = "Basic ***", cookie = "***" }

local function headers_of(request)
  local headers = {}
  for name, value in pairs(request.headers) do
    if type(value) == "table" then
      value = table.concat(value, ", ")
    end
    headers[name] = MASKS[name:lower()] or value == true and "" or value
  end
  return headers
end

--- Writes a request that came. The brace that closes its JSON is added by the reader, since `answered` appends to it.
---@param request numberpool.sandbox.IncomingRequest
function journal.arrived(request)
  request.sequence = counters:incr("arrivals", 1, 0)
  request.entry = '{"body":' .. json.quote(request.body:sub(1, LONGEST_BODY))
    .. ',"headers":' .. json.encode(headers_of(request)) .. ',"method":' .. json.quote(request.method)
    .. ',"path":' .. json.quote(request.path) .. ',"query":' .. json.quote(request.raw_query)
  entries:delete("e" .. request.sequence - CAPACITY)
  store(request.sequence, request.entry)
end

--- Adds to a request what became of it.
---@param request numberpool.sandbox.IncomingRequest
---@param status integer? that is sent, if one is
---@param fault numberpool.sandbox.FaultKind?
function journal.answered(request, status, fault)
  if request.sequence <= (counters:get "cleared" or 0) then
    return
  end
  local text = request.entry
  if fault then
    text = text .. ',"fault":' .. json.quote(fault)
  end
  if status then
    text = text .. ',"status":' .. string.format("%d", status)
  end
  request.entry = text
  store(request.sequence, text)
end

--- How many requests have come in all, which is the last one's number.
---@return integer
function journal.sequence()
  return counters:get "arrivals" or 0
end

-- Numbers of requests that a worker counted and never wrote, since it was killed.
local lost = {}

local function is_kept(sequence)
  return sequence > (counters:get "oldest" or 0) and sequence > (counters:get "cleared" or 0)
    and sequence > journal.sequence() - CAPACITY
end

-- Waits for an entry that another worker has counted and not written yet.
local function entry(sequence, deadline)
  local text = entries:get("e" .. sequence)
  while not text and not lost[sequence] and is_kept(sequence) do
    lost[sequence] = clock.now() > deadline or nil
    ngx.sleep(SECONDS_BETWEEN_LOOKS)
    text = entries:get("e" .. sequence)
  end
  return text
end

--- Writes some requests as a JSON list, oldest first.
---@param after integer the number of the last one that is left out
---@param last integer the number of the last one
---@param write fun(text: string) is called with one piece after another
function journal.read(after, last, write)
  local deadline = clock.now() + PATIENCE
  local first = math.max(after, counters:get "cleared" or 0, last - CAPACITY) + 1
  local separator = "["
  for sequence = first, last do
    local text = entry(sequence, deadline)
    if text then
      write(separator .. text .. "}")
      separator = ",\n"
    end
  end
  write(separator == "[" and "[]" or "]")
end

--- Forgets all requests. Numbers go on.
function journal.clear()
  counters:set("cleared", journal.sequence())
  entries:flush_all()
  entries:flush_expired()
end

return journal
