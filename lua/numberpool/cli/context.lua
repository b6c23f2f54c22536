--- What a command is given: the account's client and pool, where to write, and whom to ask.
-- @module numberpool.cli.context

local arguments = require "numberpool.cli.arguments"
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local json = require "numberpool.cli.json"
local output = require "numberpool.cli.output"
local program = require "numberpool.report.program"
local terminal = require "numberpool.cli.terminal"
local text = require "numberpool.cli.text"

local context = {}

local REQUEST_COLUMNS = { "method", "path", "body" }

--- What a command's `run` is given. Its functions are called with a dot.
---@class numberpool.cli.Context
---@field args table what the words say
---@field account table options of `numberpool.new`, found when they are first asked for
---@field found_in string? where, once they are
---@field client numberpool.Client made when it is first asked for
---@field pool numberpool.Pool opened when it is first asked for
---@field output numberpool.cli.Output
---@field is_dry boolean changes are shown and not sent
---@field stdin file*
---@field stdout file*
---@field stderr file*
---@field env fun(name: string): string? a variable of the environment, unless it is empty
---@field must fun(value: any, err: any): any the value, or raises the error where it is nil or false
---@field fail fun(err: any): integer prints an error and returns its exit code
---@field fail_all fun(failures: table[], summary: string?, code: integer): integer prints what failed of many
---@field find_pool fun(): string?, string? the uuid of the pool, or of its powerpack
---@field progress fun(total: integer?): (fun(done: integer, total: integer?, last: any), fun()) shows how far a job is;
--- the second function ends that
---@field confirm fun(question: string): boolean asks on a terminal, unless --yes is given; elsewhere that is needed
---@field done fun(words: string?) what a message for Ctrl-C says was done
---@field at_exit fun(work: fun()) calls a function at the end

-- The fields of an error that say more than its message.
local ERROR_FIELDS = {
  "kind", "message", "operation", "target", "status", "api_id", "attempts", "retry_after", "ambiguous",
}

-- What a value is called on the command line, where the library calls it something else.
local WORDS = { country_iso2 = "--country", starts_with = "--starts-with" }

-- The message of an error, in the words of the command line.
local function message_of(self, err)
  local message = errors.text_of(err)
  if not errors.is_error(err) then
    return message
  elseif err.kind == "invalid" then
    return (message:gsub("[%w_]+", WORDS))
  elseif err.kind == "not_found" and not err.target and rawget(self, "pool") then
    return ("number pool %s: %s"):format(self.pool.uuid, message)
  end
  return message
end

local function fields_of_error(err)
  local fields = {}
  if type(err) == "table" then
    for _, name in ipairs(ERROR_FIELDS) do
      fields[name] = err[name]
    end
  end
  fields.kind = fields.kind or "failed"
  fields.message = fields.message or errors.text_of(err)
  return fields
end

local function warn_lines(value)
  for line in (value .. "\n"):gmatch "(.-)\n" do
    program.warn(text.one_line(line))
  end
end

local function print_error(self, err)
  local code = exit.of(err)
  local format = self.args.output
  if format ~= "json" and format ~= "jsonl" then
    warn_lines(message_of(self, err))
    return code
  end
  local fields = fields_of_error(err)
  fields.exit_code = code
  program.warn(json.encode(fields, ERROR_FIELDS))
  return code
end

-- Prints what failed of many. With -o json all of it is one object.
local function print_failures(self, failures, summary, code)
  local format = self.args.output
  if format ~= "json" and format ~= "jsonl" then
    for _, failure in ipairs(failures) do
      program.warn(text.one_line(failure.target.place .. ": " .. failure.message))
    end
    if summary then
      program.warn(summary)
    end
    return code
  end
  local list = {}
  for i, failure in ipairs(failures) do
    list[i] = fields_of_error(failure.err)
    list[i].input, list[i].place = failure.target.text, failure.target.place
  end
  local kind = code == exit.PARTLY and "partly" or list[1] and list[1].kind or "failed"
  local fields = { kind = kind, message = summary or "interrupted", exit_code = code, errors = list }
  program.warn(json.encode(fields, ERROR_FIELDS))
  return code
end

local function describe_event(event)
  local words = { event.type, event.operation, event.target }
  if event.attempt and event.type == "attempt" then
    words[#words + 1] = "#" .. event.attempt
  end
  words[#words + 1] = event.status and "status " .. event.status or nil
  words[#words + 1] = event.reason
  words[#words + 1] = event.wait and ("in %.3f s"):format(event.wait) or nil
  words[#words + 1] = event.elapsed and ("%.3f s"):format(event.elapsed) or nil
  return table.concat(words, " ")
end

local function on_event(event)
  program.warn(text.one_line(describe_event(event)))
end

local SEED = { numbers = 45, tollfree = 3, shortcodes = 2 }

-- A sandbox that ends with the command.
local function start_sandbox(self)
  local ok, sandbox = pcall(require, "numberpool.sandbox")
  if not ok then
    exit.raise("--sandbox needs the rock numberpool-sandbox: " .. tostring(sandbox), exit.FAILED)
  end
  local server = program.must(sandbox.start())
  self.at_exit(function()
    server:stop()
  end)
  local seeded = program.must(server:seed(SEED))
  local account = { auth_id = server.auth_id, auth_token = server.auth_token, base_url = server.base_url, proxy = "",
    rate = false }
  return account, { pool = seeded.pool }
end

local function open_account(self)
  local account
  if self.args.sandbox then
    account, self.default_pool = start_sandbox(self)
    self.found_in = "the sandbox that --sandbox has started"
  else
    account, self.default_pool, self.found_in = require "numberpool.cli.profile".read(self.args.profile)
  end
  return account
end

local function open_client(self)
  local options = {}
  for name, value in pairs(self.account) do
    options[name] = value
  end
  options.on_event = self.args.verbose and on_event or nil
  local client = program.must(require "numberpool".new(options))
  self.at_exit(function()
    client:close()
  end)
  if self.is_dry then
    require "numberpool.client.rehearsal".begin(client, function(method, path, body)
      table.insert(self.requests, { method = method, path = path, body = json.object(core.decode(body)) })
    end)
  end
  return client
end

-- The uuid of the pool, or that of its powerpack, where one is known.
local function find_pool(self)
  local args = self.args
  if args.pool and args.powerpack then
    exit.raise "--pool and --powerpack: expected one of them"
  end
  local default = not (args.pool or args.powerpack) and self.default_pool or {}
  return args.pool or default.pool, args.powerpack or default.powerpack
end

local function open_pool(self)
  local client = self.client
  local uuid, powerpack = find_pool(self)
  if uuid then
    return program.must(client:pool(uuid))
  elseif powerpack then
    return program.must(client:pool { powerpack = powerpack })
  end
  exit.raise("which pool? Give --pool UUID or --powerpack UUID, or set NUMBERPOOL_POOL or NUMBERPOOL_POWERPACK"
    .. " (`numberpool powerpacks list` shows what there is)")
end

local OPENED = { account = open_account, client = open_client, pool = open_pool }

local METATABLE = {
  __index = function(self, name)
    local open = OPENED[name]
    local value = open and open(self)
    if open then
      rawset(self, name, value)
    end
    return value
  end,
}

local function shows_progress(self)
  return not (self.args.quiet or self.args.verbose)
end

local function show_progress(self, total)
  if total and total < 2 or not shows_progress(self) then
    return function() end, function() end
  end
  local is_live = terminal.is "stderr" and os.getenv "TERM" ~= "dumb"
  local line = require "numberpool.report.progress".new { is_live = is_live, width = is_live and terminal.width() }
  local function show(done, of)
    line:count(done, of or total)
  end
  return show, function()
    line:clear()
  end
end

local function confirm(self, question)
  if self.args.yes or self.is_dry then
    return true
  elseif not (terminal.is "stdin" and terminal.is "stderr") then
    exit.raise("--yes is needed where nobody can be asked: " .. question)
  end
  self.done "nothing was changed"
  local answer = terminal.ask(text.one_line(question))
  self.done(nil)
  return answer
end

local function new(args, spec, at_exit)
  local self = {
    args = args,
    output = output.new(args.output, arguments.list(args.fields), args.quiet),
    must = program.must,
    is_dry = args.dry_run or false,
    requests = {}, -- of a dry run
    stdin = io.stdin,
    stdout = io.stdout,
    stderr = io.stderr,
  }
  function self.env(name)
    local value = os.getenv(name)
    return value ~= "" and value or nil
  end
  function self.fail(err)
    return print_error(self, err)
  end
  function self.fail_all(failures, summary, code)
    return print_failures(self, failures, summary, code)
  end
  function self.find_pool()
    return find_pool(self)
  end
  function self.progress(total)
    return show_progress(self, total)
  end
  function self.confirm(question)
    return confirm(self, question)
  end
  function self.done(words)
    spec.done = words
  end
  function self.at_exit(work)
    table.insert(at_exit, 1, work)
  end
  return setmetatable(self, METATABLE)
end

local function check_format(command, format)
  if format then
    local _, wrong = arguments.one_of("--output", command.formats or output.FORMATS)(format)
    if wrong then
      exit.raise(wrong)
    end
  end
end

--- Runs a command.
---@param command numberpool.cli.Command
---@param args table
---@return integer exit code
function context.run(command, args)
  local at_exit, spec = {}, { failure = exit.FAILED }
  local self = new(args, spec, at_exit)
  spec.explain = self.fail
  local code = program.status(function()
    check_format(command, args.output)
    if command.needs then
      local _ = self[command.needs]
    end
    local result = command.run(self, args) or exit.DONE
    if self.is_dry and result == exit.DONE then
      self.output:entries(self.requests, REQUEST_COLUMNS)
    end
    return result
  end, spec)
  for _, work in ipairs(at_exit) do
    pcall(work)
  end
  return code
end

return context
