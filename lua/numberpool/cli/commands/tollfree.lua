--- The toll-free numbers of a pool.

local arguments = require "numberpool.cli.arguments"

local COLUMNS = { "number", "country_iso2", "added_on" }

local list = {
  name = "list",
  summary = "print the toll-free numbers of the pool",
  examples = { { "numberpool tollfree list", "" } },
  needs = "pool",
  run = function(context)
    context.output:entries(context.must(context.pool:tollfree()), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up toll-free numbers in the pool",
  examples = { { "numberpool tollfree find +18005550100", "" } },
  arguments = { arguments.targets "number" },
  options = { arguments.FILE },
  needs = "pool",
  run = function(context, args)
    return require "numberpool.cli.many".find_named(context, args, { name = "number", noun = "toll-free number",
      method = "find_tollfree", columns = COLUMNS })
  end,
}

local add = {
  name = "add",
  summary = "add toll-free numbers of the account to the pool",
  examples = { { "numberpool tollfree add +18005550100", "" } },
  arguments = { arguments.targets "number" },
  options = { arguments.FILE, arguments.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.many".change_named(context, args, { name = "number", noun = "toll-free number",
      method = "add_tollfree", bulk = "add_tollfrees", done = "added", columns = COLUMNS })
  end,
}

local remove = {
  name = "remove",
  summary = "remove toll-free numbers from the pool",
  description = "Removes toll-free numbers from the pool; the account keeps them unless --unrent is given. It asks"
    .. " first on a terminal, and needs --yes elsewhere.",
  examples = { { "numberpool tollfree remove +18005550100 --yes", "" } },
  arguments = { arguments.targets "number" },
  options = { arguments.UNRENT, arguments.FILE, arguments.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return require "numberpool.cli.removal".run(context, args, { name = "number", noun = "toll-free number",
      method = "remove_tollfree", bulk = "remove_tollfrees", done = "removed", columns = { "number", "response" } })
  end,
}

return {
  name = "tollfree",
  summary = "list, find, add and remove the toll-free numbers of a pool",
  commands = { list, find, add, remove },
}
