--- Buying numbers: those that are named, or what a search offers.
-- @module numberpool.cli.purchase

local exit = require "numberpool.cli.exit"
local many = require "numberpool.cli.many"
local rehearsal = require "numberpool.client.rehearsal"
local targets = require "numberpool.cli.targets"

local purchase = {}

-- Fewer at a time than elsewhere: each searches, and goes past what others have claimed.
local CONCURRENCY = 4

local SEARCHES = { "country", "type", "pattern", "region", "count" }

local function search_of(args)
  return { country_iso2 = args.country, type = args.type, pattern = args.pattern, region = args.region,
    service = args.service }
end

-- A place for each number that is to be bought, for messages.
local function places(count)
  local list = {}
  for i = 1, count do
    list[i] = { text = "number " .. i, place = ("number %d of %d"):format(i, count) }
  end
  return list
end

local function refuse_search(args)
  for _, name in ipairs(SEARCHES) do
    if args[name] then
      exit.raise(("--%s: expected none beside numbers"):format(name))
    end
  end
end

--- Buys what the arguments say.
---@param context numberpool.cli.Context
---@param args table
---@param columns string[]
---@return integer exit code
function purchase.run(context, args, columns)
  local pool = context.pool
  local words = { name = "number", done = "bought", columns = columns, concurrency = CONCURRENCY }
  if #args.number > 0 or args.file then
    refuse_search(args)
    local list = targets.read(args.number, args, "number")
    targets.check(context.client, list, pool.add_number, pool, { service = args.service })
    return many.each(context, list, function(number)
      return pool:buy_number { number = number, service = args.service }
    end, words)
  elseif not args.country then
    exit.raise "which number? Give some as arguments, or --country to buy what a search finds"
  end
  local wrong = rehearsal.wrong(context.client, context.client.search_numbers, context.client,
    { country_iso2 = args.country, type = args.type, pattern = args.pattern, region = args.region })
  if wrong then
    exit.raise(wrong)
  end
  return many.each(context, places(args.count or 1), function()
    return pool:buy_number(search_of(args))
  end, words)
end

return purchase
