--- The commands, each in a file of its own, which is loaded when it is needed.
-- @module numberpool.cli.commands

local commands = {}

--- In the order of `--help`.
commands.NAMES = {
  "numbers",
  "tollfree",
  "shortcodes",
  "powerpacks",
  "search",
  "import",
  "export",
  "plan",
  "apply",
  "report",
  "sandbox",
  "doctor",
  "completion",
  "man",
  "version",
}

local is_known = {}
for _, name in ipairs(commands.NAMES) do
  is_known[name] = true
end

--- What a command, or one below it, is.
---@class numberpool.cli.Command
---@field name string
---@field summary string a line
---@field description string? more about it
---@field examples string[][]? `{ "numberpool numbers list", "what it does" }`
---@field arguments table[]? `{ name, summary, count = "?|*|+|1", choices = {} }`; `args` has them by name
---@field options table[]? `{ "-x --long-name", summary, value = "NAME", choices = {}, default = …, convert = function,
--- many = true }`; without `value` it is a flag; `args.long_name`
---@field commands numberpool.cli.Command[]? those below it: then it has no `run`
---@field needs "pool"|"client"|nil
---@field formats string[]? the choices of -o, where they are others than for most commands
---@field changes boolean? it changes something: it takes --dry-run and --yes
---@field run (fun(context: numberpool.cli.Context, args: table): integer?)? returns the exit code; nil is 0

--- The table of a command; nil where there is none of that name.
---@param name string
---@return numberpool.cli.Command?
function commands.load(name)
  return is_known[name] and require("numberpool.cli.commands." .. name) or nil
end

--- All of them.
---@return numberpool.cli.Command[]
function commands.all()
  local list = {}
  for i, name in ipairs(commands.NAMES) do
    list[i] = commands.load(name)
  end
  return list
end

return commands
