--- The numbers or shortcodes that a command is about: its arguments, the lines of a file, or those of standard input.
-- @module numberpool.cli.targets

local core = require "numberpool.core"
local exit = require "numberpool.cli.exit"
local rehearsal = require "numberpool.client.rehearsal"
local text = require "numberpool.cli.text"

local targets = {}

local MOST_NAMED = 10 -- of what is malformed

local LONGEST_LINE = 200 -- bytes that are shown of a line

--- One of them.
---@class numberpool.cli.Target
---@field text string as it was given
---@field place string where, for messages

local BYTE_ORDER_MARK = "^\239\187\191"

-- The first line of what other commands write with `--fields number -o csv`.
local IS_HEADER = { number = true, shortcode = true }

-- The number or shortcode of a line: the line itself, or a field of it where it is JSON, as other commands write it.
local function target_of(line)
  local entry = line:sub(1, 1) == "{" and core.decode(line)
  local found = type(entry) == "table" and (entry.number or entry.shortcode)
  if type(found) == "number" and found % 1 == 0 then
    return ("%.0f"):format(found)
  end
  return type(found) == "string" and found or line
end

-- Adds each line of a file, but for empty ones, comments and a header.
local function add_lines(list, file, name)
  local count = 0
  while true do
    local line, message = file:read "*l"
    if not line then
      if message then -- a folder, or a disk that fails
        exit.raise(name .. ": " .. message)
      end
      return
    end
    count = count + 1
    if count == 1 then
      line = line:gsub(BYTE_ORDER_MARK, "")
    end
    line = line:match "^%s*(.-)%s*$"
    if line ~= "" and line:sub(1, 1) ~= "#" and not (count == 1 and IS_HEADER[line]) then
      list[#list + 1] = { text = target_of(line), place = ("%s, line %d"):format(name, count) }
    end
  end
end

local function add_file(list, path)
  if path == "-" then
    return add_lines(list, io.stdin, "standard input")
  end
  local file, message = io.open(path, "rb")
  if not file then
    exit.raise(message)
  end
  local ok, raised = pcall(add_lines, list, file, path)
  file:close()
  if not ok then
    error(raised, 0)
  end
end

--- Reads the arguments, and the files that they name. Raises where a file can't be read, or where there are none.
---@param words string[]
---@param args table
---@param what string as "number"
---@return numberpool.cli.Target[]
function targets.read(words, args, what)
  local list = {}
  for i, word in ipairs(words) do
    if word == "-" or word:find "^@." then
      add_file(list, word:match "^@(.+)" or "-")
    else
      list[#list + 1] = { text = word, place = "argument " .. i }
    end
  end
  if args.file then
    add_file(list, args.file)
  elseif #words == 0 then
    exit.raise(("which %s? Give some as arguments, - for standard input, or --file FILE"):format(what))
  end
  return list
end

--- Raises where something is malformed, with the places of all that is. Nothing is sent.
---@param client numberpool.Client
---@param list numberpool.cli.Target[]
---@param method function that takes one
---@param owner any that has the method
---@param options table? of the method
function targets.check(client, list, method, owner, options)
  local lines, count = {}, 0
  for _, target in ipairs(list) do
    local wrong = rehearsal.wrong(client, method, owner, target.text, options)
    if wrong then
      count = count + 1
      if count <= MOST_NAMED then
        lines[count] = target.place .. ": " .. text.one_line(wrong:sub(1, LONGEST_LINE))
      end
    end
  end
  if count > MOST_NAMED then
    lines[#lines + 1] = ("and %d more"):format(count - MOST_NAMED)
  end
  if count > 0 then
    lines[#lines + 1] = "nothing was sent"
    exit.raise(table.concat(lines, "\n"))
  end
end

--- The texts alone.
---@param list numberpool.cli.Target[]
---@return string[]
function targets.texts(list)
  local texts = {}
  for i, target in ipairs(list) do
    texts[i] = target.text
  end
  return texts
end

return targets
