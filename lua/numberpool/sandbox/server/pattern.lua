--- Matches Lua patterns in a time that is bounded by the lengths of text and pattern. `string.find` tries one way
--- through a pattern after another, which can take years. Here all ways are followed at once. That tells whether there
--- is a match, which doesn't depend on captures or on how much an item takes. `%1` to `%9` depend on the way, and are
--- refused.
local pattern = {}

local LONGEST = 300 -- bytes of a pattern

local function fail(problem)
  error({ problem = problem }, 0)
end

-- The set of bytes that a single item matches, such as `a`, `.`, `%d` or `[^/]`.
local function bytes_of(item)
  if item == "\0" then
    fail "a NUL byte, which no path has"
  end
  local set = {}
  for code = 0, 255 do
    local ok, at = pcall(string.find, string.char(code), "^" .. item .. "$")
    if not ok then
      fail((tostring(at):gsub("^.-:%d+: ", "")))
    end
    set[code] = at ~= nil
  end
  return set
end

-- The place of a set's closing bracket. Right after `[` or `[^` a bracket stands for itself.
local function end_of_set(text, at)
  at = at + (text:sub(at + 1, at + 1) == "^" and 2 or 1)
  repeat
    if at > #text then
      fail "missing ']'"
    end
    at = at + (text:sub(at, at) == "%" and 2 or 1)
  until text:sub(at, at) == "]"
  return at
end

local function end_of_item(text, at)
  local first = text:sub(at, at)
  if first == "[" then
    return end_of_set(text, at)
  end
  if first ~= "%" then
    return at
  end
  if at == #text then
    fail "ends with '%'"
  end
  return at + 1
end

-- Returns an item that is more than a set of bytes, and the place after it; or nil where there is none.
local function special(text, at, open)
  local first, two = text:sub(at, at), text:sub(at, at + 1)
  if first == "(" then
    open.count = open.count + (text:sub(at + 1, at + 1) == ")" and 0 or 1)
    return { kind = "nothing" }, at + (text:sub(at + 1, at + 1) == ")" and 2 or 1)
  elseif first == ")" then
    open.count = open.count - 1
    if open.count < 0 then
      fail "unexpected ')'"
    end
    return { kind = "nothing" }, at + 1
  elseif first == "$" and at == #text then
    return { kind = "end" }, at + 1
  elseif two == "%b" then
    if at + 3 > #text then
      fail "missing arguments to '%b'"
    end
    return { kind = "balanced", opens = text:byte(at + 2), closes = text:byte(at + 3) }, at + 4
  elseif two == "%f" then
    if text:sub(at + 2, at + 2) ~= "[" then
      fail "missing '[' after '%f'"
    end
    local last = end_of_set(text, at + 2)
    return { kind = "frontier", set = bytes_of(text:sub(at + 2, last)) }, last + 1
  elseif two:find "^%%%d" then
    fail("'" .. two .. "' is not taken")
  end
end

local REPEATS = { ["*"] = true, ["-"] = true, ["+"] = true, ["?"] = true }

--- Makes a pattern ready for `matches`.
---@param text string
---@return table? compiled
---@return string? problem
function pattern.compile(text)
  if #text > LONGEST then
    return nil, ("longer than %d bytes"):format(LONGEST)
  end
  local compiled = { anchored = text:sub(1, 1) == "^" }
  local ok, problem = pcall(function()
    local at, open = compiled.anchored and 2 or 1, { count = 0 }
    while at <= #text do
      local item, after = special(text, at, open)
      if not item then
        local last = end_of_item(text, at)
        item, after = { kind = "bytes", set = bytes_of(text:sub(at, last)) }, last + 1
        local suffix = text:sub(after, after)
        if REPEATS[suffix] then
          item.suffix, after = suffix, after + 1
        end
      end
      compiled[#compiled + 1] = item
      at = after
    end
    if open.count > 0 then
      fail "unfinished capture"
    end
  end)
  if not ok then
    return nil, type(problem) == "table" and problem.problem or tostring(problem)
  end
  return compiled
end

-- For each place of an opening byte of a `%b`: the place after its closing one.
local function balances(text, item)
  local after, stack = {}, {}
  for at = 1, #text do
    local byte = text:byte(at)
    if byte == item.closes and (item.opens ~= item.closes or #stack > 0) then
      if #stack > 0 then
        after[table.remove(stack)] = at + 1
      end
      if item.opens == item.closes then
        stack[1] = at
      end
    elseif byte == item.opens then
      stack[#stack + 1] = at
    end
  end
  return after
end

-- The ways through a text: lists of the items that some way has reached, one for the current place and one for the
-- next. A `%b` reaches a place further on, which `jumps` keeps until it is the current one.
local Ways = {}
Ways.__index = Ways

local function new_ways(text)
  return setmetatable({
    text = text, balances = {}, jumps = {},
    [0] = { count = 0, seen = {} }, [1] = { count = 0, seen = {} }, -- for even and for odd places
  }, Ways)
end

-- Each item is in a list once.
function Ways:add(at, index)
  local list = self[at % 2]
  if list.seen[index] == at then
    return
  end
  list.seen[index] = at
  list.count = list.count + 1
  list[list.count] = index
end

function Ways:jump(at, index)
  self.jumps[at] = self.jumps[at] or {}
  self.jumps[at][index] = true
end

function Ways:arrive(at)
  for index in pairs(self.jumps[at] or {}) do
    self:add(at, index)
  end
  self.jumps[at] = nil
end

local steps = {}

function steps.nothing(ways, at, index)
  ways:add(at, index + 1)
end

steps["end"] = function(ways, at, index)
  if at == #ways.text + 1 then
    ways:add(at, index + 1)
  end
end

function steps.frontier(ways, at, index, item)
  local before, here = ways.text:byte(at - 1), ways.text:byte(at)
  if at == 1 then
    before = nil
  end
  if not item.set[before or 0] and item.set[here or 0] then
    ways:add(at, index + 1)
  end
end

function steps.balanced(ways, at, index, item)
  ways.balances[index] = ways.balances[index] or balances(ways.text, item)
  local after = ways.balances[index][at]
  if after then
    ways:jump(after, index + 1)
  end
end

function steps.bytes(ways, at, index, item)
  local suffix = item.suffix
  if suffix and suffix ~= "+" then
    ways:add(at, index + 1)
  end
  local byte = ways.text:byte(at)
  if not byte or not item.set[byte] then
    return
  end
  if suffix ~= "?" and suffix then
    ways:add(at + 1, index)
  end
  if not suffix or suffix == "?" or suffix == "+" then
    ways:add(at + 1, index + 1)
  end
end

--- Whether a pattern matches anywhere in a text.
---@param compiled table from `compile`
---@param text string
---@return boolean
function pattern.matches(compiled, text)
  local ways = new_ways(text)
  for at = 1, #text + 1 do
    if at == 1 or not compiled.anchored then
      ways:add(at, 1)
    end
    ways:arrive(at)
    local list, done = ways[at % 2], 0
    while done < list.count do -- the list grows meanwhile
      done = done + 1
      local index = list[done]
      local item = compiled[index]
      if not item then
        return true
      end
      steps[item.kind](ways, at, index, item)
    end
    list.count = 0
  end
  return false
end

return pattern
