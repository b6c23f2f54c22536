-- What bash and zsh complete, asked of these shells themselves.
local command_line = require "spec.support.command_line"
local fixture = require "spec.support.fixture"
local interpreter = require "spec.support.interpreter"

local quote = interpreter.quote

local folder = fixture.folder()

local function script(shell)
  local output, errors, status = command_line.shell(command_line.words({}, "completion", shell))
  assert.equal(0, status, errors)
  local path = folder .. "/" .. shell
  local file = assert(io.open(path, "w"))
  file:write(output)
  file:close()
  return path
end

local function has(shell)
  return (select(3, command_line.shell("command -v " .. shell .. " >/dev/null"))) == 0
end

describe("bash", function()
  local path = script "bash"

  -- What it offers for the last of the words.
  local function complete(...)
    local words = {}
    for _, word in ipairs { "numberpool", ... } do
      words[#words + 1] = quote(word)
    end
    local output, errors = command_line.shell("bash -c " .. quote(([[
      . %s; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _numberpool; echo "${COMPREPLY[*]}"]]):format(
      quote(path), table.concat(words, " "))))
    assert.equal("", errors)
    return (output:gsub("\n$", ""))
  end

  it("completes commands, options and their values", function()
    assert.equal("numbers", complete("nu"))
    assert.equal("list find count add remove buy where", complete("numbers", ""))
    assert.equal("list", complete("--pool", "numbers", "numbers", "li"))
    assert.equal("--starts-with --service --sandbox", complete("numbers", "list", "--s"))
    assert.equal("sms mms", complete("numbers", "list", "--service", ""))
    assert.equal("csv", complete("-o", "c"))
    assert.equal("json jsonl", complete("numbers", "list", "--output", "=", "j"))
    assert.equal("bash zsh fish", complete("completion", ""))
    assert.equal("@README.md", complete("numbers", "add", "@READ"))
    assert.equal("README.md", complete("numbers", "add", "--file", "READ"))
    assert.equal("", complete("numbers", "list", "--country", ""))
  end)

  it("is told to", function()
    local output = command_line.shell("bash -c " .. quote(". " .. quote(path) .. "; complete -p numberpool"))
    assert.equal("complete -F _numberpool numberpool\n", output)
  end)
end)

describe("zsh", function()
  if not has "zsh" then
    pending "isn't installed"
    return
  end

  local path = script "zsh"

  -- What stands on the line after a tab, asked of an interactive zsh in a terminal of its own.
  local function complete(typed)
    local output, errors = command_line.shell("zsh -f -c " .. quote(([=[
      zmodload zsh/zpty
      zpty z "TERM=dumb zsh -f -i"
      wait_for() {
        local part all= until=$((SECONDS + 20))
        while [[ $all != *$~1* ]] && ((SECONDS < until)); do
          if zpty -r -t z part 2>/dev/null; then all+=$part; else sleep 0.02; fi
        done
        print -r -- "$all"
      }
      zpty -w z "PS1=; autoload -U compinit; compinit -u -D; . %s; bindkey '^X' what; zle -N what; LISTMAX=1000"
      zpty -w z 'what() { print -r -- "line:$BUFFER:"; }; print rea""dy'
      wait_for ready >/dev/null
      zpty -n -w z "%s"$'\t'$'\x18'
      wait_for "line:*:"
      zpty -d z]=]):format(path, typed)))
    assert.equal("", errors)
    return output:match "line:([^:]*):" or output, output
  end

  it("completes commands, options and their values", function()
    assert.equal("numberpool numbers ", (complete "numberpool nu"))
    assert.equal("numberpool numbers list --service ", (complete "numberpool numbers list --serv"))
    assert.equal("numberpool numbers list -o csv ", (complete "numberpool numbers list -o c"))
    local _, shown = complete "numberpool --pool x numbers "
    assert.matches("count +%-%- print how many numbers the pool has", shown)
  end)
end)

describe("fish", function()
  local path = script "fish"

  it("completes, where it is installed", function()
    if not has "fish" then
      return
    end
    local output = command_line.shell("fish -c " .. quote("source " .. quote(path) .. "; complete -C 'numberpool nu'"))
    assert.matches("^numbers\t", output)
  end)

  it("has all commands", function()
    local file = assert(io.open(path))
    local content = file:read "*a"
    file:close()
    assert.matches("-n '__numberpool_at '\\''numbers'\\''' -a 'list' -d", content, 1, true)
    assert.matches("-s o -l output -d", content, 1, true)
  end)
end)
