--- The options that every command takes, before its name or after it.
-- @module numberpool.cli.options

local output = { "table", "json", "jsonl", "csv", "tsv", "lua" } -- not all are taken by every command

local options = {}

--- For all commands.
options.GLOBAL = {
  { "--pool", "the number pool; default: NUMBERPOOL_POOL", value = "UUID" },
  { "--powerpack", "the powerpack whose pool it is; default: NUMBERPOOL_POWERPACK", value = "UUID" },
  { "--profile", "take account and pool from this entry of the profile file", value = "NAME" },
  { "-o --output", "how to write what is found; default: table on a terminal, jsonl elsewhere", value = "FORMAT",
    choices = output },
  { "--fields", "write these fields alone, in this order", value = "A,B" },
  { "-q --quiet", "no progress and no messages but errors" },
  { "-v --verbose", "a line on standard error for each request and answer" },
  { "--sandbox", "run against a throwaway sandbox with a pool of 45 numbers" },
  { "-h --help", "print what a command does, and exit" },
}

--- Beside them, for commands that change something.
options.OF_CHANGES = {
  { "--dry-run", "print the requests that would change something, and send none of them" },
  { "-y --yes", "do it without asking" },
}

--- The names of an option: `{ "-o", "--output" }`.
---@param option table
---@return string[]
function options.names(option)
  local names = {}
  for name in option[1]:gmatch "%S+" do
    names[#names + 1] = name
  end
  return names
end

--- All options of a command, but for the global ones.
---@param command table
---@return table[]
function options.of(command)
  local all = {}
  for _, list in ipairs { command.options or {}, command.changes and options.OF_CHANGES or {} } do
    for _, option in ipairs(list) do
      all[#all + 1] = option
    end
  end
  return all
end

return options
