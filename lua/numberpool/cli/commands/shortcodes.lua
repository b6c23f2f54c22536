--- The shortcodes of a pool. The API can't add any.

local many = require "numberpool.cli.many"
local program = require "numberpool.report.program"
local removal = require "numberpool.cli.removal"
local targets = require "numberpool.cli.targets"

local COLUMNS = { "shortcode", "country_iso2", "added_on" }

local list = {
  name = "list",
  summary = "print the shortcodes of the pool",
  examples = { { "numberpool shortcodes list", "" } },
  needs = "pool",
  run = function(context)
    context.output:entries(program.must(context.pool:shortcodes()), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up shortcodes in the pool",
  examples = { { "numberpool shortcodes find 444444", "" } },
  arguments = { targets.argument "shortcode" },
  options = targets.OPTIONS,
  needs = "pool",
  run = function(context, args)
    local wanted, pool = targets.read(args.shortcode, args, "shortcode"), context.pool
    targets.check(context.client, wanted, pool.find_shortcode, pool)
    return many.find(context, wanted, function(code)
      return pool:find_shortcode(code)
    end, { done = "found", columns = COLUMNS })
  end,
}

local remove = {
  name = "remove",
  summary = "remove shortcodes from the pool",
  description = "Removes shortcodes from the pool. The API can't add them again. It asks first on a terminal, and needs"
    .. " --yes elsewhere.",
  examples = { { "numberpool shortcodes remove 444444 --yes", "" } },
  arguments = { targets.argument "shortcode" },
  options = { targets.OPTIONS[1], removal.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return removal.run(context, args, { noun = "shortcode", name = "shortcode", method = "remove_shortcode",
      bulk = "remove_shortcodes", done = "removed", columns = { "shortcode", "response" } })
  end,
}

return {
  name = "shortcodes",
  summary = "list, find and remove the shortcodes of a pool",
  commands = { list, find, remove },
}
