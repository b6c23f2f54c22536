--- Lists without their pages: iterators.
-- @module numberpool.jobs.pages

local core = require "numberpool.core"
local options = require "numberpool.options"
local reader = require "numberpool.jobs.reader"

local pages = {}

local OPTIONS = { prefetch = options.integer(1, 100, 8) }

local newproxy = rawget(_G, "newproxy") -- not on every Lua, and a host's globals may refuse to be asked

-- What stops a reader when nobody holds it any more, and at the end of a loop where Lua has to-be-closed variables.
local function new_guard(of_list)
  local function stop()
    of_list:stop()
  end
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = stop
    return proxy
  end
  return setmetatable({}, { __gc = stop, __close = stop })
end

local function iterate(of_list)
  local guard = new_guard(of_list)
  local page, index = of_list.page, 0
  local function next_entry()
    if page ~= of_list.page then
      page, index = of_list.page, 0
    end
    index = index + 1
    local entry = page[index]
    if entry ~= nil then
      return entry
    end
    local is_there, err = of_list:turn()
    if is_there then
      return next_entry()
    elseif err then
      error(err, 0)
    end
    return guard and nil
  end
  return next_entry, nil, nil, guard
end

--- Makes the method that iterates over a list.
---@param name string
---@param of string the operation that lists, as "pool.list_numbers"
---@param client_of fun(owner: any, name: string, level: integer): numberpool.Client raises for another owner
---@return function
function pages.iterator(name, of, client_of)
  local operation = core.operations[of]
  local read = options.reader(name, OPTIONS, operation)
  return function(owner, filter)
    local client = client_of(owner, name, 2)
    local own, wrong, of_row = read(filter, 2)
    local is_right, message = operation.check(of_row, name)
    if wrong or not is_right then
      return nil, client:invalid(name, message or wrong)
    end
    return iterate(reader.new(client, owner, operation, of_row, own.prefetch))
  end
end

return pages
