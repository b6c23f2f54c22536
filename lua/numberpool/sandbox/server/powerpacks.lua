--- `Powerpack/`: creates, lists, gets, updates and deletes powerpacks. Each has one number pool, which is made with it.
local arguments = require "numberpool.sandbox.server.arguments"
local clock = require "numberpool.sandbox.server.clock"
local database = require "numberpool.sandbox.server.database"
local identifiers = require "numberpool.sandbox.server.identifiers"
local json = require "numberpool.sandbox.json"
local paging = require "numberpool.sandbox.server.paging"
local renting = require "numberpool.sandbox.server.renting"
local reply = require "numberpool.sandbox.server.reply"

local powerpacks = {}

local COLUMNS = [[id, uuid, pool_uuid, name, sticky_sender, local_connect, application_type,
  application_id, number_priority, created_on]]

local function from_row(row)
  return row and {
    id = row[1], uuid = row[2], pool_uuid = row[3], name = row[4], sticky_sender = row[5] ~= 0,
    local_connect = row[6] ~= 0, application_type = row[7], application_id = row[8],
    number_priority = row[9], created_on = row[10],
  }
end

--- A powerpack as answers have it.
---@param auth_id string
---@param powerpack table
---@return table
function powerpacks.described(auth_id, powerpack)
  return {
    uuid = powerpack.uuid,
    name = powerpack.name,
    sticky_sender = powerpack.sticky_sender,
    local_connect = powerpack.local_connect,
    application_type = powerpack.application_type,
    application_id = powerpack.application_id,
    number_pool = "/v1/Account/" .. auth_id .. "/NumberPool/" .. powerpack.pool_uuid .. "/",
    number_priority = json.list(json.decode(powerpack.number_priority)),
    created_on = powerpack.created_on,
  }
end

local function default_priority()
  local list = json.list()
  for _, country in ipairs { "US", "CA" } do
    for _, service in ipairs { "SMS", "MMS" } do
      list[#list + 1] = {
        country_iso = country, service_type = service,
        priority = { priority1 = "shortcode", priority2 = "tollfree", priority3 = "longcode" },
      }
    end
  end
  return json.encode(list)
end

local SENDERS = { shortcode = true, tollfree = true, longcode = true }

local function valid_priority(item)
  if type(item) ~= "table" or type(item.country_iso) ~= "string" or not item.country_iso:find "^%a%a$"
    or type(item.service_type) ~= "string" or not item.service_type:lower():find "^[sm]ms$"
    or type(item.priority) ~= "table" then
    return false
  end
  for name, sender in pairs(item.priority) do
    if not tostring(name):find "^priority[123]$" or sender ~= json.null and not SENDERS[sender] then
      return false
    end
  end
  return true
end

local function priority_of(body)
  local list = arguments.field(body, "number_priority")
  if list == nil then
    return nil
  end
  local ok = type(list) == "table" and (next(list) == nil or list[1] ~= nil)
  for _, item in ipairs(ok and list or {}) do
    ok = ok and valid_priority(item)
  end
  if not ok then
    reply.refuse "number_priority: expected a list of {country_iso, service_type, priority}"
  end
  for index, item in ipairs(list) do
    list[index] = { country_iso = item.country_iso, service_type = item.service_type, priority = item.priority }
  end
  return json.encode(json.list(list))
end

local function boolean_of(body, name)
  local value = arguments.field(body, name)
  if value ~= nil and type(value) ~= "boolean" then
    reply.refuse("%s: expected a boolean", name)
  end
  return value
end

local APPLICATION_TYPES = { [""] = true, xml = true, phlo = true }

-- The id as text. A number of more than 53 bits is refused: it may have been rounded to another application's.
local function application_id_of(body)
  local id = arguments.field(body, "application_id")
  if type(id) == "number" and id >= 0 and id < 2 ^ 53 and id == math.floor(id) then
    return ("%.0f"):format(id)
  end
  if id ~= nil and not arguments.printable(id, 64) then
    reply.refuse "application_id: expected a string"
  end
  return id
end

-- Returns the id and the type. A type stays as it is written, since the API answers with `xml` and with `XML`. The id
-- `none` unlinks the application, whatever the type.
local function application_of(body)
  local id, kind = application_id_of(body), arguments.field(body, "application_type")
  if kind ~= nil and not (type(kind) == "string" and APPLICATION_TYPES[kind:lower()]) then
    reply.refuse("application_type: expected xml or phlo, got %s", tostring(kind))
  end
  if id == "none" then
    return "", ""
  end
  if id and id ~= "" and (kind or "") == "" then
    reply.refuse "application_type is required with application_id"
  end
  return id, kind
end

local function name_of(body, required)
  local name = arguments.field(body, "name")
  if name == nil and not required then
    return nil
  end
  if name == nil or name == "" then
    reply.refuse "name is required"
  end
  if not arguments.printable(name, 255) then
    reply.refuse "name: expected up to 255 printable characters"
  end
  return name
end

local function fields_of(body, creating)
  local id, kind = application_of(body)
  return {
    name = name_of(body, creating),
    sticky_sender = boolean_of(body, "sticky_sender"),
    local_connect = boolean_of(body, "local_connect"),
    application_id = id,
    application_type = kind,
    number_priority = priority_of(body),
  }
end

local function refuse_taken_name(account, name, id)
  local owner = database.value("SELECT id FROM powerpacks WHERE account = ? AND name = ?", account.id, name)
  if owner and owner ~= id then
    reply.refuse("a powerpack named '%s' already exists", name)
  end
end

local function or_default(value, default)
  if value == nil then
    return default
  end
  return value
end

--- Adds a powerpack, within a transaction.
---@param account { id: integer }
---@param fields table `name`; all others have defaults
---@return table powerpack
function powerpacks.insert(account, fields)
  refuse_taken_name(account, fields.name)
  local powerpack = {
    uuid = fields.uuid or identifiers.uuid(), pool_uuid = fields.pool_uuid or identifiers.uuid(), name = fields.name,
    sticky_sender = or_default(fields.sticky_sender, true), local_connect = or_default(fields.local_connect, true),
    application_type = fields.application_type or "", application_id = fields.application_id or "",
    number_priority = fields.number_priority or default_priority(), created_on = clock.timestamp(),
  }
  database.run([[INSERT INTO powerpacks (account, uuid, pool_uuid, name, sticky_sender, local_connect,
    application_type, application_id, number_priority, created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]],
    account.id, powerpack.uuid, powerpack.pool_uuid, powerpack.name, powerpack.sticky_sender and 1 or 0,
    powerpack.local_connect and 1 or 0, powerpack.application_type, powerpack.application_id,
    powerpack.number_priority, powerpack.created_on)
  powerpack.id = database.value("SELECT id FROM powerpacks WHERE uuid = ?", powerpack.uuid)
  return powerpack
end

--- POST Powerpack/
function powerpacks.create(request)
  local fields = fields_of(arguments.body(request), true)
  return database.transaction(function()
    local powerpack = powerpacks.insert(request.account, fields)
    return reply.ok(powerpacks.described(request.account.auth_id, powerpack), 201)
  end)
end

local function of(request)
  local powerpack = from_row(database.row("SELECT " .. COLUMNS .. " FROM powerpacks WHERE uuid = ? AND account = ?",
    request.segments[2], request.account.id))
  if not powerpack then
    error(reply.not_found(), 0)
  end
  return powerpack
end

--- GET Powerpack/{uuid}/
function powerpacks.get(request)
  return reply.ok(powerpacks.described(request.account.auth_id, of(request)))
end

--- Powerpacks of an account, oldest first.
---@param account { id: integer }
---@param limit integer -1: all
---@param offset integer
---@return table[]
function powerpacks.all(account, limit, offset)
  local rows = database.rows("SELECT " .. COLUMNS .. " FROM powerpacks WHERE account = ? ORDER BY id LIMIT ? OFFSET ?",
    account.id, limit, offset)
  for index, row in ipairs(rows) do
    rows[index] = from_row(row)
  end
  return rows
end

--- GET Powerpack/
function powerpacks.list(request)
  local limit, offset = arguments.paging(request.query)
  local total = database.value("SELECT count(*) FROM powerpacks WHERE account = ?", request.account.id)
  local objects = powerpacks.all(request.account, limit, offset)
  for index, powerpack in ipairs(objects) do
    objects[index] = powerpacks.described(request.account.auth_id, powerpack)
  end
  local page = { objects = objects, limit = limit, offset = offset, total = total, names = {} }
  return paging.list(request, page, json.null)
end

--- POST Powerpack/{uuid}/
function powerpacks.update(request)
  local fields = fields_of(arguments.body(request), false)
  return database.transaction(function()
    local powerpack = of(request)
    for name, value in pairs(fields) do
      powerpack[name] = value
    end
    refuse_taken_name(request.account, powerpack.name, powerpack.id)
    database.run([[UPDATE powerpacks SET name = ?, sticky_sender = ?, local_connect = ?, application_type = ?,
      application_id = ?, number_priority = ? WHERE id = ?]], powerpack.name, powerpack.sticky_sender and 1 or 0,
      powerpack.local_connect and 1 or 0, powerpack.application_type, powerpack.application_id,
      powerpack.number_priority, powerpack.id)
    return reply.ok(powerpacks.described(request.account.auth_id, powerpack), 202)
  end)
end

local function unrent_all(account, powerpack)
  local rows = database.rows("SELECT DISTINCT number FROM numbers WHERE pool = ? AND list IN (0, 1)", powerpack.id)
  for _, row in ipairs(rows) do
    renting.unrent(account, row[1])
  end
end

--- DELETE Powerpack/{uuid}/
function powerpacks.delete(request)
  local asked = boolean_of(arguments.body(request), "unrent_numbers")
  local unrent = arguments.also_in_query(request.query, "unrent_numbers", asked)
  return database.transaction(function()
    local powerpack = of(request)
    if unrent then
      unrent_all(request.account, powerpack)
    end
    for _, name in ipairs { "numbers", "totals", "shortcodes" } do
      database.run("DELETE FROM " .. name .. " WHERE pool = ?", powerpack.id)
    end
    database.run("DELETE FROM powerpacks WHERE id = ?", powerpack.id)
    return reply.deleted()
  end)
end

return powerpacks
