--- Which variable lets a host be reached without the proxy, as libcurl reads it by itself: `no_proxy`, or else
-- `NO_PROXY`, is a list of hosts, with commas or spaces in between. A host's name stands for what is below it, too.
-- @module numberpool.runtime.no_proxy

local no_proxy = {}

-- An IPv4 address as a number.
local function number_of(address)
  local a, b, c, d = address:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  return a and ((a * 256 + b) * 256 + c) * 256 + d
end

-- Whether an address is in a network, as 192.168.0.0/16 is one.
local function is_in_network(address, network)
  local base, bits = network:match "^([%d.]+)/(%d+)$"
  local from = base and number_of(base)
  if not from or tonumber(bits) > 32 then
    return false
  end
  local size = 2 ^ (32 - bits)
  return math.floor(address / size) == math.floor(from / size)
end

local function is_name_in(name, entry)
  entry = entry:gsub("^%.", ""):gsub("%.$", "")
  return entry ~= "" and (name == entry or name:sub(-#entry - 1) == "." .. entry)
end

local function is_in_list(host, list)
  local address = number_of(host)
  for entry in list:lower():gmatch "[^, \t]+" do
    local is_same = entry == host or entry == "[" .. host .. "]"
    if is_same or not address and is_name_in(host, entry) or address and is_in_network(address, entry) then
      return true
    end
  end
  return false
end

--- The variable that lets the host be reached without a proxy; nil where none does.
---@param host string of a URL: a name, an IPv4 address, or an IPv6 address in brackets
---@return string? name
function no_proxy.variable(host)
  host = host:lower():gsub("^%[(.*)%]$", "%1"):gsub("%.$", "")
  local name = os.getenv "no_proxy" and "no_proxy" or "NO_PROXY"
  local list = os.getenv(name) or ""
  return (list == "*" or is_in_list(host, list)) and name or nil
end

return no_proxy
