--- The manual page.

return {
  name = "man",
  summary = "print the manual page",
  examples = { { "numberpool man | man -l -", "" } },
  run = function(context)
    context.output:text(require "numberpool.cli.man".page())
  end,
}
