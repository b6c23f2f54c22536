--- A pool at a glance on a terminal: what it has, with bars.
-- @module numberpool.report.picture

local dates = require "numberpool.report.dates"
local summary = require "numberpool.report.summary"
local text = require "numberpool.report.text"

local picture = {}

local MOST_ROWS = 10 -- of a group
local MOST_MONTHS = 12 -- beyond that, years
local MOST_LABEL = 24 -- columns
local LEAST_BAR, MOST_BAR = 4, 60 -- columns
local SHARE = 8 -- columns of "  45.0 %"
local GAP = 2

local HEADS = { country = "Country", area_code = "Area code", type = "Type", service = "Service" }

local STYLES = { head = "\27[1m", bar = "\27[36m", faint = "\27[2m", warning = "\27[33m" }
local PLAIN = "\27[0m"

-- Characters of a text that is fit for a terminal; each is one column wide.
local function columns(value)
  local _, count = value:gsub("[^\128-\191]", "")
  return count
end

local function first_columns(value, count)
  local kept, at = {}, 0
  for character in value:gmatch "[^\128-\191][\128-\191]*" do
    at = at + 1
    if at > count then
      break
    end
    kept[at] = character
  end
  return table.concat(kept)
end

-- A text that is at most so many columns wide: its end is replaced where it has to be.
local function fitted(self, value, width)
  if columns(value) <= width then
    return value
  end
  local mark = self.is_utf8 and "…" or "..."
  local rest = width - columns(mark)
  return rest > 0 and first_columns(value, rest) .. mark or first_columns(value, width)
end

local function styled(self, style, value)
  return self.has_colours and style and value ~= "" and STYLES[style] .. value .. PLAIN or value
end

local function add_line(self, style, value)
  self.lines[#self.lines + 1] = styled(self, style, fitted(self, value, self.width))
end

-- Adds a text in as many lines as it takes; the second and later ones begin further right.
local function add_text(self, style, value)
  local line = nil
  for word in value:gmatch "%S+" do
    local longer = line and line .. " " .. word or word
    if line and columns(longer) > self.width then
      add_line(self, style, line)
      longer = (self.width > 20 and "  " or "") .. word
    end
    line = longer
  end
  add_line(self, style, line or "")
end

local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

-- A bar of at most so many columns, for a part from 0 to 1. However small the part is, the bar can be seen.
local function bar(self, part, width)
  if not self.is_utf8 then
    return ("#"):rep(math.max(math.floor(part * width + 0.5), 1))
  end
  local eighths = math.max(math.floor(part * width * 8 + 0.5), 1)
  return ("█"):rep(math.floor(eighths / 8)) .. (EIGHTHS[eighths % 8] or "")
end

-- Which columns a picture has room for: labels and counts always, then bars, then shares.
local function lay_out(self, groups)
  local label, count = 0, 0
  for _, group in ipairs(groups) do
    for _, row in ipairs(group.rows) do
      label = math.max(label, columns(row.label))
      count = math.max(count, #text.count(row.count))
    end
  end
  label = math.max(math.min(label, MOST_LABEL, self.width - count - 2 * GAP), 1)
  local rest = self.width - GAP - label - GAP - count
  self.label, self.count = label, count
  self.has_share = rest >= SHARE + GAP + LEAST_BAR
  rest = rest - (self.has_share and SHARE or 0) - GAP
  self.bar = rest >= LEAST_BAR and math.min(rest, MOST_BAR) or 0
end

local function add_row(self, row, most, total)
  local label = fitted(self, row.label, self.label)
  local count = text.count(row.count)
  local line = "  " .. label .. (" "):rep(self.label - columns(label)) .. "  "
    .. (" "):rep(self.count - #count) .. count
  if self.has_share then
    line = line .. ("%6s %%"):format(text.share(row.count, total))
  end
  line = fitted(self, line, self.width)
  local has_bar = self.bar > 0 and not row.is_rest and row.count > 0
  local of_bar = has_bar and bar(self, row.count / most, self.bar) or ""
  if row.is_rest then
    line = styled(self, "faint", line)
  end
  self.lines[#self.lines + 1] = line .. (of_bar ~= "" and "  " .. styled(self, "bar", of_bar) or "")
end

local function add_group(self, group)
  local most = 0
  for _, row in ipairs(group.rows) do
    most = math.max(most, row.is_rest and 0 or row.count)
  end
  self.lines[#self.lines + 1] = ""
  add_line(self, "head", group.head)
  for _, row in ipairs(group.rows) do
    add_row(self, row, most, group.total)
  end
end

-- The rows of a group: the first values, then what isn't shown one by one.
local function rows_of(self, result, name)
  local rows, values, rest = {}, result[name], 0
  local shown = #values > MOST_ROWS and MOST_ROWS - 1 or #values
  for i, of_value in ipairs(values) do
    if i <= shown then
      rows[i] = { label = text.terminal(of_value.value, self.is_utf8), count = of_value.count }
    else
      rest = rest + of_value.count
    end
  end
  if rest > 0 then
    rows[#rows + 1] = { label = ("%s more"):format(text.count(#values - shown)), count = rest, is_rest = true }
  end
  if result.others[name] > 0 then
    rows[#rows + 1] = { label = "others", count = result.others[name], is_rest = true }
  end
  if result.unknown[name] > 0 then
    rows[#rows + 1] = { label = "not known", count = result.unknown[name], is_rest = true }
  end
  return rows
end

-- Counts by month, or by year where that would be many, the last ones.
local function dates_of(result)
  local rows = {}
  local length = #result.months > MOST_MONTHS and 4 or 7
  for _, of_month in ipairs(result.months) do
    local label = of_month.value:sub(1, length)
    local row = rows[#rows]
    if row and row.label == label then
      row.count = row.count + of_month.count
    else
      rows[#rows + 1] = { label = label, count = of_month.count }
    end
  end
  local earlier = 0
  while #rows > MOST_MONTHS do
    earlier = earlier + table.remove(rows, 1).count
  end
  if earlier > 0 then
    table.insert(rows, 1, { label = "earlier", count = earlier, is_rest = true })
  end
  if result.unknown.added_on > 0 then
    rows[#rows + 1] = { label = "not known", count = result.unknown.added_on, is_rest = true }
  end
  return rows
end

local function groups_of(self, result)
  local of_numbers = result.total - result.kinds.shortcodes
  local kinds = { head = "Kind", total = result.total, rows = {} }
  for i, kind in ipairs(summary.KINDS) do
    kinds.rows[i] = { label = summary.NOUNS[kind][2], count = result.kinds[kind] }
  end
  local groups = { kinds }
  for _, name in ipairs(summary.GROUPS) do
    groups[#groups + 1] = { head = HEADS[name], rows = rows_of(self, result, name),
      total = name == "country" and result.total or of_numbers }
  end
  groups[#groups + 1] = { head = "Added", rows = dates_of(result), total = result.total }
  return groups
end

local function add_date(self, what, entry)
  if entry then
    add_text(self, nil, ("%s: %s, %s %s"):format(what, text.terminal(dates.shown(entry.added_on), self.is_utf8),
      summary.NOUNS[entry.kind][1], entry.number and text.terminal(entry.number, self.is_utf8) or "(none given)"))
  end
end

--- Draws what a pool has. Returns lines, each with its line end, none of them wider than the terminal.
---@param result numberpool.report.Result
---@param options { width: integer?, is_utf8: boolean?, has_colours: boolean?, title: string? }? default: 80, ASCII
---@return string
function picture.draw(result, options)
  options = options or {}
  local self = {
    width = math.max(options.width or 80, 1), is_utf8 = options.is_utf8, has_colours = options.has_colours, lines = {},
  }
  add_text(self, "head", text.terminal(options.title or "Number pool " .. (result.pool or ""), self.is_utf8))
  add_text(self, nil, text.counted(result.total, "entry", "entries"))
  add_date(self, "oldest", result.oldest)
  add_date(self, "newest", result.newest)
  local groups = groups_of(self, result)
  lay_out(self, groups)
  for _, group in ipairs(groups) do
    if #group.rows > 0 and result.total > 0 then
      add_group(self, group)
    end
  end
  if #result.notes > 0 then
    self.lines[#self.lines + 1] = ""
  end
  for _, note in ipairs(result.notes) do
    add_text(self, "warning", note)
  end
  return table.concat(self.lines, "\n") .. "\n"
end

--- Whether a locale's encoding is UTF-8, by the variables that set it.
---@param get_variable (fun(name: string): string?)? default: os.getenv
---@return boolean
function picture.is_utf8(get_variable)
  get_variable = get_variable or os.getenv
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = get_variable(name)
    if value and value ~= "" then
      return value:lower():find "utf%-?8" ~= nil
    end
  end
  return false
end

return picture
