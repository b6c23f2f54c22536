--- A sandbox in a terminal, for `make sandbox`: prints what a shell needs to use it, then a line for each request.
--- Ctrl-C ends it.
local socket = require "socket"

local clock = require "numberpool.sandbox.clock"
local sandbox = require "numberpool.sandbox"

local SECONDS_BETWEEN_LOOKS = 0.1
local SECONDS_TO_ANSWER = 1 -- a request without an answer is shown after that
local MAX_BODY = 200 -- bytes of a body that are shown

-- What a terminal calls its colours.
local BOLD, DIM, MAGENTA = "1", "2", "35"
local COLOUR_OF_STATUS = { [2] = "32", [3] = "36", [4] = "33", [5] = "31" } -- by the first digit
local NO_COLOUR = "0"

local SEED = { numbers = 45, tollfree = 3, shortcodes = 2 }

local function is_terminal()
  local result = os.execute "test -t 1"
  return (result == true or result == 0) and not os.getenv "NO_COLOR"
end

local function painter()
  if not is_terminal() then
    return function(_, text)
      return text
    end
  end
  return function(colour, text)
    return ("\27[%sm%s\27[0m"):format(colour, text)
  end
end

-- A request may have control characters, which a terminal would obey.
local function plain(text)
  return (text:gsub("[%c\127]", "?"))
end

local function line_of(entry, paint)
  local status = entry.status and tostring(entry.status) or "---"
  local colour = COLOUR_OF_STATUS[math.floor((entry.status or 500) / 100)] or NO_COLOUR
  local target = entry.path .. (entry.query ~= "" and "?" .. entry.query or "")
  local words = { paint(colour, status), paint(BOLD, ("%-6s"):format(plain(entry.method))), plain(target) }
  if entry.body ~= "" then
    words[#words + 1] = paint(DIM, plain(entry.body:sub(1, MAX_BODY)))
  end
  if entry.fault then
    words[#words + 1] = paint(MAGENTA, "fault: " .. entry.fault)
  end
  return table.concat(words, " ")
end

local function introduce(server, seeded, paint)
  print(paint(BOLD, "numberpool sandbox") .. " at " .. server.base_url .. " (Ctrl-C ends it)\n")
  print("export NUMBERPOOL_BASE_URL=" .. server.base_url)
  print("export PLIVO_AUTH_ID=" .. server.auth_id)
  print("export PLIVO_AUTH_TOKEN=" .. server.auth_token)
  if server.ca_file then
    print("export NUMBERPOOL_CA_FILE=" .. server.ca_file)
  end
  if seeded then
    print("export NUMBERPOOL_POOL=" .. seeded.pool)
    print(("\n# powerpack %s, pool %s:"):format(seeded.powerpack, seeded.pool))
    print(("# %d numbers, %d toll-free numbers, %d shortcodes"):format(SEED.numbers, SEED.tollfree, SEED.shortcodes))
  end
  print()
end

-- Prints the requests after number `shown`, up to the first that may still get its answer. Returns the number of the
-- last one printed. `pending.since` is when it first met a request without an answer.
local function show(server, shown, pending, paint)
  local entries, last = server:requests_after(shown)
  if not entries then
    error(last, 0)
  end
  local position = last - #entries -- the server may keep fewer than came
  for _, entry in ipairs(entries) do
    local is_open = not entry.status and not entry.fault
    pending.since = is_open and (pending.since or clock.now()) or nil
    if is_open and clock.now() - pending.since < SECONDS_TO_ANSWER then
      break
    end
    pending.since = nil
    position = position + 1
    print(line_of(entry, paint))
  end
  return math.max(position, shown)
end

local function follow(server, paint)
  local shown, pending = 0, {}
  while true do
    shown = show(server, shown, pending, paint)
    io.stdout:flush()
    socket.sleep(SECONDS_BETWEEN_LOOKS)
  end
end

local function serve(server, paint)
  local state, problem = server:state()
  if not state then
    error(problem, 0)
  end
  local seeded
  if #state.powerpacks == 0 then
    seeded, problem = server:seed(SEED)
    if not seeded then
      error(problem, 0)
    end
  end
  introduce(server, seeded, paint)
  io.stdout:flush()
  follow(server, paint)
end

--- Runs a sandbox until Ctrl-C.
---@param options numberpool.sandbox.Options?
---@return integer status for `os.exit`
local function run(options)
  local paint = painter()
  local server, problem
  local _, raised = pcall(function()
    server, problem = sandbox.start(options)
    if not server then
      error(problem, 0)
    end
    serve(server, paint)
  end)
  if server then
    server:stop()
  end
  if not tostring(raised):find("interrupted!", 1, true) then
    io.stderr:write("sandbox: ", tostring(raised), "\n")
    return 1
  end
  print "\nstopped"
  return 0
end

return run
