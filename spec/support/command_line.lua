-- Runs the command line as a program of its own, on the Lua that runs the specs.
local interpreter = require "spec.support.interpreter"

local quote = interpreter.quote

local command_line = {}

local PROGRAM = quote(interpreter.program) .. " lua/numberpool/cli/numberpool"

-- Nothing of the person's who runs the specs is in its environment.
local CLEAN = "env -u NUMBERPOOL_POOL -u NUMBERPOOL_POWERPACK -u NO_COLOR -u COLUMNS XDG_CONFIG_HOME=/nonexistent"

--- The words of a shell that run it: `command_line.words({ server = server, pool = uuid }, "numbers", "list")`.
---@param settings { server: table?, pool: string?, environment: table? }
---@return string
function command_line.words(settings, ...)
  local words = { CLEAN }
  local variables = {}
  if settings.server then
    variables.NUMBERPOOL_BASE_URL = settings.server.base_url
    variables.PLIVO_AUTH_ID = settings.server.auth_id
    variables.PLIVO_AUTH_TOKEN = settings.server.auth_token
  end
  variables.NUMBERPOOL_POOL = settings.pool
  for name, value in pairs(settings.environment or {}) do
    variables[name] = value
  end
  for name, value in pairs(variables) do
    words[#words + 1] = quote(name .. "=" .. value)
  end
  words[#words + 1] = PROGRAM
  for _, word in ipairs { ... } do
    words[#words + 1] = quote(word)
  end
  return table.concat(words, " ")
end

--- Runs a command of a shell. Returns what it wrote to standard output and to standard error, and its exit status.
---@param command string
---@return string output
---@return string errors
---@return integer status
function command_line.shell(command)
  local path = os.tmpname()
  local process = assert(io.popen(("{ %s\n} 2>%s </dev/null; echo \" $?\""):format(command, quote(path)), "r"))
  local output, status = process:read "*a":match "^(.*) (%d+)\n$"
  process:close()
  local file = assert(io.open(path, "rb"))
  local errors = file:read "*a"
  file:close()
  os.remove(path)
  return output, errors, tonumber(status)
end

--- Makes the function that runs it with settings: `run("numbers", "list")` → output, errors, status.
---@param settings table | fun(): table
---@return fun(...: string): string, string, integer
function command_line.runner(settings)
  return function(...)
    local chosen = type(settings) == "function" and settings() or settings
    return command_line.shell(command_line.words(chosen, ...))
  end
end

--- Runs it on a terminal of so many columns, which gives `typed` as answers. Returns all that the terminal got, and the
--- exit status.
---@param settings table
---@param columns integer
---@param typed string?
---@return string output
---@return integer status
function command_line.on_terminal(settings, columns, typed, ...)
  local words = ("stty cols %d; %s; echo \" $?\""):format(columns, command_line.words(settings, ...))
  local command = ("printf %%s %s | TERM=%s SHELL=/bin/sh timeout 20 script -qec %s /dev/null"):format(
    quote(typed or ""), settings.terminal or "xterm", quote(words))
  local process = assert(io.popen(command, "r"))
  local output, status = process:read "*a":gsub("\r\n", "\n"):match "^(.*) (%d+)\n"
  process:close()
  return output, tonumber(status)
end

return command_line
