-- Runs Lua code in a process of its own, on the Lua that runs the specs: for checks of a process's environment, of what
-- it loads and of how it ends.
local interpreter = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
interpreter.quote = quote

local function read_command(command)
  local process = assert(io.popen(command, "r"))
  local output = process:read "*a"
  process:close()
  return output
end

-- The shell's parent is this process, which may be nginx.
local find_program = rawget(_G, "ngx") and "command -v luajit" or "readlink /proc/$PPID/exe"
local program = read_command(find_program):gsub("%s+$", "")
interpreter.program = program

-- The variables with this Lua's search paths. Lua 5.2 and later prefer those with their version in the name.
local suffix = not rawget(_G, "jit") and _VERSION:match "5%.[2-9]"
suffix = suffix and "_" .. suffix:gsub("%.", "_") or ""
interpreter.PATH_VARIABLE = "LUA_PATH" .. suffix
interpreter.CPATH_VARIABLE = "LUA_CPATH" .. suffix

--- Runs a shell command and returns what it printed. Raises if it fails.
---@param command string
---@return string
function interpreter.shell(command)
  local output = read_command("{ " .. command .. "\n}; echo \" $?\"")
  local text, status = output:match "^(.*) (%d+)\n$"
  assert(status == "0", output)
  return text
end

--- Runs code.
---@param code string
---@param environment table? variables by name; false removes one
---@return string output what it printed, errors included
---@return integer status its exit status
function interpreter.run(code, environment)
  local words = { "env" }
  local settings = {}
  for name, value in pairs(environment or {}) do
    if value then
      settings[#settings + 1] = quote(name .. "=" .. value)
    else
      words[#words + 1] = "-u " .. quote(name)
    end
  end
  local script = os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write(code)
  file:close()
  local command = table.concat(words, " ") .. " " .. table.concat(settings, " ") .. " " .. quote(program)
  local output = read_command(command .. " " .. quote(script) .. " 2>&1; echo \" $?\"")
  os.remove(script)
  local text, status = output:match "^(.*) (%d+)\n$"
  return text or output, tonumber(status)
end

--- The file that `require(name)` would load from a search path such as package.path.
---@param name string
---@param path string
---@return string?
function interpreter.find(name, path)
  local relative = name:gsub("%.", "/")
  for template in path:gmatch "[^;]+" do
    local candidate = template:gsub("%?", (relative:gsub("%%", "%%%%")))
    local file = io.open(candidate, "rb")
    if file then
      file:close()
      return candidate, template
    end
  end
  return nil
end

return interpreter
