--- What `--help` prints, made from the tables of the commands.
-- @module numberpool.cli.help

local commands = require "numberpool.cli.commands"
local exit = require "numberpool.cli.exit"
local options = require "numberpool.cli.options"
local text = require "numberpool.cli.text"

local help = {}

local MOST_COLUMNS = 100
local INDENT = "  "
local MOST_OF_A_NAME = 24 -- columns of what is explained
local LEAST_OF_A_TEXT = 20 -- columns of an explanation beside it; with fewer it stands below
local INDENT_BELOW = 6

help.DESCRIPTION = "Phone numbers, toll-free numbers and shortcodes of Plivo's number pools, from a terminal, a cron"
  .. " job or a pipeline."

help.CREDENTIALS = "The account is PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN in the environment, or an entry of the profile"
  .. " file, $XDG_CONFIG_HOME/numberpool/config.lua (default: ~/.config): return { default = { auth_id = \"…\","
  .. " auth_token = \"…\", pool = \"…\" }, other = { … } }. The file must be yours and readable by you alone."
  .. " NUMBERPOOL_BASE_URL names another server than Plivo's, NUMBERPOOL_CA_FILE its certificate authorities."

--- An argument as a usage line has it.
---@param argument table
---@return string
function help.argument(argument)
  local name, count = argument[1]:upper(), argument.count
  if count == "?" then
    return "[" .. name .. "]"
  elseif count == "*" then
    return "[" .. name .. "...]"
  end
  return count == "+" and name .. "..." or name
end

--- An option as a list of options has it.
---@param option table
---@return string
function help.option(option)
  return table.concat(options.names(option), ", ") .. (option.value and " " .. option.value or "")
end

--- What an option is for, with its choices and default.
---@param option table
---@return string
function help.summary_of(option)
  local summary = option[2]
  if option.choices then
    summary = summary .. ": " .. table.concat(option.choices, ", ")
  end
  if option.default ~= nil then
    summary = summary .. (" (default: %s)"):format(tostring(option.default))
  end
  return summary
end

--- How a command is called.
---@param path string[]
---@param command table?
---@return string
function help.usage(path, command)
  local words = { "numberpool", table.concat(path, " ") ~= "" and table.concat(path, " ") or nil }
  if not command or command.commands then
    words[#words + 1] = "COMMAND"
  end
  words[#words + 1] = "[OPTIONS]"
  for _, argument in ipairs(command and command.arguments or {}) do
    words[#words + 1] = help.argument(argument)
  end
  return table.concat(words, " ")
end

local function add(lines, ...)
  for _, line in ipairs { ... } do
    lines[#lines + 1] = line
  end
end

local function add_paragraph(lines, value, columns, indent)
  for _, line in ipairs(text.wrap(value, columns - #(indent or ""))) do
    add(lines, (indent or "") .. line)
  end
end

-- Names and what they mean in two columns.
local function add_list(lines, title, rows, columns)
  if #rows == 0 then
    return
  end
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, math.min(text.width(row[1]), MOST_OF_A_NAME))
  end
  add(lines, "", title)
  local left = #INDENT + width + 2
  if columns - left < LEAST_OF_A_TEXT then
    width, left = INDENT_BELOW - #INDENT - 2, INDENT_BELOW
  end
  for _, row in ipairs(rows) do
    local is_narrow = text.width(row[1]) <= width
    local first = INDENT .. row[1]
    if not is_narrow then
      add(lines, first)
    end
    for i, line in ipairs(text.wrap(row[2], columns - left)) do
      add(lines, (is_narrow and i == 1 and text.pad(first, left) or (" "):rep(left)) .. line)
    end
  end
end

local function rows_of_commands(list)
  local rows = {}
  for i, command in ipairs(list) do
    rows[i] = { command.name, command.summary }
  end
  return rows
end

local function rows_of_options(list)
  local rows = {}
  for i, option in ipairs(list) do
    rows[i] = { help.option(option), help.summary_of(option) }
  end
  return rows
end

local function rows_of_arguments(list)
  local rows = {}
  for i, argument in ipairs(list or {}) do
    rows[i] = { argument[1]:upper(), help.summary_of(argument) }
  end
  return rows
end

local function rows_of_codes()
  local rows = {}
  for i, code in ipairs(exit.LIST) do
    rows[i] = { tostring(code[1]), code[2] }
  end
  return rows
end

local function add_examples(lines, examples, columns)
  for i, example in ipairs(examples or {}) do
    if i == 1 then
      add(lines, "", "Examples")
    end
    add(lines, INDENT .. example[1])
    if example[2] and example[2] ~= "" then
      add_paragraph(lines, example[2], columns, INDENT .. INDENT .. INDENT)
    end
  end
end

--- The commands below a command, or below the program.
---@param command table?
---@param columns integer? of the terminal
---@return string
function help.below(command, columns)
  local lines = {}
  local below = command and command.commands or not command and commands.all() or {}
  add_list(lines, "Commands", rows_of_commands(below), math.min(columns or MOST_COLUMNS, MOST_COLUMNS))
  return table.concat(lines, "\n")
end

local EXAMPLES = {
  { "numberpool numbers list --country US", "the pool's numbers of one country" },
  { "numberpool --sandbox numbers list", "the same in a sandbox, without an account" },
}

--- The text for a command, or for the program.
---@param path string[] names of commands
---@param command table? the last of them
---@param columns integer? of the terminal
---@return string
function help.of(path, command, columns)
  columns = math.min(columns or MOST_COLUMNS, MOST_COLUMNS)
  local lines = { "Usage: " .. help.usage(path, command), "" }
  local summary = command and command.summary:gsub("^%l", string.upper) .. "."
  add_paragraph(lines, command and (command.description or summary) or help.DESCRIPTION, columns)
  local below = command and command.commands or not command and commands.all()
  add_list(lines, "Commands", rows_of_commands(below or {}), columns)
  add_list(lines, "Arguments", rows_of_arguments(command and command.arguments), columns)
  add_list(lines, "Options", rows_of_options(command and options.of(command) or {}), columns)
  add_list(lines, "Options of all commands", rows_of_options(options.GLOBAL), columns)
  add_examples(lines, not command and EXAMPLES or command.examples, columns)
  add_list(lines, "Exit codes", rows_of_codes(), columns)
  if not command then
    add(lines, "", "Account")
    add_paragraph(lines, help.CREDENTIALS, columns, INDENT)
  end
  return table.concat(lines, "\n") .. "\n"
end

return help
