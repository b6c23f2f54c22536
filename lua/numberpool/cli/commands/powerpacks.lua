--- The powerpacks of the account. Each has a number pool of its own.

local exit = require "numberpool.cli.exit"

local COLUMNS = { "uuid", "name", "created_on", "sticky_sender", "local_connect", "application_type" }

local function read_switch(value)
  if value == "yes" or value == "true" or value == "on" then
    return "yes"
  elseif value == "no" or value == "false" or value == "off" then
    return "no"
  end
  return nil, "expected yes or no, got " .. value
end

local FIELDS = {
  { "--name", "its name", value = "NAME" },
  { "--sticky-sender", "the same sender for a recipient: yes or no", value = "YES|NO", convert = read_switch },
  { "--local-connect", "senders of the recipient's area first: yes or no", value = "YES|NO", convert = read_switch },
  { "--application-type", "of the application that gets messages", value = "TYPE", choices = { "xml", "phlo" } },
  { "--application-id", "that application; none unlinks it", value = "ID" },
  { "--number-priority", "which senders come first, a list in JSON as the API has it", value = "JSON" },
}

local function switch_of(value)
  if value == nil then
    return nil
  end
  return value == "yes"
end

local function priority_of(value)
  if not value then
    return nil
  end
  local list, message = require "numberpool.core".decode(value)
  if type(list) ~= "table" then
    exit.raise("--number-priority: expected a list in JSON: " .. tostring(message or value))
  end
  return list
end

local function fields_of(args)
  return {
    name = args.name,
    sticky_sender = switch_of(args.sticky_sender),
    local_connect = switch_of(args.local_connect),
    application_type = args.application_type,
    application_id = args.application_id,
    number_priority = priority_of(args.number_priority),
  }
end

local UUID = { "uuid", "a powerpack" }

local list = {
  name = "list",
  summary = "print the account's powerpacks",
  examples = { { "numberpool powerpacks list --fields uuid,name", "" } },
  needs = "client",
  run = function(context)
    context.output:entries(context.must(context.client.powerpacks:each()), COLUMNS)
  end,
}

local get = {
  name = "get",
  summary = "print one powerpack",
  examples = { { "numberpool powerpacks get 86bbb125-97bb-4d72-89fd-81d5c515b015", "" } },
  arguments = { UUID },
  needs = "client",
  run = function(context, args)
    context.output:entry(context.must(context.client.powerpacks:get(args.uuid)), COLUMNS)
  end,
}

-- Makes a change and prints what it gave, but for one that isn't sent.
local function change(context, name, ...)
  local powerpacks = context.client.powerpacks
  context.done(not context.is_dry and "it may have taken effect" or nil)
  local value = context.must(powerpacks[name](powerpacks, ...))
  if not context.is_dry then
    context.output:entry(value, COLUMNS)
  end
end

local create = {
  name = "create",
  summary = "make a powerpack, and with it an empty number pool",
  examples = { { "numberpool powerpacks create --name \"Spring campaign\" --sticky-sender yes", "" } },
  options = FIELDS,
  needs = "client",
  changes = true,
  run = function(context, args)
    if not args.name then
      exit.raise "--name: expected a name for the powerpack"
    end
    change(context, "create", fields_of(args))
  end,
}

local update = {
  name = "update",
  summary = "change fields of a powerpack",
  examples = { { "numberpool powerpacks update 86bbb125-97bb-4d72-89fd-81d5c515b015 --name Summer", "" } },
  arguments = { UUID },
  options = FIELDS,
  needs = "client",
  changes = true,
  run = function(context, args)
    local fields = fields_of(args)
    if next(fields) == nil then
      exit.raise "what is to be changed? Give --name or another option of a field"
    end
    change(context, "update", args.uuid, fields)
  end,
}

-- How many numbers the pool of a powerpack has, toll-free ones among them.
local function count_numbers(context, uuid)
  local pool = context.must(context.client:pool { powerpack = uuid })
  local tollfree = context.must(pool:list_tollfree { limit = 1 })
  return context.must(pool:count_numbers()) + tollfree.meta.total_count
end

local delete = {
  name = "delete",
  summary = "delete a powerpack and its number pool",
  description = "Deletes a powerpack and its number pool; the account keeps the numbers unless --unrent-numbers is"
    .. " given. It asks first on a terminal, and needs --yes elsewhere.",
  examples = { { "numberpool powerpacks delete 86bbb125-97bb-4d72-89fd-81d5c515b015 --yes", "" } },
  arguments = { UUID },
  options = { { "--unrent-numbers", "also give its numbers up: the account loses them for good" } },
  needs = "client",
  changes = true,
  run = function(context, args)
    local uuid = args.uuid
    local question = ("Delete the powerpack %s and its number pool?"):format(uuid)
    if args.unrent_numbers and not context.is_dry then
      local lost = require "numberpool.report.text".counted(count_numbers(context, uuid), "number", "numbers")
        .. " will be lost for good"
      if args.yes then
        context.output:message(lost)
      end
      question = ("Delete the powerpack %s and its number pool, and give its numbers up: %s?"):format(uuid, lost)
    end
    if not context.confirm(question) then
      context.output:message "nothing was deleted"
      return exit.FAILED
    end
    change(context, "delete", uuid, { unrent_numbers = args.unrent_numbers or false })
  end,
}

return {
  name = "powerpacks",
  summary = "list, show, create, change and delete the account's powerpacks",
  commands = { list, get, create, update, delete },
}
