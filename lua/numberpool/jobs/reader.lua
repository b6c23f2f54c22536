--- Reads a list page by page, with pages fetched ahead.
--
-- Paging is by offset: each page begins where the one before ended. Pages ahead are asked for by the size that the
-- server's pages turn out to have; where one of another size comes between, they are given up and asked for again, so
-- that a short page or a wrong total can't lose, repeat or hang anything.
-- @module numberpool.jobs.reader

local crew = require "numberpool.jobs.crew"
local errors = require "numberpool.errors"
local listing = require "numberpool.call.listing"

local PAGE = 20

local Reader = {}
Reader.__index = Reader

local reader = {}

--- Makes a reader of a list. It fetches nothing before the first page is asked for.
---@param client numberpool.Client
---@param owner any the object that has the operation
---@param operation table
---@param options table of the operation; becomes the reader's
---@param prefetch integer pages in flight
---@return table
function reader.new(client, owner, operation, options, prefetch)
  client.runtime:keep_connections(prefetch)
  options.limit = options.limit or PAGE
  return setmetatable({
    client = client,
    owner = owner,
    operation = operation,
    options = options,
    prefetch = prefetch,
    crew = crew.new(client.runtime),
    offset = options.offset or 0, -- of the page that is needed next
    total = nil, -- entries, as the server says
    size = nil, -- of the server's pages
    before = {}, -- objects of the last page
    given = {}, -- those of them that were taken
    repeats = 0, -- of the same page, in a row
    ahead = {}, -- pages that were asked for: { ticket, offset }
    page = {}, -- objects of the one that was turned to
    is_reading = false,
    is_over = false,
  }, Reader)
end

local function fetch_page(self, request)
  return self.client:run(self.operation, request)
end

local function fetch(self, offset)
  self.options.offset = offset
  local request = self.operation.build(self.owner, self.client.prefix, self.options)
  local ticket = self.crew:begin(fetch_page, self, listing.as_it_comes(request))
  self.ahead[#self.ahead + 1] = { ticket = ticket, offset = offset }
end

-- Asks for pages ahead. Where the size of pages isn't known, and beyond what the server says is there, only for the one
-- that is needed next.
local function fetch_ahead(self)
  local ahead, size, total = self.ahead, self.size, self.total
  if #ahead == 0 then
    fetch(self, self.offset)
  end
  while size and total and #ahead < self.prefetch and ahead[#ahead].offset + size < total do
    fetch(self, ahead[#ahead].offset + size)
  end
end

local function drop_ahead(self)
  self.ahead = {}
  self.crew:abandon_all()
end

--- Gives up what was fetched ahead. May be called twice.
function Reader:stop()
  self.is_over = true
  drop_ahead(self)
  self.crew:disband()
end

-- Whether the page before is sent again, as by a server that ignores the offset. One entry may be, where another was
-- added before it, and so may a short page, where the server counts entries that it doesn't show: once.
local function is_repeated(self, objects)
  self.repeats = listing.is_same(objects, self.before) and self.repeats + 1 or 0
  return self.repeats > ((#objects == 1 or #objects < self.options.limit) and 1 or 0)
end

-- How many entries the server's pages seem to have; nil while that isn't known.
local function size_of_pages(self, list)
  local count = #list.objects
  local said = type(list.meta) == "table" and tonumber(list.meta.limit)
  local is_known = count >= self.options.limit or count == said or count == #self.before
  return is_known and count or nil
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

-- Waits for the page that is needed next. Nil where the reader was stopped meanwhile.
local function wait_for_page(self)
  fetch_ahead(self)
  local page = self.ahead[1]
  local ticket = self.crew:wait(page.ticket)
  if self.is_over then
    return nil
  end
  table.remove(self.ahead, 1)
  page.list, page.err = ticket.value, ticket.err
  if not ticket.ok then -- raised, as by a hook
    page.list, page.err = nil, ticket.value
  end
  return page
end

-- The objects that a page gives: up to where the next page begins, if that is on its way already.
local function take(self, page)
  local list, following = page.list, self.ahead[1]
  local objects = list.objects
  local next_offset
  next_offset, self.total = listing.next_offset(list, page.offset)
  self.size = size_of_pages(self, list)
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

local function leave(_, self)
  self.is_reading = false
end

local function read_page(self)
  local page = wait_for_page(self)
  if not page then
    return nil
  end
  local err = page.err
  if page.list and is_repeated(self, page.list.objects) then
    err = errors.new {
      kind = "protocol",
      message = "the server sends the same page for every offset",
      operation = self.operation.name,
    }
  end
  if err then
    self:stop()
    return nil, err
  end
  return take(self, page)
end

-- Calls a function that reads, for one task at a time. Raises where it can't wait here.
local function read(self, fn)
  local runtime = self.client.runtime
  runtime:check_wait()
  if self.is_reading then
    error(self.operation.name .. ": an iterator can't be used by several tasks at a time", 0)
  end
  self.is_reading = true
  local objects, err = runtime:shelter(leave, fn, self)
  self.is_reading = false
  return objects, err
end

--- The next page's objects; nil at the end; nil and an error where it can't be had.
---@return table? objects
---@return numberpool.Error? err
function Reader:next_page()
  if self.is_over then
    return nil
  end
  return read(self, read_page)
end

local function turn_page(self)
  local objects, err = read_page(self)
  self.page = objects or {}
  return objects ~= nil, err
end

--- Makes the next page the reader's `page`. Ctrl-C in the middle loses none. False at the end; false and an error where
-- the page can't be had.
---@return boolean
---@return numberpool.Error? err
function Reader:turn()
  if self.is_over then
    self.page = {}
    return false
  end
  return read(self, turn_page)
end

return reader
