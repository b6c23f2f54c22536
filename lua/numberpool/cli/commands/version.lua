local VERSION = require "numberpool.version"

return {
  name = "version",
  summary = "print the version",
  description = "Prints the version of numberpool; with -o json that of Lua too.",
  examples = { { "numberpool version", "" } },
  run = function(context)
    if context.args.output then
      local jit = rawget(_G, "jit")
      context.output:entry({ version = VERSION, lua = jit and jit.version or _VERSION }, { "version", "lua" })
      return 0
    end
    context.output:value("numberpool " .. VERSION)
  end,
}
