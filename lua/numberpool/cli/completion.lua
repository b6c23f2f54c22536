--- What makes a shell complete the words of the command line: commands, options, and the values that these may have.
-- @module numberpool.cli.completion

local options = require "numberpool.cli.options"
local quote = require "numberpool.files.shell".quote
local tree = require "numberpool.cli.tree"

local completion = {}

local function names_of(list)
  local names = {}
  for _, command in ipairs(list) do
    names[#names + 1] = command.name
  end
  return table.concat(names, " ")
end

local function option_names(list)
  local names = {}
  for _, option in ipairs(list) do
    for _, name in ipairs(options.names(option)) do
      names[#names + 1] = name
    end
  end
  return table.concat(names, " ")
end

-- Whether the arguments of a command are files, or may be read from one as `@FILE`; nil where neither.
local function files_of(command)
  for _, argument in ipairs(command and command.arguments or {}) do
    if tree.is_file(argument) then
      return "files"
    elseif argument[2]:find("@FILE", 1, true) then
      return "at_files"
    end
  end
  return nil
end

local function choices_of(command)
  for _, argument in ipairs(command and command.arguments or {}) do
    if argument.choices then
      return table.concat(argument.choices, " ")
    end
  end
  return nil
end

local function value_of(option)
  return option.choices and table.concat(option.choices, " ") or tree.is_file(option) and "FILE" or ""
end

local BASH = [=[
# bash completion for numberpool: eval "$(numberpool completion bash)" in ~/.bashrc
_numberpool() {
  local word previous path= commands= options= arguments= files= i
  local current=${COMP_WORDS[COMP_CWORD]}
  previous=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      %s) [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;
      -*) ;;
      *) case "$path $word" in
          %s) path="$path $word" ;;
        esac ;;
    esac
  done
  COMPREPLY=()
  case "$path,$previous" in
%s  esac
  case $path in
%s  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ $files == files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [[ $files == at_files && $current == @* ]]; then
    mapfile -t COMPREPLY < <(compgen -P @ -f -- "${current#@}")
  else
    COMPREPLY=($(compgen -W "$commands $arguments" -- "$current"))
  fi
}
complete -F _numberpool numberpool
]=]

local function path_text(path)
  return path[1] and " " .. table.concat(path, " ") or ""
end

-- Calls a function with each option that has a value, and the path of its command; nil for those of all commands.
local function each_value(call)
  for _, place in ipairs(tree.places()) do
    for _, option in ipairs(place.command and place.own or options.GLOBAL) do
      if option.value then
        call(option, place.command and path_text(place.path))
      end
    end
  end
end

-- The patterns of a shell's case for the words after which a value stands.
local function value_names()
  local names, seen = {}, {}
  each_value(function(option)
    for _, name in ipairs(options.names(option)) do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end)
  return table.concat(names, "|")
end

-- The cases of `path,option`, for its value.
local function value_cases(write)
  local lines = {}
  each_value(function(option, path)
    for _, name in ipairs(options.names(option)) do
      lines[#lines + 1] = write((path and quote(path) or "*") .. "," .. name, value_of(option))
    end
  end)
  return table.concat(lines)
end

local function bash_value(pattern, values)
  local body = "return"
  if values == "FILE" then
    body = 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return'
  elseif values ~= "" then
    body = ('COMPREPLY=($(compgen -W %s -- "$current")); return'):format(quote(values))
  end
  return ("    %s) %s ;;\n"):format(pattern, body)
end

local function known_paths()
  local paths = {}
  for _, place in ipairs(tree.places()) do
    if place.command then
      paths[#paths + 1] = quote(path_text(place.path))
    end
  end
  return table.concat(paths, "|")
end

local function bash()
  local places = {}
  for _, place in ipairs(tree.places()) do
    places[#places + 1] = ("    %s) commands=%s options=%s arguments=%s files=%s ;;\n"):format(
      quote(path_text(place.path)), quote(names_of(place.below)), quote(option_names(place.options)),
      quote(choices_of(place.command) or ""), files_of(place.command) or "")
  end
  return BASH:format(value_names(), known_paths(), value_cases(bash_value), table.concat(places))
end

local ZSH = [=[
#compdef numberpool
# zsh completion for numberpool: eval "$(numberpool completion zsh)" in ~/.zshrc, after compinit
_numberpool() {
  local word place= previous=$words[CURRENT-1] files= i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case $word in
      (%s) ((i++)) ;;
      (-*) ;;
      (*) case "$place $word" in
          (%s) place="$place $word" ;;
        esac ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    previous=${PREFIX%%%%=*}
    compset -P 1 '*='
  fi
  case "$place,$previous" in
%s  esac
  case $place in
%s  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif [[ $files == files ]]; then
    _files
  elif [[ $files == at_files && $PREFIX == @* ]]; then
    compset -P @
    _files
  elif (( $#commands )); then
    _describe command commands
  fi
}
if [[ $funcstack[1] == _numberpool ]]; then
  _numberpool "$@"
else
  compdef _numberpool numberpool
fi
]=]

local function zsh_value(pattern, values)
  local body = "_message value; return"
  if values == "FILE" then
    body = "_files; return"
  elseif values ~= "" then
    body = "compadd -- " .. values .. "; return"
  end
  return ("    (%s) %s ;;\n"):format(pattern, body)
end

-- Words with what they are, as _describe wants them.
local function described(rows)
  local words = {}
  for i, row in ipairs(rows) do
    words[i] = quote(row[1]:gsub(":", "\\:") .. ":" .. row[2])
  end
  return "(" .. table.concat(words, " ") .. ")"
end

local function rows_of_options(list)
  local rows = {}
  for _, option in ipairs(list) do
    for _, name in ipairs(options.names(option)) do
      rows[#rows + 1] = { name, option[2] }
    end
  end
  return rows
end

local function rows_of_commands(place)
  local rows = {}
  for i, command in ipairs(place.below) do
    rows[i] = { command.name, command.summary }
  end
  for choice in (choices_of(place.command) or ""):gmatch "%S+" do
    rows[#rows + 1] = { choice, "" }
  end
  return rows
end

local function zsh()
  local places = {}
  for _, place in ipairs(tree.places()) do
    places[#places + 1] = ("    (%s) commands=%s\n      options=%s\n      files=%s ;;\n"):format(
      quote(path_text(place.path)), described(rows_of_commands(place)), described(rows_of_options(place.options)),
      files_of(place.command) or "")
  end
  return ZSH:format(value_names(), known_paths(), value_cases(zsh_value), table.concat(places))
end

local FISH = [=[
# fish completion for numberpool: numberpool completion fish | source
function __numberpool_at
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case %s
        set skip 1
      case '-*'
      case '*'
        if contains -- (string join ' ' $path $word) %s
          set path $path $word
        end
    end
  end
  test (string join ' ' $path) = "$argv[1]"
end
complete -c numberpool -f
]=]

-- One option as an argument of fish's complete: `-s o -l output -d '…' -xa 'table json'`.
local function fish_option(option)
  local words = {}
  for _, name in ipairs(options.names(option)) do
    words[#words + 1] = name:find "^%-%-" and "-l " .. name:sub(3) or "-s " .. name:sub(2)
  end
  words[#words + 1] = "-d " .. quote(option[2])
  if option.value then
    local values = value_of(option)
    words[#words + 1] = values == "FILE" and "-rF" or values ~= "" and "-xa " .. quote(values) or "-x"
  end
  return table.concat(words, " ")
end

local function fish()
  local paths, lines = {}, {}
  for _, place in ipairs(tree.places()) do
    local path = table.concat(place.path, " ")
    local start = ("complete -c numberpool -n %s "):format(quote("__numberpool_at " .. quote(path)))
    paths[#paths + 1] = path ~= "" and quote(path) or nil
    for _, row in ipairs(rows_of_commands(place)) do
      lines[#lines + 1] = start .. ("-a %s -d %s\n"):format(quote(row[1]), quote(row[2]))
    end
    for _, option in ipairs(place.options) do
      lines[#lines + 1] = start .. fish_option(option) .. "\n"
    end
    if files_of(place.command) then
      lines[#lines + 1] = start .. "-F\n"
    end
  end
  return FISH:format(value_names():gsub("|", " "), table.concat(paths, " ")) .. table.concat(lines)
end

local SHELLS = { bash = bash, zsh = zsh, fish = fish }

completion.SHELLS = { "bash", "zsh", "fish" }

--- The script for a shell.
---@param shell "bash"|"zsh"|"fish"
---@return string
function completion.script(shell)
  return SHELLS[shell]()
end

return completion
