-- A private copy of the sources for specs that build or install, in a folder with an awkward name.
local workspace = {}
workspace.__index = workspace

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
workspace.quote = quote

-- The version of Lua that runs the spec, as the Makefile names it, and its program.
workspace.lua_version = jit and "jit" or _VERSION:match("%d%.%d")
workspace.lua = jit and "luajit" or "lua" .. workspace.lua_version

-- Runs a shell command in `folder`; returns what it printed and its exit status.
local function run(folder, command)
  local process = assert(io.popen("cd " .. quote(folder) .. " && { " .. command .. "\n}; echo \" $?\"", "r"))
  local output = process:read("*a")
  process:close()
  local text, status = output:match("^(.*) (%d+)\n$")
  return text or output, tonumber(status)
end
workspace.run_in = run

-- Copies what a clone would have, and the build for this Lua so that it needn't be compiled again.
function workspace.new()
  local parent = run(".", "mktemp -d"):gsub("%s+$", "")
  local folder = parent .. "/it's a copy"
  local output, status = run(".", ("mkdir %s build 2>/dev/null; cp -a Makefile LICENSE .ci csrc lua rockspec %s && "
    .. "mkdir %s/build && cp -a build/%s %s/build"):format(quote(folder), quote(folder), quote(folder),
    workspace.lua_version, quote(folder)))
  assert(status == 0, output)
  return setmetatable({ parent = parent, folder = folder }, workspace)
end

function workspace:run(command)
  return run(self.folder, command)
end

function workspace:remove()
  run("/", "rm -rf " .. quote(self.parent))
end

return workspace
