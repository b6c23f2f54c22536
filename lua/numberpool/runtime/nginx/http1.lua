--- Reads one answer of HTTP/1.1, strictly: what could be understood in two ways is refused, since the next answer on
-- the connection would then be somebody else's. Pure: bytes come from a function. Sections are those of RFC 9112.
-- @module numberpool.runtime.nginx.http1

local byte, find, lower, match, sub = string.byte, string.find, string.lower, string.match, string.sub

local http1 = {}

local LONGEST_LINE = 8 * 1024
local MOST_HEADERS = 100
local LARGEST_HEAD = 64 * 1024 -- with those of 1xx before it; and what chunks may cost beside the body
local LONGEST_LENGTH = 15 -- digits, which a Lua number holds

-- Gives up. What is raised here never leaves this file.
local function refuse(kind, message)
  error({ kind = kind, message = message }, 0)
end

local function malformed(what)
  refuse("protocol", "the answer isn't HTTP/1.1: " .. what)
end

-- The status of an answer whose head doesn't end.
local function status_so_far(self)
  local line = table.concat(self.pieces or {}):match "^[^\r\n]+\r"
  local status = line and tonumber(line:match "^HTTP/1%.[01] (%d%d%d)[ \r]")
  return status and status >= 200 and status or nil
end

local function lost(self, problem)
  self.status = self.status or status_so_far(self)
  if problem == "timeout" then
    refuse("timeout", self.is_begun and "the answer didn't end in time" or "no answer came in time")
  elseif problem == "closed" then
    refuse("network", self.is_begun and "the connection was closed within the answer"
      or "the connection was closed before an answer came")
  end
  refuse("network", "the connection was lost: " .. tostring(problem))
end

-- The next bytes, however many there are.
local function receive(self)
  local bytes, problem = self.receive()
  if not bytes then
    lost(self, problem)
  end
  self.is_begun = true
  return bytes
end

-- What isn't HTTP is told from its first bytes: whoever sent them may wait for us to speak.
local function check_beginning(bytes)
  local beginning = sub(bytes, 1, 7)
  if beginning ~= sub("HTTP/1.", 1, #beginning) then
    malformed "it doesn't begin with HTTP/1"
  end
end

local function check_head_size(self, length)
  if self.head_size + length > LARGEST_HEAD then
    refuse("protocol", "the answer's headers are too large: more than 64 KiB")
  end
end

-- The empty line that ends a head. A server that ends its lines in LF alone would wait for us now.
local function find_end(data)
  local first, last = find(data, "\r\n\r\n", 1, true)
  if not first and find(data, "\n\n", 1, true) then
    malformed "lines that don't end in CR LF"
  end
  return first, last
end

-- Where the next head ends, with its empty line. Pieces are put together once, however small they are.
local function find_head(self)
  local data = self.from > #self.data and receive(self) or sub(self.data, self.from)
  check_beginning(data)
  local _, last = find_end(data)
  if not last then
    local pieces, length, tail = { data }, #data, data
    self.pieces = pieces
    while not last do
      check_head_size(self, length)
      local piece = receive(self)
      pieces[#pieces + 1] = piece
      if length < 7 then
        check_beginning(table.concat(pieces))
      end
      tail = sub(tail, -3)
      local _, found = find_end(tail .. piece)
      last = found and length - #tail + found
      tail = sub(tail .. piece, -3)
      length = length + #piece
    end
    data = table.concat(pieces)
    self.pieces = nil
  end
  check_head_size(self, last)
  self.head_size = self.head_size + last
  self.data, self.from = data, last + 1
  return last
end

-- A name is a token, directly before its colon (section 5.1), and no line is folded (5.2). A line ends in CR LF;
-- neither may be elsewhere (2.2), nor any other control character but the tab.
local UNUSUAL_FIELD = "^([%w!#$%%&'*+%-.^_`|~]+):[ \t]*([^%z\1-\8\10-\31\127]*)\r\n()"

local function match_unusual_field(data, from)
  local name, value, to = match(data, UNUSUAL_FIELD, from)
  if not name then
    malformed "a malformed header"
  end
  return name, match(value, "^(.-)[ \t]*$"), to
end

-- Takes the field that begins at a place; returns where the next one does.
local function read_field(headers, data, from)
  local name, value, to = match(data, "^([%w%-]+): ?(%C*)\r\n()", from)
  if not name or byte(value) == 32 or byte(value, -1) == 32 then
    name, value, to = match_unusual_field(data, from)
  end
  if to - from > LONGEST_LINE then
    refuse("protocol", "the answer's headers are too large: a line of more than 8 KiB")
  end
  name = lower(name)
  local known = headers[name]
  headers[name] = known and known .. "," .. value or value
  return to
end

-- The fields of a head, from the first one's place to the empty line's.
local function read_fields(data, from, to)
  local headers, count = {}, 0
  while from < to do
    count = count + 1
    if count > MOST_HEADERS then
      refuse("protocol", "the answer's headers are too large: more than " .. MOST_HEADERS)
    end
    from = read_field(headers, data, from)
  end
  return headers
end

local function read_status_line(data)
  local minor, status, reason, to = match(data, "^HTTP/1%.([01]) ([1-9]%d%d)(%C*)\r\n()")
  if not minor or reason ~= "" and byte(reason) ~= 32 then
    malformed "a malformed status line"
  elseif to > LONGEST_LINE then
    refuse("protocol", "the answer's status line is too large")
  end
  return tonumber(status), minor == "1", to
end

local function read_answer_head(self)
  while true do
    local last = find_head(self)
    local data = self.data
    local status, is_persistent, from = read_status_line(data)
    self.status = status >= 200 and status or nil
    local headers = read_fields(data, from, last - 1)
    if self.status then
      return headers, is_persistent
    elseif status == 101 then
      malformed "it switches to another protocol"
    end
  end
end

-- Lengths that agree may be repeated (section 6.3).
local function read_length(value)
  local length, rest = match(value, "^(%d+)(.*)$")
  if not length or #length > LONGEST_LENGTH then
    malformed "a malformed Content-Length"
  elseif rest ~= "" then
    for other in (value .. ","):gmatch "([^,]*)," do
      if match(other, "^[ \t]*(.-)[ \t]*$") ~= length then
        malformed "Content-Lengths that differ"
      end
    end
  end
  return tonumber(length)
end

local function check_size(self, length)
  if length > self.max_body then
    refuse("protocol", string.format("the answer is larger than max_body (%.0f bytes)", self.max_body))
  end
end

-- Takes so many bytes of the body.
local function take(self, length, pieces)
  while length > 0 do
    if self.from > #self.data then
      self.data, self.from = receive(self), 1
    end
    local left = #self.data - self.from + 1
    local count = left < length and left or length
    local is_whole = count == #self.data
    pieces[#pieces + 1] = is_whole and self.data or sub(self.data, self.from, self.from + count - 1)
    self.from = self.from + count
    length = length - count
  end
end

-- A line within a chunked body, without its end.
local function take_line(self)
  local first, last = find(self.data, "\r\n", self.from, true)
  while not first do
    if #self.data - self.from > LONGEST_LINE then
      malformed "a line that is too long"
    elseif find(self.data, "\n", self.from, true) then
      malformed "a line that doesn't end in CR LF"
    end
    self.data, self.from = sub(self.data, self.from) .. receive(self), 1
    first, last = find(self.data, "\r\n", 1, true)
  end
  local line = sub(self.data, self.from, first - 1)
  self.from = last + 1
  return line
end

-- What comes beside the body has a limit of its own.
local function count_overhead(self, length)
  self.overhead = self.overhead + length
  if self.overhead > LARGEST_HEAD then
    refuse("protocol", "the answer's chunk extensions and trailers are too large: more than 64 KiB")
  end
end

-- Section 7.1: the size, then perhaps extensions, which mean nothing to us.
local function read_chunk_size(self)
  local line = take_line(self)
  local digits, rest = match(line, "^(%x+)[ \t]*(.*)$")
  if not digits or #digits > 12 or rest ~= "" and byte(rest) ~= 59 or find(line, "[%z\1-\8\10-\31\127]") then
    malformed "a malformed chunk"
  end
  count_overhead(self, #rest)
  return tonumber(digits, 16)
end

local function read_trailers(self)
  local headers, count = {}, 0
  local line = take_line(self)
  while line ~= "" do
    count = count + 1
    if count > MOST_HEADERS then
      refuse("protocol", "the answer's trailers are too large: more than " .. MOST_HEADERS)
    end
    count_overhead(self, #line)
    read_field(headers, line .. "\r\n", 1)
    line = take_line(self)
  end
end

local function read_chunks(self)
  local pieces, length = {}, 0
  local size = read_chunk_size(self)
  while size > 0 do
    length = length + size
    check_size(self, length)
    take(self, size, pieces)
    if take_line(self) ~= "" then
      malformed "a chunk that is longer than its size"
    end
    size = read_chunk_size(self)
  end
  read_trailers(self)
  return table.concat(pieces)
end

local function read_until_closed(self)
  local pieces, length = {}, #self.data - self.from + 1
  pieces[1] = sub(self.data, self.from)
  self.data, self.from = "", 1
  check_size(self, length)
  while true do
    local bytes, problem = self.receive()
    if not bytes then
      if problem ~= "closed" then
        lost(self, problem)
      end
      return table.concat(pieces)
    end
    length = length + #bytes
    check_size(self, length)
    pieces[#pieces + 1] = bytes
  end
end

local function read_known_length(self, length)
  check_size(self, length)
  local pieces = {}
  take(self, length, pieces)
  return pieces[2] and table.concat(pieces) or pieces[1] or ""
end

-- Section 6.3: which of four ways a body ends. True as well where the connection may be used again.
local function read_body(self, headers)
  local coding, length = headers["transfer-encoding"], headers["content-length"]
  if coding and (length or lower(coding) ~= "chunked" or not self.is_persistent) then
    malformed(length and "both Transfer-Encoding and Content-Length" or "a Transfer-Encoding that wasn't asked for")
  end
  length = length and read_length(length)
  if self.status == 204 or self.status == 304 then
    return "", true
  elseif coding then
    return read_chunks(self), true
  elseif length then
    return read_known_length(self, length), true
  end
  return read_until_closed(self), false
end

local function asks_to_close(headers)
  local connection = headers.connection
  if not connection or connection == "keep-alive" then
    return false
  end
  local options = "," .. lower(connection):gsub("[ \t]", "") .. ","
  return find(options, ",close,", 1, true) ~= nil
end

local function read(self)
  local headers
  headers, self.is_persistent = read_answer_head(self)
  local coding = headers["content-encoding"]
  if coding and lower(coding) ~= "identity" then
    refuse("protocol", "the answer's Content-Encoding wasn't asked for: " .. sub(coding, 1, 40))
  end
  local body, is_reusable = read_body(self, headers)
  local has_more = self.from <= #self.data
  if has_more and not find(self.data, "^[\r\n]+$", self.from) then
    malformed "bytes after its end, which nothing asked for"
  end
  return {
    status = self.status,
    headers = headers,
    body = body,
    is_reusable = is_reusable and self.is_persistent and not has_more and not asks_to_close(headers),
  }
end

--- Reads an answer.
---@param receive_bytes fun(): string?, string? the next bytes, or nil and `closed`, `timeout` or what went wrong
---@param max_body integer bytes
---@return table? answer { status, headers (by lower-case name), body, is_reusable }
---@return table? failure { kind, message, status, is_begun }: `is_begun` if anything came
function http1.read(receive_bytes, max_body)
  local self = { receive = receive_bytes, max_body = max_body, data = "", from = 1, head_size = 0, overhead = 0 }
  local ok, result = pcall(read, self)
  if ok then
    return result
  elseif type(result) ~= "table" then
    error(result, 0)
  end
  result.status = self.status
  result.is_begun = self.is_begun or false
  return nil, result
end

return http1
