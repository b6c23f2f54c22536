--- Text of a server, made fit to be shown: on a terminal, in HTML, in a page's JSON.
-- What can't be seen (control characters, those that turn the direction of writing, bytes that aren't UTF-8) is shown
-- as an escape, so that no value can move the cursor, end a tag or look like another one.
-- @module numberpool.report.text

local text = {}

-- The least code point that a sequence of so many bytes may have.
local LEAST = { 0, 0x80, 0x800, 0x10000 }

-- Ranges of code points that are one column wide in any terminal: Latin, Greek and Cyrillic letters.
local NARROW = { { 0x20, 0x7e }, { 0xa1, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x482 }, { 0x48a, 0x52f } }

-- Ranges that a page doesn't show as they are: controls, line separators, directions, zero width, tags.
local UNSEEN = {
  { 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
  { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xfffe, 0xffff },
  { 0xe0000, 0xe0fff },
}

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

-- The code point at a byte of a text, and how many bytes it has; nil where that isn't UTF-8.
local function decode(value, at)
  local first = value:byte(at)
  local count = first < 0x80 and 1 or first < 0xc2 and 0 or first < 0xe0 and 2 or first < 0xf0 and 3
    or first < 0xf5 and 4 or 0
  if count == 0 then
    return nil
  elseif count == 1 then
    return first, 1
  end
  local code = first % 2 ^ (7 - count)
  for i = at + 1, at + count - 1 do
    local byte = value:byte(i)
    if not byte or byte < 0x80 or byte > 0xbf then
      return nil
    end
    code = code * 64 + byte % 64
  end
  if code < LEAST[count] or code > 0x10ffff or code >= 0xd800 and code <= 0xdfff then
    return nil
  end
  return code, count
end

local function escape(code)
  return code < 0x80 and ("\\x%02x"):format(code) or ("\\u{%x}"):format(code)
end

-- A text with everything escaped that `is_shown` doesn't take.
local function escaped(value, is_shown)
  local parts, at = {}, 1
  while at <= #value do
    local code, count = decode(value, at)
    if not code then
      parts[#parts + 1] = ("\\x%02x"):format(value:byte(at))
    elseif is_shown(code) then
      parts[#parts + 1] = value:sub(at, at + count - 1)
    else
      parts[#parts + 1] = escape(code)
    end
    at = at + (count or 1)
  end
  return table.concat(parts)
end

local function is_plain(value)
  return not value:find "[%z\1-\31\127-\255]"
end

local function is_ascii(code)
  return code >= 0x20 and code < 0x7f
end

local function is_narrow(code)
  return is_in(NARROW, code)
end

local function is_seen(code)
  return not is_in(UNSEEN, code)
end

--- A text for a terminal. Each of its characters is one column wide.
---@param value string
---@param is_utf8 boolean? letters beyond ASCII may be shown
---@return string
function text.terminal(value, is_utf8)
  return is_plain(value) and value or escaped(value, is_utf8 and is_narrow or is_ascii)
end

--- A text for a page, not yet in HTML.
---@param value string
---@return string
function text.page(value)
  return is_plain(value) and value or escaped(value, is_seen)
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
