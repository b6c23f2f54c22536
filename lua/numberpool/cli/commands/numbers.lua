--- The numbers of a pool.

local program = require "numberpool.report.program"

local COLUMNS = { "number", "country_iso2", "type", "service", "added_on" }

local SERVICE = { "--service", "numbers of this service alone", value = "NAME", choices = { "sms", "mms" } }

local FILTER = {
  { "--starts-with", "numbers that begin with one of these, at most 10; needs --country", value = "DIGITS,..." },
  { "--type", "numbers of this type alone", value = "TYPE", choices = { "fixed", "mobile", "tollfree" } },
  SERVICE,
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
  options = { FILTER[1], FILTER[2], FILTER[3], FILTER[4] },
  needs = "pool",
  run = function(context, args)
    context.output:entries(program.must(context.pool:numbers(filter_of(args))), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up numbers in the pool",
  examples = { { "numberpool numbers find +15125550100", "" } },
  arguments = { { "number", "a number with its country code", count = "+" } },
  options = { SERVICE },
  needs = "pool",
  run = function(context, args)
    for _, number in ipairs(args.number) do
      context.output:entry(program.must(context.pool:find_number(number, { service = args.service })), COLUMNS)
    end
  end,
}

local count = {
  name = "count",
  summary = "print how many numbers the pool has",
  examples = { { "numberpool numbers count --country US --type mobile", "" } },
  options = FILTER,
  needs = "pool",
  run = function(context, args)
    context.output:value(program.must(context.pool:count_numbers(filter_of(args))))
  end,
}

return {
  name = "numbers",
  summary = "list, find, count, add, remove and buy the numbers of a pool",
  commands = { list, find, count },
}
