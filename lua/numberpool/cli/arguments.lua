--- Arguments and options that several commands take.
-- @module numberpool.cli.arguments

local arguments = {}

arguments.SERVICES = { "sms", "mms" }

--- What a search for numbers that can be rented takes.
arguments.SEARCH_TYPES = { "fixed", "mobile", "tollfree", "local", "national" }

--- Numbers or shortcodes, as `numberpool.cli.targets` reads them.
---@param name string as "number"
---@return table
function arguments.targets(name)
  return { name, ("a %s; - for those on standard input, @FILE for those in a file: one a line, or as `list` does")
    :format(name), count = "*" }
end

--- The file that they may be in.
arguments.FILE = { "--file", "also those in this file, one a line; - is standard input", value = "FILE" }

--- The option that gives numbers up.
arguments.UNRENT = { "--unrent", "also give the numbers up: the account loses them for good" }

--- The option that ends a job early.
arguments.STOP = { "--stop-on-error", "begin no more after one has failed" }

--- Makes the `convert` of an option whose value is a whole number.
---@param name string
---@param least integer
---@param most integer
---@return fun(value: string): integer?, string?
function arguments.whole(name, least, most)
  return function(value)
    local number = value:find "^%d+$" and tonumber(value)
    if number and number >= least and number <= most then
      return number
    end
    return nil, ("%s: expected %d to %d, got %s"):format(name, least, most, value)
  end
end

--- Makes the `convert` of an option or an argument that is one of several words.
---@param name string
---@param choices string[]
---@return fun(value: string): string?, string?
function arguments.one_of(name, choices)
  return function(value)
    for _, choice in ipairs(choices) do
      if value == choice then
        return value
      end
    end
    local expected = table.concat(choices, ", "):gsub(", ([^,]*)$", " or %1")
    return nil, ("%s: expected %s, got %s"):format(name, expected, value)
  end
end

--- The words of a value as `a,b`; nil where it isn't given.
---@param value string?
---@return string[]?
function arguments.list(value)
  local list
  for word in (value or ""):gmatch "[^,%s]+" do
    list = list or {}
    list[#list + 1] = word
  end
  return list
end

return arguments
