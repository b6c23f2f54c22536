--- What there is to change so that the pool is as a file says.

local arguments = require "numberpool.cli.arguments"
local pool_files = require "numberpool.cli.pool_files"

local options = pool_files.with_options {
  { "--prune", "also remove what is in the pool and not in the file, of the lists that the file has" },
  arguments.UNRENT,
  { "--max-removals", "refuse to apply a plan that removes more; default: 10, or 30 % of what is there", value = "N",
    convert = arguments.whole("--max-removals", 0, 2 ^ 31 - 1) },
  { "--allow-empty", "with --prune, take a file without numbers for a pool that is to be emptied" },
  { "--detailed-exitcode", "exit with 6 where there is something to do" },
  { "--out", "also save the plan to this file, for apply", value = "FILE" },
}
return {
  name = "plan",
  summary = "show what there is to change so that the pool is as a file says",
  description = "Compares the pool with a file and prints what there is to add (+), remove (-) and replace (~),"
    .. " and what the API can't do (!). Changes nothing. A number without a service in the file may have"
    .. " any. Lists that the file doesn't have, as tollfree, are left alone.\n" .. pool_files.DESCRIPTION,
  examples = {
    { "numberpool plan pool.csv --prune", "" },
    { "numberpool plan pool.csv --prune --detailed-exitcode --quiet || echo \"the pool has drifted\"", "" },
    { "numberpool plan pool.csv --out pool.plan && numberpool apply pool.plan", "carries out what was shown" },
  },
  arguments = { { "file", "a file of numbers; - is standard input", count = "1" } },
  options = options,
  needs = "client",
  run = function(context, args)
    return require "numberpool.cli.planning".plan(context, args)
  end,
}
