--- The charts of a page: tables whose bars are SVG, so that each figure is text that can be read, found and copied.
-- @module numberpool.report.page.charts

local text = require "numberpool.report.text"

local charts = {}

local MOST_BARS = 12 -- further ones are below, where they can be opened
local MOST_COLUMNS = 60

local html = text.html

local function svg_bar(part)
  if part == 0 then
    return ""
  end
  return ('<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="%d" '
    .. 'height="10"/></svg>'):format(math.max(math.floor(part * 1000 + 0.5), 4))
end

local function bar_row(group, row, most)
  local is_value = not row.is_rest and group.column
  local data = is_value and (' data-column="%d" data-value="%s"'):format(group.column, html(row.value)) or ""
  return ('<tr><th scope="row"%s>%s</th><td class="graph">%s</td><td class="count">%s</td>'
    .. '<td class="share">%s%%</td></tr>\n'):format(data, html(row.value),
    row.is_rest and "" or svg_bar(row.count / most), text.count(row.count), html(text.share(row.count, group.total)))
end

local BAR_HEADS = '<table class="bars"><thead><tr><th scope="col" class="label"><span class="unseen">%s</span></th>'
  .. '<th scope="col"><span class="unseen">Bar</span></th>'
  .. '<th scope="col" class="tally"><span class="unseen">Entries</span></th>'
  .. '<th scope="col" class="part"><span class="unseen">Share</span></th></tr></thead><tbody>\n'

local function bar_table(group, rows, most)
  local lines = { BAR_HEADS:format(html(group.head)) }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = bar_row(group, row, most)
  end
  lines[#lines + 1] = "</tbody></table>"
  return table.concat(lines)
end

-- What is opened by a click on a summary, and scrolls where it is long.
local function details(group, summary, rows, most)
  return ('<details><summary>%s</summary><div class="scroll" tabindex="0" role="group" aria-label="%s">'):format(
    html(summary), html(summary)) .. bar_table(group, rows, most) .. "</div></details>\n"
end

--- A chart.
---@class numberpool.report.Bars
---@field id string
---@field head string
---@field many string what the values are called
---@field column integer the one of the table that has the values
---@field total integer
---@field rows { value: string, count: integer, is_rest: boolean? }[] the largest first
---@field is_tall boolean? it has a column of the page to itself

--- A chart with a bar for each value.
---@param group numberpool.report.Bars
---@return string
function charts.bars(group)
  local most, shown, hidden = 1, {}, {}
  local most_shown = #group.rows > MOST_BARS + 1 and MOST_BARS or #group.rows
  for i, row in ipairs(group.rows) do
    most = row.is_rest and most or math.max(most, row.count)
    local list = (i <= most_shown or row.is_rest) and shown or hidden
    list[#list + 1] = row
  end
  local lines = { ('<section class="panel%s" aria-labelledby="%s"><h2 id="%s">%s</h2>'):format(
    group.is_tall and " tall" or "", group.id, group.id, html(group.head)) }
  lines[2] = #shown > 0 and bar_table(group, shown, most) or '<p class="soft">None</p>'
  if #hidden > 0 then
    lines[3] = details(group, ("%s more %s"):format(text.count(#hidden), group.many), hidden, most)
  end
  lines[#lines + 1] = "</section>\n"
  return table.concat(lines)
end

--- One bar that has the parts of a whole beside each other.
---@param parts { label: string, class: string, count: integer }[]
---@param total integer
---@return string
function charts.strip(parts, total)
  local lines, at, labels = {}, 0, {}
  for _, part in ipairs(parts) do
    local width = total > 0 and part.count / total * 10000 or 0
    lines[#lines + 1] = ('<rect class="%s" x="%d" width="%d" height="10"/>'):format(part.class, math.floor(at),
      math.ceil(width))
    at = at + width
    labels[#labels + 1] = text.count(part.count) .. " " .. part.label
  end
  return ('<svg class="strip" viewBox="0 0 10000 10" preserveAspectRatio="none" role="img" aria-label="%s">%s</svg>\n')
    :format(html(table.concat(labels, ", ")), table.concat(lines))
end

-- A value for every month or year from the first to the last, in order.
local function without_gaps(months, by_year)
  local counts, last, list = {}, months[#months].value, {}
  for _, of_month in ipairs(months) do
    local label = by_year and of_month.value:sub(1, 4) or of_month.value
    counts[label] = (counts[label] or 0) + of_month.count
  end
  local year, month = months[1].value:match "^(%d+)-(%d+)$"
  year, month = tonumber(year), tonumber(month)
  last = by_year and last:sub(1, 4) or last
  local label
  repeat
    label = by_year and ("%04d"):format(year) or ("%04d-%02d"):format(year, month)
    list[#list + 1] = { label = label, count = counts[label] or 0 }
    month = month + 1
    if by_year or month > 12 then
      year, month = year + 1, 1
    end
  until label >= last
  return list
end

local function months_between(first, last)
  local function number_of(month)
    return tonumber(month:sub(1, 4)) * 12 + tonumber(month:sub(6, 7))
  end
  return number_of(last) - number_of(first) + 1
end

--- A chart with a column for each month, or each year where that would be many.
---@param months { value: string, count: integer }[] in order
---@return string? html nil where there is one month or none, or they are centuries apart
---@return string? what a column is: month or year
function charts.columns(months)
  local length = #months > 0 and months_between(months[1].value, months[#months].value)
  local by_year = length and length > MOST_COLUMNS
  local what = by_year and "year" or "month"
  if not length or length == 1 or length > MOST_COLUMNS * 12 then
    return nil
  end
  local list, most, total = without_gaps(months, by_year), 0, 0
  for _, column in ipairs(list) do
    most, total = math.max(most, column.count), total + column.count
  end
  local shapes, rows = {}, {}
  for i, column in ipairs(list) do
    local height = column.count > 0 and math.max(math.floor(column.count / most * 1000 + 0.5), 12) or 0
    shapes[i] = ('<rect class="bar" x="%d" y="%d" width="80" height="%d"><title>%s: %s</title></rect>'):format(
      (i - 1) * 100 + 10, 1000 - height, height, column.label, text.count(column.count))
    rows[i] = { value = column.label, count = column.count }
  end
  local label = ("Entries added by %s, at most %s in one"):format(what, text.count(most))
  return ('<svg class="columns" viewBox="0 0 %d 1000" preserveAspectRatio="none" role="img" aria-label="%s">'):format(
    math.max(#list, 12) * 100, label) .. table.concat(shapes) .. "</svg>"
    .. ('<div class="ends"><span>%s</span><span>at most %s in a %s</span><span>%s</span></div>'):format(list[1].label,
    text.count(most), what, list[#list].label)
    .. details({ head = by_year and "Year" or "Month", rows = rows, total = total }, "Every " .. what, rows, most),
    what
end

return charts
