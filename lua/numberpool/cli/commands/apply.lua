--- Makes the pool what a file says, or carries out a saved plan.

local arguments = require "numberpool.cli.arguments"
local pool_files = require "numberpool.cli.pool_files"

local options = pool_files.with_options {
  { "--prune", "also remove what is in the pool and not in the file, of the lists that the file has" },
  arguments.UNRENT,
  { "--max-removals", "refuse to remove more; default: 10, or 30 % of what is there", value = "N",
    convert = arguments.whole("--max-removals", 0, 2 ^ 31 - 1) },
  { "--force", "remove however many the plan says" },
  { "--allow-empty", "with --prune, take a file without numbers for a pool that is to be emptied" },
  arguments.STOP,
  { "--concurrency", "changes in flight", value = "N", convert = arguments.whole("--concurrency", 1, 1000) },
}
return {
  name = "apply",
  summary = "make the pool what a file says, or carry out a saved plan",
  description = "Shows the plan and carries it out. It asks first on a terminal; elsewhere it needs --yes where"
    .. " something is removed or replaced. Run again after any interruption it does the rest, and nothing"
    .. " twice. Of a saved plan, which knows --prune and --unrent already, each entry is looked at right"
    .. " before it is changed: one that is no longer as the plan saw it is left alone.\n" .. pool_files.DESCRIPTION,
  examples = {
    { "numberpool apply pool.csv --prune --yes", "" },
    { "numberpool apply pool.plan", "a plan that `plan --out` has saved" },
  },
  arguments = { { "file", "a file of numbers or a saved plan; - is standard input", count = "1" } },
  options = options,
  changes = true,
  needs = "client",
  run = function(context, args)
    return require "numberpool.cli.planning".apply(context, args)
  end,
}
