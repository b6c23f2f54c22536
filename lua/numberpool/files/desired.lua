--- Reads what a pool should have from a file, as `pool:plan` takes it. A file with a mistake in it gives nothing.
-- @module numberpool.files.desired

local numbers = require "numberpool.files.numbers"
local reader = require "numberpool.files.reader"

local desired = {}

local MOST_MESSAGES = 20

--- What was read.
---@class numberpool.files.Desired
---@field path string
---@field lists table<string, table[]> by list the entries that `pool:plan` takes: only lists that the file has
---@field count integer entries, each once
---@field repeated string[] which numbers are there more than once

local Collector = {}
Collector.__index = Collector

local function complain(self, message)
  self.wrong = self.wrong + 1
  if self.wrong <= MOST_MESSAGES then
    self.messages[self.wrong] = message
  end
end

local function new_list()
  return { entries = {}, position_of = {}, lines = {} }
end

local function place_of(list, position)
  local line = list.lines[position]
  return type(line) == "number" and "line " .. line or line
end

-- A number that is there already: it may get its service now, and must not get another one.
local function merge(self, list, position, row, digits)
  local entry = list.entries[position]
  local service = type(entry) == "table" and entry.service or nil
  if row.service and service and row.service ~= service then
    return complain(self, ("%s: expected one service for %s, got %s on %s and %s on %s"):format(row.place, digits,
      service, place_of(list, position), row.service, row.place))
  elseif row.service and not service then
    list.entries[position] = { number = digits, service = row.service }
  end
  local repeated = self.repeated
  repeated.count = repeated.count + 1
  if #repeated < MOST_MESSAGES then
    repeated[#repeated + 1] = ("%s is there again, on %s and %s"):format(digits, place_of(list, position), row.place)
  end
end

function Collector:add(row)
  if row.error then
    return complain(self, row.place .. ": " .. row.error)
  end
  local list = self.lists[row.list] or new_list()
  self.lists[row.list] = list
  local digits = numbers.digits_of(row.number or row.text)
  local position = list.position_of[digits]
  if position then
    return merge(self, list, position, row, digits)
  end
  position = #list.entries + 1
  list.position_of[digits] = position
  list.lines[position] = row.line or row.place
  list.entries[position] = row.service and { number = digits, service = row.service } or digits
  self.count = self.count + 1
end

-- What is wrong with the file, a line for each mistake.
local function message_of(self, path)
  local lines = {}
  for i, message in ipairs(self.messages) do
    lines[i] = path .. ": " .. message
  end
  if self.wrong > #lines then
    lines[#lines + 1] = ("%s: %d more mistakes"):format(path, self.wrong - #lines)
  end
  return table.concat(lines, "\n")
end

--- Reads a file.
---@param path string `-` is standard input
---@param options numberpool.files.ReadOptions?
---@return numberpool.files.Desired?
---@return string? message a line for each mistake, with the file and the line
function desired.read(path, options)
  options = options or {}
  local self = setmetatable({ lists = {}, count = 0, wrong = 0, messages = {}, repeated = { count = 0 } }, Collector)
  local contents, message = reader.each(path, {
    format = options.format,
    calling_code = options.calling_code,
    check = options.check,
  }, function(row)
    self:add(row)
  end)
  if not contents then
    return nil, message
  elseif self.wrong > 0 then
    return nil, message_of(self, contents.path)
  end
  local result = { path = contents.path, lists = {}, count = self.count, repeated = {} }
  for list in pairs(contents.lists) do
    result.lists[list] = self.lists[list] and self.lists[list].entries or {}
  end
  for i, text in ipairs(self.repeated) do
    result.repeated[i] = contents.path .. ": " .. text
  end
  if self.repeated.count > #self.repeated then
    result.repeated[#result.repeated + 1] = ("%s: %d more numbers are there again"):format(contents.path,
      self.repeated.count - #self.repeated)
  end
  return result
end

return desired
