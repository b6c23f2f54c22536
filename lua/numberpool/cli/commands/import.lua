--- The numbers of files into a pool.

local arguments = require "numberpool.cli.arguments"
local pool_files = require "numberpool.cli.pool_files"

local options = pool_files.with_options {
  { "--failures", "the file for what fails and what isn't begun, which can be imported again; - is standard error;"
    .. " default: FILE.failed.csv for FILE.csv, else its name and .failed.csv", value = "FILE" },
  { "--skip-malformed", "import the rest of a file with mistakes; they go to the file of failures" },
  arguments.STOP,
  { "--concurrency", "numbers in flight", value = "N", convert = arguments.whole("--concurrency", 1, 1000) },
}
return {
  name = "import",
  summary = "add the numbers of files to the pool",
  description = "Adds numbers and toll-free numbers that the account has rented. What is there already stays there; one"
    .. " that has another service than the file says has failed. Shortcodes are left out: the API can't add them. What"
    .. " fails, and what Ctrl-C keeps from being begun, goes to a second file with all columns of the first.\n"
    .. pool_files.DESCRIPTION,
  examples = {
    { "numberpool import numbers.csv --default-calling-code 1", "takes numbers that have no country code for US ones" },
    { "numberpool import numbers.failed.csv", "tries again what failed" },
  },
  arguments = { { "file", "a file of numbers; - is standard input", count = "+" } },
  options = options,
  changes = true,
  needs = "client",
  run = function(context, args)
    return require "numberpool.cli.importing".run(context, args)
  end,
}
