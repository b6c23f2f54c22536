--- Numbers that can be rented.

local arguments = require "numberpool.cli.arguments"
local exit = require "numberpool.cli.exit"

local COLUMNS = { "number", "country", "type", "region", "city", "sms_enabled", "mms_enabled", "monthly_rental_rate" }

local PAGE = 20 -- as many as the API gives
local DEFAULT = 20
local MOST = 10000

-- An iterator over what is offered, page by page.
local function offers(context, filter, most)
  local page, index, offset, is_last = {}, 0, 0, false
  return function()
    if index == #page then
      if is_last or offset >= most then
        return nil
      end
      filter.limit, filter.offset = math.min(PAGE, most - offset), offset
      local found = context.must(context.client:search_numbers(filter))
      page, index = found.objects, 0
      offset = offset + #page
      is_last = #page == 0 or found.meta.total_count == offset
    end
    index = index + 1
    return page[index]
  end
end

return {
  name = "search",
  summary = "print numbers that can be rented",
  examples = {
    { "numberpool search --country US --pattern 512 --services sms,mms", "" },
    { "numberpool search --country US --limit 3 --fields number -o tsv", "" },
  },
  options = {
    { "--country", "in this country, as US; it has to be given", value = "ISO2" },
    { "--type", "of this type", value = "TYPE", choices = arguments.SEARCH_TYPES },
    { "--pattern", "with these digits", value = "DIGITS" },
    { "--region", "in this region or city", value = "NAME" },
    { "--services", "with these services, of sms, mms and voice", value = "A,B" },
    { "--limit", "at most so many", value = "N", convert = arguments.whole("--limit", 1, MOST),
      default = DEFAULT },
  },
  needs = "client",
  run = function(context, args)
    if not args.country then
      exit.raise "--country: expected a country to search in, as US"
    end
    local filter = { country_iso2 = args.country, type = args.type, pattern = args.pattern, region = args.region,
      services = args.services }
    context.output:entries(offers(context, filter, tonumber(args.limit)), COLUMNS)
  end,
}
