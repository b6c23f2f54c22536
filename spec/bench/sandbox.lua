-- Measures the sandbox for `make bench-sandbox`: time to ready, seeding, pages, counts, and single
-- GETs a second beside a plain nginx that answers `return 200`. It prints and judges nothing. Ctrl-C leaves nothing.
local http = require "socket.http"
local ltn12 = require "ltn12"
local mime = require "mime"
local socket = require "socket"

local clock = require "numberpool.sandbox.clock"
local folders = require "numberpool.sandbox.folder"
local sandbox = require "numberpool.sandbox"
local shell = require "numberpool.sandbox.shell"

math.randomseed(20)

local function print_row(title, ...)
  print(("  %-58s %s"):format(title, (("%s  "):rep(select("#", ...))):format(...)))
end

local function milliseconds(seconds)
  return ("%8.2f ms"):format(seconds * 1000)
end

local function timed(run)
  local began = socket.gettime()
  local result, problem = run()
  return socket.gettime() - began, assert(result, problem)
end

local function median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

local function authorization(server)
  return "Basic " .. mime.b64(server.auth_id .. ":" .. server.auth_token)
end

local function get(server, path)
  local parts = {}
  local _, status = http.request {
    url = server.base_url .. path, sink = ltn12.sink.table(parts), headers = { authorization = authorization(server) },
  }
  assert(status == 200, table.concat(parts))
  return true
end

local function ready()
  print("\nready after start, median and worst of 7")
  for _, tls in ipairs { false, true } do
    local times = {}
    for index = 1, 7 do
      local seconds, server = timed(function() return sandbox.start { tls = tls } end)
      times[index] = seconds
      server:stop()
    end
    local middle = median(times)
    print_row(tls and "with TLS" or "plain", milliseconds(middle), milliseconds(times[#times]))
  end
end

local prefixes = "5125550,5125551,5125552,5125553,5125554,5125555,5125556,5125557,5125558,5125559"

local filters = {
  { "no filter", "" },
  { "type", "&type=fixed" },
  { "type, none match", "&type=mobile" },
  { "service", "&service=mms" },
  { "type, service and country", "&type=fixed&service=sms&country_iso2=US" },
  { "one prefix, all match", "&starts_with=512&country_iso2=US" },
  { "ten prefixes", "&country_iso2=US&starts_with=" .. prefixes },
  { "one prefix, type and service", "&starts_with=5&country_iso2=US&type=fixed&service=mms" },
  { "a prefix of another country", "&starts_with=5&country_iso2=CA" },
}

-- 100,000 numbers; every fourth is mms, spread over the pool, and every tenth block another area.
local function mixed_numbers(count)
  local numbers = {}
  for index = 1, count do
    numbers[index] = { number = ("1512555%04d"):format(index % 10000), service = index % 4 == 0 and "mms" or "sms" }
    if index > 10000 then
      local area = ({ "512", "415", "416", "646" })[index % 4 + 1]
      numbers[index].number = ("1%s%07d"):format(area, 2000000 + index)
    end
  end
  return numbers
end

local function pages(server, title, seeded, total)
  print("\n" .. title .. ": a page of 20 at 60 random offsets, median and worst")
  local base = "/v1/Account/" .. server.auth_id .. "/NumberPool/" .. seeded.pool .. "/Number/?offset="
  for _, filter in ipairs(filters) do
    local times = {}
    for index = 1, 60 do
      local offset = index == 1 and total - 20 or math.random(0, total - 20)
      times[index] = timed(function() return get(server, base .. offset .. filter[2]) end)
    end
    local middle = median(times)
    print_row(filter[1], milliseconds(middle), milliseconds(times[#times]))
  end
end

local function million(server)
  print("\n1,000,000 numbers in one pool")
  local seconds, seeded = timed(function() return server:seed { numbers = 1000000 } end)
  print_row("seeded in", ("%8.2f s"):format(seconds))
  local base = "/v1/Account/" .. server.auth_id .. "/NumberPool/" .. seeded.pool .. "/Number/"
  for _, item in ipairs {
    { "a single number", "15126000000/" }, { "a count without filter", "?limit=1" }, { "the first page", "" },
    { "the last page", "?offset=999980" },
  } do
    local times = {}
    for index = 1, 15 do times[index] = timed(function() return get(server, base .. item[2]) end) end
    local middle = median(times)
    print_row(item[1] .. ", median and worst of 15", milliseconds(middle), milliseconds(times[#times]))
  end
  return base .. "15126000000/"
end

-- The plain nginx is this process's child, and goes with it however that ends.
local plain_configuration = [[
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  access_log off;
  keepalive_requests 1000000000;
  server { listen 127.0.0.1:$port; location / { return 200 "{}"; } }
}
]]

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

-- An nginx without Lua, for comparison; gives its port and what ends it.
local function plain_nginx()
  local nginx = require "numberpool.sandbox.nginx"
  local folder = assert(folders.make())
  local port = free_port()
  local file = assert(io.open(folder .. "/nginx.conf", "wb"))
  file:write((plain_configuration:gsub("%$(%l+)", { port = ("%d"):format(port) })))
  file:close()
  local quoted = shell.quote(folder)
  local pipe = assert(io.popen(("cd %s && exec setpriv --pdeathsig KILL %s -p %s/ -e %s/error.log -c nginx.conf")
    :format(quoted, shell.quote(assert(nginx.find()).binary), quoted, quoted), "r"))
  local function stop()
    nginx.stop_in(folder)
    pipe:close()
    folders.remove(folder)
  end
  local listens = clock.wait(5, function() return socket.connect("127.0.0.1", port) end)
  if not listens then
    stop()
    error("the plain nginx did not start", 0)
  end
  listens:close()
  return port, stop
end

local function requests_a_second(url, header)
  local command = "wrk -t1 -c16 -d2 "
  if header then command = command .. "-H " .. shell.quote("Authorization: " .. header) .. " " end
  local output = assert(shell.run(command .. shell.quote(url) .. " 2>&1"))
  return tonumber(output:match("Requests/sec:%s*([%d.]+)")) or error("wrk: " .. output)
end

local function rate(server, path)
  print("\nsingle-number GETs a second, one worker, 16 connections, medians of 5 rounds of 2 s")
  local port, stop = plain_nginx()
  local ours, plain = {}, {}
  local ok, problem = pcall(function()
    for round = 1, 5 do
      plain[round] = requests_a_second(("http://127.0.0.1:%d/"):format(port))
      ours[round] = requests_a_second(server.base_url .. path, authorization(server))
    end
  end)
  stop()
  if not ok then error(problem, 0) end
  print_row("sandbox, from 1,000,000 numbers", ("%8.0f /s"):format(median(ours)))
  print_row("nginx, return 200", ("%8.0f /s"):format(median(plain)))
end

local function large_pools(server)
  local seconds, seeded = timed(function() return server:seed { numbers = mixed_numbers(100000) } end)
  print("\n100,000 listed numbers")
  print_row("seeded in", ("%8.2f s"):format(seconds))
  pages(server, "100,000 numbers of four areas, a quarter mms", seeded, 100000)
  seeded = assert(server:seed { numbers = 100000 })
  pages(server, "100,000 numbers in a row", seeded, 100000)
  rate(server, million(server))
end

ready()
local server = assert(sandbox.start())
local ok, problem = pcall(large_pools, server)
server:stop()
if not ok then
  io.stderr:write("bench-sandbox: ", tostring(problem), "\n")
  os.exit(1, true)
end
