--- Plans as files: JSON, an entry a line. It names the pool and the account, and holds no secret.
-- @module numberpool.jobs.plan.file

local cjson = require("cjson").new()
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local kinds = require "numberpool.jobs.plan.kinds"

local file = {}

local FORMAT = "numberpool plan"
local VERSION = 1

local LISTS = { "add", "remove", "replace", "keep", "impossible" }
local FIELDS = { "kind", "number", "shortcode", "service", "from", "reason" }
local IS_FIELD = {}
for _, name in ipairs(FIELDS) do
  IS_FIELD[name] = true
end

local LARGEST = 1024 * 1024 * 1024 -- bytes
local CHUNK = 1024 * 1024
local LONGEST_TEXT = 200 -- characters of a service or reason
local LINES_AT_ONCE = 1000

local function failure(operation, path, message)
  return nil, errors.new {
    kind = "invalid",
    message = core.one_line(path, 300) .. ": " .. message,
    operation = operation,
    attempts = 0,
    elapsed = 0,
  }
end

-- What the system says, without the path in front.
local function reason(path, message)
  message = tostring(message)
  if message:sub(1, #path + 2) == path .. ": " then
    return message:sub(#path + 3)
  end
  return message
end

-- What a path can't be; nil where nothing is wrong with it.
local function wrong_path(path)
  if path == "" then
    return "expected a path, got an empty text"
  elseif path:find("\0", 1, true) then
    return "expected a path, got one with a zero byte"
  end
  return nil
end

-- Parts of a file on their way into it, many at a time: nothing is left of them but what is written.
local Parts = {}
Parts.__index = Parts

local function new_parts(write)
  return setmetatable({ write = write, list = {}, count = 0, quoted = {}, message = nil }, Parts)
end

-- Writes what there is. After a failure it does nothing.
function Parts:flush()
  if not self.message then
    local ok, message = self.write(table.concat(self.list, "", 1, self.count))
    self.message = not ok and (message or "can't be written") or nil
  end
  self.count = 0
end

function Parts:add(text)
  self.count = self.count + 1
  self.list[self.count] = text
end

-- Adds a text as JSON. Few services and reasons are on many lines, so that each is made once.
function Parts:add_quoted(text)
  if text:find "^%d+$" then
    self:add '"'
    self:add(text)
    self:add '"'
    return
  end
  local quoted = self.quoted
  quoted[text] = quoted[text] or cjson.encode(text)
  self:add(quoted[text])
end

local function add_entry(parts, entry)
  local before = '{"'
  for _, name in ipairs(FIELDS) do
    local value = entry[name]
    if value ~= nil then
      parts:add(before)
      parts:add(name)
      parts:add '":'
      parts:add_quoted(tostring(value))
      before = ',"'
    end
  end
  parts:add "}"
end

-- Calls write with parts of the file, until that fails.
local function encode(plan, facts, write)
  local parts = new_parts(write)
  parts:add(([[{"format":"%s","version":%d,"auth_id":"%s","pool":"%s",
"prune":%s,"unrent":%s,"max_removals":%d,"present":%d,"has_moved":%s]]):format(FORMAT, VERSION, facts.client.auth_id,
    facts.pool.uuid, tostring(facts.prune), tostring(facts.unrent), facts.max_removals, facts.present,
    tostring(facts.has_moved)))
  for _, name in ipairs(LISTS) do
    local list = plan[name]
    parts:add((',\n"%s_count":%d,"%s":['):format(name, #list, name))
    for index, entry in ipairs(list) do
      parts:add(index > 1 and ",\n" or "\n")
      add_entry(parts, entry)
      if index % LINES_AT_ONCE == 0 then
        parts:flush()
      end
    end
    parts:add "]"
  end
  parts:add "}\n"
  parts:flush()
  return not parts.message, parts.message
end

-- Lua can't make a name that no file has yet. The address of a table is as good as random.
local function temporary_name(path)
  return ("%s.part-%x-%s"):format(path, os.time(), tostring({}):match "0x0*(%x+)" or "0")
end

-- Writes all to a file of another name. Unbuffered: a flush by others, as io.popen's, would take the error of a full
-- disk.
local function write_all(plan, facts, path)
  local to, message = io.open(path, "wb")
  if not to then
    return nil, message
  end
  to:setvbuf "no"
  local is_written, is_closed, ok
  ok, is_written, message = pcall(encode, plan, facts, function(text)
    return to:write(text)
  end)
  local why
  is_closed, why = to:close()
  if not ok then
    os.remove(path)
    error(is_written, 0)
  elseif not is_written or not is_closed then
    return nil, message or why
  end
  return true
end

--- Writes a plan to a file, which is complete or isn't there: until all is written it has another name in its folder.
---@param plan numberpool.Plan
---@param facts table
---@param path string
---@return true?
---@return numberpool.Error? err `invalid`
function file.save(plan, facts, path)
  local wrong = wrong_path(path)
  if not wrong and (path:find "^/dev/" or path:find "^/proc/") then
    wrong = "expected a file, got a device"
  end
  if wrong then
    return failure("save", path, wrong)
  end
  local temporary = temporary_name(path)
  local ok, message = write_all(plan, facts, temporary)
  if ok then
    ok, message = os.rename(temporary, path)
  end
  if not ok then
    os.remove(temporary)
    return failure("save", path, reason(path, reason(temporary, message)))
  end
  return true
end

-- The text of a file.
local function read(path)
  local from, message = io.open(path, "rb")
  if not from then
    return nil, reason(path, message)
  end
  local chunks, size = {}, 0
  while true do
    local chunk, why = from:read(CHUNK)
    if why then
      from:close()
      return nil, reason(path, why)
    elseif not chunk or size > LARGEST then
      break
    end
    chunks[#chunks + 1] = chunk
    size = size + #chunk
  end
  from:close()
  if size > LARGEST then
    return nil, "is larger than a plan"
  end
  return table.concat(chunks)
end

local function is_text(value)
  return type(value) == "string" and #value <= LONGEST_TEXT and core.one_line(value, LONGEST_TEXT) == value
end

local function is_service(value)
  return value == "sms" or value == "mms"
end

-- Whether a list can have such an entry.
local function suits(name, kind, entry)
  if name == "add" then
    return kind.add ~= nil and (entry.service == nil or is_service(entry.service))
  elseif name == "replace" then
    return kind.takes_service and is_service(entry.service) and type(entry.from) == "string"
      and entry.from ~= entry.service
  end
  return true
end

-- What the JSON of a file says, or nil and what is wrong.
local function decode(path)
  local text, wrong = read(path)
  if not text then
    return nil, wrong
  end
  local decoded, why = core.decode(text)
  return decoded, why and "is no plan, or damaged: " .. why
end

-- Whether an entry of a file is one of a plan, and nothing more.
local function is_entry(pool, client, name, entry)
  local kind = type(entry) == "table" and type(entry.kind) == "string" and kinds[entry.kind]
  if not kind then
    return false
  end
  for field, value in pairs(entry) do
    local is_known = IS_FIELD[field] and (field == kind.target or field ~= "number" and field ~= "shortcode")
    if not is_known or not is_text(value) then
      return false
    end
  end
  return kinds.digits(pool, client, kind, entry[kind.target]) == entry[kind.target] and suits(name, kind, entry)
end

local function is_count(value)
  return type(value) == "number" and value >= 0 and value < 2 ^ 53 and value % 1 == 0
end

-- What is wrong with a list; nil where nothing is. `seen` has the numbers of each kind that the lists before have.
local function wrong_list(pool, client, name, decoded, seen)
  local list, count = decoded[name], decoded[name .. "_count"]
  if type(list) ~= "table" or #list ~= count then
    return ("is damaged: %s isn't a list of %s entries"):format(name, core.shown(count))
  end
  for index, entry in ipairs(list) do
    if not is_entry(pool, client, name, entry) then
      return ("is damaged: %s[%d] is no entry of a plan"):format(name, index)
    end
    local of_kind, digits = seen[entry.kind], entry.number or entry.shortcode
    if of_kind[digits] then
      return ("is damaged: %s[%d] is there twice"):format(name, index)
    end
    of_kind[digits] = true
  end
  return nil
end

-- What is wrong with what stands around the lists; nil where nothing is.
local function wrong_head(pool, client, decoded)
  if type(decoded) ~= "table" or decoded.format ~= FORMAT then
    return "is no plan"
  elseif decoded.version ~= VERSION then
    return ("is a plan of version %s, expected version %d"):format(core.shown(decoded.version), VERSION)
  elseif decoded.auth_id ~= client.auth_id then
    return ("is a plan of another account, %s"):format(core.shown(decoded.auth_id))
  elseif decoded.pool ~= pool.uuid then
    return ("is a plan of another pool, %s"):format(core.shown(decoded.pool))
  elseif type(decoded.prune) ~= "boolean" or type(decoded.unrent) ~= "boolean" or type(decoded.has_moved) ~= "boolean"
    or not is_count(decoded.max_removals) or not is_count(decoded.present) then
    return "is damaged: prune, unrent, has_moved, max_removals or present isn't right"
  end
  return nil
end

--- Reads a plan from a file.
---@param pool numberpool.Pool
---@param client numberpool.Client
---@param path string
---@return table? lists
---@return table|numberpool.Error facts what else is in it; or the error, of kind `invalid`
function file.load(pool, client, path)
  local decoded
  local wrong = wrong_path(path)
  if not wrong then
    decoded, wrong = decode(path)
  end
  wrong = wrong or wrong_head(pool, client, decoded)
  local lists, seen = {}, {}
  for _, kind in ipairs(kinds) do
    seen[kind.name] = {}
  end
  for _, name in ipairs(LISTS) do
    wrong = wrong or wrong_list(pool, client, name, decoded, seen)
    lists[name] = not wrong and decoded[name] or nil
  end
  if wrong then
    return failure("load_plan", path, wrong)
  end
  return lists, {
    prune = decoded.prune,
    unrent = decoded.unrent,
    max_removals = decoded.max_removals,
    present = decoded.present,
    has_moved = decoded.has_moved,
  }
end

return file
