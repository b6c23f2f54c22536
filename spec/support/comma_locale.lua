-- A locale with a decimal comma, made in a folder that LOCPATH is to name.
local interpreter = require "spec.support.interpreter"

local comma_locale = { NAME = "comma" }

local CATEGORIES = { "LC_CTYPE", "LC_COLLATE", "LC_TIME", "LC_MONETARY", "LC_MESSAGES" }

-- As the C locale but for numbers: a whole language's takes localedef seconds.
local function definition()
  local parts = { 'LC_NUMERIC\ndecimal_point ","\nthousands_sep ""\ngrouping -1\nEND LC_NUMERIC' }
  for _, category in ipairs(CATEGORIES) do
    parts[#parts + 1] = ('%s\ncopy "POSIX"\nEND %s'):format(category, category)
  end
  return table.concat(parts, "\n") .. "\n"
end

--- Makes it.
---@param folder string
---@return boolean done false where localedef isn't installed, or what it reads
function comma_locale.make(folder)
  local source = folder .. "/comma.source"
  local file = assert(io.open(source, "w"))
  file:write(definition())
  file:close()
  interpreter.shell(("localedef -c -i %s -f ANSI_X3.4-1968 %s >/dev/null 2>&1; rm %s"):format(interpreter.quote(source),
    interpreter.quote(folder .. "/" .. comma_locale.NAME), interpreter.quote(source)))
  local made = io.open(folder .. "/" .. comma_locale.NAME .. "/LC_NUMERIC")
  return made ~= nil and made:close()
end

return comma_locale
