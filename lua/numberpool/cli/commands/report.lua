--- A pool at a glance.

return {
  name = "report",
  summary = "show what a pool has, at a glance",
  description = "Counts what the pool has by kind, country, area code, type and service, and shows the oldest and the"
    .. " newest entry: with bars on a terminal, or as a page for a browser. What isn't known of an entry is said, and"
    .. " so is a count that isn't the one that the API gives.",
  examples = {
    { "numberpool report", "" },
    { "numberpool report --html pool.html", "a page with charts and a table, which needs no other file" },
    { "numberpool report -o json | jq .kinds.numbers", "" },
  },
  options = {
    { "--html", "write a page to this file; - is standard output", value = "FILE" },
  },
  needs = "pool",
  run = function(context, args)
    return require "numberpool.cli.reporting".run(context, args)
  end,
}
