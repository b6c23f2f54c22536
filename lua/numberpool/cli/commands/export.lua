--- A pool as a file.

return {
  name = "export",
  summary = "write everything in the pool as a file",
  description = "Writes the numbers, toll-free numbers and shortcodes of the pool, in the API's order and each as soon"
    .. " as it is read, so that a pool of any size takes little memory. What others change meanwhile may be missing or"
    .. " outdated. --sort reads the pool as it is at one time and sorts it: the same pool gives the same file. `plan`"
    .. " finds nothing to do for the file.",
  examples = {
    { "numberpool export pool.csv", "" },
    { "numberpool export --sort -o jsonl >pool.jsonl", "" },
  },
  arguments = {
    { "file", "the file, which is complete or isn't there at all; default, and -: standard output", count = "?" },
  },
  options = {
    { "--sort", "sort by number; needs memory for all of them" },
    { "--added-on", "with when each was added, which is ignored when the file is read" },
  },
  formats = { "csv", "json", "jsonl", "lua" }, -- of -o; default: as the file's name ends, else csv
  needs = "pool",
  run = function(context, args)
    return require "numberpool.cli.exporting".run(context, args)
  end,
}
