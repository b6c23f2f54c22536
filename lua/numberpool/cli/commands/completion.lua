--- What makes a shell complete the words of the command line.

return {
  name = "completion",
  summary = "print what makes a shell complete commands and options",
  examples = {
    { "eval \"$(numberpool completion bash)\"", "in ~/.bashrc; for zsh in ~/.zshrc, after compinit" },
    { "numberpool completion fish | source", "in ~/.config/fish/config.fish" },
  },
  arguments = { { "shell", "the shell", choices = { "bash", "zsh", "fish" } } },
  run = function(context, args)
    context.output:text(require "numberpool.cli.completion".script(args.shell))
  end,
}
