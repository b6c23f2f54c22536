--- The manual page, made from the tables of the commands.
-- @module numberpool.cli.man

local exit = require "numberpool.cli.exit"
local help = require "numberpool.cli.help"
local options = require "numberpool.cli.options"
local tree = require "numberpool.cli.tree"

local man = {}

-- Text as roff takes it: no character of it is a command, and hyphens are those that one types.
local function escape(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"):gsub("…", "..."))
end

local function bold(text)
  return "\\fB" .. escape(text) .. "\\fR"
end

local function italic(text)
  return "\\fI" .. escape(text) .. "\\fR"
end

local function add(lines, ...)
  for _, line in ipairs { ... } do
    lines[#lines + 1] = line
  end
end

local function add_options(lines, list)
  for _, option in ipairs(list) do
    local names = {}
    for i, name in ipairs(options.names(option)) do
      names[i] = bold(name)
    end
    add(lines, ".TP", table.concat(names, ", ") .. (option.value and " " .. italic(option.value) or ""),
      escape(help.summary_of(option)))
  end
end

local function add_examples(lines, examples)
  for _, example in ipairs(examples or {}) do
    add(lines, ".PP", ".EX", escape("    " .. example[1]), ".EE")
    if example[2] and example[2] ~= "" then
      add(lines, ".RS 4", escape(example[2]), ".RE")
    end
  end
end

local function sentence(summary)
  return (summary:gsub("^%l", string.upper)) .. "."
end

local function add_command(lines, place)
  local command = place.command
  local words = help.usage(place.path, command):gsub("^numberpool ", "")
  add(lines, ".SS " .. escape(words))
  add(lines, escape(command.description or sentence(command.summary)))
  for _, argument in ipairs(command.arguments or {}) do
    add(lines, ".TP", italic(argument[1]:upper()), escape(help.summary_of(argument)))
  end
  add_options(lines, options.of(command))
  add_examples(lines, command.examples)
end

local ENVIRONMENT = {
  { "PLIVO_AUTH_ID, PLIVO_AUTH_TOKEN", "the account" },
  { "NUMBERPOOL_BASE_URL", "where the API is; default: https://api.plivo.com" },
  { "NUMBERPOOL_CA_FILE", "a file of certificate authorities, trusted instead of the system's" },
  { "NUMBERPOOL_POOL, NUMBERPOOL_POWERPACK", "the pool, where no option names one" },
  { "XDG_CONFIG_HOME", "where the profile file is: numberpool/config.lua in it; default: ~/.config" },
  { "NO_COLOR", "no colours" },
  { "COLUMNS", "the width of tables" },
}

local function add_list(lines, title, rows)
  add(lines, ".SH " .. title)
  for _, row in ipairs(rows) do
    add(lines, ".TP", bold(tostring(row[1])), escape(row[2]))
  end
end

--- The page, for man(7).
---@return string
function man.page()
  local lines = {
    ('.TH NUMBERPOOL 1 "" "numberpool %s" "User Commands"'):format(escape(require "numberpool.version")),
    ".SH NAME", "numberpool \\- number pools of Plivo from the command line",
    ".SH SYNOPSIS", bold "numberpool" .. " " .. italic "COMMAND" .. " [" .. italic "OPTIONS" .. "]",
    ".SH DESCRIPTION", escape(help.DESCRIPTION),
    ".PP", escape "On a terminal it writes tables, elsewhere JSON lines: the fields are the API's, as they came.",
    ".SH COMMANDS",
  }
  for _, place in ipairs(tree.places()) do
    if place.command and not place.command.commands then
      add_command(lines, place)
    end
  end
  add(lines, ".SH OPTIONS", "All commands take these, before their name or after it.")
  add_options(lines, options.GLOBAL)
  add(lines, ".PP", "Commands that change something take these too.")
  add_options(lines, options.OF_CHANGES)
  add(lines, ".SH ACCOUNT", escape(help.CREDENTIALS))
  add_list(lines, "ENVIRONMENT", ENVIRONMENT)
  add_list(lines, "EXIT STATUS", exit.LIST)
  return table.concat(lines, "\n") .. "\n"
end

return man
