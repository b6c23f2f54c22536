--- Where the code runs: inside nginx or not, which an `ngx` alone doesn't tell: unit tests define one of their own.
-- @module numberpool.runtime.host

local host = {}

-- What the module for nginx exports to LuaJIT, and nobody else has.
local SYMBOLS = { "ngx_http_lua_ffi_get_phase", "ngx_stream_lua_ffi_get_phase" }

local function has_symbol(ffi, symbol)
  local name = "numberpool_" .. symbol
  pcall(ffi.cdef, "void " .. name .. "(void) __asm__(\"" .. symbol .. "\");")
  return pcall(function()
    return ffi.C[name]
  end)
end

local is_process_of_nginx -- nil as long as nobody has asked

local function has_any_symbol()
  local ok, ffi = pcall(require, "ffi")
  if not ok or type(ffi) ~= "table" or not ffi.cdef then
    return false
  end
  for _, symbol in ipairs(SYMBOLS) do
    if has_symbol(ffi, symbol) then
      return true
    end
  end
  return false
end

--- Whether this is nginx with its Lua module, be it started as `resty`.
---@return boolean
function host.is_nginx()
  local ngx = rawget(_G, "ngx")
  if type(ngx) ~= "table" or type(ngx.get_phase) ~= "function" then
    return false
  end
  if is_process_of_nginx == nil then
    is_process_of_nginx = has_any_symbol()
  end
  return is_process_of_nginx
end

--- Says something that no result or error does: in nginx's log, else on stderr.
---@param text string
function host.warn(text)
  if host.is_nginx() then
    local ngx = rawget(_G, "ngx")
    ngx.log(ngx.WARN, "numberpool: ", text)
  else
    io.stderr:write("numberpool: ", text, "\n")
  end
end

return host
