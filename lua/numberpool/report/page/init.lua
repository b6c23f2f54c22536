--- A pool at a glance as one page of HTML, which needs nothing from elsewhere: charts, and a table to sort and filter.
-- Its policy forbids every request, and every script and style but its own.
-- @module numberpool.report.page

local charts = require "numberpool.report.page.charts"
local dates = require "numberpool.report.dates"
local hashes = require "numberpool.report.page.hashes"
local rows = require "numberpool.report.page.rows"
local script = require "numberpool.report.page.script"
local style = require "numberpool.report.page.style"
local summary = require "numberpool.report.summary"
local text = require "numberpool.report.text"
local version = require "numberpool.version"

local page = {}

local html = text.html

-- Text goes into these as they are given: what comes from elsewhere is escaped before.
local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-%s';
 style-src 'sha256-%s'; %s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="icon" href="data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%%3E%%3Cpath
 fill='%%232563c9' d='M1 9h3v6H1zM6 1h4v14H6zM12 5h3v10h-3z'/%%3E%%3C/svg%%3E">
<style>%s</style>
</head>
<body>
<a class="skip" href="#entries">Skip to the table</a>
<header>
<div><h1>%s</h1><p class="soft">%s</p></div>
<button type="button" id="theme" hidden>Dark colours</button>
</header>
<main>
]]

local OTHERS = "img-src data:; base-uri 'none'; form-action 'none'"

local TABLE = [[
<section class="panel" id="entries" aria-labelledby="all" tabindex="-1"><h2 id="all">Entries</h2>
%s<noscript><p class="soft">Without its script the page shows the first entries only.</p></noscript>
<div class="tools" role="search" hidden>
<label class="find">Search<input type="search" id="find" autocomplete="off" placeholder="Number, country, date"></label>
%s<button type="button" id="clear">Show all</button>
</div>
<div class="state"><p id="state" role="status"></p></div>
<table class="entries" id="table" role="table" aria-labelledby="all">
<thead role="rowgroup"><tr role="row">%s</tr></thead>
<tbody id="rows" role="rowgroup">
%s</tbody>
</table>
<div class="pager" role="group" aria-label="Pages of the table" hidden>
<label>Rows a page<select id="size"><option>50</option><option>200</option><option>1000</option></select></label>
<button type="button" id="previous">Previous</button>
<button type="button" id="next">Next</button>
</div>
</section>
</main>
<footer>Made by numberpool %s. This page asks nothing of any server.</footer>
<script type="application/json" id="data">]]

-- Columns of the table, in order, from 0: those that a select filters by, and what that is called.
local COLUMNS = { "Number", "Kind", "Country", "Area", "Type", "Service", "Added (UTC)" }
local COLUMN_OF = { country = 2, area_code = 3, type = 4, service = 5 }
local HEADS = { country = "Countries", area_code = "Area codes", type = "Types", service = "Services" }
local LABELS = { country = "Country", area_code = "Area code", type = "Type", service = "Service" }
local MANY = { country = "countries", area_code = "area codes", type = "types", service = "services" }

local KINDS = {
  numbers = { label = "numbers", title = "Numbers", class = "bar", one = "number" },
  tollfree = { label = "toll-free numbers", title = "Toll-free", class = "second", one = "toll-free" },
  shortcodes = { label = "shortcodes", title = "Shortcodes", class = "third", one = "shortcode" },
}

local Page = {}
Page.__index = Page

--- Makes a page without entries.
---@param most integer? entries that its table takes; default: 100,000
---@return table
function page.new(most)
  return setmetatable({ rows = rows.new(most) }, Page)
end

--- Takes an entry for the table, if there is room for it.
---@param known numberpool.report.Facts
function Page:add(known)
  self.rows:add(known)
end

local function totals(result)
  local parts = { ('<dl class="totals"><div class="panel"><dt>Entries</dt><dd id="total">%s</dd></div>\n'):format(
    text.count(result.total)) }
  local of_strip = {}
  for i, kind in ipairs(summary.KINDS) do
    local of_kind = KINDS[kind]
    parts[#parts + 1] = ('<div class="panel"><dt><svg class="mark" viewBox="0 0 10 10" aria-hidden="true"><rect '
      .. 'class="%s" width="10" height="10" rx="3"/></svg>%s</dt><dd id="total-%s">%s</dd></div>\n'):format(
      of_kind.class, of_kind.title, kind, text.count(result.kinds[kind]))
    of_strip[i] = { label = of_kind.label, class = of_kind.class, count = result.kinds[kind] }
  end
  parts[#parts + 1] = "</dl>\n"
  return table.concat(parts) .. charts.strip(of_strip, result.total)
end

local function notes(result)
  if #result.notes == 0 then
    return ""
  end
  local lines = { '<section class="panel notes" aria-labelledby="notes"><h2 id="notes">Please note</h2><ul>\n' }
  for _, note in ipairs(result.notes) do
    lines[#lines + 1] = "<li>" .. html(note) .. "</li>\n"
  end
  lines[#lines + 1] = "</ul></section>\n"
  return table.concat(lines)
end

local function entry_of(what, entry)
  return entry and ('<p>%s: <strong>%s</strong> <span class="soft">%s</span> <code>%s</code></p>\n'):format(what,
    html(dates.shown(entry.added_on)), summary.NOUNS[entry.kind][1], html(entry.number or "(none given)")) or ""
end

local function group_rows(result, name)
  local list = {}
  for i, row in ipairs(result[name]) do
    list[i] = row
  end
  if result.others[name] > 0 then
    list[#list + 1] = { value = "others", count = result.others[name], is_rest = true }
  end
  if result.unknown[name] > 0 then
    list[#list + 1] = { value = "not known", count = result.unknown[name], is_rest = true }
  end
  return list
end

local function all_charts(result)
  local lines = { '<div class="charts">\n' }
  for _, name in ipairs(summary.GROUPS) do
    lines[#lines + 1] = charts.bars {
      id = "chart-" .. name, head = HEADS[name], many = MANY[name], column = COLUMN_OF[name],
      is_tall = name == "area_code",
      total = name == "country" and result.total or result.total - result.kinds.shortcodes,
      rows = group_rows(result, name),
    }
  end
  if result.oldest then
    local columns, what = charts.columns(result.months)
    lines[#lines + 1] = ('<section class="panel wide" aria-labelledby="added"><h2 id="added">%s</h2>%s'):format(
      columns and "Added, by " .. what or "Added", columns or "")
    lines[#lines + 1] = '<div class="facts">' .. entry_of("Oldest", result.oldest) .. entry_of("Newest", result.newest)
      .. "</div></section>\n"
  end
  lines[#lines + 1] = "</div>\n"
  return table.concat(lines)
end

local function select_of(name, label, column, options)
  local lines = { ('<label>%s<select id="by-%s" data-column="%d"><option value="">All</option>\n'):format(label, name,
    column) }
  for _, option in ipairs(options) do
    lines[#lines + 1] = ('<option value="=%s">%s</option>\n'):format(html(option[1]), html(option[2] or option[1]))
  end
  lines[#lines + 1] = "</select></label>\n"
  return table.concat(lines)
end

-- In alphabetical order, which is how one looks for a value in a list.
local function selects(result)
  local kinds = {}
  for _, kind in ipairs(summary.KINDS) do
    kinds[#kinds + 1] = result.kinds[kind] > 0 and { KINDS[kind].one } or nil
  end
  local lines = { select_of("kind", "Kind", 1, kinds) }
  for _, name in ipairs(summary.GROUPS) do
    local options = {}
    for i, row in ipairs(result[name]) do
      options[i] = { row.value }
    end
    table.sort(options, function(a, b)
      return a[1] < b[1]
    end)
    if result.unknown[name] > 0 or name ~= "country" and result.kinds.shortcodes > 0 then
      options[#options + 1] = { "", "not known, or none" }
    end
    lines[#lines + 1] = select_of(name, LABELS[name], COLUMN_OF[name], options)
  end
  return table.concat(lines)
end

local function heads()
  local lines = {}
  for i, name in ipairs(COLUMNS) do
    lines[i] = ('<th scope="col" role="columnheader"><span class="head">%s</span></th>'):format(name)
  end
  return table.concat(lines)
end

-- What the table leaves out.
local function left_out(self)
  local kept, total = self.rows.count, self.rows.total
  return kept < total and ('<p class="soft" id="left-out">The table has the first %s of %s entries; the figures above '
    .. "count all of them.</p>\n"):format(text.count(kept), text.count(total)) or ""
end

--- Writes the page.
---@param file { write: function } as a file of `io.open`
---@param result numberpool.report.Result
---@param options { title: string?, made_at: number? }? `title`: default: the pool's uuid; `made_at`: default: now
---@return true?
---@return string? message what the file's `write` says is wrong
function Page:write(file, result, options)
  options = options or {}
  local message
  local function write(piece)
    if not message then
      local ok, wrong = file:write(piece)
      message = not ok and tostring(wrong) or nil
    end
  end
  local made = dates.shown(dates.text(options.made_at or os.time()))
  local name = result.pool and "Number pool " .. result.pool or "Number pool"
  write(HEAD:format(hashes.script, hashes.style, OTHERS, html(options.title or name), style,
    html(options.title or "Number pool"),
    (result.pool and "<code>" .. html(result.pool) .. "</code> · " or "") .. "as of " .. made .. " UTC"))
  write(totals(result) .. notes(result) .. all_charts(result))
  write(TABLE:format(left_out(self), selects(result), heads(), self.rows:html(), html(version)))
  self.rows:write_json(write)
  write("</script>\n<script>" .. script .. "</script>\n</body>\n</html>\n")
  return not message or nil, message
end

return page
