--- Reads the words of a command line, by the tables of the commands.
-- @module numberpool.cli.parser

local arguments = require "numberpool.cli.arguments"
local commands = require "numberpool.cli.commands"
local exit = require "numberpool.cli.exit"
local options = require "numberpool.cli.options"

local parser = {}

local function load_argparse()
  local ok, argparse = pcall(require, "argparse")
  if ok then
    return argparse
  end
  return nil, "the Lua module argparse is missing: install Debian's lua-argparse, or `luarocks install argparse`"
end

local function add_option(to, option)
  local made = to:option(option[1])
  if option.value then
    made:args(1):argname(option.value)
  else
    made:args(0)
    made:action "store_true"
  end
  if option.choices then
    local names = options.names(option)
    made:convert(arguments.one_of(names[#names], option.choices))
  end
  if option.default ~= nil then
    made:default(option.default)
  end
  if option.convert then
    made:convert(option.convert)
  end
  if option.many then
    made:count "*"
  end
end

-- Fills a parser with what a command takes, and below it with what the chosen commands take. Others have their name
-- alone, for suggestions.
local function fill(to, command, path, depth)
  for _, option in ipairs(options.of(command)) do
    add_option(to, option)
  end
  for _, argument in ipairs(command.arguments or {}) do
    local made = to:argument(argument[1])
    made:args(argument.count or "1")
    if argument.choices then
      made:convert(arguments.one_of(argument[1], argument.choices))
    end
  end
  if command.commands then
    to:require_command(true)
    for _, below in ipairs(command.commands) do
      local made = to:command(below.name):target "command":add_help(false)
      if below.name == path[depth] then
        fill(made, below, path, depth + 1)
      end
    end
  end
end

--- Reads the words.
---@param words string[]
---@param path string[] the names of the commands that are in them, as `parser.route` finds them
---@return table? args by name
---@return string? message what is wrong with them; raised where argparse is missing
function parser.parse(words, path)
  local argparse, missing = load_argparse()
  if not argparse then
    exit.raise(missing, exit.FAILED)
  end
  local root = argparse "numberpool":add_help(false)
  for _, option in ipairs(options.GLOBAL) do
    add_option(root, option)
  end
  for _, name in ipairs(commands.NAMES) do
    local made = root:command(name):target "command":add_help(false)
    if name == path[1] then
      fill(made, commands.load(name), path, 2)
    end
  end
  local ok, args = root:pparse(words)
  if ok then
    return args
  end
  return nil, args
end

-- By name, whether an option takes a value.
local function takes_value(list, known)
  for _, option in ipairs(list) do
    for _, name in ipairs(options.names(option)) do
      known[name] = option.value ~= nil
    end
  end
  return known
end

local function find(list, name)
  for _, command in ipairs(list) do
    if command.name == name then
      return command
    end
  end
  return nil
end

-- Whether the word after an option is its value. Of short ones in a row the first that takes a value has it.
local function wants_next(word, known)
  if word:find "^%-%-" then
    return known[word] or false
  end
  for i = 2, #word do
    if known["-" .. word:sub(i, i)] then
      return i == #word
    end
  end
  return false
end

-- The words that may be commands, and whether help is wanted. What an option's value is depends on the command before.
local function each_plain_word(words, known, call)
  local i, is_over, wants_help = 1, false, false
  while words[i] do
    local word = words[i]
    if is_over or not word:find "^%-." then
      call(word)
    elseif word == "--" then
      is_over = true
    elseif word == "--help" or word == "-h" then
      wants_help = true
    elseif wants_next(word, known) then
      i = i + 1
    end
    i = i + 1
  end
  return wants_help
end

--- Finds the command that the words name, without reading them all.
---@param words string[]
---@return string[] path names of commands
---@return table? command the last one; nil where there is none
---@return boolean wants_help
function parser.route(words)
  local path, command, is_found = {}, nil, true
  local known = takes_value(options.GLOBAL, {})
  local wants_help = each_plain_word(words, known, function(word)
    if not is_found or command and not command.commands then
      return
    end
    local found
    if command then
      found = find(command.commands, word)
    else
      found = commands.load(word)
    end
    is_found = found ~= nil
    if found then
      path[#path + 1], command = word, found
      takes_value(options.of(found), known)
    end
  end)
  return path, command, wants_help
end

return parser
