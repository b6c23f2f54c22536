--- The toll-free numbers of a pool.

local many = require "numberpool.cli.many"
local program = require "numberpool.report.program"
local removal = require "numberpool.cli.removal"
local targets = require "numberpool.cli.targets"

local COLUMNS = { "number", "country_iso2", "added_on" }

local list = {
  name = "list",
  summary = "print the toll-free numbers of the pool",
  examples = { { "numberpool tollfree list", "" } },
  needs = "pool",
  run = function(context)
    context.output:entries(program.must(context.pool:tollfree()), COLUMNS)
  end,
}

local find = {
  name = "find",
  summary = "look up toll-free numbers in the pool",
  examples = { { "numberpool tollfree find +18005550100", "" } },
  arguments = { targets.argument "number" },
  options = targets.OPTIONS,
  needs = "pool",
  run = function(context, args)
    local wanted, pool = targets.read(args.number, args, "number"), context.pool
    targets.check(context.client, wanted, pool.find_tollfree, pool)
    return many.find(context, wanted, function(number)
      return pool:find_tollfree(number)
    end, { done = "found", columns = COLUMNS })
  end,
}

local add = {
  name = "add",
  summary = "add toll-free numbers of the account to the pool",
  examples = { { "numberpool tollfree add +18005550100", "" } },
  arguments = { targets.argument "number" },
  options = { targets.OPTIONS[1], removal.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    local wanted = targets.read(args.number, args, "number")
    targets.check(context.client, wanted, context.pool.add_tollfree, context.pool)
    return many.change(context, wanted, "add_tollfrees", nil, { name = "number", done = "added", columns = COLUMNS })
  end,
}

local remove = {
  name = "remove",
  summary = "remove toll-free numbers from the pool",
  description = "Removes toll-free numbers from the pool; the account keeps them unless --unrent is given. It asks"
    .. " first on a terminal, and needs --yes elsewhere.",
  examples = { { "numberpool tollfree remove +18005550100 --yes", "" } },
  arguments = { targets.argument "number" },
  options = { removal.UNRENT, targets.OPTIONS[1], removal.STOP },
  needs = "pool",
  changes = true,
  run = function(context, args)
    return removal.run(context, args, { noun = "toll-free number", name = "number", method = "remove_tollfree",
      bulk = "remove_tollfrees", done = "removed", columns = { "number", "response" } })
  end,
}

return {
  name = "tollfree",
  summary = "list, find, add and remove the toll-free numbers of a pool",
  commands = { list, find, add, remove },
}
