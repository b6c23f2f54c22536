-- Checks errors of the programmer: their message must name the line that made the mistake.

--- Calls fn(...), which must raise a string that begins with the place of a call within fn. Returns the string without
--- that place.
---@param fn function
---@return string
return function(fn, ...)
  local ok, message = pcall(fn, ...)
  if ok then
    error("expected an error to be raised, got none", 2)
  elseif type(message) ~= "string" then
    error("expected a message, got " .. tostring(message), 2)
  end
  local place = debug.getinfo(fn, "S")
  local file, line, text = message:match "^(.-):(%d+): (.*)$"
  line = tonumber(line)
  local is_at_caller = file == place.short_src and line >= place.linedefined and line <= place.lastlinedefined
  if not is_at_caller then
    error(("expected the place of the caller, %s:%d to %d, got: %s"):format(
      place.short_src, place.linedefined, place.lastlinedefined, message), 2)
  end
  return text
end
