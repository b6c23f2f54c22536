-- A copy of the sources, for specs that build or install, in a folder with an awkward name.
local quote = require "spec.support.interpreter".quote

local workspace = { quote = quote }
workspace.__index = workspace

-- The Lua that runs the spec: its version, as the Makefile names it, and its program.
workspace.lua_version = jit and "jit" or _VERSION:match("%d%.%d")
workspace.lua = jit and "luajit" or "lua" .. workspace.lua_version

-- Runs a shell command in a folder. Returns what it printed, and its exit status.
local function run_in(folder, command)
  local process = assert(io.popen("cd " .. quote(folder) .. " && { " .. command .. "\n}; echo \" $?\"", "r"))
  local output = process:read("*a")
  process:close()
  local text, status = output:match("^(.*) (%d+)\n$")
  return text or output, tonumber(status)
end
workspace.run_in = run_in

-- Copies what a clone would have, and the build for this Lua, which takes less time than to compile it again.
function workspace.new()
  local parent = run_in(".", "mktemp -d"):gsub("%s+$", "")
  local folder = parent .. "/it's a copy"
  local steps = {
    "mkdir -p %s/build",
    "cp -a Makefile LICENSE .ci csrc lua rockspec %s",
    "cp -a build/" .. workspace.lua_version .. " %s/build",
  }
  local output, status = run_in(".", (table.concat(steps, " && "):gsub("%%s", (quote(folder):gsub("%%", "%%%%")))))
  assert(status == 0, output)
  return setmetatable({ parent = parent, folder = folder }, workspace)
end

--- Adds specs, given by name, and the scripts that run them.
function workspace:add_runner(specs)
  self:run("mkdir -p spec/support")
  run_in(".", "cp .luacheckrc " .. quote(self.folder) .. " && cd spec/support && cp run places progress in_session "
    .. quote(self.folder .. "/spec/support"))
  for name, text in pairs(specs) do
    local file = assert(io.open(self.folder .. "/spec/" .. name .. "_spec.lua", "w"))
    file:write(text)
    file:close()
  end
end

function workspace:run(command)
  return run_in(self.folder, command)
end

function workspace:remove()
  run_in("/", "rm -rf " .. quote(self.parent))
end

return workspace
