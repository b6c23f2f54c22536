--- The entries of a page's table, as they go by: the first of them, as the JSON that the page's script reads.
-- @module numberpool.report.page.rows

local dates = require "numberpool.report.dates"
local text = require "numberpool.report.text"

local rows = {}

local MOST = 100000
local MOST_WRITTEN = 50 -- also in the page as HTML, for who has no script
local CHUNK = 500 -- entries that become one string

local KINDS = { numbers = "number", tollfree = "toll-free", shortcodes = "shortcode" }

local Rows = {}
Rows.__index = Rows

--- Makes an empty table.
---@param most integer? entries that it takes; default: 100,000
---@return table
function rows.new(most)
  return setmetatable({
    most = most or MOST, count = 0, total = 0,
    first = {}, -- the cells of those that are also HTML
    words = { '""' }, index_of = { [""] = 0 }, -- texts that many entries share; "" is what isn't known
    chunks = {}, chunk = {},
  }, Rows)
end

-- The index of a text that many entries share.
local function word(self, value)
  value = value or ""
  local index = self.index_of[value]
  if not index then
    index = #self.words
    self.words[index + 1] = text.json(value)
    self.index_of[value] = index
  end
  return index
end

--- Takes an entry, if there is room for it.
---@param known numberpool.report.Facts
function Rows:add(known)
  self.total = self.total + 1
  if self.count >= self.most then
    return
  end
  self.count = self.count + 1
  local kind, number = KINDS[known.kind], known.number or ""
  local added = known.added_at and dates.text(known.added_at) or known.added_on or ""
  self.chunk[#self.chunk + 1] = ("[%s,%d,%d,%d,%d,%d,%s]"):format(text.json(number), word(self, kind),
    word(self, known.country), word(self, known.area_code), word(self, known.type), word(self, known.service),
    text.json(added))
  if #self.chunk == CHUNK then
    self.chunks[#self.chunks + 1] = table.concat(self.chunk, ",\n")
    self.chunk = {}
  end
  if self.count <= MOST_WRITTEN then
    local shown = known.added_at and dates.shown(added) or added
    self.first[self.count] = { number, kind, known.country or "", known.area_code or "", known.type or "",
      known.service or "", shown }
  end
end

--- The rows that are also there without a script, in HTML.
---@return string
function Rows:html()
  local lines = {}
  for _, cells in ipairs(self.first) do
    lines[#lines + 1] = '<tr role="row">'
    for i, value in ipairs(cells) do
      lines[#lines + 1] = ('<td role="cell"%s>%s</td>'):format(i == 1 and ' class="number"' or "", text.html(value))
    end
    lines[#lines + 1] = "</tr>\n"
  end
  return table.concat(lines)
end

--- Gives all rows as JSON, in pieces.
---@param write fun(piece: string)
function Rows:write_json(write)
  write('{"words":[' .. table.concat(self.words, ",") .. '],"rows":[\n')
  for i, chunk in ipairs(self.chunks) do
    write((i > 1 and ",\n" or "") .. chunk)
  end
  if #self.chunk > 0 then
    write((#self.chunks > 0 and ",\n" or "") .. table.concat(self.chunk, ",\n"))
  end
  write "\n]}"
end

return rows
