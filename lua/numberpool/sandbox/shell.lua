--- Commands for the shell.
local shell = {}

--- A word in quotes, which the shell reads as it is.
---@param word string
---@return string
function shell.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Runs a command.
---@param command string
---@return string? output what it printed on standard output
---@return integer|string status its exit status, or what went wrong
function shell.run(command)
  local pipe, problem = io.popen(command .. "\necho \"exit:$?\"", "r")
  if not pipe then
    return nil, problem
  end
  local printed = pipe:read "*a" or ""
  pipe:close()
  local output, status = printed:match "^(.*)exit:(%d+)\n$"
  if not output then
    return nil, "the shell could not be run"
  end
  return output, tonumber(status)
end

return shell
