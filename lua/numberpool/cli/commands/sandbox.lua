--- A sandbox in the foreground.

local arguments = require "numberpool.cli.arguments"
local exit = require "numberpool.cli.exit"

local function number_for(name)
  return function(value)
    local number = tonumber(value)
    if number then
      return number
    end
    return nil, ("%s: expected a number, got %s"):format(name, value)
  end
end

local function read_rate(value)
  local requests, seconds = value:match "^(%d+)/(%d+%.?%d*)$"
  if requests then
    return { requests = tonumber(requests), seconds = tonumber(seconds) }
  elseif value == "yes" then
    return true
  end
  return nil, "--rate: expected REQUESTS/SECONDS, as 300/5, got " .. value
end

return {
  name = "sandbox",
  summary = "run a server of the API on this machine, without an account",
  description = "Starts a sandbox of the API on 127.0.0.1, prints the variables that make other programs use it, and a"
    .. " line for each request. Ctrl-C ends it.",
  examples = {
    { "numberpool sandbox --port 8080 --db numbers.db", "keeps what it has in a file" },
    { "numberpool sandbox --rate 300/5 --quirks empty_404,capped_pages", "" },
  },
  options = {
    { "--port", "its port; default: any free one", value = "N", convert = number_for "--port" },
    { "--db", "an SQLite file to keep; default: a temporary one", value = "FILE" },
    { "--tls", "HTTPS and HTTP/2, with an authority of its own" },
    { "--rate", "answer 429 past so many requests in so many seconds; yes is 300/5", value = "N/SECONDS",
      convert = read_rate },
    { "--workers", "processes", value = "N", convert = number_for "--workers" },
    { "--strict", "take only numbers that the account has rented" },
    { "--quirks", "oddities of the real API", value = "A,B" },
  },
  run = function(_, args)
    local ok, run = pcall(require, "numberpool.sandbox.terminal")
    if not ok then
      exit.raise("the sandbox is the rock numberpool-sandbox, or a part of it is missing: " .. tostring(run),
        exit.FAILED)
    end
    if args.sandbox then
      exit.raise "--sandbox: expected none beside the command sandbox"
    end
    local settings = { port = args.port, db = args.db, tls = args.tls, rate = args.rate, workers = args.workers,
      strict = args.strict, quirks = arguments.list(args.quirks) }
    local _, wrong = require "numberpool.sandbox.options".read(settings, 1)
    if wrong then
      exit.raise("--" .. wrong:gsub("^rate%.", "rate: "))
    end
    return run(settings)
  end,
}
