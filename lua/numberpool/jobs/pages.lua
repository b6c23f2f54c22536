--- Lists without their pages: iterators that fetch ahead, and snapshots.
--
-- Paging is by offset: each page begins where the one before ended. Pages ahead are asked for by the size that the
-- server's pages turn out to have; where one of another size comes between, they are given up and asked for again, so
-- that a short page or a wrong total can't lose, repeat or hang anything.
-- @module numberpool.jobs.pages

local arguments = require "numberpool.arguments"
local call = require "numberpool.call"
local clients = require "numberpool.client"
local core = require "numberpool.core"
local errors = require "numberpool.errors"
local listing = require "numberpool.call.listing"

local operations = core.operations

local pages = {}

local PAGE = 20
local PREFETCH = 8
local MOST_PREFETCH = 100
local MOST_READS = 5 -- of a pool that keeps changing

-- Who reads where no task does.
local OUTSIDE = {}

local Reader = {}
Reader.__index = Reader

local newproxy = rawget(_G, "newproxy") -- not on every Lua, and a host's globals may refuse to be asked

-- Fetches the page at an offset in a task of its own. Ctrl-C may come before that is known.
local function fetch(self, offset)
  local client, operation, semaphore = self.client, self.operation, self.semaphore
  self.options.offset = offset
  local request = listing.as_it_comes(operation.build(self.owner, client.prefix, self.options))
  local page = { is_there = false, offset = offset }
  self.ahead[self.last + 1] = page
  page.task = client.runtime:spawn(function()
    if page.is_given_up then
      return
    end
    page.list, page.err = client:run(operation, request)
    page.is_there = true
    semaphore:post()
  end, function(ok, raised)
    if ok then
      return
    elseif page.task then
      call.forget_calls(client, page.task)
    end
    local is_interrupt = errors.is_interrupt(raised) -- LuaJIT's Ctrl-C comes in tasks too
    page.list = nil
    page.err = not is_interrupt and raised or errors.new {
      kind = "interrupted",
      message = "interrupted while a page was fetched",
      operation = operation.name,
    }
    page.is_there = true
    semaphore:post()
    if is_interrupt then
      error(raised, 0)
    end
  end)
  self.last = self.last + 1
end

-- Only the page that is needed next is asked for where the size of the others isn't known, and beyond what the server
-- says is there.
local function fetch_ahead(self)
  if self.last < self.first then
    fetch(self, self.offset)
  end
  local size, total = self.size, self.total
  while size and total and self.last - self.first + 1 < self.prefetch do
    local offset = self.ahead[self.last].offset + size
    if offset >= total then
      return
    end
    fetch(self, offset)
  end
end

-- Gives up what was fetched ahead.
local function drop_ahead(self)
  for index = self.first, self.last + 1 do
    local page = self.ahead[index]
    if page then
      page.is_given_up = true
      self.ahead[index] = nil
    end
    if page and page.task then
      call.abandon(self.client, page.task)
    end
  end
  self.first = self.last + 1
end

--- Gives up what was fetched ahead. May be called twice.
function Reader:stop()
  self.is_over = true
  drop_ahead(self)
end

-- Whether the page before is sent again, as by a server that ignores the offset. One entry may be, where another was
-- added before it, and so may a short page, where the server counts entries that it doesn't show: once.
local function repeats(self, objects)
  self.same = listing.is_same(objects, self.before) and self.same + 1 or 0
  return self.same > ((#objects == 1 or #objects < self.limit) and 1 or 0)
end

-- How many entries the server's pages seem to have: nil while that isn't known.
local function learn_size(self, list)
  local count = #list.objects
  local said = type(list.meta) == "table" and tonumber(list.meta.limit)
  local is_known = count >= self.limit or count == said or count == #self.before
  self.size = is_known and count or nil
end

local function first_of(objects, count)
  local part = {}
  for i = 1, count do
    part[i] = objects[i]
  end
  return part
end

-- The objects that the page before hadn't.
local function without_known(self, objects)
  local keys, new = {}, {}
  for _, entry in ipairs(self.given) do
    local key = listing.key(entry)
    if key ~= nil then
      keys[key] = true
    end
  end
  for _, entry in ipairs(objects) do
    local key = listing.key(entry)
    if key == nil or not keys[key] then
      new[#new + 1] = entry
    end
  end
  self.has_shifted = #new < #objects
  return #new < #objects and new or objects
end

-- Raises where a task can't be left, with nothing fetched. Nil where the reader was stopped meanwhile.
local function wait_for_page(self)
  local runtime = self.client.runtime
  runtime:give_way()
  local who = runtime:running() or OUTSIDE
  if self.is_read_by and not (self.is_read_by == OUTSIDE and who == OUTSIDE) then -- that one is gone, with Ctrl-C
    error(self.operation.name .. ": an iterator can't be used by several tasks at a time", 0)
  end
  self.is_read_by = who -- before tasks are spawned, which inside nginx run at once
  fetch_ahead(self)
  local page = self.ahead[self.first]
  while not page.is_there do
    self.semaphore:wait()
  end
  self.is_read_by = nil
  if self.is_over then
    return nil
  end
  self.is_taking = true
  self.ahead[self.first] = nil
  self.first = self.first + 1
  return page
end

local function refuse(self, err)
  self:stop()
  self.is_taking = nil
  return nil, err
end

-- What a page gives, up to where the next one begins if that is on its way already.
local function take(self, page)
  local list, following = page.list, self.ahead[self.first]
  local objects = list.objects
  local next_offset
  next_offset, self.total = listing.next_offset(list, page.offset)
  learn_size(self, list)
  if following and next_offset and next_offset > following.offset then
    objects, next_offset = first_of(objects, following.offset - page.offset), following.offset
  elseif following and next_offset ~= following.offset then
    drop_ahead(self)
  end
  local new = without_known(self, objects)
  self.before, self.given = list.objects, objects
  if next_offset then
    self.offset = next_offset
    fetch_ahead(self)
  else
    self:stop()
  end
  return new
end

--- The next page's objects; nil at the end; nil and an error where it can't be had. Raises where Ctrl-C came before the
-- page before was `taken`, which is lost then.
---@return table? objects
---@return numberpool.Error? err
function Reader:next_page()
  if self.is_taking then
    error(self.operation.name .. ": the iterator was interrupted in the middle of a page: begin a new one", 0)
  elseif self.is_over then
    return nil
  end
  local page = wait_for_page(self)
  if not page then
    return nil
  end
  if not page.list then
    return refuse(self, page.err)
  end
  if repeats(self, page.list.objects) then
    return refuse(self, errors.new {
      kind = "protocol",
      message = "the server sends the same page for every offset",
      operation = self.operation.name,
    })
  end
  return take(self, page)
end

--- Whoever asked for a page has it.
function Reader:taken()
  self.is_taking = nil
end

local function check_name(option, name, operation)
  local known = { "prefetch", "retries", "timeout" }
  for _, parameter in ipairs(operation.parameters) do
    table.insert(known, #known - 2, parameter)
  end
  for _, one in ipairs(known) do
    if option == one then
      return
    end
  end
  error(name .. ": unknown option " .. core.shown(option) .. ", expected one of " .. table.concat(known, ", "), 4)
end

-- { limit, offset, … } of the filter, without what is meant for the iterator.
local function split(filter, name, operation)
  if filter ~= nil and type(filter) ~= "table" then
    error(name .. ": options: table expected, got " .. type(filter), 3)
  end
  local options = arguments.copy(filter)
  for key in pairs(options) do
    check_name(key, name, operation)
  end
  local prefetch = options.prefetch
  options.prefetch = nil
  if prefetch == nil then
    return options, PREFETCH
  elseif type(prefetch) ~= "number" then
    error(name .. ": prefetch: integer expected, got " .. type(prefetch), 3)
  end
  return options, prefetch
end

local function wrong_prefetch(prefetch)
  if prefetch >= 1 and prefetch <= MOST_PREFETCH and math.floor(prefetch) == prefetch then
    return nil
  end
  return "prefetch: expected 1 to " .. MOST_PREFETCH .. ", got " .. core.shown(prefetch)
end

local function new_reader(client, owner, operation, options, prefetch)
  client.runtime:keep_connections(prefetch)
  local limit = options.limit or PAGE
  options.limit = limit
  return setmetatable({
    client = client,
    owner = owner,
    operation = operation,
    options = options,
    prefetch = prefetch,
    limit = limit,
    offset = options.offset or 0, -- of the page that is needed next
    size = nil, -- of the server's pages
    before = {}, -- objects of the last page
    given = {}, -- those of them that were taken
    semaphore = client.runtime:semaphore(),
    ahead = {}, -- pages, from first to last
    first = 1,
    last = 0,
    same = 0, -- pages in a row
  }, Reader)
end

-- What stops a reader when nobody holds it any more, and at the end of a loop where Lua has to-be-closed variables.
local function new_guard(reader)
  local function stop()
    reader:stop()
  end
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = stop
    return proxy
  end
  return setmetatable({}, { __gc = stop, __close = stop })
end

local function iterate(reader)
  local guard = new_guard(reader)
  local objects, index = {}, 0
  local function next_entry()
    index = index + 1
    while index > #objects do
      local page, err = reader:next_page()
      objects, index = page or {}, 1
      reader:taken()
      if not page then
        if err then
          error(err, 0)
        end
        return guard and nil
      end
    end
    return objects[index]
  end
  return next_entry, nil, nil, guard
end

-- The method that iterates over a list: `name` on objects whose list has the operation.
local function iterator(name, operation, client_of)
  return function(owner, filter)
    local client = client_of(owner, name, 2)
    local options, prefetch = split(filter, name, operation)
    local wrong = wrong_prefetch(prefetch)
    local checked, message = operation.check(options, name)
    if not checked or wrong then
      error(client:invalid(name, message or wrong), 0)
    end
    return iterate(new_reader(client, owner, operation, options, prefetch))
  end
end

-- Every entry that a reader gives, each once, and whether the list has moved meanwhile.
local function read_entries(reader)
  local entries, seen, first_total, has_moved = {}, {}, nil, false
  while true do
    local objects, err = reader:next_page()
    reader:taken()
    if not objects then
      return not err and entries or nil, err, has_moved or (first_total and #entries ~= first_total)
    end
    first_total = first_total or reader.total
    has_moved = has_moved or reader.has_shifted or reader.total ~= first_total
    for _, entry in ipairs(objects) do
      local key = listing.key(entry)
      if key == nil or not seen[key] then
        entries[#entries + 1] = entry
      end
      if key ~= nil then
        has_moved = has_moved or seen[key]
        seen[key] = true
      end
    end
  end
end

-- Nobody holds the reader, which would stop it: Ctrl-C must. A task can't be left within pcall everywhere, and is ended
-- with all that it has spawned.
local function read_once(client, pool, operation, options)
  local reader = new_reader(client, pool, operation, arguments.copy(options), PREFETCH)
  if client.runtime:running() then
    return read_entries(reader)
  end
  local ok, entries, err, has_moved = pcall(read_entries, reader)
  if not ok then
    reader:stop()
    error(entries, 0)
  end
  return entries, err, has_moved
end

-- Every entry once. Entries shift between pages when the list changes: it is read until it holds still.
local function read_all(client, pool, operation, options)
  for _ = 1, MOST_READS do
    local entries, err, has_moved = read_once(client, pool, operation, options)
    if not entries then
      return nil, err
    elseif not has_moved then
      return entries
    end
  end
  return nil, errors.new {
    kind = "conflict",
    message = "the list kept changing while it was read " .. MOST_READS .. " times",
    operation = operation.name,
  }
end

local SNAPSHOT = { numbers = "list_numbers", tollfree = "list_tollfree", shortcodes = "list_shortcodes" }

-- Everything in a pool.
local function snapshot(pool, options)
  local client = core.pool_client(pool, "snapshot")
  local checked, message = operations["pool.get"].check(options, "snapshot") -- which has no options of its own
  if not checked then
    return nil, client:invalid("snapshot", message)
  end
  local everything = {}
  for field, name in pairs(SNAPSHOT) do
    local entries, err = read_all(client, pool, operations["pool." .. name], options)
    if not entries then
      return nil, err
    end
    everything[field] = entries
  end
  return everything
end

--- Adds the iterators and snapshots to the methods.
---@param methods table by object
function pages.install(methods)
  methods.pool.numbers = iterator("numbers", operations["pool.list_numbers"], core.pool_client)
  methods.pool.shortcodes = iterator("shortcodes", operations["pool.list_shortcodes"], core.pool_client)
  methods.pool.tollfree = iterator("tollfree", operations["pool.list_tollfree"], core.pool_client)
  methods.pool.snapshot = snapshot
  methods.powerpacks.each = iterator("each", operations["powerpacks.list"], clients.of_powerpacks)
end

return pages
