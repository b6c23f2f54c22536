-- The nginx.conf of the README is one that nginx starts: only the port, the places of files and the pool are others'.
local fixture = require "spec.support.fixture"
local nginx = require "spec.support.nginx"
local nginx_place = require "spec.support.nginx_place"

describe("the README's nginx.conf", function()
  local server = fixture.sandbox()

  local function start(pool)
    local folder, port = nginx.new_folder(), nginx.free_port()
    local path, cpath = nginx.search_paths()
    local place = nginx_place.find()
    local text = assert(nginx.read_file("README.md"):match "\n```nginx\n(.-)\n```\n")
    for _, change in ipairs {
      { "127%.0%.0%.1:8080", "127.0.0.1:" .. port },
      { 'client:pool "[%x-]+"', 'client:pool "' .. pool .. '"' },
      { "include /etc/nginx/modules%-enabled/%*%.conf;", place.modules }, -- whatever folder nginx is started in
      { "\nhttp {", table.concat({ "", place.user, "daemon off;", "pid nginx.pid;", "http {", "access_log off;",
        "client_body_temp_path temporary;", "proxy_temp_path temporary;", "fastcgi_temp_path temporary;",
        "uwsgi_temp_path temporary;", "scgi_temp_path temporary;",
        "lua_package_path " .. nginx_place.quote(path) .. ";",
        "lua_package_cpath " .. nginx_place.quote(cpath) .. ";" }, "\n") },
    } do
      local count
      text, count = text:gsub(change[1], (change[2]:gsub("%%", "%%%%")))
      assert.equal(1, count, change[1])
    end
    nginx.write_file(folder .. "/nginx.conf", text)
    return fixture.until_end(nginx.run(folder, port, { "NUMBERPOOL_BASE_URL=" .. server.base_url,
      "PLIVO_AUTH_ID=" .. server.auth_id, "PLIVO_AUTH_TOKEN=" .. server.auth_token }))
  end

  it("counts the numbers of a pool", function()
    local handle = start(assert(server:seed { numbers = 45 }).pool)
    local answer = handle:get "/count"
    assert.equal(200, answer.status, handle:log())
    assert.equal("45\n", answer.body)
  end)

  it("says what went wrong", function()
    local handle = start "no-such-pool"
    assert.matches("^count_numbers: .+%(not_found, status 404", handle:get("/count").body)
  end)
end)
