--- The requests seen, as JSON texts in memory that all workers share: the last 10,000, fewer where
-- their bodies fill it first. A request is written down when it arrives, and its status when that
-- is known, before the answer leaves.
local clock = require "numberpool.sandbox.server.clock"
local json = require "numberpool.sandbox.server.json"

local journal = {}

local capacity = 10000
local longest_body = 65536
local patience = 1 -- seconds that a reader waits for what has been counted

local entries = ngx.shared.journal
local counters = ngx.shared.control

local function store(sequence, text)
  local key = "e" .. sequence
  local ok = entries:safe_set(key, text)
  local oldest = sequence - capacity
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

-- What stands in place of headers that hold secrets.
local masks = { authorization = "Basic ***", ["proxy-authorization"] = "Basic ***", cookie = "***" }

local function headers_of(request)
  local headers = {}
  for name, value in pairs(request.headers) do
    if type(value) == "table" then
      value = table.concat(value, ", ")
    end
    headers[name] = masks[name:lower()] or value == true and "" or value
  end
  return headers
end

--- Writes a request down as it arrives. Its text is closed only on reading, so that what is added
-- later is appended.
function journal.arrived(request)
  request.sequence = counters:incr("arrivals", 1, 0)
  request.entry = '{"body":' .. json.quote(request.body:sub(1, longest_body)) ..
    ',"headers":' .. json.encode(headers_of(request)) .. ',"method":' .. json.quote(request.method) ..
    ',"path":' .. json.quote(request.path) .. ',"query":' .. json.quote(request.raw_query)
  entries:delete("e" .. request.sequence - capacity)
  store(request.sequence, request.entry)
end

--- Adds the status that goes out, if any does, and the kind of the fault, if there is one.
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

--- How many requests have arrived in all.
function journal.sequence()
  return counters:get "arrivals" or 0
end

-- Sequences that a killed worker had counted and never wrote down.
local lost = {}

local function is_kept(sequence)
  return sequence > (counters:get "oldest" or 0) and sequence > (counters:get "cleared" or 0)
    and sequence > journal.sequence() - capacity
end

-- Another worker may have counted a request that it hasn't written down yet.
local function entry(sequence, deadline)
  local text = entries:get("e" .. sequence)
  while not text and not lost[sequence] and is_kept(sequence) do
    lost[sequence] = clock.now() > deadline or nil
    ngx.sleep(0.001)
    text = entries:get("e" .. sequence)
  end
  return text
end

--- Calls `write` with pieces of a JSON list of the entries after `after` up to `last`, oldest first.
function journal.read(after, last, write)
  local deadline = clock.now() + patience
  local first = math.max(after, counters:get "cleared" or 0, last - capacity) + 1
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

function journal.clear()
  counters:set("cleared", journal.sequence())
  entries:flush_all()
  entries:flush_expired()
end

return journal
