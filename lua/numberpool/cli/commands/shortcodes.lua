--- The shortcodes of a pool. The API can't add any.

local arguments = require "numberpool.cli.arguments"

local COLUMNS = { "shortcode", "country_iso2", "added_on" }

local list = {
  name = "list",
  summary = "print the shortcodes of the pool",
  examples = { { "numberpool shortcodes list", "" } },
  needs = "pool",
  run = function(context)
    context.output:entries(context.must(context.pool:shortcodes()), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up shortcodes in the pool",
  examples = { { "numberpool shortcodes find 444444", "" } },
  arguments = { arguments.targets "shortcode" },
  options = { arguments.FILE },
  needs = "pool",
  run = function(context, args)
    return require "numberpool.cli.many".find_named(context, args, { name = "shortcode", noun = "shortcode",
      method = "find_shortcode", columns = COLUMNS })
  end,
}

local remove = {
  name = "remove",
  summary = "remove shortcodes from the pool",
  description = "Removes shortcodes from the pool. The API can't add them again. It asks first on a terminal, and needs"
    .. " --yes elsewhere.",
  examples = { { "numberpool shortcodes remove 444444 --yes", "" } },
  arguments = { arguments.targets "shortcode" },
  options = { arguments.FILE, arguments.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.removal".run(context, args, { name = "shortcode", noun = "shortcode",
      method = "remove_shortcode", bulk = "remove_shortcodes", done = "removed",
      columns = { "shortcode", "response" } })
  end,
}

return {
  name = "shortcodes",
  summary = "list, find and remove the shortcodes of a pool",
  commands = { list, find, remove },
}
