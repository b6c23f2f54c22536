-- Reading answers of HTTP/1.1: what is taken, what is refused and what leaves the connection usable. No network: bytes
-- come from a list, whole or in pieces.
local http1 = require "numberpool.runtime.nginx.http1"

local BODY = '{"uuid":"p"}'

-- A function that gives the bytes in pieces of `size`, then `problem` for ever.
local function source(bytes, size, problem)
  local from = 1
  return function()
    if from > #bytes then
      return nil, problem or "closed"
    end
    local piece = bytes:sub(from, from + size - 1)
    from = from + #piece
    return piece
  end
end

-- Reads the bytes whole, and in pieces of several sizes: what comes of it must be the same.
local function read(bytes, problem, max_body)
  local answer, failure
  for _, size in ipairs { #bytes + 1, 1, 2, 3, 7, 4096 } do
    local was_read = answer or failure
    answer, failure = http1.read(source(bytes, size, problem), max_body or 1000000)
    if was_read then
      assert.same(was_read, answer or failure)
    end
  end
  return answer, failure
end

local function lines(...)
  return table.concat({ ... }, "\r\n") .. "\r\n"
end

local function answer_of(...)
  return lines("HTTP/1.1 200 OK", ...) .. "\r\n"
end

local function assert_body(expected, is_reusable, bytes)
  local answer, failure = read(bytes)
  assert.is_nil(failure and failure.message)
  assert.equal(expected, answer.body)
  assert.equal(is_reusable, answer.is_reusable)
  return answer
end

local function assert_refused(kind, pattern, bytes, problem, max_body)
  local answer, failure = read(bytes, problem, max_body)
  assert.is_nil(answer)
  assert.equal(kind, failure.kind, failure.message)
  assert.matches(pattern, failure.message)
  return failure
end

describe("an answer", function()
  it("with Content-Length is read up to it", function()
    local answer = assert_body(BODY, true, answer_of("Content-Type: application/json", "Content-Length: 12") .. BODY)
    assert.equal(200, answer.status)
    assert.equal("application/json", answer.headers["content-type"])
  end)

  it("of no length has no body", function()
    assert_body("", true, answer_of "Content-Length: 0")
  end)

  it("of 204 or 304 has no body, whatever it says", function()
    for _, status in ipairs { 204, 304 } do
      assert_body("", true, ("HTTP/1.1 %d x\r\n\r\n"):format(status))
      assert_body("", true, ("HTTP/1.1 %d x\r\nContent-Length: 5\r\n\r\n"):format(status))
    end
  end)

  it("in chunks is put together, with extensions and trailers left aside", function()
    assert_body(BODY, true, answer_of "Transfer-Encoding: chunked" .. "c\r\n" .. BODY .. "\r\n0\r\n\r\n")
    assert_body(BODY, true, answer_of "Transfer-Encoding: Chunked" .. '5;name="value"\r\n{"uui\r\n'
      .. '7 ; x\r\nd":"p"}\r\n000\r\nX-Check: 1\r\nX-Other:2\r\n\r\n')
    assert_body("", true, answer_of "Transfer-Encoding: chunked" .. "0\r\n\r\n")
  end)

  it("without a length ends with its connection", function()
    assert_body(BODY, false, answer_of "Content-Type: application/json" .. BODY)
    assert_body("", false, answer_of())
  end)

  it("of HTTP/1.0 leaves the connection alone", function()
    assert_body(BODY, false, "HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n" .. BODY)
  end)

  it("that says close leaves the connection alone", function()
    for _, value in ipairs { "close", "Close", "x, close", "close ,x" } do
      assert_body(BODY, false, answer_of("Connection: " .. value, "Content-Length: 12") .. BODY)
    end
    for _, value in ipairs { "keep-alive", "Keep-Alive", "x", "closed" } do
      assert_body(BODY, true, answer_of("Connection: " .. value, "Content-Length: 12") .. BODY)
    end
  end)

  it("with an empty line after it is taken, and its connection never used again", function()
    local answer = http1.read(source(answer_of "Content-Length: 12" .. BODY .. "\r\n", 10000), 1000)
    assert.equal(BODY, answer.body)
    assert.is_false(answer.is_reusable)
  end)

  it("may come after interim ones", function()
    local interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert_body(BODY, true, interim .. answer_of "Content-Length: 12" .. BODY)
  end)

  it("may have any reason, or none", function()
    for _, line in ipairs { "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 Alles \195\188ber" } do
      assert_body("", true, line .. "\r\nContent-Length: 0\r\n\r\n")
    end
  end)

  it("keeps the spaces around values to itself", function()
    local answer = assert_body("", true, answer_of("X-A:  \t a b \t ", "x-b:", "Content-Length:\t0 "))
    assert.equal("a b", answer.headers["x-a"])
    assert.equal("", answer.headers["x-b"])
  end)

  it("may say the same length twice", function()
    assert_body(BODY, true, answer_of("Content-Length: 12", "Content-Length: 12") .. BODY)
    assert_body(BODY, true, answer_of "Content-Length: 12, 12" .. BODY)
  end)
end)

describe("what isn't to be understood", function()
  local REFUSED = {
    ["HTTP/0.9"] = "<html>hello</html>",
    ["another protocol"] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    ["HTTP/2"] = "HTTP/2 200\r\n\r\n",
    ["HTTP/1.2"] = "HTTP/1.2 200 OK\r\n\r\n",
    ["a status of two digits"] = "HTTP/1.1 20 OK\r\n\r\n",
    ["a status of four digits"] = "HTTP/1.1 2000 OK\r\n\r\n",
    ["a status below 100"] = "HTTP/1.1 099 OK\r\n\r\n",
    ["two spaces before the status"] = "HTTP/1.1  200 OK\r\n\r\n",
    ["a switch of protocols"] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ["an empty line first"] = "\r\nHTTP/1.1 200 OK\r\n\r\n",
    ["a space before the colon"] = answer_of "Content-Length : 12" .. BODY,
    ["a folded header"] = answer_of("X-A: b", " Content-Length: 12") .. BODY,
    ["a header folded with a tab"] = answer_of("X-A: b", "\tc") .. BODY,
    ["a header without a name"] = answer_of ": 12" .. BODY,
    ["a header without a colon"] = answer_of "Content-Length" .. BODY,
    ["a space in a name"] = answer_of "Content Length: 12" .. BODY,
    ["a NUL in a header"] = answer_of "X-A: a\0b" .. BODY,
    ["a control character in a header"] = answer_of "X-A: a\127b" .. BODY,
    ["a bare CR"] = answer_of "X-A: a\rContent-Length: 12" .. BODY,
    ["a bare LF"] = answer_of "X-A: a\nContent-Length: 12" .. BODY,
    ["lengths that differ"] = answer_of("Content-Length: 12", "Content-Length: 13") .. BODY,
    ["a list of lengths that differ"] = answer_of "Content-Length: 12, 13" .. BODY,
    ["a length with a sign"] = answer_of "Content-Length: +12" .. BODY,
    ["a negative length"] = answer_of "Content-Length: -1" .. BODY,
    ["a length in hex"] = answer_of "Content-Length: 0xc" .. BODY,
    ["a length with a point"] = answer_of "Content-Length: 12.0" .. BODY,
    ["a length with an exponent"] = answer_of "Content-Length: 1e1" .. BODY,
    ["an empty length"] = answer_of "Content-Length:" .. BODY,
    ["an endless length"] = answer_of("Content-Length: " .. ("9"):rep(40)) .. BODY,
    ["chunks and a length"] = answer_of("Transfer-Encoding: chunked", "Content-Length: 5") .. "0\r\n\r\n",
    ["chunks twice"] = answer_of("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") .. "0\r\n\r\n",
    ["another coding"] = answer_of "Transfer-Encoding: gzip, chunked" .. "0\r\n\r\n",
    ["no coding"] = answer_of "Transfer-Encoding: identity" .. BODY,
    ["chunks of HTTP/1.0"] = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ["a chunk without a size"] = answer_of "Transfer-Encoding: chunked" .. "\r\n" .. BODY .. "\r\n0\r\n\r\n",
    ["a chunk with a malformed size"] = answer_of "Transfer-Encoding: chunked" .. "0xc\r\n" .. BODY .. "\r\n0\r\n\r\n",
    ["a chunk of a negative size"] = answer_of "Transfer-Encoding: chunked" .. "-c\r\n" .. BODY .. "\r\n0\r\n\r\n",
    ["a chunk of an endless size"] = answer_of "Transfer-Encoding: chunked" .. ("f"):rep(20) .. "\r\n" .. BODY,
    ["a chunk longer than its size"] = answer_of "Transfer-Encoding: chunked" .. "b\r\n" .. BODY .. "\r\n0\r\n\r\n",
    ["a malformed trailer"] = answer_of "Transfer-Encoding: chunked" .. "0\r\nx y: z\r\n\r\n",
    ["gzip that wasn't asked for"] = answer_of("Content-Encoding: gzip", "Content-Length: 12") .. BODY,
  }
  for name, bytes in pairs(REFUSED) do
    it("is protocol: " .. name, function()
      assert_refused("protocol", "answer", bytes)
    end)
  end

  it("is more than one answer at once", function()
    local first = answer_of "Content-Length: 12" .. BODY
    local second = answer_of "Content-Length: 3" .. "two"
    for _, bytes in ipairs {
      first .. second, first .. "x", "HTTP/1.1 204 x\r\n\r\n" .. second,
      answer_of "Transfer-Encoding: chunked" .. "0\r\n\r\n0",
    } do
      local answer, failure = http1.read(source(bytes, 10000), 1000)
      assert.is_nil(answer)
      assert.equal("protocol", failure.kind)
    end
  end)

  it("is told at once where lines end in LF alone", function()
    for _, bytes in ipairs {
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\n\n",
      answer_of "Transfer-Encoding: chunked" .. "2\n",
    } do
      assert_refused("protocol", "CR LF", bytes, "timeout")
    end
  end)

  it("is told from its first bytes, while the server still waits", function()
    for _, bytes in ipairs { "SSH", "<", "HTTP/2", "\n", "\0" } do
      assert_refused("protocol", "HTTP/1", bytes, "timeout")
    end
  end)
end)

describe("what is too much", function()
  it("is protocol: headers", function()
    assert_refused("protocol", "too large", answer_of("X-A: " .. ("x"):rep(9000), "Content-Length: 0"))
    assert_refused("protocol", "too large", answer_of(("X-A: b\r\n"):rep(101) .. "Content-Length: 0"))
    assert_refused("protocol", "too large", "HTTP/1.1 200 " .. ("x"):rep(9000) .. "\r\n\r\n")
    local endless = "HTTP/1.1 200 OK\r\n" .. ("X-A: " .. ("x"):rep(1000) .. "\r\n"):rep(100)
    assert_refused("protocol", "too large", endless, "timeout")
  end)

  it("is protocol: interim answers", function()
    assert_refused("protocol", "too large", ("HTTP/1.1 102 Processing\r\n\r\n"):rep(3000), "timeout")
  end)

  it("is protocol: a body over max_body, told as soon as it is known", function()
    assert_refused("protocol", "max_body %(11 bytes%)", answer_of "Content-Length: 12", "timeout", 11)
    assert_refused("protocol", "max_body", answer_of "Transfer-Encoding: chunked" .. "c\r\n", "timeout", 11)
    assert_refused("protocol", "max_body", answer_of() .. BODY, "timeout", 11)
    assert.equal(BODY, read(answer_of() .. BODY, "closed", 12).body)
  end)

  it("is protocol: chunk extensions and trailers", function()
    local chunk = "1;" .. ("x"):rep(4000) .. "\r\nx\r\n"
    assert_refused("protocol", "too large", answer_of "Transfer-Encoding: chunked" .. chunk:rep(20), "timeout")
    local line = "1;" .. ("x"):rep(10000)
    assert_refused("protocol", "too long", answer_of "Transfer-Encoding: chunked" .. line, "timeout")
    local trailers = ("X-A: " .. ("x"):rep(1000) .. "\r\n"):rep(90)
    assert_refused("protocol", "too large", answer_of "Transfer-Encoding: chunked" .. "0\r\n" .. trailers, "timeout")
  end)
end)

describe("an answer that doesn't end", function()
  local CUT = {
    "", "HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-", answer_of "Content-Length: 12" .. '{"uuid"',
    answer_of "Transfer-Encoding: chunked", answer_of "Transfer-Encoding: chunked" .. "c\r\n{",
    answer_of "Transfer-Encoding: chunked" .. "c\r\n" .. BODY .. "\r\n",
    answer_of "Transfer-Encoding: chunked" .. "c\r\n" .. BODY .. "\r\n0\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
  }

  it("is network where its connection does, timeout where it doesn't", function()
    for _, bytes in ipairs(CUT) do
      assert_refused("network", "closed", bytes, "closed")
      assert_refused("network", "connection reset by peer", bytes, "connection reset by peer")
      assert_refused("timeout", "in time", bytes, "timeout")
    end
    assert_refused("network", "reset", answer_of() .. BODY, "connection reset by peer")
    assert_refused("timeout", "in time", answer_of() .. BODY, "timeout")
  end)

  it("tells its status, and whether anything came", function()
    local failure = assert_refused("network", "closed", answer_of "Content-Length: 12")
    assert.equal(200, failure.status)
    assert.is_true(failure.is_begun)
    failure = assert_refused("network", "before an answer", "")
    assert.is_nil(failure.status)
    assert.is_false(failure.is_begun)
  end)
end)

it("an error of the function that gives the bytes is handed on", function()
  local ok, err = pcall(http1.read, function()
    error("oh", 0)
  end, 1000)
  assert.is_false(ok)
  assert.equal("oh", err)
end)
