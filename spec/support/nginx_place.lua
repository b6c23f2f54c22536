-- Finds the nginx that specs and benchmarks run: the one that NUMBERPOOL_NGINX names, or else the one in the search
-- path. (nginx uses a variable NGINX itself.)
local interpreter = require "spec.support.interpreter"

local nginx_place = {}

local FIND = 'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; command -v "${NUMBERPOOL_NGINX:-nginx}"'

local found

-- A value in double quotes, as nginx reads it.
local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end
nginx_place.quote = quote

local function is_there(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- The lines that load the Lua module; none for a build that has it inside, as OpenResty.
local function load_module_lines(options)
  for place in options:gmatch "%-%-add%-module=(%S+)" do
    if place:find "ngx_lua" or place:find "lua%-nginx%-module" then
      return ""
    end
  end
  local folder = options:match "%-%-modules%-path=([^%s']+)" or "/usr/lib/nginx/modules"
  local lines = {}
  for _, name in ipairs { "ndk_http_module.so", "ngx_http_lua_module.so" } do
    local path = folder .. "/" .. name
    if is_there(path) then
      lines[#lines + 1] = "load_module " .. quote(path) .. ";"
    end
  end
  return table.concat(lines, "\n")
end

--- Finds nginx.
---@return table place { binary, modules, user }: `modules` has the lines that load modules, `user` the one with which
--- workers stay root's and can use a spec's folder; both may be empty
function nginx_place.find()
  if not found then
    local binary = interpreter.shell(FIND):gsub("%s+$", "")
    local options = interpreter.shell(interpreter.quote(binary) .. " -V 2>&1")
    found = {
      binary = binary,
      modules = load_module_lines(options),
      user = interpreter.shell("id -u"):find "^0%s" and "user root;" or "",
    }
  end
  return found
end

return nginx_place
