--- Which of the account's pools have a number.
-- @module numberpool.cli.where

local errors = require "numberpool.errors"
local exit = require "numberpool.cli.exit"
local program = require "numberpool.report.program"
local targets = require "numberpool.cli.targets"

local where = {}

local COLUMNS = { "number", "powerpack", "name", "number_pool_uuid", "list", "service" }

-- Toll-free numbers of the North American plan: 800, 833, 844, 855, 866, 877, 888.
local function is_tollfree(number)
  local code = number:gsub("%D", ""):match "^1(8%d%d)"
  return code ~= nil and (code == "800" or code:sub(2, 2) == code:sub(3, 3) and code >= "833" and code <= "888")
end

-- What a pool has for a number: the list and the entry; or nil, and an error unless it is just not there.
local function look(pool, number)
  local entry, err = pool:find_number(number)
  local list = "numbers"
  if not entry and err.kind == "not_found" and is_tollfree(number) then
    entry, err = pool:find_tollfree(number)
    list = "tollfree"
  end
  if not entry and err.kind ~= "not_found" then
    return nil, err
  end
  return entry and { list = list, entry = entry } or {}
end

local function pairs_of(powerpacks, wanted)
  local items = {}
  for _, powerpack in ipairs(powerpacks) do
    for _, target in ipairs(wanted) do
      items[#items + 1] = { powerpack = powerpack, target = target }
    end
  end
  return items
end

local function entry_of(item, found)
  local entry = { powerpack = item.powerpack.uuid, name = item.powerpack.name, list = found.list,
    number_pool_uuid = item.pool.uuid }
  for name, value in pairs(found.entry) do
    entry[name] = value
  end
  return entry
end

local function powerpacks_of(client)
  local list = {}
  for powerpack in program.must(client.powerpacks:each()) do
    if type(powerpack) ~= "table" or type(powerpack.uuid) ~= "string" then
      exit.raise("the list of powerpacks has an entry without a uuid", exit.FAILED)
    end
    list[#list + 1] = powerpack
  end
  return list
end

local function look_everywhere(context, items)
  local show, finish = context.progress(#items)
  local client, done = context.client, 0
  local ok, results = pcall(client.map, client, items, function(item)
    local pool, err = client:pool { powerpack = item.powerpack.uuid }
    item.pool = pool
    local found
    if pool then
      found, err = look(pool, item.target.text)
    end
    done = done + 1
    show(done, #items)
    return found, err
  end)
  finish()
  if not ok then
    error(results, 0)
  end
  return results
end

-- The numbers that are in no pool, or may be in one that couldn't be looked at.
local function missing_of(wanted, is_found, failure_of)
  local missing = {}
  for _, target in ipairs(wanted) do
    local err = failure_of[target]
    if err then
      missing[#missing + 1] = { target = target, message = errors.text_of(err), err = err }
    elseif not is_found[target] then
      missing[#missing + 1] = { target = target, message = target.text .. " is in no pool of the account",
        err = { kind = "not_found", message = "in no pool of the account", target = target.text } }
    end
  end
  return missing
end

--- Prints where the numbers are.
---@param context numberpool.cli.Context
---@param args table
---@return integer exit code
function where.run(context, args)
  local client = context.client
  local wanted = targets.read(args.number, args, "number")
  local no_pool = program.must(client:pool "none")
  targets.check(client, wanted, no_pool.find_number, no_pool)
  local items = pairs_of(powerpacks_of(client), wanted)
  local entries, is_found, failure_of, count = {}, {}, {}, 0
  for i, result in ipairs(look_everywhere(context, items)) do
    local item = items[i]
    if not result.ok then
      failure_of[item.target] = failure_of[item.target] or result.error
    elseif result.value.entry then
      entries[#entries + 1] = entry_of(item, result.value)
      count = count + (is_found[item.target] and 0 or 1)
      is_found[item.target] = true
    end
  end
  if #entries > 0 then
    context.output:entries(entries, COLUMNS)
  end
  local missing = missing_of(wanted, is_found, failure_of)
  if #missing == 0 then
    return exit.DONE
  end
  return context.fail_all(missing, ("%d of %d found"):format(count, #wanted),
    exit.of_job(count, #missing, missing[1].err))
end

return where
