-- The numbers of the pool. A timer of one worker reads them into a shared dictionary, from which each worker makes an
-- index of its own.
local numberpool = require "numberpool"

local numbers = {}

local REFRESH = tonumber(os.getenv "SENDER_REFRESH" or "") or 60 -- seconds
local HELD = 300 -- seconds after which a worker that reads the pool counts as dead

local dictionary = ngx.shared.pool

local function must(value, err)
  if not value then
    error(tostring(err), 0)
  end
  return value
end

local client = must(numberpool.new())
local uuid = must(os.getenv "NUMBERPOOL_POOL", "NUMBERPOOL_POOL: expected the uuid of a pool, got none")
local pool = must(client:pool(uuid))

-- Country codes of one digit and of two, as ITU-T E.164 assigns them; all others have three.
local CODES_OF_ONE = "^[17]"
local CODES_OF_TWO = { "^2[07]", "^3[0-469]", "^4[013-9]", "^5[1-8]", "^6[0-6]", "^8[12469]", "^9[0-58]" }

local function code_length(number)
  if number:find(CODES_OF_ONE) then
    return 1
  end
  for _, pattern in ipairs(CODES_OF_TWO) do
    if number:find(pattern) then
      return 2
    end
  end
  return 3
end

-- By the length of the country code: how many first digits the numbers of an area have in common. After 1 and 7 an area
-- code has three digits. Elsewhere it may have two to five, so the longest match counts.
local AREA_LENGTHS = { { 4 } }
for length = 2, 3 do
  AREA_LENGTHS[length] = { length + 5, length + 4, length + 3, length + 2 }
end

local function lengths_of(number)
  return AREA_LENGTHS[code_length(number)]
end

local function read_pool()
  local list = {}
  for entry in pool:numbers() do
    list[#list + 1] = tostring(entry.number)
  end
  table.sort(list) -- the same numbers in another order must give the same choices
  return table.concat(list, " ")
end

-- Writes a new list. The version comes last: who sees the new version sees the new list too.
local function publish(text)
  if text ~= dictionary:get "numbers" then
    must(dictionary:set("numbers", text))
    dictionary:incr("version", 1, 0)
  end
  dictionary:set("is_recent", true, REFRESH * 0.9)
end

-- Reads the pool, unless another worker does or has just done so.
local function refresh(is_premature)
  if is_premature or dictionary:get "is_recent" or not dictionary:add("lock", true, HELD) then
    return
  end
  local ok, result = pcall(read_pool)
  if ok then
    ok, result = pcall(publish, result)
  end
  dictionary:delete "lock"
  if not ok then
    ngx.log(ngx.WARN, "the numbers stay as they were, since the pool can't be read: ", tostring(result))
  end
end

--- Reads the pool now and every REFRESH seconds. For `init_worker_by_lua`.
function numbers.start()
  must(ngx.timer.at(0, refresh))
  must(ngx.timer.every(REFRESH, refresh))
end

local function add(index, prefix, number)
  local list = index.by_prefix[prefix]
  if not list then
    list = {}
    index.by_prefix[prefix] = list
  end
  list[#list + 1] = number
end

local function new_index(version)
  local index = { version = version, all = {}, is_there = {}, by_prefix = {} }
  for number in (dictionary:get "numbers"):gmatch "%d+" do
    index.all[#index.all + 1] = number
    index.is_there[number] = true
    for _, length in ipairs(lengths_of(number)) do
      add(index, number:sub(1, length), number)
    end
  end
  return index
end

local current

--- The index of the current numbers; nil before they were read for the first time.
---@return table? { all, is_there, by_prefix }
function numbers.index()
  local version = dictionary:get "version"
  if version and (not current or current.version ~= version) then
    current = new_index(version)
  end
  return current
end

--- The numbers that are nearest to a recipient.
---@param index table
---@param recipient string
---@return string[] list
---@return "area"|"any" match whether they are of the recipient's area
function numbers.nearest(index, recipient)
  for _, length in ipairs(lengths_of(recipient)) do
    local list = index.by_prefix[recipient:sub(1, length)]
    if list then
      return list, "area"
    end
  end
  return index.all, "any"
end

return numbers
