--- Text of a server, made fit to be shown: on a terminal, in HTML, in a page's JSON.
-- What can't be seen (control characters, those that turn the direction of writing, bytes that aren't UTF-8) is shown
-- as an escape, so that no value can move the cursor, end a tag or look like another one.
-- @module numberpool.report.text

local characters = require "numberpool.report.characters"

local text = {}

-- Ranges of code points that are one column wide in any terminal: Latin, Greek and Cyrillic letters.
local NARROW = { { 0x20, 0x7e }, { 0xa1, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x482 }, { 0x48a, 0x52f } }

local function escape(code, byte)
  return (not code or code < 0x80) and ("\\x%02x"):format(byte) or ("\\u{%x}"):format(code)
end

local function is_ascii(code)
  return code >= 0x20 and code < 0x7f
end

local function is_narrow(code)
  return characters.is_in(NARROW, code)
end

--- A text for a terminal. Each of its characters is one column wide.
---@param value string
---@param is_utf8 boolean? letters beyond ASCII may be shown
---@return string
function text.terminal(value, is_utf8)
  return characters.replace(value, is_utf8 and is_narrow or is_ascii, escape)
end

--- A text for a page, not yet in HTML.
---@param value string
---@return string
function text.page(value)
  return characters.replace(value, characters.is_seen, escape)
end

local HTML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- A text in HTML, within an element or a quoted attribute.
---@param value string
---@return string
function text.html(value)
  return (text.page(value):gsub("[&<>\"']", HTML))
end

local JSON = { ['"'] = '\\"', ["\\"] = "\\\\", ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" }

--- A text as a JSON string within a script element, which only `</script` or `<!--` could end or change.
---@param value string
---@return string
function text.json(value)
  return '"' .. text.page(value):gsub('["\\<>&]', JSON) .. '"'
end

--- A count with its thousands apart: `100,000`.
---@param count integer
---@return string
function text.count(count)
  local digits = ("%.0f"):format(count)
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return grouped
end

--- A share in percent with one decimal, `100` for all; `<0.1` for a little.
---@param count integer
---@param total integer
---@return string
function text.share(count, total)
  local percent = total > 0 and count / total * 100 or 0
  if percent == 100 then
    return "100"
  elseif percent > 0 and percent < 0.05 then
    return "<0.1"
  end
  return (("%.1f"):format(count < total and math.min(percent, 99.9) or percent):gsub(",", "."))
end

--- A count and its noun: `1 entry`, `2 entries`.
---@param count integer
---@param one string
---@param many string
---@return string
function text.counted(count, one, many)
  return text.count(count) .. " " .. (count == 1 and one or many)
end

return text
