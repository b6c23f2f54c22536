--- Removing numbers and shortcodes: the question before it, and how many numbers it costs.
-- @module numberpool.cli.removal

local exit = require "numberpool.cli.exit"
local many = require "numberpool.cli.many"
local targets = require "numberpool.cli.targets"
local text = require "numberpool.report.text"

local removal = {}

-- How many are named, each once, however it is spelled.
local function count_of(list)
  local seen, count = {}, 0
  for _, target in ipairs(list) do
    local digits = target.text:gsub("%D", "")
    count = count + (seen[digits] and 0 or 1)
    seen[digits] = true
  end
  return count
end

--- Removes what the arguments name, once it is confirmed.
---@param context numberpool.cli.Context
---@param args table
---@param words table `noun`, `name`, `method` of one, `bulk` of many; `done`, `columns`
---@return integer exit code
function removal.run(context, args, words)
  local list = targets.read(args[words.name], args, words.noun)
  local options = args.unrent and { unrent = true } or nil
  targets.check(context.client, list, context.pool[words.method], context.pool, options)
  local counted = text.counted(count_of(list), words.noun, words.noun .. "s")
  local question = ("Remove %s from the number pool %s?"):format(counted, context.pool.uuid)
  if args.unrent then
    if args.yes and not context.is_dry then
      context.output:message(counted .. " will be lost for good")
    end
    question = ("Remove %s from the number pool %s and give them up: %s will be lost for good?"):format(
      counted, context.pool.uuid, counted)
  end
  if #list > 0 and not context.confirm(question) then
    context.output:message "nothing was removed"
    return exit.FAILED
  end
  return many.change(context, list, words.bulk, options, words)
end

return removal
