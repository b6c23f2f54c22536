-- An nginx that isn't Debian's: another program, Lua built into it from a folder of another name; and another user.
local interpreter = require "spec.support.interpreter"
local sandbox_http = require "spec.support.sandbox_http"

local quote = interpreter.quote
local START = [[
  local server, problem = require "numberpool.sandbox".start { tls = true }
  print(server and "started" or problem)
  if server then
    print((assert(server:seed { numbers = 3 }).pool:gsub("%x", "x")))
    assert(server:stop())
  end]]

describe("sandbox.start", function()
  local folder

  before_each(function() folder = sandbox_http.shell("mktemp -d /tmp/numberpool.XXXXXX"):gsub("%s+$", "") end)
  after_each(function() sandbox_http.shell("rm -rf " .. quote(folder)) end)

  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
    sandbox_http.shell("chmod +x " .. quote(folder .. "/" .. name))
    return folder .. "/" .. name
  end

  -- Debian's nginx as one that says how it was built, with what it then has.
  for _, module in ipairs { "/build/ngx_lua-0.10.25", "../lua-nginx-module" } do
    it("takes the nginx that NUMBERPOOL_NGINX names, with Lua from " .. module, function()
      local program = write("my nginx", ([[#!/bin/sh
        if [ "$1" = -V ]; then
          echo 'nginx version: nginx/1.27.1' >&2
          echo 'configure arguments: --prefix=/opt/nginx --add-module=%s' >&2
          exit
        fi
        : >"$0 was used"
        modules=/usr/lib/nginx/modules
        load="load_module $modules/ndk_http_module.so; load_module $modules/ngx_http_lua_module.so;"
        exec /usr/sbin/nginx -g "$load" "$@"
        ]]):format(module))
      assert.matches("^started\nxxxxxxxx%-", (interpreter.run(START, { NUMBERPOOL_NGINX = program })))
      assert.is_not_nil(io.open(program .. " was used"))
    end)
  end

  it("says so where that is no nginx with Lua", function()
    local none = folder .. "/none"
    assert.equal("NUMBERPOOL_NGINX: expected a program, got " .. none .. "\n",
      (interpreter.run(START, { NUMBERPOOL_NGINX = none })))
    local other = write("other", "#!/bin/sh\necho hello\n")
    assert.equal("NUMBERPOOL_NGINX: expected an nginx with its Lua module, got " .. other .. "\n",
      (interpreter.run(START, { NUMBERPOOL_NGINX = other })))
  end)

  it("works for an ordinary user, from a folder with an awkward name", function()
    local as_nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups "
    local _, status = sandbox_http.shell(as_nobody .. "true")
    if status ~= 0 then return pending("needs the right to be another user") end
    local awkward = folder .. "/it's a \"copy\""
    sandbox_http.shell(("mkdir -p %s/tmp && cp -r lua %s && chmod -R a+rX %s && chmod a+rwx %s/tmp"):format(
      quote(awkward), quote(awkward), quote(folder), quote(awkward)))
    local script = write("start.lua", START)
    sandbox_http.shell("chmod a+r " .. quote(script))
    local path = quote(awkward .. "/lua/?.lua;" .. awkward .. "/lua/?/init.lua;;")
    local output = sandbox_http.shell(("cd / && env -u LUA_PATH_5_2 -u LUA_PATH_5_3 -u LUA_PATH_5_4 LUA_PATH=%s " ..
      "TMPDIR=%s %s %s %s"):format(path, quote(awkward .. "/tmp"), as_nobody, quote(interpreter.program),
      quote(script)))
    assert.matches("^started\nxxxxxxxx%-", output)
    assert.equal("", (sandbox_http.shell("ls -A " .. quote(awkward .. "/tmp"))))
  end)

  it("says where it looked for what nginx's Lua lacks", function()
    local drivers = "/usr/lib/x86_64-linux-gnu/lua/5.1/dbd"
    local hide = ("unshare -m sh -c 'mount -t tmpfs none %s && exec \"$0\" \"$@\"' "):format(drivers)
    if select(2, sandbox_http.shell(hide .. "true")) ~= 0 then return pending("needs the right to mount") end
    local script = write("start.lua", START)
    local output = sandbox_http.shell(hide .. quote(interpreter.program) .. " " .. quote(script))
    local place = drivers:gsub("%p", "%%%0")
    assert.matches("can't load dbd%.sqlite3 %(install lua%-dbi%-sqlite3%): .*; looked for .*, " .. place, output)
  end)
end)
