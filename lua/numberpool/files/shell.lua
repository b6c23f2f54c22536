--- Words for the shell.
-- @module numberpool.files.shell

local shell = {}

--- A word in quotes, which the shell reads as it is.
---@param word string
---@return string
function shell.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

return shell
