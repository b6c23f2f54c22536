--- The folder of a sandbox's files.
local shell = require "numberpool.sandbox.shell"

local folder = {}

-- Prints an absolute path, whatever TMPDIR is: nginx would take a relative one from its own folder.
local MAKE = [[
(umask 077
cd -- "${TMPDIR:-/tmp}" 2>&1 >/dev/null && mktemp -d "$(pwd)/numberpool-sandbox.XXXXXX" 2>&1)]]

-- Removes the folder if the process that started the shell was killed meanwhile. PPID has the shell's first parent,
-- /proc the one that it has now.
local REMOVE_FOR_ORPHAN =
  [[if read -r _ _ _ parent _ <"/proc/$$/stat" && [ "$parent" != "$PPID" ]; then rm -rf -- %s; fi]]

-- More than one try: a process that is about to end may write a file while the folder is being emptied. SIGINT is
-- ignored, since Ctrl-C in a terminal reaches the shell too.
local REMOVE = "(trap '' INT; for try in 1 2 3 4 5; do rm -rf -- %s 2>/dev/null && exit; sleep 0.05; done)"

--- Makes a temporary folder that only its owner can use.
---@return string? path
---@return string? problem
function folder.make()
  local output, status = shell.run(MAKE)
  if not output then
    return nil, status
  end
  if status ~= 0 then
    return nil, "no temporary folder: " .. output:gsub("%s+$", "")
  end
  return output:match "^(.*)\n$"
end

--- Runs a command in a folder. If this process is killed meanwhile, the shell removes the folder.
---@param path string
---@param command string
---@return string? output
---@return integer|string status exit status, or what went wrong
function folder.run(path, command)
  local quoted = shell.quote(path)
  return shell.run(("(cd %s && (%s); status=$?; %s; exit $status)")
    :format(quoted, command, REMOVE_FOR_ORPHAN:format(quoted)))
end

--- Removes a folder with everything in it.
---@param path string
function folder.remove(path)
  local command = REMOVE:format(shell.quote(path))
  for _ = 1, 2 do -- Ctrl-C may end the shell before it ignores it
    if shell.run(command) then
      return
    end
  end
end

--- Whether a file can be read.
---@param path string
---@return boolean
function folder.has_file(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- Writes a file.
---@param path string
---@param text string
---@return boolean?
---@return string? problem
function folder.write_file(path, text)
  local file, problem = io.open(path, "wb")
  if not file then
    return nil, problem
  end
  local ok
  ok, problem = file:write(text)
  file:close()
  if not ok then
    return nil, problem
  end
  return true
end

return folder
