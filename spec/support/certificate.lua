-- Makes a certificate for 127.0.0.1 and its key, for servers of the specs that speak TLS.
local interpreter = require "spec.support.interpreter"

local certificate = {}

local quote, shell = interpreter.quote, interpreter.shell

-- It was valid until yesterday. Not every openssl's `req` makes one like that.
local function make_expired(folder)
  local key, request = quote(folder .. "/key.pem"), quote(folder .. "/request.pem")
  shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout " .. key
    .. " -out " .. request .. " 2>/dev/null && openssl x509 -req -in " .. request .. " -signkey " .. key
    .. " -days -1 -out " .. quote(folder .. "/certificate.pem") .. " 2>/dev/null")
end

--- Makes certificate.pem and key.pem in a folder of their own.
---@param is_expired boolean?
---@return string folder
function certificate.make(is_expired)
  local folder = shell("mktemp -d"):gsub("%s+$", "")
  if is_expired then
    make_expired(folder)
    return folder
  end
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
    .. "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " .. quote(folder .. "/key.pem")
    .. " -out " .. quote(folder .. "/certificate.pem") .. " 2>/dev/null")
  return folder
end

---@param folder string
function certificate.remove(folder)
  shell("rm -rf " .. quote(folder))
end

return certificate
