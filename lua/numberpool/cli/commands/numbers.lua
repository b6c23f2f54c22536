--- The numbers of a pool.

local arguments = require "numberpool.cli.arguments"

local COLUMNS = { "number", "country_iso2", "type", "service", "added_on" }

local MOST_BOUGHT = 1000 -- by one command

local FILTER = {
  { "--starts-with", "numbers that begin with one of these, at most 10; needs --country", value = "DIGITS,..." },
  { "--type", "numbers of this type alone", value = "TYPE", choices = { "fixed", "mobile", "tollfree" } },
  { "--service", "numbers of this service alone", value = "NAME", choices = arguments.SERVICES },
  { "--country", "numbers of this country alone, as US", value = "ISO2" },
}

local function filter_of(args)
  return { starts_with = args.starts_with, type = args.type, service = args.service, country_iso2 = args.country }
end

local list = {
  name = "list",
  summary = "print the numbers of the pool",
  examples = {
    { "numberpool numbers list --country US --starts-with 1512,1737", "" },
    { "numberpool numbers list -o csv --fields number,service >numbers.csv", "" },
  },
  options = FILTER,
  needs = "pool",
  run = function(context, args)
    context.output:entries(context.must(context.pool:numbers(filter_of(args))), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up numbers in the pool",
  examples = {
    { "numberpool numbers find +15125550100", "" },
    { "numberpool numbers find --file numbers.txt --fields number,service", "" },
  },
  arguments = { arguments.targets "number" },
  options = {
    { "--service", "only if it has this service", value = "NAME", choices = arguments.SERVICES },
    arguments.FILE,
  },
  needs = "pool",
  run = function(context, args)
    return require "numberpool.cli.many".find_named(context, args, { name = "number", noun = "number",
      method = "find_number", options = { service = args.service }, columns = COLUMNS })
  end,
}

local count = {
  name = "count",
  summary = "print how many numbers the pool has",
  examples = { { "numberpool numbers count --country US --type mobile", "" } },
  options = FILTER,
  needs = "pool",
  run = function(context, args)
    context.output:value(context.must(context.pool:count_numbers(filter_of(args))))
  end,
}

local add = {
  name = "add",
  summary = "add numbers of the account to the pool",
  description = "Adds numbers that the account has rented to the pool. A number that is there already stays there.",
  examples = {
    { "numberpool numbers add +15125550100 \"+1 (512) 555-0101\" --service mms", "" },
    { "numberpool numbers add - <numbers.txt", "one a line; empty lines and those that begin with # are left out" },
  },
  arguments = { arguments.targets "number" },
  options = {
    { "--service", "what they are used for", value = "NAME", choices = arguments.SERVICES },
    arguments.FILE,
    arguments.STOP,
  },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.many".change_named(context, args, { name = "number", noun = "number",
      method = "add_number", bulk = "add_numbers", options = { service = args.service }, done = "added",
      columns = COLUMNS })
  end,
}

local remove = {
  name = "remove",
  summary = "remove numbers from the pool",
  description = "Removes numbers from the pool; the account keeps them unless --unrent is given. It asks first on a"
    .. " terminal, and needs --yes elsewhere.",
  examples = {
    { "numberpool numbers remove +15125550100", "" },
    { "numberpool numbers remove --file old.txt --yes --unrent", "gives them up for good, without asking" },
  },
  arguments = { arguments.targets "number" },
  options = { arguments.UNRENT, arguments.FILE, arguments.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.removal".run(context, args, { name = "number", noun = "number",
      method = "remove_number", bulk = "remove_numbers", done = "removed", columns = { "number", "response" } })
  end,
}

local buy = {
  name = "buy",
  summary = "rent numbers and add them to the pool",
  description = "Rents the numbers that are named, or as many as --count says of those that a search finds, and adds"
    .. " them to the pool. This costs money. A number that was asked for and never heard of is looked up before"
    .. " another one is bought.",
  examples = {
    { "numberpool numbers buy --country US --region Texas --service sms", "" },
    { "numberpool numbers buy +15125550100", "" },
  },
  arguments = { arguments.targets "number" },
  options = {
    { "--country", "search in this country, as US", value = "ISO2" },
    { "--type", "search for this type", value = "TYPE", choices = arguments.SEARCH_TYPES },
    { "--pattern", "search for numbers with these digits", value = "DIGITS" },
    { "--region", "search in this region or city", value = "NAME" },
    { "--service", "what they are used for", value = "NAME", choices = arguments.SERVICES },
    { "--count", "how many of those that the search finds", value = "N",
      convert = arguments.whole("--count", 1, MOST_BOUGHT) },
    arguments.FILE,
  },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.purchase".run(context, args, COLUMNS)
  end,
}

local where_command = {
  name = "where",
  summary = "find out which of the account's pools have numbers",
  description = "Looks for the numbers in the pool of each powerpack of the account, toll-free numbers among the"
    .. " toll-free numbers too. Prints each place that has one; the exit code is 4 where no pool has any of them, and 5"
    .. " where some are in none.",
  examples = { { "numberpool numbers where +15125550100 --fields powerpack,name", "" } },
  arguments = { arguments.targets "number" },
  options = { arguments.FILE },
  needs = "client",
  run = function(context, args)
    return require "numberpool.cli.where".run(context, args)
  end,
}

return {
  name = "numbers",
  summary = "list, find, count, add, remove and buy the numbers of a pool",
  commands = { list, find, count, add, remove, buy, where_command },
}
