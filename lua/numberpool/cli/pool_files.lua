--- Files of numbers as commands take them: their options, and what is wrong with a number.
-- @module numberpool.cli.pool_files

local exit = require "numberpool.cli.exit"
local text = require "numberpool.cli.text"

local pool_files = {}

local FORMATS = { "csv", "json", "jsonl", "lua" }

local LONGEST_LINE = 300 -- bytes of a message

local function read_code(value)
  local code, message = require "numberpool.files.numbers".calling_code(value)
  return code, message or nil
end

local OPTIONS = {
  { "--default-calling-code", "the country code of numbers that have none, as 1; without it they are refused",
    value = "DIGITS", convert = read_code },
  { "--format", "how the file is written; default: as its name ends, else as it looks", value = "FORMAT",
    choices = FORMATS },
}

--- The options of a command that reads a file of numbers: its own, then those of files.
---@param own table[]
---@return table[] the same
function pool_files.with_options(own)
  for _, option in ipairs(OPTIONS) do
    own[#own + 1] = option
  end
  return own
end

--- What a file may be, for descriptions.
pool_files.DESCRIPTION = "A file is CSV (with columns number, service, list and type; or numbers alone, one a line),"
  .. " JSON or JSON lines (entries with these fields, or lists named numbers, tollfree and shortcodes), or a Lua file"
  .. " that returns such a table; - is standard input. One mistake in it, and nothing is done: each is named with its"
  .. " line."

-- By list, the operation that takes its numbers. The API can't add shortcodes.
local METHODS = { numbers = "add_number", tollfree = "add_tollfree", shortcodes = "find_shortcode" }

--- The options that a reader of files takes, with the client's own check of numbers. Nothing is sent.
---@param context numberpool.cli.Context
---@return numberpool.files.ReadOptions
function pool_files.read_options(context)
  local rehearsal = require "numberpool.client.rehearsal"
  local client = context.client
  local pool = client:pool "check" -- its uuid isn't used
  return {
    calling_code = context.args.default_calling_code,
    format = context.args.format,
    check = function(list, number)
      return nil, rehearsal.wrong(client, pool[METHODS[list]], pool, number)
    end,
  }
end

--- Raises what is wrong with files: a line for each mistake.
---@param lines string
function pool_files.refuse(lines)
  local shown = {}
  for line in (lines .. "\n"):gmatch "(.-)\n" do
    shown[#shown + 1] = text.one_line(line:sub(1, LONGEST_LINE))
  end
  exit.raise(table.concat(shown, "\n") .. "\nnothing was sent")
end

return pool_files
