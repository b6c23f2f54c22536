--- A sandbox in a terminal, for `make sandbox`: prints what a shell needs to use it, then one line
-- for each request as it comes. Ctrl-C ends it.
local socket = require "socket"

local process = require "numberpool.sandbox.process"
local sandbox = require "numberpool.sandbox"

local interval = 0.1

local colours = { [2] = "32", [3] = "36", [4] = "33", [5] = "31" }

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

-- Control characters in a request are no business of the terminal's.
local function plain(text)
  return (text:gsub("[%c\127]", "?"))
end

local function line_of(entry, paint)
  local status = entry.status and tostring(entry.status) or "---"
  local colour = colours[math.floor((entry.status or 500) / 100)] or "0"
  local target = entry.path .. (entry.query ~= "" and "?" .. entry.query or "")
  local line = { paint(colour, status), paint("1", ("%-6s"):format(plain(entry.method))), plain(target) }
  if entry.body ~= "" then
    line[#line + 1] = paint("2", plain(entry.body:sub(1, 200)))
  end
  if entry.fault then
    line[#line + 1] = paint("35", "fault: " .. entry.fault)
  end
  return table.concat(line, " ")
end

local function introduce(server, seeded, paint)
  print(paint("1", "numberpool sandbox") .. " at " .. server.base_url .. " (Ctrl-C ends it)\n")
  print("export NUMBERPOOL_BASE_URL=" .. server.base_url)
  print("export PLIVO_AUTH_ID=" .. server.auth_id)
  print("export PLIVO_AUTH_TOKEN=" .. server.auth_token)
  if server.ca_file then
    print("# its certificate authority: " .. server.ca_file)
  end
  if seeded then
    print(("\n# powerpack %s, pool %s:"):format(seeded.powerpack, seeded.pool))
    print "# 45 numbers, 3 toll-free numbers, 2 shortcodes"
  end
  print()
end

-- A request under way is shown once it's answered, or after a second without. The sequence counts
-- from the server's start, and goes on where older entries are no longer kept.
local function show(server, shown, pending, paint)
  local entries, last = server:requests_after(shown)
  if not entries then
    error(last, 0)
  end
  local position = last - #entries
  for _, entry in ipairs(entries) do
    local open = not entry.status and not entry.fault
    pending.since = open and (pending.since or process.now()) or nil
    if open and process.now() - pending.since < 1 then
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
    socket.sleep(interval)
  end
end

local function serve(server, paint)
  local state, problem = server:state()
  if not state then
    error(problem, 0)
  end
  local seeded
  if #state.powerpacks == 0 then
    seeded, problem = server:seed { numbers = 45, tollfree = 3, shortcodes = 2 }
    if not seeded then
      error(problem, 0)
    end
  end
  introduce(server, seeded, paint)
  io.stdout:flush()
  follow(server, paint)
end

--- Runs until Ctrl-C; gives the exit status.
--- @param options? table as for `start`
--- @return integer
local function run(options)
  local paint = painter()
  local server, problem
  local _, stopped_by = pcall(function()
    server, problem = sandbox.start(options)
    if not server then
      error(problem, 0)
    end
    serve(server, paint)
  end)
  if server then
    server:stop()
  end
  if not tostring(stopped_by):find("interrupted!", 1, true) then
    io.stderr:write("sandbox: ", tostring(stopped_by), "\n")
    return 1
  end
  print "\nstopped"
  return 0
end

return run
