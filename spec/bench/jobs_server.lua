--- The server of the benchmarks of whole jobs: one nginx with one worker, over HTTP/1.1 and over TLS with HTTP/2.
--
-- It has no state. One number, one page and a powerpack, whose uuid is its pool's, come from its configuration. A pool
-- `pages-TOTAL-MILLISECONDS` has so many numbers, and every page of it takes so long. Any other number is added.
-- @module spec.bench.jobs_server

local answers = require "spec.bench.answers"
local certificates = require "numberpool.sandbox.certificates"
local nginx = require "numberpool.sandbox.nginx"
local server = require "spec.bench.server"

local jobs_server = {}

local CONFIGURATION = [[
$modules
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 2048; }
http {
  access_log off;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  default_type application/json;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  init_by_lua_block {
    local template = [=[$entry]=]
    local head, tail = template:match "^(.-)NUMBER(.*)$"
    local middle, rest = tail:match "^(.-)NUMBER(.*)$"

    -- The page at an offset: the same work for every page of every pool.
    function answer_page(total, offset)
      local parts = { '{"api_id":"06c15d7c-7ed5-11ea-855f-0242ac110003","meta":{"limit":20,"next":"","offset":'
        .. offset .. ',"previous":"","total_count":' .. total .. '},"objects":[' }
      for i = offset, math.min(offset + 20, total) - 1 do
        local number = string.format("%.0f", 15120000000 + i)
        parts[#parts + 1] = (i > offset and "," or "") .. head .. number .. middle .. number .. rest
      end
      parts[#parts + 1] = "]}"
      ngx.print(parts)
    end
  }
  server {
    listen 127.0.0.1:$plain;
    listen 127.0.0.1:$secure ssl http2;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    location = $list {
$page
    }
    location = $found {
      return 200 '$number';
    }
    location ~ "^$list(?<asked>\d+)/$" {
      return 201 '$added';
    }
    location = $powerpack {
      return 200 '{"name":"bench","number_pool":"$pool","uuid":"$uuid"}';
    }
    location ~ "^/v1/Account/[^/]+/NumberPool/pages-(\d+)-(\d+)/Number/$" {
      content_by_lua_block {
        local total, milliseconds = tonumber(ngx.var[1]), tonumber(ngx.var[2])
        if milliseconds > 0 then ngx.sleep(milliseconds / 1000) end
        answer_page(total, tonumber(ngx.var.arg_offset) or 0)
      }
    }
  }
}
]]

local function modules_of(place)
  local lines = {}
  for _, name in ipairs { "ndk_http_module", "ngx_http_lua_module" } do
    local file = place.modules and io.open(place.modules .. "/" .. name .. ".so", "rb")
    if file then
      file:close()
      lines[#lines + 1] = ("load_module %s/%s.so;"):format(place.modules, name)
    end
  end
  return table.concat(lines, "\n")
end

--- Starts it for an account.
---@param account table { auth_id, auth_token, pool, number }
---@return table server { http, https, ca_file, list_path, number_path, stop }
function jobs_server.start(account)
  local list = ("/v1/Account/%s/NumberPool/%s/Number/"):format(account.auth_id, account.pool)
  local place = assert(nginx.find())
  local entry = answers.page({ auth_id = account.auth_id, pool = account.pool }, tonumber(account.number), 2)[2]
  local self = server.launch(function(folder, ports)
    assert(certificates.make(folder))
    local values = {
      modules = modules_of(place),
      entry = entry:gsub(",$", ""):gsub(account.number, "NUMBER"),
      plain = tostring(ports[1]),
      secure = tostring(ports[2]),
      list = list,
      page = server.return_parts(answers.page(account, tonumber(account.number), 20)),
      found = list .. account.number .. "/",
      number = answers.number(account, account.number),
      added = answers.number(account, "$asked"),
      powerpack = ("/v1/Account/%s/Powerpack/%s/"):format(account.auth_id, account.pool),
      pool = ("/v1/Account/%s/NumberPool/%s/"):format(account.auth_id, account.pool),
      uuid = account.pool,
    }
    return (CONFIGURATION:gsub("%$(%l+)", values))
  end, 2)
  self.http = "http://127.0.0.1:" .. self.ports[1]
  self.https = "https://127.0.0.1:" .. self.ports[2]
  self.ca_file = self.folder .. "/ca.pem"
  self.list_path = list
  self.number_path = list .. account.number .. "/"
  return self
end

return jobs_server
